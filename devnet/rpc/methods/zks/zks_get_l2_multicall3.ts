/**
 * The multicall contract of the L2: there is none at genesis.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zks_getL2Multicall3`. */
export const zksGetL2Multicall3 = rollupMethod({
  name: "zks_getL2Multicall3",
  summary: "The multicall contract of the L2: there is none at genesis",
  params: [],
  result: NULL_JSON,
  handler: () => null,
});
