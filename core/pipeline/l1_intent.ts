/**
 * What a stage wants to have on L1.
 *
 * Owns the interface between the stages that send and the sender. Does not own either.
 * @module
 */
import type { RollupError } from "../primitives/errors.ts";
import type { Hex } from "../primitives/hex.ts";
import type { SendingStage } from "./l1_tx_rows.ts";
import type { L1Account } from "./node.ts";
import type { StepOutcome } from "./stage.ts";

/** What a stage sends. */
export interface IntentSource {
  /** Its checkpoint moves when a transaction is mined. */
  readonly stage: SendingStage;
  readonly from: L1Account;
  /** Transactions that may be under way at once. */
  readonly maxInFlight: number;
  /** The transaction for the batches from `firstBatch` on, or why there is none now. */
  next(firstBatch: bigint): Promise<NextIntent>;
  /**
   * What it means that L1 would refuse the call: something to wait for.
   *
   * @throws an error that explains the refusal.
   */
  explain(refusal: RollupError, range: BatchRange): Promise<StepOutcome>;
}

/** Batches of one transaction, both included. */
export interface BatchRange {
  readonly firstBatch: bigint;
  readonly lastBatch: bigint;
}

/** What to send next. */
export type NextIntent =
  | { readonly kind: "idle" }
  | { readonly kind: "waiting"; readonly text: string }
  | {
    readonly kind: "intent";
    readonly lastBatch: bigint;
    readonly calldata: () => Promise<Hex>;
    /** Gas that surely suffices, for a call that L1 cannot try out yet. */
    readonly gasBound: bigint;
  };

/** Batches as people name them. */
export function describeRange({ firstBatch, lastBatch }: BatchRange): string {
  return firstBatch === lastBatch ? `batch ${lastBatch}` : `batches ${firstBatch} to ${lastBatch}`;
}
