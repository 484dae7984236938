/**
 * Calls of the rollup contract that anyone may make, as transactions to be signed elsewhere.
 *
 * Owns what they say and how they are priced. Does not own keys, nor the node's own transactions
 * (`pipeline/l1_sender.ts`).
 * @module
 */
import { encodeForceBatch, encodeSequenceForceBatches } from "../l1/calls.ts";
import { readRollupState } from "../l1/rollup_views.ts";
import { decodeRollupEvent } from "../l1/events.ts";
import type { L1Receipt } from "../l1/l1_client.ts";
import { type L1Connection, type Node, readCheckpoint } from "../pipeline/node.ts";
import { RollupError } from "../primitives/errors.ts";
import { address, bytesToHex, type Hex, hexToBytes } from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import { readOperation } from "../store/operations.ts";
import { decodeTransaction, transactionHash } from "../types/tx.ts";
import type { L1CallRequest, L1PlanView, L1SentView } from "./engine.ts";
import { toNumber } from "./views.ts";

/** Codes of this file. */
export type L1CallErrorCode = "NO_OVERDUE_OPERATION" | "OPERATION_SIZE";

/** Gas on top of the estimate, as a share: the L1 may change before the transaction is mined. */
const GAS_MARGIN_DIVISOR = 5n;

/** The call of `request` as a transaction of `from`. */
export async function planL1Call(
  node: Node,
  request: L1CallRequest,
  from: Hex,
): Promise<L1PlanView> {
  const { client, rollup, chainId } = node.l1;
  const sender = address(from);
  const { purpose, data } = await describe(node, request);
  const [gas, nonce, fees] = await Promise.all([
    client.estimateGas({ from: sender, to: rollup, data }),
    client.nonce(sender, "pending"),
    client.fees(),
  ]);
  return {
    purpose,
    chainId: toNumber(chainId),
    to: rollup,
    data,
    nonce: toNumber(nonce),
    gasLimit: toNumber(gas + gas / GAS_MARGIN_DIVISOR),
    maxFeePerGasWei: String(2n * fees.baseFeePerGasWei + fees.maxPriorityFeePerGasWei),
    maxPriorityFeePerGasWei: String(fees.maxPriorityFeePerGasWei),
  };
}

/** Hands `raw` to L1 and asks for its receipt. */
export async function sendL1Call({ l1 }: Pick<Node, "l1">, raw: Hex): Promise<L1SentView> {
  const { client } = l1;
  const hash = await client.sendRawTransaction(hexToBytes(raw));
  const receipt = await client.receipt(hash);
  if (receipt === undefined) return { transactionHash: hash, status: "sent" };
  const operation = receipt.success ? await queuedBy(l1, receipt) : undefined;
  return {
    transactionHash: hash,
    status: receipt.success ? "mined" : "reverted",
    l1BlockNumber: toNumber(receipt.blockNumber),
    gasUsed: toNumber(receipt.gasUsed),
    ...(receipt.revertReason === undefined ? {} : { reason: receipt.revertReason }),
    ...(operation === undefined ? {} : { operation }),
  };
}

/** The place in the queue that a mined transaction has taken, if it took one. */
async function queuedBy(
  { client, rollup }: L1Connection,
  { blockNumber, transactionHash }: L1Receipt,
): Promise<L1SentView["operation"]> {
  const logs = await client.logs({ address: rollup, fromBlock: blockNumber, toBlock: blockNumber });
  for (const log of logs) {
    const event = log.transactionHash === transactionHash ? decodeRollupEvent(log) : undefined;
    if (event?.kind !== "operation") continue;
    return { number: toNumber(event.number), deadlineSec: toNumber(event.deadlineSec) };
  }
  return undefined;
}

async function describe(
  node: Node,
  request: L1CallRequest,
): Promise<{ readonly purpose: string; readonly data: Hex }> {
  switch (request.kind) {
    case "forceBatch": {
      const raw = hexToBytes(request.transaction);
      refuseSize(raw.length);
      return { purpose: `force transaction ${hashOf(raw)}`, data: encodeForceBatch(raw) };
    }
    case "sequenceForceBatches": {
      const count = await countOverdue(node);
      return {
        purpose: `sequence ${count} overdue operation${count === 1n ? "" : "s"}`,
        data: encodeSequenceForceBatches(count),
      };
    }
  }
}

/** L1 would refuse it, for its gas. */
function refuseSize(sizeBytes: number): void {
  const { maxOperationBytes } = LIMITS;
  if (sizeBytes >= 1 && sizeBytes <= maxOperationBytes) return;
  throw new RollupError<L1CallErrorCode>(
    "OPERATION_SIZE",
    `Cannot force the transaction as it must have 1 to ${maxOperationBytes} bytes: ` +
      `it has ${sizeBytes}`,
    {
      details: { sizeBytes, maxOperationBytes },
      mend: "Force a shorter transaction; split its data over several.",
    },
  );
}

/** Only to name it: L1 takes any bytes. */
function hashOf(raw: Uint8Array): string {
  try {
    decodeTransaction(raw);
    return transactionHash(raw);
  } catch {
    return `bytes ${bytesToHex(raw.subarray(0, 8))}…, which are no transaction and will do nothing`;
  }
}

/** How many operations anyone may sequence now, at most as many as one batch holds. */
async function countOverdue(node: Node): Promise<bigint> {
  const { client, rollup } = node.l1;
  const { lastForceBatchSequenced } = await readRollupState(client, rollup);
  const latest = await client.block("latest");
  // The transaction is mined in a later block.
  const nowSec = maxOf(node.clock.nowSec(), latest?.timestampSec ?? 0n);
  let count = 0n;
  let next = await readOperation(node.kv, lastForceBatchSequenced + 1n);
  while (next !== undefined && next.deadlineSec <= nowSec) {
    count++;
    if (count >= BigInt(LIMITS.maxOperationsPerBatch)) break;
    next = await readOperation(node.kv, lastForceBatchSequenced + 1n + count);
  }
  if (count > 0n) return count;
  const l1Block = await readCheckpoint(node, "sync_l1");
  const waits = next === undefined
    ? "none waits"
    : `operation ${next.number} is due at ${next.deadlineSec}, and it is ${nowSec}`;
  throw new RollupError<L1CallErrorCode>(
    "NO_OVERDUE_OPERATION",
    `Cannot sequence forced operations as one must be past its deadline: ${waits} ` +
      `(L1 was read up to block ${l1Block})`,
    {
      details: { nowSec, deadlineSec: next?.deadlineSec, l1Block },
      mend: "Run `sync` to read the queue; `inspect-state operations` shows each deadline.",
    },
  );
}

function maxOf(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
