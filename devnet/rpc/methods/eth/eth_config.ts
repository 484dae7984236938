/**
 * The forks that hold and will (EIP-7910).
 * @module
 */
import type { ForkConfig } from "../../chain.ts";
import { refusal, RPC_CODES } from "../../errors.ts";
import { formatQuantity, type JsonObject } from "../../format.ts";
import {
  ADDRESS_JSON,
  BYTES_JSON,
  type JsonSchema,
  nullableJson,
  objectJson,
  QUANTITY_JSON,
} from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

const INTEGER_JSON: JsonSchema = { type: "integer", minimum: 0 };
const ADDRESSES_JSON: JsonSchema = { type: "object", additionalProperties: ADDRESS_JSON };
const FORK_JSON = nullableJson(objectJson({
  activationTime: INTEGER_JSON,
  blobSchedule: nullableJson(
    objectJson({
      target: INTEGER_JSON,
      max: INTEGER_JSON,
      baseFeeUpdateFraction: INTEGER_JSON,
    }),
  ),
  chainId: QUANTITY_JSON,
  forkId: BYTES_JSON,
  precompiles: ADDRESSES_JSON,
  systemContracts: ADDRESSES_JSON,
}));

/** `eth_config`. */
export const ethConfig = chainMethod({
  name: "eth_config",
  summary: "The forks that hold and will (EIP-7910)",
  params: [],
  result: objectJson({ current: FORK_JSON, next: FORK_JSON, last: FORK_JSON }),
  handler: async ({ chain }) => {
    const configs = await chain.forkConfigs?.();
    if (configs === undefined) {
      throw refusal(
        RPC_CODES.serverError,
        "FORKS_UNAVAILABLE",
        `eth_config is not available on this ${chain.layer}: its rules are a program's, not a fork's`,
        "Ask the L1, or `zkevm_getForks` for the programs of this L2.",
      );
    }
    const show = (config: ForkConfig | undefined) =>
      config === undefined ? null : formatConfig(config, chain.chainId);
    return {
      current: show(configs.current),
      next: show(configs.next),
      last: show(configs.last),
    };
  },
});

function formatConfig(config: ForkConfig, chainId: bigint): JsonObject {
  const { activationTimeSec, blobSchedule, forkId, precompiles, systemContracts } = config;
  return {
    // EIP-7910 has plain numbers here.
    activationTime: Number(activationTimeSec),
    blobSchedule: blobSchedule === undefined ? null : {
      target: Number(blobSchedule.target),
      max: Number(blobSchedule.max),
      baseFeeUpdateFraction: Number(blobSchedule.baseFeeUpdateFraction),
    },
    chainId: formatQuantity(chainId),
    forkId,
    precompiles,
    systemContracts,
  };
}
