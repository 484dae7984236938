/**
 * Getting transactions of ours onto L1, restartable between any two lines.
 *
 * An intent with its signed bytes is on disk before anything is sent, and sending the same bytes
 * twice is harmless. All attempts of an intent share nonce and call, and it gets another nonce only
 * when L1 has used the first one for something else: so no intent is ever carried out by two
 * transactions. Owns the steps. Does not own what each step decides (`l1/monitored_tx.ts`), what is
 * written (`l1_drafts.ts`, `l1_tx_rows.ts`), or what the calls mean (`stages/`).
 * @module
 */
import { requireRollup } from "../l1/rollup_views.ts";
import type { L1Receipt } from "../l1/l1_client.ts";
import {
  chooseNonce,
  decideNext,
  type FeeOffer,
  findGaps,
  firstFees,
  type L1Observation,
  type MonitoredAction,
  raiseFees,
} from "../l1/monitored_tx.ts";
import { MAX_L1_TX_GAS } from "../l1/submit_policy.ts";
import { refusalMeaning } from "../l1/submit_refusals.ts";
import { assert, isRollupError, RollupError } from "../primitives/errors.ts";
import { hexToBytes } from "../primitives/hex.ts";
import { areaLog } from "../primitives/ports.ts";
import { readBlob } from "../store/blob.ts";
import { CHECKPOINTS, L1_TXS } from "../store/schema.ts";
import { createWriteSet } from "../store/write_set.ts";
import { readL1Heads } from "./heads.ts";
import { describeRange, type IntentSource, type NextIntent } from "./l1_intent.ts";
import {
  requireBalance,
  type SenderView,
  toNonceFacts,
  viewSender,
  writeDraft,
  writeFurtherAttempt,
} from "./l1_drafts.ts";
import {
  latestAttempt,
  listL1TxRows,
  makeVoid,
  readL1Txs,
  SENDING_STAGES,
  type SendingStage,
  stageRemoval,
  type StoredL1Tx,
} from "./l1_tx_rows.ts";
import { type L1Account, type Node, readCheckpoint } from "./node.ts";
import type { StepOutcome } from "./stage.ts";

/** Codes of this file. */
export type L1SenderErrorCode = "L1_TRANSACTION_REVERTED";

/** Gas on top of an estimate: the state may change before the transaction is mined. */
const GAS_MARGIN = 80_000n;
/** Gas of a transfer, which takes the place of a void transaction. */
const TRANSFER_GAS = 21_000n;

/** Brings what the stage sends one durable step further: written, sent, raised or seen mined. */
export async function stepIntents(node: Node, source: IntentSource): Promise<StepOutcome> {
  const { stage, from, maxInFlight } = source;
  const checkpoint = await readCheckpoint(node, stage);
  const rows = await readL1Txs(node.kv, stage, checkpoint);
  const liveRows = rows.filter(({ status }) => status !== "failed");
  const foreign = liveRows.filter(({ row }) => row.from !== from.address);
  if (foreign.length > 0) return await settleForeign(node, foreign, from);
  const heads = await readL1Heads(node);
  const onL1 = stage === "verify_batch" ? heads.verified : heads.sequenced;
  if (liveRows.length === 0 && onL1 > checkpoint) {
    const skipped = await skip(node, stage, onL1);
    if (skipped !== undefined) return skipped;
  }
  const firstBatch = (liveRows.at(-1)?.number ?? checkpoint) + 1n;
  const next: NextIntent = liveRows.length < maxInFlight
    ? await source.next(firstBatch)
    : { kind: "idle" };
  if (liveRows.length === 0 && next.kind !== "intent") {
    const voids = await readL1Txs(node.kv, from.address, -1n);
    if (voids.length === 0) return next;
  }
  // An L1 that has lost the contract takes any call of it, and does nothing.
  await requireRollup(node.l1.client, node.l1.rollup);
  const view = await viewSender(node, source, rows);
  const settled = await settleVoids(view, next.kind === "intent");
  if (settled !== undefined) return settled;
  const filled = await fillGap(view);
  if (filled !== undefined) return filled;
  const followed = await followLive(view, onL1);
  if (followed !== undefined && (!followed.mayGoOn || next.kind !== "intent")) {
    return followed.outcome;
  }
  if (next.kind !== "intent") return next;
  return await writeNext(view, source, { ...next, firstBatch });
}

