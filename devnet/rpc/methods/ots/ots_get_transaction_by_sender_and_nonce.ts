/**
 * The hash of a sender's transaction with a nonce.
 * @module
 */
import { HASH_JSON, nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { findBySenderAndNonce } from "../../otterscan/history.ts";
import { address, param, quantityOrNumber } from "../../schema.ts";

/** `ots_getTransactionBySenderAndNonce`. */
export const otsGetTransactionBySenderAndNonce = chainMethod({
  name: "ots_getTransactionBySenderAndNonce",
  summary: "The hash of a sender's transaction with a nonce",
  params: [param("sender", address), param("nonce", quantityOrNumber())],
  result: nullableJson(HASH_JSON),
  handler: async ({ chain }, [sender, nonce]) =>
    await findBySenderAndNonce(chain, sender, nonce) ?? null,
});
