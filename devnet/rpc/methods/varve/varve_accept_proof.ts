/**
 * Checks a proof made elsewhere and keeps it. `Engine.acceptProof`.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { rollupMethod } from "../../method.ts";
import { data, param, wholeNumber } from "../../schema.ts";

/** `varve_acceptProof`: checks a proof made elsewhere and keeps it. `Engine.acceptProof`. */
export const varveAcceptProof = rollupMethod({
  name: "varve_acceptProof",
  params: [param("batchNumber", wholeNumber), param("proof", data)],
  handler: async ({ engine }, [batchNumber, proof]) =>
    await engine.acceptProof(batchNumber, bytesToHex(proof)),
});
