/**
 * Proof of a message to L1; `null`, as there are no messages yet.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { hash, optional, param, wholeNumber } from "../../schema.ts";

/** `zks_getL2ToL1LogProof`. */
export const zksGetL2ToL1LogProof = rollupMethod({
  name: "zks_getL2ToL1LogProof",
  summary: "Proof of a message to L1; `null`, as there are no messages yet",
  params: [param("transactionHash", hash), param("logIndex", optional(wholeNumber))],
  result: NULL_JSON,
  handler: () => null,
});
