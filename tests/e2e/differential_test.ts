import { assert, assertEquals, assertGreater } from "@std/assert";
import { ANVIL } from "./anvil.ts";
import type { Answer } from "./differential/compare.ts";
import { findDifferences } from "./differential/compare.ts";
import { renderFindings } from "./differential/findings.ts";
import { findKnown, KNOWN_DIFFERENCES } from "./differential/known_differences.ts";
import { main } from "./differential/main.ts";
import { openOurs, openPeers, readStoryOptions } from "./differential/peers.ts";
import { type Node, runStory } from "./differential/run.ts";
import { createStory } from "./differential/story.ts";
import { tableRows } from "./differential/table.ts";
import { PRECOMPILES, type Question, STRANGER, UNKNOWN_HASH } from "./differential/teller.ts";

const SEED = 7;
const STEP_COUNT = 2_000;

Deno.test({
  name: `the embedded L1 answers ${STEP_COUNT} questions of seed ${SEED} as anvil does`,
  ignore: ANVIL === undefined,
  fn: async () => {
    await using peers = await openPeers();
    const story = createStory({ seed: SEED, ...peers.options });
    const report = await runStory(story, peers, STEP_COUNT);
    assertEquals(renderFindings(report.findings), [], `seed ${SEED}`);
    assertGreater(report.questionCount, STEP_COUNT - 1);
    // A story that asks nothing would find nothing.
    assertGreater(story.memory.blockNumber, 50n);
    assertGreater(report.knownCounts.size, 30);
  },
});

/** A story of two embedded L1s, of which one says what `lie` makes of the truth. */
async function compareWithLiar(
  lie: (question: Question, answer: Answer) => Answer,
  stepCount: number,
): Promise<number> {
  await using honest = await openOurs();
  await using other = await openOurs();
  const liar: Node = async (question) => lie(question, await other.node(question));
  const story = createStory({ seed: 3, ...await readStoryOptions() });
  return (await runStory(story, { ours: honest.node, theirs: liar }, stepCount)).failedCount;
}

Deno.test("runStory() finds two equal nodes equal, and each lie of one", async () => {
  assertEquals(await compareWithLiar((_question, answer) => answer, 150), 0);
  let lieCount = 0;
  const lie = (question: Question, answer: Answer): Answer => {
    const change = LIES.get(question.method);
    const json = JSON.stringify(answer);
    const changed = change?.(json) ?? json;
    if (changed === json) return answer;
    lieCount++;
    return JSON.parse(changed);
  };
  const failedCount = await compareWithLiar(lie, 300);
  assertGreater(lieCount, 20);
  assertEquals(failedCount, lieCount);
});

