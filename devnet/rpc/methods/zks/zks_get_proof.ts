/**
 * Proofs of storage slots in the state tree after a sealed batch.
 * @module
 */
import { MAX_PROOF_SLOTS } from "../../inspect_query.ts";
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { address, list, param, storageSlot, wholeNumber } from "../../schema.ts";
import { describeProof, ZKS_PROOF_JSON } from "../../zks_proof.ts";

/** `zks_getProof`. */
export const zksGetProof = rollupMethod({
  name: "zks_getProof",
  summary: "Proofs of storage slots in the state tree after a sealed batch",
  params: [
    param("address", address),
    param("keys", list(storageSlot, MAX_PROOF_SLOTS)),
    param("batch", wholeNumber),
  ],
  result: nullableJson(ZKS_PROOF_JSON),
  handler: async (context, [address, slots, batch]) =>
    await describeProof(context, { address, slots }, batch),
});
