/**
 * Tells one story to two nodes and collects where their answers differ.
 *
 * Owns the loop, the look at each new block and the report. Does not own the nodes, the story or
 * what may differ.
 * @module
 */
import { type Answer, type Difference, findDifferences } from "./compare.ts";
import { findKnown } from "./known_differences.ts";
import { createNames, type Names } from "./names.ts";
import type { Story } from "./story.ts";
import { type Question, toQuantity } from "./teller.ts";

/** A node that answers, with the error of its envelope if there is one. */
export type Node = (question: Question) => Promise<Answer>;

/** A difference that nothing explains. */
export interface Finding {
  readonly step: number;
  readonly question: Question;
  readonly difference: Difference;
  readonly ours: Answer;
  readonly theirs: Answer;
}

/** What came of a story. */
export interface StoryReport {
  readonly questionCount: number;
  /** Questions whose answers differ as nothing explains. */
  readonly failedCount: number;
  readonly findings: readonly Finding[];
  /** How often each known difference was seen, by its reason. */
  readonly knownCounts: ReadonlyMap<string, number>;
}

/** What a report is made of. */
interface Tally {
  readonly findings: Finding[];
  readonly knownCounts: Map<string, number>;
  questionCount: number;
  failedCount: number;
}

interface Peer {
  readonly node: Node;
  readonly names: Names;
}

/** After these the chain may have other blocks. */
const MINING_METHODS: ReadonlySet<string> = new Set([
  "evm_mine",
  "anvil_mine",
  "evm_revert",
  "anvil_reorg",
  "anvil_rollback",
]);

/** Asks both nodes at least `stepCount` questions. */
export async function runStory(
  story: Story,
  nodes: { readonly ours: Node; readonly theirs: Node },
  stepCount: number,
): Promise<StoryReport> {
  const peers = {
    ours: { node: nodes.ours, names: createNames() },
    theirs: { node: nodes.theirs, names: createNames() },
  };
  const tally: Tally = { findings: [], knownCounts: new Map(), questionCount: 0, failedCount: 0 };
  let head = -1;
  head = await lookAtBlocks(tally, peers, head);
  while (tally.questionCount < stepCount) {
    for (const question of story.next()) {
      tally.questionCount++;
      const ours = await askBoth(tally, peers, question);
      story.learn(question, "result" in ours ? ours.result : undefined);
      if (MINING_METHODS.has(question.method)) head = await lookAtBlocks(tally, peers, head);
    }
  }
  return tally;
}

/** Asks both and notes where they differ; our answer, in the story's words. */
async function askBoth(
  tally: Tally,
  peers: { readonly ours: Peer; readonly theirs: Peer },
  question: Question,
): Promise<Answer> {
  const ours = await ask(peers.ours, question);
  const theirs = await ask(peers.theirs, question);
  note(tally, question, { ours, theirs });
  return ours;
}

async function ask({ node, names }: Peer, question: Question): Promise<Answer> {
  return names.toStory(question, await node(names.toNode(question)));
}

function note(
  tally: Tally,
  question: Question,
  { ours, theirs }: { readonly ours: Answer; readonly theirs: Answer },
): void {
  const { knownCounts, findings } = tally;
  const before = findings.length;
  for (const difference of findDifferences(ours, theirs)) {
    const known = findKnown(difference, { question, ours, theirs });
    if (known === undefined) {
      findings.push({ step: tally.questionCount, question, difference, ours, theirs });
    } else knownCounts.set(known.reason, (knownCounts.get(known.reason) ?? 0) + 1);
  }
  if (findings.length > before) tally.failedCount++;
}

/**
 * Compares every block after `before`, and the head when the chain got shorter, and learns what
 * each node calls it; the new head.
 */
async function lookAtBlocks(
  tally: Tally,
  peers: { readonly ours: Peer; readonly theirs: Peer },
  before: number,
): Promise<number> {
  const height = await askBoth(tally, peers, { method: "eth_blockNumber", params: [] });
  const head = "result" in height ? Number(height.result) : before;
  for (let number = Math.min(before + 1, head); number <= head; number++) {
    const question = { method: "eth_getBlockByNumber", params: [toQuantity(number), false] };
    const answers = {
      ours: await peers.ours.node(question),
      theirs: await peers.theirs.node(question),
    };
    for (const side of ["ours", "theirs"] as const) {
      const { [side]: answer } = answers;
      const hash: unknown = "result" in answer ? Reflect.get(Object(answer.result), "hash") : "";
      if (typeof hash === "string") peers[side].names.learnBlock(number, hash);
    }
    note(tally, question, {
      ours: peers.ours.names.toStory(question, answers.ours),
      theirs: peers.theirs.names.toStory(question, answers.theirs),
    });
  }
  return head;
}
