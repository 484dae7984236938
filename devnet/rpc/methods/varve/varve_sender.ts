/**
 * Fees and nonce that a sender needs. `Engine.sender`.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { address, param } from "../../schema.ts";

/** `varve_sender`: fees and nonce that a sender needs. `Engine.sender`. */
export const varveSender = rollupMethod({
  name: "varve_sender",
  params: [param("address", address)],
  handler: async ({ engine }, [account]) => await engine.sender(account),
});