/**
 * Another account has sent before. What it has on L1 counts; the rest is not ours to raise or to
 * repeat, as its nonces are not.
 */
async function settleForeign(
  node: Node,
  foreign: readonly StoredL1Tx[],
  from: L1Account,
): Promise<StepOutcome> {
  const [first] = foreign;
  assert(first !== undefined, "there is a transaction of another account");
  for (const { hash } of first.attempts) {
    const receipt = await node.l1.client.receipt(hash);
    if (receipt?.success === true) return await confirm(node, first, { receipt });
  }
  await makeVoid(node, foreign);
  const text = `${from.address} sends now, in the place of ${first.row.from}`;
  return { kind: "progress", number: first.number, text };
}

/** L1 has batches that none of our transactions here brought: somebody else's, or a given up one. */
async function skip(
  node: Node,
  stage: SendingStage,
  onL1: bigint,
): Promise<StepOutcome | undefined> {
  const sealed = await readCheckpoint(node, "seal_batch");
  const number = onL1 < sealed ? onL1 : sealed;
  if (number <= await readCheckpoint(node, stage)) return undefined;
  const writes = createWriteSet(node.kv);
  writes.set(CHECKPOINTS, [stage], number);
  await writes.commit();
  return { kind: "done", number };
}

/** Where the live transactions stand. */
interface Followed {
  readonly outcome: StepOutcome;
  /** Whether further ones may be written behind them: L1 has them all. */
  readonly mayGoOn: boolean;
}

/** Steps the first live transaction about which there is something to do; `undefined`: none is live. */
async function followLive(view: SenderView, onL1: bigint): Promise<Followed | undefined> {
  const act = (outcome: StepOutcome): Followed => ({ outcome, mayGoOn: false });
  let waiting: StepOutcome | undefined;
  let mayGoOn = true;
  for (const [position, tx] of view.live.entries()) {
    const action = await decide(view, tx);
    // Later ones are mined after the first, so what became of them is asked once it is settled.
    if (position === 0 && action.kind === "confirm") {
      return act(await confirm(view.node, tx, action));
    }
    if (onL1 >= tx.row.firstBatch) {
      await makeVoid(view.node, view.live.slice(position));
      const text = `L1 has the batches up to ${onL1} from another transaction`;
      return act({ kind: "progress", number: tx.number, text });
    }
    if (position === 0 && action.kind === "fail") return await fail(view, tx, action.receipt);
    const outcome = position === 0 && action.kind === "giveUp"
      ? await giveUp(view, tx)
      : await carryOut(view, tx, action);
    if (outcome.kind !== "waiting") return act(outcome);
    waiting ??= outcome;
    // What L1 does not take holds back what would build on it.
    mayGoOn &&= tx.status === "sent" && action.kind === "wait";
  }
  return waiting === undefined ? undefined : { outcome: waiting, mayGoOn };
}

async function decide(view: SenderView, tx: StoredL1Tx): Promise<MonitoredAction> {
  return decideNext(tx, await observe(view, tx), view.node.submitPolicy);
}

/** What L1 shows of a transaction. */
async function observe(view: SenderView, tx: StoredL1Tx): Promise<L1Observation> {
  const { client } = view.node.l1;
  const receipts: (L1Receipt | undefined)[] = [];
  for (const { hash } of tx.attempts) receipts.push(await client.receipt(hash));
  const isKnown = receipts.some((receipt) => receipt !== undefined) ||
    (tx.status === "sent" && await client.transaction(latestAttempt(tx).hash) !== undefined);
  return { latestNonce: view.latestNonce, fees: view.fees, receipts, isKnown };
}

