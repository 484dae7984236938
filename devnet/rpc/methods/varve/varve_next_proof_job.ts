/**
 * The lowest batch that wants a proof. `Engine.nextProofJob`.
 * @module
 */
import { rollupMethod } from "../../method.ts";

/** `varve_nextProofJob`: the lowest batch that wants a proof. `Engine.nextProofJob`. */
export const varveNextProofJob = rollupMethod({
  name: "varve_nextProofJob",
  params: [],
  handler: async ({ engine }) => await engine.nextProofJob(),
});
