/**
 * Whether peers could connect; tools take `false` for a node that is ill.
 * @module
 */
import { chainMethod } from "../../method.ts";

/** `net_listening`: whether peers could connect; tools take `false` for a node that is ill. */
export const netListening = chainMethod({
  name: "net_listening",
  params: [],
  handler: () => true,
});
