/**
 * Runs state tests on the program with its profile of plain Ethereum.
 *
 * Owns what a case is, when it passes and what is said of one that fails. Does not own arguments
 * and printing (`main.ts`) or the format (`fixture.ts`).
 * @module
 */
import { RollupError } from "../../../core/primitives/errors.ts";
import { ZERO_HASH } from "../../../core/primitives/hex.ts";
import * as layout from "../../../core/vm/assembly/layout.ts";
import type {
  Fork,
  Program,
  ProgramEnvironment,
  ProgramOutput,
  ProgramResult,
  TxFrame,
} from "../../../core/vm/host/program.ts";
import { FORKS, isStateTest, type Post, readStateTest, type StateTest } from "./fixture.ts";
import { forkRules } from "./fork_rules.ts";
import { isJsonObject, malformed } from "./json_fields.ts";
import {
  accountDifferences,
  accountsAfter,
  createTestWorld,
  logsHash,
  stateRoot,
  type TestWorld,
} from "./post_state.ts";
import { testTransaction } from "./transaction.ts";

/** How many cases went which way. */
export interface Tally {
  readonly passedCount: number;
  readonly failedCount: number;
  /** Files without any state test in them. */
  readonly otherFileCount: number;
}

/** A case that failed, or a file that could not be read as what it says it is. */
export interface Failure {
  readonly path: string;
  /** Test, fork and indexes; the file alone when it could not be read. */
  readonly caseName: string | undefined;
  /** What differs, a line each. */
  readonly differences: readonly string[];
}

/** What {@linkcode runStateTests} works with. */
export interface StateTestRun {
  /** Paths of JSON files. */
  readonly paths: Iterable<string>;
  readonly readFile: (path: string) => string;
  /** A fresh instance; asked for again after a trap. */
  readonly createProgram: () => Program | Promise<Program>;
  /** Every fork that a file has posts for when absent. */
  readonly fork?: Fork;
  readonly onFailure: (failure: Failure) => void | Promise<void>;
}

/** Most lines about accounts that are given for one case. */
const MAX_ACCOUNT_LINES = 12;

/** Runs every case of the files. */
export async function runStateTests(run: StateTestRun): Promise<Tally> {
  const forks = run.fork === undefined ? FORKS : [run.fork];
  const runner = createCaseRunner(run.createProgram);
  const tally = { passedCount: 0, failedCount: 0, otherFileCount: 0 };
  const report = async (differences: readonly string[], path: string, caseName?: string) => {
    if (differences.length === 0) {
      tally.passedCount++;
      return;
    }
    tally.failedCount++;
    await run.onFailure({ path, caseName, differences });
  };
  for (const path of run.paths) {
    const tests = readFileTests(path, run.readFile);
    if (tests.length === 0) tally.otherFileCount++;
    for (const test of tests) {
      if (test instanceof RollupError) {
        await report([test.message], path);
        continue;
      }
      const world = createTestWorld(test.pre);
      for (const fork of forks) {
        for (const post of test.posts.get(fork) ?? []) {
          const { data, gas, value } = post.indexes;
          const caseName = `${test.name} [${fork}, data ${data}, gas ${gas}, value ${value}]`;
          await report(await runner.run({ test, world, fork, post }), path, caseName);
        }
      }
    }
  }
  return tally;
}

/** Fields that are `null` are as good as absent; places of a list are not. */
function withoutNull(this: unknown, _key: string, value: unknown): unknown {
  return value === null && !Array.isArray(this) ? undefined : value;
}

/** The tests in a file; in the place of one that cannot be read, why. */
function readFileTests(
  path: string,
  readFile: (path: string) => string,
): readonly (StateTest | RollupError)[] {
  let content: unknown;
  try {
    content = JSON.parse(readFile(path).replace(/^\ufeff/, ""), withoutNull);
  } catch (cause) {
    // A file that is a link to nowhere, or that nobody may read, is no reason to skip the others.
    if (!(cause instanceof Error)) throw cause;
    return [malformed("the file", "JSON", cause.message)];
  }
  if (!isJsonObject(content)) return [];
  const tests: (StateTest | RollupError)[] = [];
  for (const [name, test] of Object.entries(content)) {
    if (!isStateTest(test)) continue;
    try {
      tests.push(readStateTest(name, test));
    } catch (error) {
      if (!(error instanceof RollupError)) throw error;
      tests.push(error);
    }
  }
  return tests;
}

