/**
 * A second node from L1 alone, held against this one. `Engine.rebuild`.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { object, optional, param, text } from "../../schema.ts";

/** Longer than any path that an operating system takes. */
const MAX_PATH_CHARACTERS = 4_096;

const options = object({ into: optional(text(MAX_PATH_CHARACTERS)) });

/** `varve_rebuild`: a second node from L1 alone, held against this one. `Engine.rebuild`. */
export const varveRebuild = rollupMethod({
  name: "varve_rebuild",
  params: [param("options", options)],
  handler: async ({ engine }, [{ into }]) =>
    await engine.rebuild(into === undefined ? {} : { into }),
});
