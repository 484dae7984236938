/**
 * Getting one transaction of ours onto L1, restartable between any two lines.
 *
 * The intent, with the signed bytes, is on disk before anything is sent; signing is deterministic
 * and sending the same bytes twice is harmless, so there are never two different transactions for
 * one intent. Owns those rows (`l1_txs`). Does not own what the calls mean.
 * @module
 */
import { keccak256 } from "../crypto/keccak.ts";
import { signL1Transaction } from "../l1/transaction.ts";
import { isRollupError, RollupError } from "../primitives/errors.ts";
import { address, hash32, type Hex, hexToBytes } from "../primitives/hex.ts";
import { readBlob, writeBlob } from "../store/blob.ts";
import { CHECKPOINTS, L1_TXS, type L1TxRow } from "../store/schema.ts";
import { readRow } from "../store/table.ts";
import { createWriteSet } from "../store/write_set.ts";
import { readL1Heads } from "./heads.ts";
import { type L1Account, type Node, readCheckpoint, type StageId } from "./node.ts";
import type { StepOutcome } from "./stage.ts";

/** Codes of this room. */
export type L1SenderErrorCode = "L1_TRANSACTION_REVERTED" | "L1_INSUFFICIENT_FUNDS";

/** One intent. */
export interface L1Intent {
  /** The stage it belongs to; its checkpoint moves when the transaction is mined. */
  readonly stage: StageId;
  readonly batchNumber: bigint;
  readonly from: L1Account;
  readonly calldata: () => Promise<Hex>;
}

/** Gas on top of the estimate: the state may change before the transaction is mined. */
const GAS_MARGIN = 80_000n;
/** EIP-7825. */
const MAX_L1_TX_GAS = 16_777_216n;

/** Brings an intent one durable step further: write it, send it, see it mined. */
export async function stepIntent(node: Node, intent: L1Intent): Promise<StepOutcome> {
  const row = await readRow(node.kv, L1_TXS, [intent.stage, intent.batchNumber]);
  if (row === undefined) return await writeIntent(node, intent);
  if (row.status === "created") return await send(node, intent, row);
  return await seeMined(node, intent, row);
}

async function writeIntent(node: Node, intent: L1Intent): Promise<StepOutcome> {
  const { client, rollup, chainId } = node.l1;
  if (await isOnL1(node, intent)) return await skip(node, intent);
  const data = await intent.calldata();
  const { address: from, privateKey } = intent.from;
  const gas = await client.estimateGas({ from, to: rollup, data });
  const [nonce, fees] = await Promise.all([client.nonce(from, "pending"), client.fees()]);
  const gasLimit = gas + GAS_MARGIN < MAX_L1_TX_GAS ? gas + GAS_MARGIN : MAX_L1_TX_GAS;
  const maxFeePerGasWei = 2n * fees.baseFeePerGasWei + fees.maxPriorityFeePerGasWei;
  const balanceWei = await client.balance(from);
  if (balanceWei < gasLimit * maxFeePerGasWei) {
    throw new RollupError<L1SenderErrorCode>(
      "L1_INSUFFICIENT_FUNDS",
      `Cannot send batch ${intent.batchNumber} to L1: ${from} has ${balanceWei} wei, ` +
        `the transaction may cost ${gasLimit * maxFeePerGasWei} wei`,
      {
        details: { from, balanceWei, gasLimit, maxFeePerGasWei },
        mend: `Send ETH to ${from} on L1, then run \`submit\` again.`,
      },
    );
  }
  const { raw, hash } = signL1Transaction({
    chainId,
    nonce,
    to: rollup,
    data: hexToBytes(data),
    valueWei: 0n,
    gasLimit,
    maxFeePerGasWei,
    maxPriorityFeePerGasWei: fees.maxPriorityFeePerGasWei,
  }, privateKey);
  const rawBlob = await writeBlob(node.kv, raw);
  await writeRow(node, intent, {
    status: "created",
    nonce,
    to: rollup,
    calldataHash: keccak256(hexToBytes(data)),
    hash,
    rawBlob,
    l1BlockNumber: undefined,
    gasUsed: undefined,
  });
  const text = `wrote the intent to send batch ${intent.batchNumber}, L1 nonce ${nonce}`;
  return { kind: "progress", number: intent.batchNumber, text };
}

/**
 * Whether L1 has the batch though no transaction of ours is known for it: one that was given up
 * came back with another fork of L1.
 */
async function isOnL1(node: Node, { stage, batchNumber }: L1Intent): Promise<boolean> {
  const heads = await readL1Heads(node);
  return batchNumber <= (stage === "verify_batch" ? heads.verified : heads.sequenced);
}

async function skip(node: Node, { stage, batchNumber }: L1Intent): Promise<StepOutcome> {
  const writes = createWriteSet(node.kv);
  writes.set(CHECKPOINTS, [stage], batchNumber);
  await writes.commit();
  return { kind: "done", number: batchNumber };
}

