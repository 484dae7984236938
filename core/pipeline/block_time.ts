/**
 * The time of the block to come.
 *
 * Owns how the clock and what was chosen become a time that a block can have; `pending` and the block
 * itself ask here alone. Does not own the clock.
 * @module
 */
import { MAX_TIME_STEP_SEC } from "../batching/batch_data.ts";
import type { BlockHeader } from "../types/block.ts";
import type { Node } from "./node.ts";

/** When the block after `parent` would be if it were made now. */
export function nextTimestampSec(
  { clock, timing }: Pick<Node, "clock" | "timing">,
  parent: Pick<BlockHeader, "timestampSec">,
): bigint {
  const parentSec = parent.timestampSec;
  const chosenSec = timing?.nextSec;
  const earliestSec = parentSec + (chosenSec === undefined ? timing?.intervalSec ?? 1n : 1n);
  const wantedSec = chosenSec ?? clock.nowSec();
  const latestSec = latestNextTimestampSec(parent);
  if (wantedSec < earliestSec) return earliestSec;
  // A clock that was set further, on L1, is followed in several blocks.
  return wantedSec < latestSec ? wantedSec : latestSec;
}

/** The latest time that batch data can tell of the block after `parent`. */
export function latestNextTimestampSec(parent: Pick<BlockHeader, "timestampSec">): bigint {
  return parent.timestampSec + MAX_TIME_STEP_SEC;
}