/** One post under one fork. */
interface StateTestCase {
  readonly test: StateTest;
  readonly world: TestWorld;
  readonly fork: Fork;
  readonly post: Post;
}

interface CaseRunner {
  /** What differs from what the post says; nothing when the case passes. */
  run(stateTest: StateTestCase): Promise<readonly string[]>;
}

const NOTHING_CHANGED: ProgramOutput = { diffs: [], newCodes: new Map(), touched: [] };

/** Runs cases on one instance of the program, or on a fresh one after a trap. */
function createCaseRunner(createProgram: StateTestRun["createProgram"]): CaseRunner {
  let program: Program | undefined;
  const runFrame = async (
    { test, world, fork }: StateTestCase,
    frame: TxFrame,
  ): Promise<{ readonly result: ProgramResult; readonly output: ProgramOutput }> => {
    program ??= await createProgram();
    await program.begin(environmentOf(test, fork), world.programWorld);
    const result = await program.runTx(frame);
    return { result, output: await program.close(() => ZERO_HASH) };
  };
  return {
    run: async (stateTest) => {
      const transaction = testTransaction(stateTest.test, stateTest.post);
      if (transaction.kind === "inconsistent") return [transaction.why];
      if (transaction.kind === "undecodable") {
        return judge(stateTest, {
          refusal: transaction.why,
          logs: () => [],
          output: NOTHING_CHANGED,
        });
      }
      try {
        const { result, output } = await runFrame(stateTest, transaction.frame);
        return result.kind === "ran"
          ? judge(stateTest, { refusal: undefined, logs: result.logs, output })
          : judge(stateTest, { refusal: refusalName(result.reason), logs: () => [], output });
      } catch (error) {
        // Whatever it was, the other cases want an instance that has not seen it.
        program = undefined;
        return [`the program ended with ${error instanceof Error ? error.stack : String(error)}`];
      }
    },
  };
}

function environmentOf(test: StateTest, fork: Fork): ProgramEnvironment {
  const { environment, chainId, blobSchedules } = test;
  const { excessBlobGas, ...block } = environment;
  return {
    ...block,
    ...forkRules(fork, excessBlobGas, blobSchedules.get(fork)),
    profile: "ethereum",
    fork,
    chainId,
    parentHash: ZERO_HASH,
    gasPerPubdata: 0n,
  };
}

interface Outcome {
  /** Why the transaction was refused. */
  readonly refusal: string | undefined;
  readonly logs: Extract<ProgramResult, { readonly kind: "ran" }>["logs"];
  readonly output: ProgramOutput;
}

function judge({ test, world, post }: StateTestCase, outcome: Outcome): readonly string[] {
  const differences: string[] = [];
  const { refusal, output } = outcome;
  const logs = outcome.logs();
  if (post.exception !== undefined && refusal === undefined) {
    differences.push(`transaction: expected ${post.exception}, but it ran`);
  }
  if (post.exception === undefined && refusal !== undefined) {
    differences.push(`transaction: expected to run, but it was refused: ${refusal}`);
  }
  const hash = logsHash(logs);
  if (hash !== post.logsHash) {
    differences.push(`logs: expected hash ${post.logsHash}, got ${hash} of ${logs.length} logs`);
  }
  const accounts = accountsAfter(world, output, test.environment.coinbase);
  const root = stateRoot(accounts);
  if (root !== post.stateRoot) {
    differences.push(`state root: expected ${post.stateRoot}, got ${root}`);
    if (post.state !== undefined) {
      differences.push(...accountDifferences(post.state, accounts).slice(0, MAX_ACCOUNT_LINES));
    }
  }
  return differences;
}

/** The name of a code INVALID_…. */
function refusalName(reason: number): string {
  const entry = Object.entries(layout).find(([name, code]) =>
    name.startsWith("INVALID_") && code === reason
  );
  return entry?.[0] ?? `reason ${reason}`;
}
