/**
 * A gas price that gets a legacy transaction into the next block.
 * @module
 */
import { suggestGasPriceWei } from "../../fees.ts";
import { formatQuantity } from "../../format.ts";
import { chainMethod } from "../../method.ts";

/** `eth_gasPrice`: a gas price that gets a legacy transaction into the next block. */
export const ethGasPrice = chainMethod({
  name: "eth_gasPrice",
  params: [],
  handler: async ({ chain }) => formatQuantity(await suggestGasPriceWei(chain)),
});
