/**
 * How far each stage has come. `Engine.heads`.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { HEADS_JSON } from "../../rollup_json.ts";

/** `varve_heads`, `Engine.heads`. */
export const varveHeads = rollupMethod({
  name: "varve_heads",
  summary: "How far each stage has come",
  params: [],
  result: HEADS_JSON,
  handler: async ({ engine }) => await engine.heads(),
});
