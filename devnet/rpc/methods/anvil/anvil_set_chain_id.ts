/**
 * Refused but for the id that the chain has: it is part of genesis and of every signature.
 * @module
 */
import { refusal, RPC_CODES } from "../../errors.ts";
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { anyQuantity, param } from "../../schema.ts";

/**
 * `anvil_setChainId`: refused but for the id that the chain has, which is part of genesis and of
 * every signature.
 */
export const anvilSetChainId = controlMethod({
  name: "anvil_setChainId",
  summary:
    "Refused but for the id that the chain has: it is part of genesis and of every signature",
  params: [param("chainId", anyQuantity(64))],
  result: NULL_JSON,
  handler: ({ chain }, [chainId]) => {
    if (chainId === chain.chainId) return null;
    throw refusal(
      RPC_CODES.serverError,
      "DEV_METHOD_UNSUPPORTED",
      `Cannot change the chain id to ${chainId}: it is ${chain.chainId} in genesis and in what ` +
        "the rollup signs",
      "Start a chain with that id in its genesis (`varve devnet --help`).",
    );
  },
});
