/**
 * The signed bytes of a transaction; `0x` for an unknown one, as geth.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `eth_getRawTransactionByHash`. */
export const ethGetRawTransactionByHash = chainMethod({
  name: "eth_getRawTransactionByHash",
  summary: "The signed bytes of a transaction; `0x` for an unknown one, as geth",
  params: [param("transactionHash", hash)],
  result: BYTES_JSON,
  handler: async ({ chain }, [transactionHash]) =>
    bytesToHex((await chain.transaction(transactionHash))?.raw ?? new Uint8Array(0)),
});
