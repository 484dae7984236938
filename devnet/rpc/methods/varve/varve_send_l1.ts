/**
 * A signed transaction to the L1. `Engine.sendL1`.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { rollupMethod } from "../../method.ts";
import { data, param } from "../../schema.ts";

/** `varve_sendL1`: hands a signed transaction to the L1. `Engine.sendL1`. */
export const varveSendL1 = rollupMethod({
  name: "varve_sendL1",
  params: [param("raw", data)],
  handler: async ({ engine }, [raw]) => await engine.sendL1(bytesToHex(raw)),
});
