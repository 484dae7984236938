/**
 * Price of blob gas at the latest block; `null` before Cancun.
 * @module
 */
import { findHeader } from "../../block_reference.ts";
import { blobMarketOf } from "../../fees.ts";
import { formatQuantity } from "../../format.ts";
import { nullableJson, QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { LATEST } from "../../schema.ts";

/** `eth_blobBaseFee`. */
export const ethBlobBaseFee = chainMethod({
  name: "eth_blobBaseFee",
  summary: "Price of blob gas at the latest block; `null` before Cancun",
  params: [],
  result: nullableJson(QUANTITY_JSON),
  handler: async ({ chain }) => {
    const header = await findHeader(chain, LATEST);
    return header?.excessBlobGas === undefined
      ? null
      : formatQuantity(blobMarketOf(chain, header).baseFeeWei);
  },
});
