/**
 * execution-apis' RPC tests against the embedded L1.
 *
 * Owns which chain a file runs on and what counts as passed. Does not own the flags (`main.ts`).
 * @module
 */
import { createVirtualClock, silentLog } from "../../../core/primitives/ports.ts";
import { openEmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import {
  createDispatcher,
  createRpcMethods,
  type Dispatcher,
} from "../../../devnet/rpc/dispatch.ts";
import { findDifferences } from "./compare.ts";
import type { VectorFile } from "./vector_files.ts";

/** What a run found. */
export interface VectorReport {
  readonly passedCount: number;
  /** A file each: its name and where the answer differs. */
  readonly failures: readonly { readonly name: string; readonly differences: readonly string[] }[];
  /** Files of methods that only an engine has. */
  readonly skipped: readonly string[];
}

/** The chain that the tests were recorded on. */
export interface RecordedChain {
  /** Text of `genesis.json`. */
  readonly genesis: string;
  /** Bytes of `chain.rlp`. */
  readonly chain: Uint8Array;
}

/** Methods of test engines, which no node of users has. */
const ENGINE_ONLY = /^(testing|engine)_/;
/**
 * Runs `files` one after another on one node, as the suite is meant: what the tests of one method
 * send into the pool, those of a later one read there. No block is made.
 */
export async function runVectors(
  files: readonly VectorFile[],
  recorded: RecordedChain,
): Promise<VectorReport> {
  const skipped = files.filter(({ method }) => ENGINE_ONLY.test(method));
  const failures: { readonly name: string; readonly differences: readonly string[] }[] = [];
  let passedCount = 0;
  await withNode(recorded, async (node) => {
    for (const file of files) {
      if (skipped.includes(file)) continue;
      const differences = await runFile(file, node);
      if (differences.length === 0) passedCount += 1;
      else failures.push({ name: file.name, differences });
    }
  });
  return { passedCount, failures, skipped: skipped.map(({ name }) => name) };
}

/** Runs `use` with the dispatcher of a fresh embedded L1 that has the recorded chain. */
export async function withNode<Result>(
  { genesis, chain }: RecordedChain,
  use: (node: Dispatcher) => Promise<Result>,
): Promise<Result> {
  using kv = await Deno.openKv(":memory:");
  await using l1 = await openEmbeddedL1({
    kv,
    clock: createVirtualClock(0n),
    genesis: { geth: genesis, chain },
    mining: "manual",
    log: silentLog,
  });
  const methods = createRpcMethods({ chain: l1 });
  try {
    return await use(createDispatcher(methods));
  } finally {
    await methods.close();
  }
}

async function runFile(file: VectorFile, node: Dispatcher): Promise<readonly string[]> {
  const how = file.isShapeOnly ? "shape" : "equal";
  for (const [index, { request, answer }] of file.exchanges.entries()) {
    const text = await node.dispatchText(request);
    const got: unknown = text === undefined ? undefined : JSON.parse(text);
    const differences = findDifferences(answer, got, how);
    if (differences.length === 0) continue;
    const said = errorMessage(got);
    const where = file.exchanges.length === 1 ? "" : `exchange ${index}: `;
    return [...differences, ...(said === undefined ? [] : [`it says: ${said}`])]
      .map((line) => `${where}${line}`);
  }
  return [];
}

function errorMessage(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const error: unknown = Reflect.get(answer, "error");
  if (typeof error !== "object" || error === null) return undefined;
  const message: unknown = Reflect.get(error, "message");
  return typeof message === "string" ? message : undefined;
}
