/**
 * tx -> pool. `Engine.sendTransaction`.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { data, param } from "../../schema.ts";

/** `varve_sendTransaction`: tx -> pool. `Engine.sendTransaction`. */
export const varveSendTransaction = rollupMethod({
  name: "varve_sendTransaction",
  params: [param("transaction", data)],
  handler: async ({ engine }, [raw]) => await engine.sendTransaction(raw),
});
