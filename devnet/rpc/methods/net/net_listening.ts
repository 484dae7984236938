/**
 * Whether peers could connect; tools take `false` for a node that is ill.
 * @module
 */
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `net_listening`. */
export const netListening = chainMethod({
  name: "net_listening",
  summary: "Whether peers could connect; tools take `false` for a node that is ill",
  params: [],
  result: BOOLEAN_JSON,
  handler: () => true,
});
