/**
 * Whatever is ready goes to L1. `Engine.submit`.
 * @module
 */
import { listJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { L1_TRANSACTION_JSON } from "../../rollup_json.ts";

/** `varve_submit`, `Engine.submit`. */
export const varveSubmit = rollupMethod({
  name: "varve_submit",
  isRead: false,
  summary: "Sends to L1 whatever is ready",
  params: [],
  result: listJson(L1_TRANSACTION_JSON),
  handler: async ({ engine }) => await engine.submit(),
});
