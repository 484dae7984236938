/**
 * The {@linkcode Executor} on the program: one WebAssembly module with bootloader and EVM.
 *
 * Owns how blocks and calls share instances, and coming back from a trap. Does not own the rules of
 * transactions, which are the program's, or those of blocks (`block_transition.ts`).
 * @module
 */
import { assert, RollupError } from "../../primitives/errors.ts";
import type { Hash32 } from "../../primitives/hex.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { Receipt } from "../../types/receipt.ts";
import { HEADER_COMMITMENT_SLOT, SYSTEM_CONTEXT_ADDRESS } from "../../types/state.ts";
import { createdAddress, type Transaction } from "../../types/tx.ts";
import { recoverAuthority } from "../authorizations.ts";
import type { ExecutionCounters } from "../../types/counters.ts";
import type {
  BlockEnvironment,
  BlockExecution,
  CallOutcome,
  CallRequest,
  ExecutableTx,
  Executor,
  ProgramErrorCode,
  StoragePort,
  SystemWrite,
  TxOutcome,
} from "../executor.ts";
import { createProgram, programHash } from "./instance.ts";
import { describeInvalid, exceptionName, REFUSAL_NAMES } from "./outcomes.ts";
import type { Program, ProgramEnvironment, ProgramResult, TxFrame } from "./program.ts";

/** Idle instances that are kept: as many as blocks and calls usually run at once. */
const MAX_IDLE_PROGRAMS = 4;

const MAX_U64 = (1n << 64n) - 1n;

/** Lends instances; one that trapped is not given back. */
interface ProgramPool {
  borrow(): Program;
  giveBack(program: Program): void;
}

/** An executor; blocks and calls may run side by side. */
export function createWasmExecutor(): Executor {
  const pool = createProgramPool();
  return {
    programHash: programHash(),
    begin: (environment, storage) => beginBlock(pool, environment, storage),
    call: async (environment, storage, request) => {
      const program = pool.borrow();
      const frame = callFrame(request, environment.chainId);
      const outcome = await guard(program, async () => {
        await program.begin(rollupEnvironment(environment), { storage });
        return toCallOutcome(await program.call(frame), frame, environment);
      });
      pool.giveBack(program);
      return outcome;
    },
  };
}

function createProgramPool(): ProgramPool {
  const idle: Program[] = [];
  return {
    borrow: () => idle.pop() ?? createProgram(),
    giveBack: (program) => {
      if (idle.length < MAX_IDLE_PROGRAMS) idle.push(program);
    },
  };
}

