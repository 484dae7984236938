/**
 * Exit roots behind a global one; `null`, as there is no exit tree.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `zkevm_getExitRootsByGER`. */
export const zkevmGetExitRootsByGer = rollupMethod({
  name: "zkevm_getExitRootsByGER",
  summary: "Exit roots behind a global one; `null`, as there is no exit tree",
  params: [param("globalExitRoot", hash)],
  result: NULL_JSON,
  handler: () => null,
});
