/**
 * Signs structured data (EIP-712) with one of the node's accounts.
 * @module
 */
import { findDevAccount, signDigestBytes } from "../../dev_accounts.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { address, param } from "../../schema.ts";
import { typedDataDigest } from "../../typed_data.ts";

/** `eth_signTypedData_v4`. */
export const ethSignTypedDataV4 = chainMethod({
  name: "eth_signTypedData_v4",
  aliases: ["eth_signTypedData", "eth_signTypedData_v3"],
  isDev: true,
  summary: "Signs structured data (EIP-712) with one of the node's accounts",
  params: [param("address", address), param("typedData", typedDataDigest)],
  result: BYTES_JSON,
  handler: ({ chain }, [account, digest]) =>
    signDigestBytes(findDevAccount(chain, account).privateKey, digest),
});
