/**
 * The global exit root: zero, as there is no exit tree.
 * @module
 */
import { ZERO_HASH } from "../../../../core/primitives/hex.ts";
import { HASH_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zkevm_getLatestGlobalExitRoot`. */
export const zkevmGetLatestGlobalExitRoot = rollupMethod({
  name: "zkevm_getLatestGlobalExitRoot",
  summary: "The global exit root: zero, as there is no exit tree",
  params: [],
  result: HASH_JSON,
  handler: () => ZERO_HASH,
});
