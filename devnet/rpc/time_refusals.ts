/**
 * Times that a client chooses and a layer cannot have.
 *
 * Owns the words that both layers share. Does not own when they are said.
 * @module
 */
import { RollupError } from "../../core/primitives/errors.ts";
import type { TimeErrorCode } from "./chain.ts";

/** In anvil's words, which also refuse the latest block's own time here: times only grow. */
export function timestampTooEarly(timestampSec: bigint): RollupError<TimeErrorCode> {
  return new RollupError(
    "TIMESTAMP_TOO_EARLY",
    `Timestamp error: ${timestampSec} is lower than previous block's timestamp`,
    {
      details: { timestampSec },
      mend: "Choose a time later than the latest block's, or go back with evm_revert.",
    },
  );
}
