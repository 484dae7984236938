/**
 * batch -> proof, for every batch that has none. `Engine.prove`.
 * @module
 */
import { rollupMethod } from "../../method.ts";

/** `varve_prove`: batch -> proof, for every batch that has none. `Engine.prove`. */
export const varveProve = rollupMethod({
  name: "varve_prove",
  params: [],
  handler: async ({ engine }) => await engine.prove(),
});