/** The actions that keep a transaction on its way. */
async function carryOut(
  view: SenderView,
  tx: StoredL1Tx,
  action: MonitoredAction,
): Promise<StepOutcome> {
  switch (action.kind) {
    case "send":
    case "resend":
      return await send(view, tx, action.kind);
    case "bump": {
      const what = describe(view, tx);
      await writeFurtherAttempt(view, tx, { fees: action.fees, what });
      const text = `raised the fees of ${what} to ${action.fees.maxFeePerGasWei} wei per gas`;
      return { kind: "progress", number: tx.number, text };
    }
    case "wait":
      return { kind: "waiting", text: action.text };
    case "confirm":
    case "fail":
    case "giveUp":
      return { kind: "waiting", text: `L1 has settled ${tx.row.hash}, not what comes before it` };
  }
}

async function send(
  view: SenderView,
  tx: StoredL1Tx,
  kind: "send" | "resend",
): Promise<StepOutcome> {
  const { node } = view;
  const { client } = node.l1;
  const { hash, rawBlob } = latestAttempt(tx);
  try {
    await client.sendRawTransaction(await readBlob(node.kv, rawBlob));
  } catch (error) {
    if (!isRollupError(error, "L1_REJECTED")) throw error;
    return await explainRejection(view, tx, error);
  }
  if (kind === "resend") {
    const text = `L1 had lost ${hash}: it was sent again`;
    const isMined = await client.receipt(hash) !== undefined;
    return isMined ? { kind: "progress", number: tx.number, text } : { kind: "waiting", text };
  }
  const writes = createWriteSet(node.kv);
  writes.set(L1_TXS, [tx.owner, tx.number], { ...tx.row, status: "sent", hash });
  await writes.commit();
  return { kind: "progress", number: tx.number, text: `sent ${hash} for ${describe(view, tx)}` };
}

/** Why the L1 node does not take a transaction; what time alone mends is something to wait for. */
async function explainRejection(
  view: SenderView,
  tx: StoredL1Tx,
  rejection: RollupError,
): Promise<StepOutcome> {
  const what = describe(view, tx);
  await requireBalance(view, what, tx.row.gasLimit * latestAttempt(tx).maxFeePerGasWei);
  // Another transaction has the nonce: mined, which the next step settles, or waiting.
  const { address } = view.from;
  // Behind a gap of nonces nothing is known of who has it: what fills the gap must not wait for that.
  const isFirst = tx.nonce <= view.latestNonce;
  if (isFirst && await view.node.l1.client.nonce(address, "pending") <= tx.nonce) throw rejection;
  const text = `another transaction of ${address} has L1 nonce ${tx.nonce}, ${what} waits: ` +
    String(rejection.details["message"]);
  return { kind: "waiting", text };
}

async function confirm(
  node: Node,
  tx: StoredL1Tx,
  { receipt }: { readonly receipt: L1Receipt },
): Promise<StepOutcome> {
  const writes = createWriteSet(node.kv);
  const { blockNumber: l1BlockNumber, gasUsed, transactionHash: hash } = receipt;
  const row = { ...tx.row, status: "confirmed", hash, l1BlockNumber, gasUsed };
  writes.set(L1_TXS, [tx.owner, tx.number], row);
  writes.set(CHECKPOINTS, [tx.owner], tx.number);
  await writes.commit();
  areaLog(node.log, "send").info("L1 transaction mined", {
    batchNumber: tx.number,
    stage: tx.owner,
    l1BlockNumber,
    gasUsed,
  });
  return { kind: "done", number: tx.number };
}

