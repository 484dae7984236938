/**
 * Who created a contract, in which transaction.
 * @module
 */
import { ADDRESS_JSON, HASH_JSON, nullableJson, objectJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { findCreator } from "../../otterscan/history.ts";
import { address, param } from "../../schema.ts";

/** `ots_getContractCreator`; `null` for what is no contract, and for contracts of genesis. */
export const otsGetContractCreator = chainMethod({
  name: "ots_getContractCreator",
  summary: "Who created a contract, in which transaction",
  params: [param("address", address)],
  result: nullableJson(objectJson({ hash: HASH_JSON, creator: ADDRESS_JSON })),
  handler: async ({ chain }, [account]) => await findCreator(chain, account) ?? null,
});
