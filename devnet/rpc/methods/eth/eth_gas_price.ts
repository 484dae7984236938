/**
 * A gas price that gets a legacy transaction into the next block.
 * @module
 */
import { suggestGasPriceWei } from "../../fees.ts";
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `eth_gasPrice`. */
export const ethGasPrice = chainMethod({
  name: "eth_gasPrice",
  summary: "A gas price that gets a legacy transaction into the next block",
  params: [],
  result: QUANTITY_JSON,
  handler: async ({ chain }) => formatQuantity(await suggestGasPriceWei(chain)),
});
