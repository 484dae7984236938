/**
 * Versions of this node that have written the data folder: this one.
 * @module
 */
import { TEXT_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zkevm_getVersionHistory`. */
export const zkevmGetVersionHistory = rollupMethod({
  name: "zkevm_getVersionHistory",
  summary: "Versions of this node that have written the data folder: this one",
  params: [],
  result: { type: "object", additionalProperties: TEXT_JSON },
  handler: async ({ chain, clientVersion }) => {
    const genesis = await chain.header(0n);
    return { [String(genesis?.timestampSec ?? 0n)]: clientVersion };
  },
});
