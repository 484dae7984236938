/**
 * tx -> pool. `Engine.sendTransaction`.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { SEND_JSON } from "../../rollup_json.ts";
import { data, param } from "../../schema.ts";

/** `varve_sendTransaction`, `Engine.sendTransaction`. */
export const varveSendTransaction = rollupMethod({
  name: "varve_sendTransaction",
  isRead: false,
  summary: "Puts a signed transaction into the pool",
  params: [param("transaction", data)],
  result: SEND_JSON,
  handler: async ({ engine }, [raw]) => await engine.sendTransaction(raw),
});
