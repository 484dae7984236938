/**
 * Price of blob gas in the next block.
 * @module
 */
import { findHeader } from "../../block_reference.ts";
import { blobBaseFeeWei } from "../../fees.ts";
import { formatQuantity } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { LATEST } from "../../schema.ts";

/** `eth_blobBaseFee`: price of blob gas in the next block. */
export const ethBlobBaseFee = chainMethod({
  name: "eth_blobBaseFee",
  params: [],
  handler: async ({ chain }) => {
    const header = await findHeader(chain, LATEST);
    return formatQuantity(blobBaseFeeWei(header?.excessBlobGas ?? 0n));
  },
});
