/**
 * Gives every account of a dump but the rollup's its state of there.
 * @module
 */
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { data, param } from "../../schema.ts";

/** `anvil_loadState`: gives every account of a dump but the rollup's its state of there. */
export const anvilLoadState = controlMethod({
  name: "anvil_loadState",
  aliases: ["hardhat_loadState"],
  summary: "Gives every account of a dump but the rollup's its state of there",
  params: [param("state", data)],
  result: BOOLEAN_JSON,
  handler: async ({ controls }, [dump]) => {
    await controls.loadState(dump);
    return true;
  },
});
