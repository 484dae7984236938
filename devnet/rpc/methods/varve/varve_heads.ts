/**
 * How far each stage has come. `Engine.heads`.
 * @module
 */
import { rollupMethod } from "../../method.ts";

/** `varve_heads`: how far each stage has come. `Engine.heads`. */
export const varveHeads = rollupMethod({
  name: "varve_heads",
  params: [],
  handler: async ({ engine }) => await engine.heads(),
});