async function send(node: Node, intent: L1Intent, row: L1TxRow): Promise<StepOutcome> {
  try {
    await node.l1.client.sendRawTransaction(await readBlob(node.kv, row.rawBlob));
  } catch (error) {
    if (isRollupError(error, "L1_REJECTED") && await isSuperseded(node, intent, row)) {
      return await giveUp(node, intent, row);
    }
    throw error;
  }
  await writeRow(node, intent, { ...row, status: "sent" });
  const text = `sent ${row.hash} for batch ${intent.batchNumber}`;
  return { kind: "progress", number: intent.batchNumber, text };
}

/** Whether another transaction of the account has taken the nonce, so that ours is never mined. */
async function isSuperseded(node: Node, intent: L1Intent, row: L1TxRow): Promise<boolean> {
  const { client } = node.l1;
  // The nonce first: ours may be mined between the two answers.
  if (await client.nonce(intent.from.address, "latest") <= row.nonce) return false;
  return await client.receipt(hash32(row.hash)) === undefined;
}

/** Forgets an intent that L1 can never mine; the next step writes a new one. */
async function giveUp(node: Node, intent: L1Intent, row: L1TxRow): Promise<StepOutcome> {
  await deleteRow(node, intent);
  const { batchNumber } = intent;
  node.log.warn("Gave up an L1 transaction", { batchNumber, hash: row.hash, nonce: row.nonce });
  const text =
    `another transaction took L1 nonce ${row.nonce}: batch ${batchNumber} gets a new one`;
  return { kind: "progress", number: batchNumber, text };
}

async function seeMined(node: Node, intent: L1Intent, row: L1TxRow): Promise<StepOutcome> {
  const { client, rollup } = node.l1;
  const receipt = await client.receipt(hash32(row.hash));
  if (receipt === undefined) {
    if (await isSuperseded(node, intent, row)) return await giveUp(node, intent, row);
    if (await client.transaction(hash32(row.hash)) !== undefined) {
      return { kind: "waiting", text: `L1 has not mined ${row.hash} yet` };
    }
    await client.sendRawTransaction(await readBlob(node.kv, row.rawBlob));
    return { kind: "waiting", text: `L1 had lost ${row.hash}: it was sent again` };
  }
  if (!receipt.success) {
    // It is done with: the next step writes a new intent, once its estimate says that it succeeds.
    await deleteRow(node, intent);
    throw new RollupError<L1SenderErrorCode>(
      "L1_TRANSACTION_REVERTED",
      `Cannot go on with batch ${intent.batchNumber} as its L1 transaction must succeed: ` +
        `${row.hash} reverted with ${await revertReason(node, intent)}`,
      {
        details: { batchNumber: intent.batchNumber, hash: row.hash, rollup: address(rollup) },
        mend: "Run `sync` to read what L1 says, then `submit` to send a new transaction.",
      },
    );
  }
  const writes = createWriteSet(node.kv);
  writes.set(L1_TXS, [intent.stage, intent.batchNumber], {
    ...row,
    status: "mined",
    l1BlockNumber: receipt.blockNumber,
    gasUsed: receipt.gasUsed,
  });
  writes.set(CHECKPOINTS, [intent.stage], intent.batchNumber);
  await writes.commit();
  node.log.info("L1 transaction mined", {
    batchNumber: intent.batchNumber,
    stage: intent.stage,
    l1BlockNumber: receipt.blockNumber,
    gasUsed: receipt.gasUsed,
  });
  return { kind: "done", number: intent.batchNumber };
}

async function writeRow(node: Node, intent: L1Intent, row: L1TxRow): Promise<void> {
  const writes = createWriteSet(node.kv);
  writes.set(L1_TXS, [intent.stage, intent.batchNumber], row);
  await writes.commit();
}

async function deleteRow(node: Node, { stage, batchNumber }: L1Intent): Promise<void> {
  const writes = createWriteSet(node.kv);
  writes.delete(L1_TXS, [stage, batchNumber]);
  await writes.commit();
}

/** Runs the call again to learn why it failed. */
async function revertReason(node: Node, intent: L1Intent): Promise<string> {
  try {
    const data = await intent.calldata();
    await node.l1.client.call({ from: intent.from.address, to: node.l1.rollup, data });
    return "a reason that does not hold any more";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * After L1 has lost transactions of ours: intents above `target` are to be sent again. Their bytes
 * stay, so L1 sees the same transactions. The checkpoint goes last and never up.
 */
export async function unwindIntents(node: Node, stage: StageId, target: bigint): Promise<void> {
  let writes = createWriteSet(node.kv);
  for (let number = target + 1n;; number++) {
    const row = await readRow(node.kv, L1_TXS, [stage, number]);
    if (row === undefined) break;
    if (!writes.hasRoomFor(1, row.rawBlob.length + 1_000)) {
      await writes.commit();
      writes = createWriteSet(node.kv);
    }
    writes.set(L1_TXS, [stage, number], {
      ...row,
      status: "created",
      l1BlockNumber: undefined,
      gasUsed: undefined,
    });
  }
  if (await readCheckpoint(node, stage) > target) writes.set(CHECKPOINTS, [stage], target);
  await writes.commit();
}
