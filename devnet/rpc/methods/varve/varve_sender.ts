/**
 * Fees and nonce that a sender needs. `Engine.sender`.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { SENDER_JSON } from "../../rollup_json.ts";
import { address, param } from "../../schema.ts";

/** `varve_sender`, `Engine.sender`. */
export const varveSender = rollupMethod({
  name: "varve_sender",
  summary: "Fees and nonce that a sender needs",
  params: [param("address", address)],
  result: SENDER_JSON,
  handler: async ({ engine }, [account]) => await engine.sender(account),
});
