/**
 * Code with this keccak256 as a list of bytes; `null` when nobody has it.
 * @module
 */
import { listJson, nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { COUNT_JSON } from "../../rollup_json.ts";
import { hash, param } from "../../schema.ts";

/** `zks_getBytecodeByHash`. */
export const zksGetBytecodeByHash = rollupMethod({
  name: "zks_getBytecodeByHash",
  summary: "Code with this keccak256 as a list of bytes; `null` when nobody has it",
  params: [param("hash", hash)],
  result: nullableJson(listJson(COUNT_JSON)),
  handler: async ({ engine }, [hash]) => {
    const code = await engine.inspect({ kind: "code", hash });
    return typeof code === "string" ? [...Uint8Array.fromHex(code.slice(2))] : null;
  },
});
