/**
 * batch -> proof, for every batch that has none. `Engine.prove`.
 * @module
 */
import { listJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { PROVE_JSON } from "../../rollup_json.ts";

/** `varve_prove`, `Engine.prove`. */
export const varveProve = rollupMethod({
  name: "varve_prove",
  isRead: false,
  summary: "A proof for every batch that has none",
  params: [],
  result: listJson(PROVE_JSON),
  handler: async ({ engine }) => await engine.prove(),
});
