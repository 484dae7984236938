/**
 * pool -> blocks -> batch. `Engine.sealBatch`.
 * @module
 */
import { rollupMethod } from "../../method.ts";

/** `varve_sealBatch`: pool -> blocks -> batch. `Engine.sealBatch`. */
export const varveSealBatch = rollupMethod({
  name: "varve_sealBatch",
  params: [],
  handler: async ({ engine }) => await engine.sealBatch(),
});
