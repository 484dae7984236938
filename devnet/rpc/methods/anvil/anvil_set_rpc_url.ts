/**
 * Does nothing: this chain forks no other.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { param, text } from "../../schema.ts";

const MAX_URL_LENGTH = 2_048;

/**
 * `anvil_setRpcUrl`: does nothing, as this chain forks no other whose address could change; set-up
 * scripts call it.
 */
export const anvilSetRpcUrl = controlMethod({
  name: "anvil_setRpcUrl",
  aliases: ["hardhat_setRpcUrl"],
  summary: "Does nothing: this chain forks no other",
  params: [param("url", text(MAX_URL_LENGTH))],
  result: NULL_JSON,
  handler: () => null,
});
