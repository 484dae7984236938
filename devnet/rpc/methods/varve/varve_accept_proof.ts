/**
 * Checks a proof made elsewhere and keeps it. `Engine.acceptProof`.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { rollupMethod } from "../../method.ts";
import { PROVE_JSON } from "../../rollup_json.ts";
import { data, param, wholeNumber } from "../../schema.ts";

/** `varve_acceptProof`, `Engine.acceptProof`. */
export const varveAcceptProof = rollupMethod({
  name: "varve_acceptProof",
  isRead: false,
  summary: "Checks a proof made elsewhere and keeps it",
  params: [param("batchNumber", wholeNumber), param("proof", data)],
  result: PROVE_JSON,
  handler: async ({ engine }, [batchNumber, proof]) =>
    await engine.acceptProof(batchNumber, bytesToHex(proof)),
});
