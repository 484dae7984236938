/**
 * A second node from L1 alone, held against this one. `Engine.rebuild`.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { REBUILD_JSON } from "../../rollup_json.ts";
import { object, optional, param, text } from "../../schema.ts";

/** Longer than any path that an operating system takes. */
const MAX_PATH_CHARACTERS = 4_096;

const options = object({ into: optional(text(MAX_PATH_CHARACTERS)) });

/** `varve_rebuild`, `Engine.rebuild`. */
export const varveRebuild = rollupMethod({
  name: "varve_rebuild",
  isRead: false,
  summary: "A second node from L1 alone, held against this one",
  params: [param("options", options)],
  result: REBUILD_JSON,
  handler: async ({ engine }, [{ into }]) =>
    await engine.rebuild(into === undefined ? {} : { into }),
});
