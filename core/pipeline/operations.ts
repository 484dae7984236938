/**
 * L1->L2 operations on their way into a block.
 *
 * Owns which of the queue the next block consumes, and running them first. They cannot be left out:
 * limits of sealing do not count for them, and what is no valid transaction is consumed without
 * effect. Does not own the queue (`stages/sync_l1.ts`) or what a batch means
 * (`batching/batch_plan.ts`).
 * @module
 */
import { EMPTY_L1_TO_L2_ROLLING_HASH } from "../batching/acc_input_hash.ts";
import { countFittingOperations, type PlannedTx, planTransaction } from "../batching/batch_plan.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { PoolEntry } from "../pool/pool.ts";
import { isRollupError } from "../primitives/errors.ts";
import type { Address, Hash32 } from "../primitives/hex.ts";
import { areaLog } from "../primitives/ports.ts";
import { readOperation, readVirtualBatch, requireOperations } from "../store/operations.ts";
import type { BatchCounters } from "../types/batch.ts";
import { addCounters, NO_COUNTERS } from "../types/counters.ts";
import { transactionHash } from "../types/tx.ts";
import type { OpenBlock } from "../vm/block_transition.ts";
import { type Node, readCheckpoint } from "./node.ts";
import { faultOf, type TrappedTx } from "./trapped_tx.ts";

/** Operations of a block, after they ran. */
export interface Consumed {
  /** Those that were valid transactions, in order. */
  readonly included: readonly PoolEntry[];
  readonly trapped: readonly TrappedTx[];
  readonly counters: BatchCounters;
}

/**
 * The operations that the next block consumes: all that wait, as far as one block may hold them. A
 * sequencer that censors stops at the first operation of such a sender; it cannot skip one.
 */
export async function nextOperations(
  node: Node,
): Promise<readonly (PlannedTx | undefined)[]> {
  const operations: (PlannedTx | undefined)[] = [];
  const first = node.tip.get().lastOperation + 1n;
  while (operations.length < LIMITS.maxOperationsPerBatch) {
    const stored = await readOperation(node.kv, first + BigInt(operations.length));
    if (stored === undefined) break;
    const planned = planTransaction(stored.raw);
    if (planned !== undefined && node.censored.has(planned.sender)) break;
    operations.push(planned);
  }
  return operations.slice(0, countFittingOperations(operations, node.config.blockGasLimit));
}

/**
 * The next nonce of `sender` once the operations that wait have run: they come before all else. One
 * that turns out invalid leaves the nonce lower.
 */
export async function nonceAfterOperations(
  node: Node,
  sender: Address,
  nonce: bigint,
): Promise<bigint> {
  let next = nonce;
  for (let number = node.tip.get().lastOperation + 1n;; number++) {
    const stored = await readOperation(node.kv, number);
    if (stored === undefined) return next;
    const planned = planTransaction(stored.raw);
    if (planned?.sender === sender && planned.tx.nonce === next) next++;
  }
}

/** Why nothing can be built: L1 has a batch that is not executed here; `undefined` if it has not. */
export async function batchAhead(node: Node): Promise<string | undefined> {
  const next = await readCheckpoint(node, "seal_batch") + 1n;
  if (await readVirtualBatch(node.kv, next) === undefined) return undefined;
  return `batch ${next} is on L1 and must be executed here first: run \`sync\``;
}

/**
 * The rolling hash of the operations 1 to `last`.
 *
 * @throws `OPERATION_UNKNOWN` when L1, as far as it was read, has fewer.
 */
export async function rollingHashAfter(node: Pick<Node, "kv">, last: bigint): Promise<Hash32> {
  const [operation] = await requireOperations(node.kv, last === 0n ? 1n : last, last);
  return operation?.rollingHash ?? EMPTY_L1_TO_L2_ROLLING_HASH;
}

/** Runs `operations` as the first of the block. */
export async function runOperations(
  node: Node,
  open: OpenBlock,
  operations: readonly (PlannedTx | undefined)[],
): Promise<Consumed> {
  const included: PoolEntry[] = [];
  const trapped: TrappedTx[] = [];
  let counters: BatchCounters = {
    ...NO_COUNTERS,
    blockCount: 0,
    batchDataBytes: 0,
    operationCount: operations.length,
  };
  for (const planned of operations) {
    if (planned === undefined) continue;
    const entry: PoolEntry = { ...planned, hash: transactionHash(planned.raw), arrival: 0n };
    try {
      const outcome = await open.run(planned);
      if (outcome.kind === "invalid") {
        areaLog(node.log, "sync").info("Consumed L1->L2 operation without effect", {
          hash: entry.hash,
          reason: outcome.message,
        });
        continue;
      }
      included.push(entry);
      counters = { ...counters, ...addCounters(counters, outcome.usage.counters) };
    } catch (error) {
      if (!isRollupError(error, "PROGRAM_TRAPPED")) throw error;
      trapped.push({ entry, fault: faultOf(error), blockNumber: open.environment.number });
    }
  }
  return { included, trapped, counters };
}