/** It reverted: those behind it would too, and the next step writes a new intent. */
async function fail(view: SenderView, tx: StoredL1Tx, receipt: L1Receipt): Promise<never> {
  const { node } = view;
  await makeVoid(node, view.live.slice(1));
  const { transactionHash: hash, blockNumber: l1BlockNumber, gasUsed, revertReason } = receipt;
  const reason = revertReason ??
    (gasUsed >= tx.row.gasLimit ? `all its ${gasUsed} gas used` : "an unknown reason");
  const writes = createWriteSet(node.kv);
  const row = { ...tx.row, status: "failed", hash, l1BlockNumber, gasUsed, reason };
  writes.set(L1_TXS, [tx.owner, tx.number], row);
  await writes.commit();
  const meaning = revertReason === undefined ? "" : `: ${refusalMeaning(revertReason).check}`;
  throw new RollupError<L1SenderErrorCode>(
    "L1_TRANSACTION_REVERTED",
    `Cannot go on with ${describe(view, tx)} as its L1 transaction must succeed: ` +
      `${hash} reverted with ${reason}${meaning}`,
    {
      details: { firstBatch: tx.row.firstBatch, lastBatch: tx.number, hash, reason },
      mend: "Run `sync` to read what L1 says, then `submit` to send a new transaction.",
    },
  );
}

/** Forgets an intent that L1 can never mine; the next step writes a new one. */
async function giveUp(view: SenderView, tx: StoredL1Tx): Promise<StepOutcome> {
  const { node, from } = view;
  const { client } = node.l1;
  // A node that lags behind answers the same, so both questions are asked once more.
  const latestNonce = await client.nonce(from.address, "latest");
  for (const { hash } of tx.attempts) {
    if (latestNonce > tx.nonce && await client.receipt(hash) === undefined) continue;
    return { kind: "waiting", text: `L1 contradicts itself about ${hash}` };
  }
  await makeVoid(node, view.live.slice(1));
  const writes = createWriteSet(node.kv);
  stageRemoval(writes, tx);
  await writes.commit();
  const { number: batchNumber, nonce } = tx;
  areaLog(node.log, "send").warn("Gave up an L1 transaction", {
    batchNumber,
    hash: tx.row.hash,
    nonce,
  });
  const text = `another transaction took L1 nonce ${nonce}: ${describe(view, tx)} gets a new one`;
  return { kind: "progress", number: batchNumber, text };
}

/**
 * Takes void transactions off L1's pool, the latest first: if one were mined behind the successor of
 * another, L1 would have batches that nobody has any more. The first free nonce is for the next
 * intent, if there is one; the other void ones, and gaps, go to transfers of nothing to oneself.
 */
async function settleVoids(view: SenderView, hasNext: boolean): Promise<StepOutcome | undefined> {
  const { voids, fees } = view;
  const capWei = view.node.submitPolicy.maxFeePerGasWei;
  const facts = toNonceFacts(view);
  const reserved = hasNext ? chooseNonce(facts) : undefined;
  for (const tx of voids.toReversed()) {
    if (tx.status !== "failed") {
      const outcome = await carryOut(view, tx, await decide(view, tx));
      if (outcome.kind === "progress") return outcome;
    } else if (tx.nonce !== reserved) {
      const choice = raiseFees(latestAttempt(tx), fees, capWei);
      if (choice.kind === "fees") return await fillNonce(view, tx.nonce, choice.fees);
    }
  }
  const gaps = findGaps(facts, voids.map(({ nonce }) => nonce));
  const gap = gaps.find((nonce) => nonce !== reserved);
  const choice = firstFees(fees, capWei);
  if (gap === undefined || choice.kind === "tooDear") return undefined;
  return await fillNonce(view, gap, choice.fees);
}

/** Writes a transfer of nothing to oneself, which leaves a nonce to nothing else. */
async function fillNonce(view: SenderView, nonce: bigint, fees: FeeOffer): Promise<StepOutcome> {
  const to = view.from.address;
  await writeDraft(view, {
    owner: to,
    number: nonce,
    firstBatch: 0n,
    nonce,
    to,
    data: new Uint8Array(0),
    gasLimit: TRANSFER_GAS,
    fees,
    what: `the replacement of L1 nonce ${nonce}`,
  });
  const text = `a transfer of nothing takes the place of L1 nonce ${nonce}`;
  return { kind: "progress", number: nonce, text };
}

