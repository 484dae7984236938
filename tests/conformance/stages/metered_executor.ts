/**
 * A program that counts what a test tells it to count, and that breaks when a test says so.
 *
 * Owns that disguise over a real executor. Does not own limits or what the node does with them.
 * @module
 */
import { RollupError } from "../../../core/primitives/errors.ts";
import { addCounters, NO_COUNTERS } from "../../../core/types/counters.ts";
import type {
  BlockExecution,
  Executor,
  ProgramErrorCode,
  TxUsage,
} from "../../../core/vm/executor.ts";

/** What the calldata of a transaction or call means here. */
export interface Disguise {
  readonly keccaksOf: (data: Uint8Array) => number;
  readonly traps?: (data: Uint8Array) => boolean;
  /** Told of each run outside of a block. */
  readonly onCall?: () => void;
}

/** `executor`, but for how many permutations it says that it made. */
export function disguise(executor: Executor, plan: Disguise): Executor {
  const usageOf = (usage: TxUsage, data: Uint8Array): TxUsage => ({
    ...usage,
    counters: { ...usage.counters, keccakCount: plan.keccaksOf(data) },
  });
  return {
    programHash: executor.programHash,
    begin: async (environment, storage) =>
      disguiseBlock(await executor.begin(environment, storage), plan, usageOf),
    call: async (environment, storage, request) => {
      plan.onCall?.();
      if (plan.traps?.(request.data) === true) throw trap();
      const outcome = await executor.call(environment, storage, request);
      return outcome.usage === undefined
        ? outcome
        : { ...outcome, usage: usageOf(outcome.usage, request.data) };
    },
    // Nothing meters a run that is only watched.
    trace: (...run) => executor.trace(...run),
  };
}

function disguiseBlock(
  block: BlockExecution,
  plan: Disguise,
  usageOf: (usage: TxUsage, data: Uint8Array) => TxUsage,
): BlockExecution {
  const keccaks: number[] = [];
  const counted = (counters: TxUsage["counters"]) =>
    addCounters({ ...counters, keccakCount: 0 }, {
      ...NO_COUNTERS,
      keccakCount: keccaks.reduce((sum, each) => sum + each, 0),
    });
  return {
    gasLeft: () => block.gasLeft(),
    counters: () => counted(block.counters()),
    undoLast: () => {
      block.undoLast();
      keccaks.pop();
    },
    run: async (tx) => {
      if (plan.traps?.(tx.tx.data) === true) throw trap();
      const outcome = await block.run(tx);
      if (outcome.kind === "invalid") return outcome;
      const usage = usageOf(outcome.usage, tx.tx.data);
      keccaks.push(usage.counters.keccakCount);
      return { ...outcome, usage };
    },
    finish: async (systemWrites) => {
      const output = await block.finish(systemWrites);
      return { ...output, counters: counted(output.counters) };
    },
  };
}

function trap(): RollupError<ProgramErrorCode> {
  return new RollupError("PROGRAM_TRAPPED", "Cannot go on with the transaction: it trapped", {
    details: { fault: 7 },
    mend: "Report it.",
    cause: new Error("unreachable"),
  });
}
