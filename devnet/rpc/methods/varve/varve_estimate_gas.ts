/**
 * Gas that a transaction needs. `Engine.estimateGas`.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { rollupMethod } from "../../method.ts";
import { COUNT_JSON } from "../../rollup_json.ts";
import { address, data, decimal, object, optional, param } from "../../schema.ts";

const requestFields = object({ from: address, to: optional(address), data, valueWei: decimal });

/** `varve_estimateGas`, `Engine.estimateGas`. */
export const varveEstimateGas = rollupMethod({
  name: "varve_estimateGas",
  summary: "Gas that a transaction needs",
  params: [param("request", requestFields)],
  result: COUNT_JSON,
  handler: async ({ engine }, [{ from, to, data, valueWei }]) =>
    await engine.estimateGas({
      from,
      ...(to === undefined ? {} : { to }),
      data: bytesToHex(data),
      valueWei: valueWei.toString(),
    }),
});
