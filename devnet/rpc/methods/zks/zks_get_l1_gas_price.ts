/**
 * Base fee of the latest L1 block in wei.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { l1GasPriceWei } from "../../zks_fees.ts";

/** `zks_getL1GasPrice`. */
export const zksGetL1GasPrice = rollupMethod({
  name: "zks_getL1GasPrice",
  summary: "Base fee of the latest L1 block in wei",
  params: [],
  result: QUANTITY_JSON,
  handler: async (context) => formatQuantity(await l1GasPriceWei(context)),
});
