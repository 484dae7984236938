/**
 * A call of the rollup contract that anyone may make. `Engine.planL1`.
 * @module
 */
import type { L1CallRequest } from "../../../../core/engine/engine.ts";
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { BYTES_JSON, objectJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { L1_PLAN_JSON } from "../../rollup_json.ts";
import { address, data, object, oneOf, param, type Schema } from "../../schema.ts";

const kindField = object({ kind: oneOf(["forceBatch", "sequenceForceBatches"] as const) });
const forceFields = object({ transaction: data });

const l1CallRequest: Schema<L1CallRequest> = {
  json: objectJson({ kind: kindField.json?.properties?.kind ?? {} }, { transaction: BYTES_JSON }),
  parse(value, path) {
    const { kind } = kindField.parse(value, path);
    if (kind === "sequenceForceBatches") return { kind };
    return { kind, transaction: bytesToHex(forceFields.parse(value, path).transaction) };
  },
};

/** `varve_planL1`: a call of the rollup contract, to be signed. `Engine.planL1`. */
export const varvePlanL1 = rollupMethod({
  name: "varve_planL1",
  summary: "A call of the rollup contract that anyone may make, to be signed",
  params: [param("call", l1CallRequest), param("from", address)],
  result: L1_PLAN_JSON,
  handler: async ({ engine }, [call, from]) => await engine.planL1(call, from),
});
