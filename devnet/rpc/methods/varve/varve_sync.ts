/**
 * L1 events -> heads. `Engine.sync`.
 * @module
 */
import { rollupMethod } from "../../method.ts";

/** `varve_sync`: L1 events -> heads. `Engine.sync`. */
export const varveSync = rollupMethod({
  name: "varve_sync",
  params: [],
  handler: async ({ engine }) => await engine.sync(),
});