/**
 * Fills a nonce below all of ours that is nobody's any more: a transaction of another process with
 * the same key was mined there and fell out of L1, and ours wait behind the gap for ever.
 */
async function fillGap(view: SenderView): Promise<StepOutcome | undefined> {
  const { node, from, latestNonce, fees } = view;
  const waiting = [...view.live, ...view.others, ...view.voids];
  const isBlocked = waiting.length > 0 && waiting.every(({ nonce }) => nonce > latestNonce);
  if (!isBlocked) return undefined;
  const nonce = await node.l1.client.nonce(from.address, "pending");
  if (waiting.some((tx) => tx.nonce <= nonce)) return undefined;
  for (const stage of SENDING_STAGES) {
    for await (const { row } of listL1TxRows(node.kv, stage, 0n)) {
      // Ours, mined before L1 went back: `sync` finds out, and it is sent again.
      if (row.from === from.address && row.nonce === nonce) return undefined;
    }
  }
  const choice = firstFees(fees, node.submitPolicy.maxFeePerGasWei);
  if (choice.kind === "tooDear") return undefined;
  const text = `L1 lacks a transaction of ${from.address} with nonce ${nonce}: ` +
    "a transfer of nothing takes its place";
  await writeDraft(view, {
    owner: from.address,
    number: nonce,
    firstBatch: 0n,
    nonce,
    to: from.address,
    data: new Uint8Array(0),
    gasLimit: TRANSFER_GAS,
    fees: choice.fees,
    what: `the transfer that fills nonce ${nonce}`,
  });
  return { kind: "progress", number: 0n, text };
}

/** Writes the next intent down, in the place of what failed and of what it replaces. */
async function writeNext(
  view: SenderView,
  source: IntentSource,
  next: NextIntent & { readonly kind: "intent"; readonly firstBatch: bigint },
): Promise<StepOutcome> {
  const { node, from, live, fees } = view;
  const { firstBatch, lastBatch } = next;
  const what = describeRange(next);
  const nonce = chooseNonce(toNonceFacts(view));
  const replaced = view.voids.filter((tx) => tx.nonce === nonce);
  const capWei = node.submitPolicy.maxFeePerGasWei;
  const [before] = replaced;
  const choice = before === undefined
    ? firstFees(fees, capWei)
    : raiseFees(latestAttempt(before), fees, capWei);
  if (choice.kind === "tooDear") {
    return { kind: "waiting", text: `${what} cannot be sent yet: ${choice.text}` };
  }
  const { rollup, client } = node.l1;
  const data = await next.calldata();
  let gasLimit = next.gasBound;
  if (live.length === 0) {
    try {
      const gas = await client.estimateGas({ from: from.address, to: rollup, data });
      gasLimit = gas + GAS_MARGIN < MAX_L1_TX_GAS ? gas + GAS_MARGIN : MAX_L1_TX_GAS;
    } catch (error) {
      if (!isRollupError(error, "L1_REVERTED")) throw error;
      return await source.explain(error, next);
    }
  }
  await writeDraft(view, {
    owner: source.stage,
    number: lastBatch,
    firstBatch,
    nonce,
    to: rollup,
    data: hexToBytes(data),
    gasLimit,
    fees: choice.fees,
    what,
  }, [...view.failed, ...view.settled, ...replaced]);
  const text = `wrote the intent to send ${what}, L1 nonce ${nonce}`;
  return { kind: "progress", number: lastBatch, text };
}

function describe(view: SenderView, tx: StoredL1Tx): string {
  return tx.owner === view.stage
    ? describeRange({ firstBatch: tx.row.firstBatch, lastBatch: tx.number })
    : `the replacement of L1 nonce ${tx.nonce}`;
}