async function beginBlock(
  pool: ProgramPool,
  environment: BlockEnvironment,
  storage: StoragePort,
): Promise<BlockExecution> {
  const start = async (): Promise<Program> => {
    const program = pool.borrow();
    await guard(program, () => program.begin(rollupEnvironment(environment), { storage }));
    return program;
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
        program.snapshot();
        let result: ProgramResult;
        try {
          result = await guard(program, () => program.runTx(frame));
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
      const { diffs, newCodes } = await guard(program, () => program.close(commitment));
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

/**
 * Tells a trap of the program from an import that failed: the latter keeps its own error.
 *
 * @throws `PROGRAM_TRAPPED`.
 */
async function guard<Value>(program: Program, action: () => Promise<Value>): Promise<Value> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    const fault = program.fault();
    throw new RollupError<ProgramErrorCode>(
      "PROGRAM_TRAPPED",
      `Cannot go on with the transaction as the program trapped: ${error.message}`,
      {
        details: { fault },
        mend: "Report it with the bytes that were set aside; other transactions go on.",
        cause: error,
      },
    );
  }
}

function rollupEnvironment(environment: BlockEnvironment): ProgramEnvironment {
  return {
    ...environment,
    profile: "rollup",
    fork: "Osaka",
    // No blobs on this layer: the price stays at its minimum (EIP-4844).
    blobBaseFeeWei: 1n,
    maxBlobs: 0,
    maxTxGas: LIMITS.maxTxGas,
  };
}

/** What the fields of a frame cannot hold. */
function findUnrepresentable(tx: Transaction): TxOutcome | undefined {
  if (tx.gasLimit > MAX_U64) {
    const message = `gas limit ${tx.gasLimit} is above ${LIMITS.maxTxGas} (EIP-7825)`;
    return { kind: "invalid", reason: "GAS_LIMIT_TOO_HIGH", message };
  }
  if (tx.nonce > MAX_U64) {
    const message = `nonce ${tx.nonce} is above ${MAX_U64} (EIP-2681)`;
    return { kind: "invalid", reason: "NONCE_TOO_HIGH", message };
  }
  return undefined;
}

function txFrame({ tx, sender }: ExecutableTx, chainId: bigint): TxFrame {
  return {
    type: tx.type,
    sender,
    to: tx.to,
    valueWei: tx.valueWei,
    maxFeePerGasWei: tx.maxFeePerGasWei,
    maxPriorityFeePerGasWei: tx.maxPriorityFeePerGasWei,
    maxFeePerBlobGasWei: 0n,
    chainId: tx.chainId,
    gasLimit: tx.gasLimit,
    nonce: tx.nonce,
    data: tx.data,
    accessList: tx.accessList,
    authorizations: recoverAll(tx.authorizations, chainId),
    blobHashes: [],
    asTransaction: true,
  };
}

function callFrame(request: CallRequest, chainId: bigint): TxFrame {
  assert(request.gasLimit <= MAX_U64, "the gas of a call is bounded");
  return {
    type: request.authorizations.length > 0 ? 4 : 2,
    sender: request.from,
    to: request.to,
    valueWei: request.valueWei,
    maxFeePerGasWei: request.gasPriceWei,
    maxPriorityFeePerGasWei: request.gasPriceWei,
    maxFeePerBlobGasWei: 0n,
    chainId: undefined,
    gasLimit: request.gasLimit,
    nonce: 0n,
    data: request.data,
    accessList: request.accessList,
    authorizations: recoverAll(request.authorizations, chainId),
    blobHashes: [],
    asTransaction: request.asTransaction,
  };
}

/** Only signatures and ranges are judged here; the rest is the program's. */
function recoverAll(
  authorizations: Transaction["authorizations"],
  chainId: bigint,
): TxFrame["authorizations"] {
  return authorizations.map((authorization) => ({
    chainId: authorization.chainId,
    address: authorization.address,
    nonce: BigInt.asUintN(64, authorization.nonce),
    authority: recoverAuthority(authorization, chainId),
  }));
}

function toTxOutcome(
  result: ProgramResult & { readonly kind: "ran" },
  { tx, sender }: ExecutableTx,
  gasUsedBefore: bigint,
): TxOutcome & { readonly kind: "included" } {
  const { gasUsed, returnData, usage } = result;
  const exception = exceptionName(result.exception);
  const receipt: Receipt = {
    type: tx.type,
    success: exception === undefined,
    gasUsed,
    cumulativeGasUsed: gasUsedBefore + gasUsed,
    effectiveGasPriceWei: result.gasPriceWei,
    logs: result.logs(),
    // Also of a creation that failed: clients ask for the address it would have had.
    contractAddress: tx.to === undefined ? createdAddress(sender, tx.nonce) : undefined,
  };
  return { kind: "included", receipt, returnData, exception, usage };
}

function toCallOutcome(
  result: ProgramResult,
  frame: TxFrame,
  environment: BlockEnvironment,
): CallOutcome {
  if (result.kind === "invalid") {
    const invalid = describeInvalid(result, frame, environment);
    return {
      success: false,
      returnData: new Uint8Array(0),
      gasUsed: 0n,
      exception: REFUSAL_NAMES[invalid.reason] ?? "invalid",
      logs: () => [],
      invalid,
    };
  }
  const exception = exceptionName(result.exception);
  const { returnData, gasUsed, usage } = result;
  return {
    success: exception === undefined,
    returnData,
    gasUsed,
    exception,
    logs: result.logs,
    usage,
  };
}
