/**
 * What an included transaction did; `null` while it waits.
 * @module
 */
import { formatReceipt } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `eth_getTransactionReceipt`: what an included transaction did; `null` while it waits. */
export const ethGetTransactionReceipt = chainMethod({
  name: "eth_getTransactionReceipt",
  params: [param("transactionHash", hash)],
  handler: async ({ chain }, [transactionHash]) => {
    const found = await chain.receipt(transactionHash);
    const number = found?.transaction.position?.blockNumber;
    if (found === undefined || number === undefined) return null;
    const header = await chain.header(number);
    return header === undefined ? null : formatReceipt(found, header.timestampSec);
  },
});
