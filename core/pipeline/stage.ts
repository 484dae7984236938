/**
 * What a stage is: one durable checkpoint, a step that moves it, and the way back.
 *
 * Owns the interface. Does not own any stage; they are in `stages/`, and `pipeline.ts` lists them.
 * @module
 */
import type { SealReason } from "../types/batch.ts";
import type { Node, StageId } from "./node.ts";

/** What the caller of a step wishes beyond what the stage would do by itself. */
export interface StepWish {
  /** `build_block`: close a block even if nothing waits. */
  readonly emptyBlock?: boolean;
  /** `build_block`: called when the block has been executed, before it is written. */
  readonly onExecuted?: () => void;
  /** `seal_batch`: close the batch now, for this reason, though no limit asks for it. */
  readonly sealReason?: SealReason;
  /** `sequence_batch`, `verify_batch`: do not wait for more to send along. */
  readonly now?: boolean;
}

/** What a step did. */
export type StepOutcome =
  /** The checkpoint moved to `number`. */
  | { readonly kind: "done"; readonly number: bigint }
  /** A part of the work is durable (an intent, a sent transaction); step again. */
  | { readonly kind: "progress"; readonly number: bigint; readonly text: string }
  /** Nothing to do until something else happens, which `text` names. */
  | { readonly kind: "waiting"; readonly text: string }
  /** Nothing to do. */
  | { readonly kind: "idle" };

/** A part of the pipeline. Stages never call one another; they meet in tables. */
export interface Stage {
  readonly id: StageId;
  /** At most one atomic commit: rows and checkpoint together. Repeating it after a crash is safe. */
  step(node: Node, wish?: StepWish): Promise<StepOutcome>;
  /** Takes back everything above `target`, the checkpoint included. */
  unwind(node: Node, target: bigint): Promise<void>;
}
