/**
 * The rules of the program; `null` for a version that never was.
 * @module
 */
import { readChainFacts } from "../../batch_facts.ts";
import { HASH_JSON, NULL_JSON, nullableJson, objectJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { COUNT_JSON } from "../../rollup_json.ts";
import { optional, param, wholeNumber } from "../../schema.ts";

/** `zks_getProtocolVersion`. */
export const zksGetProtocolVersion = rollupMethod({
  name: "zks_getProtocolVersion",
  summary: "The rules of the program; `null` for a version that never was",
  params: [param("version", optional(wholeNumber))],
  result: nullableJson(objectJson({
    version_id: COUNT_JSON,
    minorVersion: COUNT_JSON,
    timestamp: COUNT_JSON,
    bootloaderCodeHash: HASH_JSON,
    defaultAccountCodeHash: HASH_JSON,
    evmSimulatorCodeHash: NULL_JSON,
    l2SystemUpgradeTxHash: NULL_JSON,
  })),
  handler: async ({ engine }, [version = 0]) => {
    // There has been one program so far; its hash is the one that L1 knows.
    if (version !== 0) return null;
    const { programHash, genesisTimestampSec } = await readChainFacts(engine);
    return {
      version_id: 0,
      minorVersion: 0,
      timestamp: genesisTimestampSec,
      bootloaderCodeHash: programHash,
      defaultAccountCodeHash: programHash,
      evmSimulatorCodeHash: null,
      l2SystemUpgradeTxHash: null,
    };
  },
});
