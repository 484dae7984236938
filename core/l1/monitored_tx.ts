/**
 * What to do next about a transaction of ours that is on its way to L1.
 *
 * Owns the decision, from what is stored of the transaction and what L1 shows of it, and the fees of
 * each attempt. An intent has one nonce and one call for ever; only its fees rise, from attempt to
 * attempt, so that L1 can mine at most one of them. Waiting is counted in L1 blocks, never in
 * seconds. Does not own storing, signing, sending or asking (`pipeline/l1_sender.ts`).
 * @module
 */
import { assert } from "../primitives/errors.ts";
import type { Hash32 } from "../primitives/hex.ts";
import type { L1Fees, L1Receipt } from "./l1_client.ts";
import type { SubmitPolicy } from "./submit_policy.ts";

/** The states of a transaction, in the order in which it goes through them. */
export const MONITORED_STATUSES = [
  /** Its latest attempt is on disk and may not have been sent yet. */
  "created",
  /** L1 took the latest attempt. */
  "sent",
  /** L1 mined an attempt and it succeeded. */
  "confirmed",
  /** The synchronizer has read its event. */
  "done",
  /** It will never do what it was for: it reverted, or its content was replaced. */
  "failed",
  /** It was mined in blocks that L1 has dropped; it is sent again. */
  "reorged",
] as const;

/** How far a transaction of ours has come. */
export type MonitoredStatus = typeof MONITORED_STATUSES[number];

/** Whether a stored text names a status. */
export function isMonitoredStatus(text: string): text is MonitoredStatus {
  return MONITORED_STATUSES.some((status) => status === text);
}

/** What a transaction pays at most for each gas, in wei (EIP-1559). */
export interface FeeOffer {
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
}

/** A signed form of a transaction. */
export interface SignedAttempt extends FeeOffer {
  readonly hash: Hash32;
  /** The L1 head when it was signed. */
  readonly signedAtL1Block: bigint;
}

/** What is stored of a transaction. */
export interface MonitoredTx {
  readonly status: MonitoredStatus;
  readonly nonce: bigint;
  /** At least one; the same nonce and call, rising fees. */
  readonly attempts: readonly SignedAttempt[];
}

/** What L1 shows, asked in the order of the fields: a transaction may be mined meanwhile. */
export interface L1Observation {
  /** Transactions of the account that are mined. */
  readonly latestNonce: bigint;
  /** One for each attempt. */
  readonly receipts: readonly (L1Receipt | undefined)[];
  /** Whether the L1 node has the latest attempt, waiting or mined. */
  readonly isKnown: boolean;
  readonly fees: L1Fees;
}

/** What to do about a transaction. */
export type MonitoredAction =
  /** Hand the latest attempt to L1. */
  | { readonly kind: "send" }
  /** L1 took the latest attempt and lost it: hand it over again. */
  | { readonly kind: "resend" }
  /** Sign a further attempt with these fees. */
  | { readonly kind: "bump"; readonly fees: FeeOffer }
  /** Attempt `index` was mined and succeeded. */
  | { readonly kind: "confirm"; readonly index: number; readonly receipt: L1Receipt }
  /** Attempt `index` was mined and reverted. */
  | { readonly kind: "fail"; readonly index: number; readonly receipt: L1Receipt }
  /** Another transaction of the account took the nonce: no attempt can be mined any more. */
  | { readonly kind: "giveUp" }
  | { readonly kind: "wait"; readonly text: string };

/** Fees, or why the policy does not allow enough of them. */
export type FeeChoice =
  | { readonly kind: "fees"; readonly fees: FeeOffer }
  | { readonly kind: "tooDear"; readonly text: string };

/** Attempts that one transaction may have: each pays an eighth more than the one before. */
export const MAX_ATTEMPTS = 32;

/** Gaps that are looked for at once; those that are left are found when these are filled. */
const MAX_GAPS = 16;

/** The next action about `tx`; pure, so the same facts always lead to the same transaction. */
export function decideNext(
  tx: MonitoredTx,
  seen: L1Observation,
  policy: Pick<SubmitPolicy, "maxFeePerGasWei" | "bumpAfterL1Blocks">,
): MonitoredAction {
  const latest = tx.attempts.at(-1);
  assert(latest !== undefined, "a transaction is stored with its first attempt");
  assert(seen.receipts.length === tx.attempts.length, "every attempt was asked for");
  // All attempts count: the mined one need not be the latest.
  for (const [index, receipt] of seen.receipts.entries()) {
    if (receipt !== undefined) {
      return { kind: receipt.success ? "confirm" : "fail", index, receipt };
    }
  }
  if (seen.latestNonce > tx.nonce) return { kind: "giveUp" };
  const isSent = tx.status === "sent" && seen.isKnown;
  const isUnderpriced = seen.fees.baseFeePerGasWei > latest.maxFeePerGasWei;
  // Behind an earlier nonce it cannot be mined, whatever it pays. What L1 did not even take may be
  // in the way of another sender's transaction with the same nonce, which more fees replace.
  const isOverdue = (isSent || tx.status === "created") && seen.latestNonce === tx.nonce &&
    seen.fees.l1BlockNumber - latest.signedAtL1Block >= policy.bumpAfterL1Blocks;
  if (isUnderpriced || isOverdue) {
    const raised = raiseFees(latest, seen.fees, policy.maxFeePerGasWei);
    if (tx.attempts.length < MAX_ATTEMPTS && raised.kind === "fees") {
      return { kind: "bump", fees: raised.fees };
    }
    // L1 nodes refuse or forget what pays less than the base fee: sending it changes nothing.
    if (isUnderpriced || isSent) return { kind: "wait", text: whyNotRaised(latest, raised) };
  }
  if (tx.status === "created" || tx.status === "reorged") return { kind: "send" };
  if (!seen.isKnown) return { kind: "resend" };
  return { kind: "wait", text: `L1 has not mined ${latest.hash} yet` };
}

