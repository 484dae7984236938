/**
 * Bridges of tokens: there are none, only ether and messages.
 * @module
 */
import { NULL_JSON, objectJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zks_getBridgeContracts`. */
export const zksGetBridgeContracts = rollupMethod({
  name: "zks_getBridgeContracts",
  summary: "Bridges of tokens: there are none, only ether and messages",
  params: [],
  result: objectJson({
    l1SharedDefaultBridge: NULL_JSON,
    l2SharedDefaultBridge: NULL_JSON,
    l1Erc20DefaultBridge: NULL_JSON,
    l2Erc20DefaultBridge: NULL_JSON,
    l1WethBridge: NULL_JSON,
    l2WethBridge: NULL_JSON,
    l2LegacySharedBridge: NULL_JSON,
  }),
  handler: () => ({
    l1SharedDefaultBridge: null,
    l2SharedDefaultBridge: null,
    l1Erc20DefaultBridge: null,
    l2Erc20DefaultBridge: null,
    l1WethBridge: null,
    l2WethBridge: null,
    l2LegacySharedBridge: null,
  }),
});
