/**
 * Whether a sent transaction makes a block at once.
 * @module
 */
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";

/** `anvil_getAutomine`: whether a sent transaction makes a block at once. */
export const anvilGetAutomine = controlMethod({
  name: "anvil_getAutomine",
  aliases: ["hardhat_getAutomine"],
  summary: "Whether a sent transaction makes a block at once",
  params: [],
  result: BOOLEAN_JSON,
  handler: ({ controls }) => controls.isAutomine(),
});
