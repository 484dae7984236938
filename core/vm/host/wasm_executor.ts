/**
 * The {@linkcode Executor} on the program: one WebAssembly module with bootloader and EVM.
 *
 * Owns how blocks and calls share instances, and coming back from a trap. Does not own the rules of
 * transactions, which are the program's, or those of blocks (`block_transition.ts`).
 * @module
 */
import { assert } from "../../primitives/errors.ts";
import type { Hash32 } from "../../primitives/hex.ts";
import type { ExecutionCounters } from "../../types/counters.ts";
import type { Receipt } from "../../types/receipt.ts";
import { HEADER_COMMITMENT_SLOT, SYSTEM_CONTEXT_ADDRESS } from "../../types/state.ts";
import type {
  BlockEnvironment,
  BlockExecution,
  CallBounds,
  Executor,
  StoragePort,
  SystemWrite,
} from "../executor.ts";
import {
  createProgram,
  createStraightProgram,
  createTracingProgram,
  isNotAtHand,
  programHash,
  type TracingProgram,
} from "./instance.ts";
import { describeInvalid } from "./outcomes.ts";
import type { Program, ProgramResult, StraightProgram, TxFrame } from "./program.ts";
import { runTraced } from "./trace_run.ts";
import {
  callFrame,
  findUnrepresentable,
  guard,
  nameTrap,
  rollupEnvironment,
  toCallOutcome,
  toTxOutcome,
  txFrame,
} from "./translation.ts";

/** Idle instances that are kept: as many as blocks and calls run at once. */
const MAX_IDLE_PROGRAMS = 4;
/**
 * Calls beyond these wait for an earlier one: a memory of more than a gigabyte, most of it never
 * touched, is cheap to keep and dear to make and to collect. Blocks never wait.
 */
const MAX_CALLS_AT_ONCE = 3;
/** A block, a call that comes meanwhile, and the prover's. */
const MAX_IDLE_STRAIGHT = 3;
/** Traces are rare, and one at a time. */
const MAX_IDLE_TRACERS = 1;

/** Lends instances; one that trapped is not given back. */
interface ProgramPool<Instance extends Program = Program> {
  borrow(): Instance;
  giveBack(program: Instance): void;
}

/** Where blocks run: straight through while all that they need is at hand. */
interface BlockPools {
  readonly waiting: ProgramPool;
  readonly straight: ProgramPool;
}

/** An executor; blocks and calls may run side by side. */
export function createWasmExecutor(): Executor {
  const pool = createProgramPool(createProgram, MAX_IDLE_PROGRAMS);
  const straight = createProgramPool(createStraightProgram, MAX_IDLE_STRAIGHT);
  const tracers = createProgramPool<TracingProgram>(createTracingProgram, MAX_IDLE_TRACERS);
  const turns = createTurns(MAX_CALLS_AT_ONCE);
  const callStraight = createStraightCalls(straight);
  return {
    programHash: programHash(),
    begin: (environment, storage) => beginBlock({ waiting: pool, straight }, environment, storage),
    call: async (environment, storage, request, bounds) => {
      const frame = callFrame(request, environment.chainId);
      const result = callStraight(environment, storage, frame, bounds);
      if (result !== undefined) return toCallOutcome(result, frame, environment);
      await turns.take();
      try {
        const program = pool.borrow();
        const outcome = await guard(program, async () => {
          await program.begin(rollupEnvironment(environment), { storage, ...bounds });
          return toCallOutcome(await program.call(frame), frame, environment);
        });
        pool.giveBack(program);
        return outcome;
      } finally {
        turns.giveBack();
      }
    },
    trace: async (environment, storage, steps, bounds) => {
      const program = tracers.borrow();
      await runTraced(program, { environment, storage, steps, bounds });
      tracers.giveBack(program);
    },
  };
}

/** Calls that are not tried after one that had to wait, since its instance is lost. */
const CALLS_AFTER_LOSS = 64;

/**
 * Calls that go straight through an instance of their own; `undefined` for one that has to wait
 * for something, which then runs from its start where it can.
 */
function createStraightCalls(pool: ProgramPool<StraightProgram>) {
  let untried = 0;
  return (
    environment: BlockEnvironment,
    storage: StoragePort,
    frame: TxFrame,
    bounds: CallBounds | undefined,
  ): ProgramResult | undefined => {
    if (storage.isAtHand !== true) return undefined;
    if (untried > 0) {
      untried--;
      return undefined;
    }
    const program = pool.borrow();
    try {
      const world = { storage, ...bounds };
      const result = program.callAtOnce(rollupEnvironment(environment), world, frame);
      pool.giveBack(program);
      return result;
    } catch (error) {
      if (!isNotAtHand(error)) throw nameTrap(program, error);
      untried = CALLS_AFTER_LOSS;
      return undefined;
    }
  };
}

