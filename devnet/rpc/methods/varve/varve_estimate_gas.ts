/**
 * Gas that a transaction needs. `Engine.estimateGas`.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { rollupMethod } from "../../method.ts";
import { address, data, decimal, object, optional, param } from "../../schema.ts";

const requestFields = object({ from: address, to: optional(address), data, valueWei: decimal });

/** `varve_estimateGas`: gas that a transaction needs. `Engine.estimateGas`. */
export const varveEstimateGas = rollupMethod({
  name: "varve_estimateGas",
  params: [param("request", requestFields)],
  handler: async ({ engine }, [{ from, to, data, valueWei }]) =>
    await engine.estimateGas({
      from,
      ...(to === undefined ? {} : { to }),
      data: bytesToHex(data),
      valueWei: valueWei.toString(),
    }),
});
