/**
 * pool -> blocks -> batch. `Engine.sealBatch`.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { SEAL_JSON } from "../../rollup_json.ts";

/** `varve_sealBatch`, `Engine.sealBatch`. */
export const varveSealBatch = rollupMethod({
  name: "varve_sealBatch",
  isRead: false,
  summary: "Closes blocks over the pool and seals them into a batch",
  params: [],
  result: SEAL_JSON,
  handler: async ({ engine }) => await engine.sealBatch(),
});