function createProgramPool<Instance extends Program>(
  create: () => Instance,
  maxIdle: number,
): ProgramPool<Instance> {
  const idle: Instance[] = [];
  return {
    borrow: () => idle.pop() ?? create(),
    giveBack: (program) => {
      if (idle.length < maxIdle) idle.push(program);
    },
  };
}

/** Lets so many in at a time, in the order in which they came. */
interface Turns {
  take(): Promise<void> | undefined;
  giveBack(): void;
}

function createTurns(count: number): Turns {
  const waiting: (() => void)[] = [];
  let free = count;
  return {
    take: () => {
      if (free === 0) return new Promise((resolve) => waiting.push(resolve));
      free--;
      return undefined;
    },
    giveBack: () => {
      // Handed on, not freed: nobody who comes later gets in between.
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    },
  };
}

async function beginBlock(
  { waiting, straight }: BlockPools,
  environment: BlockEnvironment,
  storage: StoragePort,
): Promise<BlockExecution> {
  let pool = storage.isAtHand === true ? straight : waiting;
  const startIn = async (from: ProgramPool): Promise<Program> => {
    const program = from.borrow();
    await guard(program, () => program.begin(rollupEnvironment(environment), { storage }));
    return program;
  };
  const start = async (): Promise<Program> => {
    try {
      return await startIn(pool);
    } catch (error) {
      if (!isNotAtHand(error)) throw error;
    }
    pool = waiting;
    return await startIn(pool);
  };
  let program = await start();
  /** What ran in this block so far, to run it again after a trap. */
  const frames: TxFrame[] = [];
  const receipts: Receipt[] = [];
  let phase: "open" | "running" | "finished" = "open";
  let isBroken = false;
  /** The counters before the transaction that can be taken back. */
  let undoable: ExecutionCounters | undefined;
  let counters = program.counters();
  const gasUsed = () => receipts.at(-1)?.cumulativeGasUsed ?? 0n;

  /** A memory that a trap left is not trusted: another instance repeats the block up to here. */
  const mend = async (): Promise<void> => {
    program = await start();
    for (const frame of frames) await guard(program, () => program.runTx(frame));
    isBroken = false;
  };
  /** What cannot go straight through any more goes on where it may wait. */
  const runOn = async <Value>(action: () => Promise<Value>): Promise<Value> => {
    try {
      return await guard(program, action);
    } catch (error) {
      if (!isNotAtHand(error)) throw error;
    }
    pool = waiting;
    await mend();
    return await guard(program, action);
  };

  return {
    run: async (executable) => {
      assert(phase === "open", "transactions of a block run one after another, before its end");
      const invalid = findUnrepresentable(executable.tx);
      if (invalid !== undefined) return invalid;
      phase = "running";
      try {
        if (isBroken) await mend();
        if (undoable !== undefined) program.popSnapshot();
        undoable = undefined;
        const frame = txFrame(executable, environment.chainId);
        let result: ProgramResult;
        try {
          result = await runOn(() => {
            program.snapshot();
            return program.runTx(frame);
          });
        } catch (error) {
          // Mended at the next use: what failed may be the storage, and fail again right now.
          isBroken = true;
          throw error;
        }
        if (result.kind === "invalid") {
          program.rollback();
          return { kind: "invalid", ...describeInvalid(result, frame, environment) };
        }
        undoable = counters;
        counters = program.counters();
        frames.push(frame);
        const outcome = toTxOutcome(result, executable, gasUsed());
        receipts.push(outcome.receipt);
        return outcome;
      } finally {
        phase = "open";
      }
    },
    undoLast: () => {
      assert(phase === "open" && undoable !== undefined, "only the last transaction is taken back");
      program.rollback();
      counters = undoable;
      undoable = undefined;
      frames.pop();
      receipts.pop();
    },
    gasLeft: () => environment.gasLimit - gasUsed(),
    counters: () => counters,
    finish: async (systemWrites) => {
      assert(phase === "open", "a block ends once, after its last transaction");
      if (isBroken) await mend();
      phase = "finished";
      if (undoable !== undefined) program.popSnapshot();
      const commitment = () => headerCommitmentOf(systemWrites(receipts));
      const { diffs, newCodes } = await runOn(() => program.close(commitment));
      counters = program.counters();
      pool.giveBack(program);
      return { receipts, diffs, newCodes, counters };
    },
  };
}

/** The one write of the fictive block: slot 0 of the system context. */
function headerCommitmentOf(writes: readonly SystemWrite[]): Hash32 {
  const [write] = writes;
  const isCommitment = write?.address === SYSTEM_CONTEXT_ADDRESS &&
    write.slot === HEADER_COMMITMENT_SLOT;
  assert(isCommitment && writes.length === 1, "a block commits to its header and writes no more");
  return write.value;
}
