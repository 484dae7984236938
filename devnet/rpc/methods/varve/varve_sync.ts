/**
 * L1 events -> heads. `Engine.sync`.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { SYNC_JSON } from "../../rollup_json.ts";

/** `varve_sync`, `Engine.sync`. */
export const varveSync = rollupMethod({
  name: "varve_sync",
  isRead: false,
  summary: "Reads L1 and moves the heads",
  params: [],
  result: SYNC_JSON,
  handler: async ({ engine }) => await engine.sync(),
});