function whyNotRaised(latest: SignedAttempt, raised: FeeChoice): string {
  const reason = raised.kind === "tooDear"
    ? raised.text
    : `its fees were raised ${MAX_ATTEMPTS - 1} times`;
  return `L1 has not mined ${latest.hash} yet: ${reason}`;
}

/** Fees of a first attempt: twice the base fee, so that it stays valid for six full blocks. */
export function firstFees(today: L1Fees, capWei: bigint | undefined): FeeChoice {
  const neededWei = 2n * today.baseFeePerGasWei + today.maxPriorityFeePerGasWei;
  const maxFeePerGasWei = capWei === undefined || neededWei < capWei ? neededWei : capWei;
  if (maxFeePerGasWei < today.baseFeePerGasWei) return tooDear(today, capWei);
  const maxPriorityFeePerGasWei = smaller(today.maxPriorityFeePerGasWei, maxFeePerGasWei);
  return { kind: "fees", fees: { maxFeePerGasWei, maxPriorityFeePerGasWei } };
}

/**
 * Fees that replace those of `before`: an eighth more on both fields (nodes ask for a tenth), and
 * what a first attempt would offer today if that is more.
 */
export function raiseFees(
  before: FeeOffer,
  today: L1Fees,
  capWei: bigint | undefined,
): FeeChoice {
  const first = firstFees(today, capWei);
  if (first.kind === "tooDear") return first;
  const maxFeePerGasWei = larger(
    anEighthMore(before.maxFeePerGasWei),
    first.fees.maxFeePerGasWei,
  );
  const maxPriorityFeePerGasWei = larger(
    anEighthMore(before.maxPriorityFeePerGasWei),
    first.fees.maxPriorityFeePerGasWei,
  );
  const feeWei = larger(maxFeePerGasWei, maxPriorityFeePerGasWei);
  if (capWei !== undefined && feeWei > capWei) return tooDear(today, capWei, feeWei);
  return { kind: "fees", fees: { maxFeePerGasWei: feeWei, maxPriorityFeePerGasWei } };
}

/** What is known of the nonces of one account. */
export interface NonceFacts {
  /** Transactions of the account that L1 has mined. */
  readonly latestNonce: bigint;
  /** Nonces of transactions of the same stage that are on their way. */
  readonly ownNonces: readonly bigint[];
  /** Nonces of everything else of the account that is on its way. */
  readonly otherNonces: readonly bigint[];
}

/**
 * The nonce of a further transaction: the first that nothing on its way has. Transactions of a stage
 * are mined in the order of their batches, so it is above theirs. One of a void transaction counts
 * as free, as that is to be replaced.
 */
export function chooseNonce({ latestNonce, ownNonces, otherNonces }: NonceFacts): bigint {
  let nonce = ownNonces.reduce((least, own) => larger(least, own + 1n), latestNonce);
  while (otherNonces.includes(nonce)) nonce++;
  return nonce;
}

/**
 * Nonces that L1 waits for and that nothing has: a reorganisation took back what had them, and what
 * lies above cannot be mined before something takes their place.
 */
export function findGaps(
  { latestNonce, ownNonces, otherNonces }: NonceFacts,
  voidNonces: readonly bigint[],
): readonly bigint[] {
  const taken = new Set([...ownNonces, ...otherNonces, ...voidNonces]);
  const highest = [...taken].reduce(larger, 0n);
  const gaps: bigint[] = [];
  for (let nonce = latestNonce; nonce < highest && gaps.length < MAX_GAPS; nonce++) {
    if (!taken.has(nonce)) gaps.push(nonce);
  }
  return gaps;
}

/** More by an eighth, rounded up, and by 1 wei at least. */
function anEighthMore(feeWei: bigint): bigint {
  return larger((feeWei * 9n + 7n) / 8n, feeWei + 1n);
}

function tooDear(today: L1Fees, capWei: bigint | undefined, feeWei?: bigint): FeeChoice {
  const wanted = feeWei === undefined ? "" : `, a replacement must offer ${feeWei} wei`;
  const text = `L1's base fee is ${today.baseFeePerGasWei} wei${wanted}, ` +
    `and maxFeePerGasWei allows ${capWei ?? "any"}`;
  return { kind: "tooDear", text };
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
