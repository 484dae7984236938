/**
 * The signed bytes of a transaction; `0x` for an unknown one, as geth.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `eth_getRawTransactionByHash`: the signed bytes of a transaction; `0x` for an unknown one, as geth. */
export const ethGetRawTransactionByHash = chainMethod({
  name: "eth_getRawTransactionByHash",
  params: [param("transactionHash", hash)],
  handler: async ({ chain }, [transactionHash]) =>
    bytesToHex((await chain.transaction(transactionHash))?.raw ?? new Uint8Array(0)),
});
