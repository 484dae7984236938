/**
 * The token that fees are paid in, as L1 names it: 1 stands for ether.
 * @module
 */
import { ADDRESS_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zks_getBaseTokenL1Address`. */
export const zksGetBaseTokenL1Address = rollupMethod({
  name: "zks_getBaseTokenL1Address",
  summary: "The token that fees are paid in, as L1 names it: 1 stands for ether",
  params: [],
  result: ADDRESS_JSON,
  handler: () => `0x${"1".padStart(40, "0")}`,
});