/** One wrong digit or word in the answer of each method. */
const LIES: ReadonlyMap<string, (json: string) => string> = new Map([
  ["eth_getTransactionReceipt", (json) => json.replace(/"gasUsed":"0x./, '"gasUsed":"0xf')],
  ["eth_getTransactionByHash", (json) => json.replace('"type":"0x2"', '"type":"0x1"')],
  ["eth_call", (json) => json.replace('"code":3', '"code":-32000')],
  ["eth_getBlockReceipts", (json) => json.replace('"status":"0x1"', '"status":"0x0"')],
  ["eth_getTransactionCount", (json) => json.replace(/"0x(\d+)"/, '"0x1$1"')],
  ["eth_getLogs", (json) => json.replace('"logIndex":"0x0"', '"logIndex":"0x1"')],
  ["eth_sendRawTransaction", (json) => json.replace("-32003", "-32602")],
  ["debug_traceTransaction", (json) => json.replace('"type":"CALL"', '"type":"STATICCALL"')],
]);

/** The paths in which the answers differ and nothing explains it. */
function unexplained(method: string, ours: Answer, theirs: Answer, params: unknown[] = []) {
  const question = { method, params };
  return findDifferences(ours, theirs)
    .filter((difference) => findKnown(difference, { question, ours, theirs }) === undefined)
    .map(({ path }) => path);
}

const refusal = (code: number, message: string): Answer => ({ error: { code, message } });

Deno.test("findKnown() excuses a difference, and not the one beside it", () => {
  const block = (changes: Record<string, unknown>): Answer => ({
    result: { hash: "@block:5", parentHash: "@block:4", gasUsed: "0x5208", ...changes },
  });
  const root = (digit: string) => `0x${digit.repeat(64)}`;
  const blocks = (ours: Record<string, unknown>, theirs: Record<string, unknown>) =>
    unexplained("eth_getBlockByNumber", block(ours), block(theirs), ["0x5"]);
  assertEquals(blocks({ stateRoot: root("1") }, { stateRoot: root("2") }), []);
  assertEquals(blocks({ stateRoot: root("1") }, {}), ["result.stateRoot"]);
  assertEquals(blocks({}, { parentHash: "@block:3" }), ["result.parentHash"]);
  assertEquals(blocks({ hash: null }, {}), ["result.hash"]);
  assertEquals(blocks({}, { timestamp: "0x1" }), ["result.timestamp"]);
  assertEquals(blocks({ transactionsRoot: root("1") }, { transactionsRoot: root("2") }), [
    "result.transactionsRoot",
  ]);

  const receipt = (ours: unknown, theirs: unknown) =>
    unexplained("eth_getTransactionReceipt", { result: ours }, { result: theirs });
  assertEquals(receipt({}, { blobGasPrice: "0x1" }), []);
  assertEquals(receipt({ blobGasPrice: "0x2" }, { blobGasPrice: "0x1" }), ["result.blobGasPrice"]);
  assertEquals(receipt(null, {}), ["result"]);

  const estimate = (ours: string, theirs: string, params: unknown[] = []) =>
    unexplained("eth_estimateGas", { result: ours }, { result: theirs }, params);
  assertEquals(estimate("0xcb20", "0xc8c8"), []);
  assertEquals(estimate("0xc8c8", "0xcb20"), ["result"]);
  assertEquals(estimate("0xea60", "0xc350"), ["result"]);
  assertEquals(estimate("0x5460", "0x5208", [{ to: PRECOMPILES[2] }]), []);
  assertEquals(estimate("0x5460", "0x5208", [{ to: STRANGER }]), ["result"]);

  const send = (ours: Answer, theirs: Answer) =>
    unexplained("eth_sendRawTransaction", ours, theirs);
  const low = refusal(-32003, "nonce too low");
  assertEquals(send(low, low), []);
  assertEquals(send(low, refusal(-32000, "nonce too low")), ["error.code"]);
  assertEquals(send(low, { result: UNKNOWN_HASH }), ["error", "result"]);

  const trace = (ours: unknown, theirs: unknown) =>
    unexplained("debug_traceTransaction", { result: ours }, { result: theirs });
  assertEquals(trace({ gas: "0x9000" }, { gas: "0x3000" }), []);
  assertEquals(trace({ calls: [{ gas: "0x9" }] }, { calls: [{ gas: "0x3" }] }), [
    "result.calls[0].gas",
  ]);
  assertEquals(trace({ output: "0x01" }, { output: "0x02" }), ["result.output"]);

  const balance = (at: string) =>
    unexplained("eth_getBalance", { result: "0x2" }, { result: "0x1" }, [STRANGER, at]);
  assertEquals([balance("pending"), balance("latest")], [[], ["result"]]);
});

Deno.test("KNOWN_DIFFERENCES name whole paths, and each another reason", () => {
  for (const { path, methods, reason } of KNOWN_DIFFERENCES) {
    assert(path.source.startsWith("^") && path.source.endsWith("$"), `${reason}: ${path.source}`);
    assertGreater(methods.length, 0, reason);
  }
  const reasons = new Set(KNOWN_DIFFERENCES.map(({ reason }) => reason));
  assertEquals(reasons.size, KNOWN_DIFFERENCES.length);
});

Deno.test("docs/RPC.md shows the known differences", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/RPC.md", import.meta.url));
  const section = text.split("\n## ").find((part) =>
    part.startsWith("Where anvil answers otherwise")
  );
  const shown = (section ?? "").split("\n").filter((line) => line.startsWith("| `"))
    .map((line) => line.split(" | ").map((cell) => cell.replaceAll(/^\| | \|$/g, "").trim()));
  const wanted = tableRows().map((cells) => [...cells]);
  assertEquals(shown, wanted, "put the lines of `deno task differential --table` there");
});

Deno.test("main() says how it is used", async () => {
  for (const args of [["--seed"], ["--seed", "x"], ["--seed", "1", "--rounds", "2"], ["extra"]]) {
    const lines: string[] = [];
    assertEquals(await main(args, (line) => lines.push(line)), 2, args.join(" "));
    assertEquals(lines, ["Usage: deno task differential [--seed N] [--steps N] | --table"]);
  }
});
