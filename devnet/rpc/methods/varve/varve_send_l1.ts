/**
 * A signed transaction to the L1. `Engine.sendL1`.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { rollupMethod } from "../../method.ts";
import { L1_SENT_JSON } from "../../rollup_json.ts";
import { data, param } from "../../schema.ts";

/** `varve_sendL1`, `Engine.sendL1`. */
export const varveSendL1 = rollupMethod({
  name: "varve_sendL1",
  isRead: false,
  summary: "Hands a signed transaction to the L1",
  params: [param("raw", data)],
  result: L1_SENT_JSON,
  handler: async ({ engine }, [raw]) => await engine.sendL1(bytesToHex(raw)),
});
