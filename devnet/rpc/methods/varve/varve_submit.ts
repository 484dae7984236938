/**
 * Whatever is ready goes to L1. `Engine.submit`.
 * @module
 */
import { rollupMethod } from "../../method.ts";

/** `varve_submit`: whatever is ready goes to L1. `Engine.submit`. */
export const varveSubmit = rollupMethod({
  name: "varve_submit",
  params: [],
  handler: async ({ engine }) => await engine.submit(),
});
