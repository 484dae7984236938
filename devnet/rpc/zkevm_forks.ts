/**
 * Versions of the rules as zkevm-node's methods tell them.
 *
 * Owns the one fork that this chain has had: from batch 1 on, with the program that L1 knows. Does
 * not own the program.
 * @module
 */
import type { ChainFacts } from "./batch_facts.ts";
import { formatQuantity, type JsonObject } from "./format.ts";
import { type JsonSchema, objectJson, QUANTITY_JSON, TEXT_JSON } from "./json_schema.ts";

/** Number of the only fork so far; the first numbers are those of Polygon's own forks. */
export const FORK_ID = 1n;

/** The last batch of a fork that still goes on, as zkevm-node writes it. */
const NO_END = (1n << 64n) - 1n;

/** A fork as `zkevm_getForks` lists it. */
export const FORK_JSON: JsonSchema = objectJson({
  forkId: QUANTITY_JSON,
  fromBatchNumber: QUANTITY_JSON,
  toBatchNumber: QUANTITY_JSON,
  version: TEXT_JSON,
  blockNumber: QUANTITY_JSON,
});

/** The fork that the chain has had from its start on; its version is the program's hash. */
export function describeFork({ programHash }: Pick<ChainFacts, "programHash">): JsonObject {
  return {
    forkId: formatQuantity(FORK_ID),
    fromBatchNumber: "0x1",
    toBatchNumber: formatQuantity(NO_END),
    version: programHash,
    blockNumber: "0x0",
  };
}
