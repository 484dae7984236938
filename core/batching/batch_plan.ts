/**
 * What a batch means: from its data and the L1->L2 operations that L1 says it consumes to blocks.
 *
 * Owns this reading, the one that sequencer, follower and prover share. It is total, as L1 accepts
 * any bytes: data that breaks a rule loses its transactions, never the operations, which then run in
 * implicit blocks. Does not own the bytes (`batch_data.ts`) or running the blocks
 * (`vm/block_transition.ts`).
 *
 * ```text
 * data is obeyed if    it decodes, its blocks consume just the operations given, and in each block
 *                      with several operations their declared gas fits the block
 * otherwise            as many implicit blocks as the operations need, one after another filled by
 *                      declared gas, without transactions; the first at the limit timestamp, or a
 *                      second after the parent if that is later, the others a second apart
 * ```
 *
 * Forced batches need no rule of their own: they are batches with empty data. The gas rule keeps a
 * sequencer from dropping an operation by crowding its block.
 * @module
 */
import { RollupError } from "../primitives/errors.ts";
import type { Address, Hash32 } from "../primitives/hex.ts";
import {
  decodeTransaction,
  recoverSender,
  type Transaction,
  transactionHash,
} from "../types/tx.ts";
import { type BatchDataBlock, type BatchDataFault, decodeBatchData } from "./batch_data.ts";

/** What L1 says about a batch, and the block that it starts from. */
export interface BatchPlanInput {
  readonly data: Uint8Array;
  /** The operations that the batch consumes, in the order of the queue. */
  readonly operations: readonly Uint8Array[];
  readonly parentTimestampSec: bigint;
  /** The `timestamp` with which it was sequenced; of a forced batch, that of its L1 block. */
  readonly limitTimestampSec: bigint;
  readonly blockGasLimit: bigint;
  /** Senders that are known already, by transaction hash: recovering one is slow. */
  readonly knownSenders?: ReadonlyMap<Hash32, Address>;
}

/** The blocks of a batch. */
export interface BatchPlan {
  /** None if the data is malformed and there are no operations. */
  readonly blocks: readonly PlannedBlock[];
  /** Why the data is not obeyed, if it is not. */
  readonly fault: BatchDataFault | undefined;
}

/** A block to run: operations first, then transactions. */
export interface PlannedBlock {
  readonly timestampSec: bigint;
  /** Operations that it consumes, those that are no transaction included. */
  readonly operationCount: number;
  /** Those of its operations that are signed transactions, in order. */
  readonly operations: readonly PlannedTx[];
  /** Those of its data that are signed transactions, in order. */
  readonly transactions: readonly PlannedTx[];
}

/** Bytes that are a signed transaction, which says nothing about its being valid. */
export interface PlannedTx {
  readonly tx: Transaction;
  readonly sender: Address;
  readonly raw: Uint8Array;
}

/** What the batch of `input` means. Never throws, whatever the bytes. */
export function planBatch(input: BatchPlanInput): BatchPlan {
  const plan = (raw: Uint8Array) => planTransaction(raw, input.knownSenders);
  const operations = input.operations.map(plan);
  const decoded = decodeBatchData(input.data, input.parentTimestampSec, input.limitTimestampSec);
  const fault = decoded.ok ? findFault(decoded.blocks, operations, input) : decoded.reason;
  const blocks = decoded.ok && fault === undefined
    ? toldBlocks(decoded.blocks, operations, plan)
    : implicitBlocks(operations, input);
  return { blocks, fault };
}

/**
 * The transaction that `raw` is; `undefined` for bytes that are none or that nobody signed: these
 * change nothing (polygon-zkevm, section 2.5). Slow, as it recovers the sender.
 */
export function planTransaction(
  raw: Uint8Array,
  knownSenders?: ReadonlyMap<Hash32, Address>,
): PlannedTx | undefined {
  try {
    const tx = decodeTransaction(raw);
    const known = knownSenders?.get(transactionHash(raw));
    return { tx, sender: known ?? recoverSender(tx), raw };
  } catch (error) {
    if (error instanceof RollupError) return undefined;
    throw error;
  }
}

/**
 * How many of the first `operations` one block may consume: as many as their declared gas limits fit
 * it, and one in any case. Bytes that are no transaction declare no gas.
 */
export function countFittingOperations(
  operations: readonly (PlannedTx | undefined)[],
  blockGasLimit: bigint,
): number {
  let declaredGas = 0n;
  for (const [index, operation] of operations.entries()) {
    declaredGas += operation?.tx.gasLimit ?? 0n;
    if (index > 0 && declaredGas > blockGasLimit) return index;
  }
  return operations.length;
}

/** The first rule that decodable data breaks in view of the operations. */
function findFault(
  blocks: readonly BatchDataBlock[],
  operations: readonly (PlannedTx | undefined)[],
  { blockGasLimit }: BatchPlanInput,
): BatchDataFault | undefined {
  const toldCount = blocks.reduce((sum, block) => sum + block.l1ToL2OperationCount, 0);
  if (toldCount !== operations.length) {
    return {
      code: "BATCH_DATA_OPERATION_COUNT",
      message: "Cannot follow batch data as its blocks must consume the L1->L2 operations of the " +
        `batch: they name ${toldCount}, and the batch has ${operations.length}`,
    };
  }
  let first = 0;
  for (const [index, { l1ToL2OperationCount }] of blocks.entries()) {
    const consumed = operations.slice(first, first += l1ToL2OperationCount);
    const fitting = countFittingOperations(consumed, blockGasLimit);
    if (fitting === consumed.length) continue;
    return {
      code: "BATCH_DATA_OPERATION_GAS",
      message: "Cannot follow batch data as the declared gas of a block's L1->L2 operations must " +
        `fit it: of the ${consumed.length} of block ${index + 1} only ${fitting} fit`,
    };
  }
  return undefined;
}

function toldBlocks(
  blocks: readonly BatchDataBlock[],
  operations: readonly (PlannedTx | undefined)[],
  plan: (raw: Uint8Array) => PlannedTx | undefined,
): PlannedBlock[] {
  let first = 0;
  return blocks.map(({ timestampSec, l1ToL2OperationCount, transactions }) => ({
    timestampSec,
    operationCount: l1ToL2OperationCount,
    operations: operations.slice(first, first += l1ToL2OperationCount).filter(isTransaction),
    transactions: transactions.map(plan).filter(isTransaction),
  }));
}

function implicitBlocks(
  operations: readonly (PlannedTx | undefined)[],
  { parentTimestampSec, limitTimestampSec, blockGasLimit }: BatchPlanInput,
): PlannedBlock[] {
  const blocks: PlannedBlock[] = [];
  const next = parentTimestampSec + 1n;
  let timestampSec = limitTimestampSec > next ? limitTimestampSec : next;
  for (let first = 0; first < operations.length; timestampSec++) {
    const operationCount = countFittingOperations(operations.slice(first), blockGasLimit);
    const consumed = operations.slice(first, first += operationCount);
    blocks.push({
      timestampSec,
      operationCount,
      operations: consumed.filter(isTransaction),
      transactions: [],
    });
  }
  return blocks;
}

function isTransaction(planned: PlannedTx | undefined): planned is PlannedTx {
  return planned !== undefined;
}
