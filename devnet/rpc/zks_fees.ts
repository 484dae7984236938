/**
 * Prices as the `zks_` methods tell them.
 *
 * Owns the ZK Stack's names for this chain's prices: a byte of pubdata costs a fixed number of gas,
 * so its fair price follows the base fee of the L2. Does not own any price.
 * @module
 */
import { readChainFacts, readL1Block } from "./batch_facts.ts";
import type { JsonObject } from "./format.ts";
import { type JsonSchema, objectJson } from "./json_schema.ts";
import type { RollupContext } from "./method.ts";
import { COUNT_JSON } from "./rollup_json.ts";

/** What `zks_getBatchFeeInput` answers. */
export const BATCH_FEE_INPUT_JSON: JsonSchema = objectJson({
  PubdataIndependent: objectJson({
    fair_l2_gas_price: COUNT_JSON,
    fair_pubdata_price: COUNT_JSON,
    l1_gas_price: COUNT_JSON,
  }),
});

/** What `zks_getFeeParams` answers. */
export const FEE_PARAMS_JSON: JsonSchema = objectJson({
  V2: objectJson({
    config: objectJson({
      minimal_l2_gas_price: COUNT_JSON,
      compute_overhead_part: { type: "number", minimum: 0 },
      pubdata_overhead_part: { type: "number", minimum: 0 },
      batch_overhead_l1_gas: COUNT_JSON,
      max_gas_per_batch: COUNT_JSON,
      max_pubdata_per_batch: COUNT_JSON,
    }),
    l1_gas_price: COUNT_JSON,
    l1_pubdata_price: COUNT_JSON,
    conversion_ratio: objectJson({ numerator: COUNT_JSON, denominator: COUNT_JSON }),
  }),
});

/** L1 gas for each byte of calldata that is not zero, before EIP-7623's floor. */
const L1_GAS_PER_PUBDATA_BYTE = 16;

/** Wei of L1 gas now. */
export async function l1GasPriceWei({ engine }: RollupContext): Promise<bigint> {
  return (await readL1Block(engine, "latest"))?.baseFeePerGasWei ?? 0n;
}

/** Prices that the next batch is made with. */
export async function describeBatchFeeInput(context: RollupContext): Promise<JsonObject> {
  const { gasPerPubdata } = await readChainFacts(context.engine);
  const gasPriceWei = await context.chain.nextBaseFeePerGasWei();
  return {
    PubdataIndependent: {
      fair_l2_gas_price: Number(gasPriceWei),
      fair_pubdata_price: Number(gasPriceWei) * gasPerPubdata,
      l1_gas_price: Number(await l1GasPriceWei(context)),
    },
  };
}

/** What prices are made from; of the batch's own cost on L1 nothing is charged. */
export async function describeFeeParams(context: RollupContext): Promise<JsonObject> {
  const { limits } = await readChainFacts(context.engine);
  const limitOf = (counter: string): number =>
    limits.find((each) => each.counter === counter)?.limit ?? 0;
  const l1GasPrice = Number(await l1GasPriceWei(context));
  return {
    V2: {
      config: {
        minimal_l2_gas_price: Number(await context.chain.nextBaseFeePerGasWei()),
        compute_overhead_part: 0,
        pubdata_overhead_part: 0,
        batch_overhead_l1_gas: 0,
        max_gas_per_batch: limitOf("gasUsed"),
        max_pubdata_per_batch: limitOf("pubdataBytes"),
      },
      l1_gas_price: l1GasPrice,
      l1_pubdata_price: l1GasPrice * L1_GAS_PER_PUBDATA_BYTE,
      conversion_ratio: { numerator: 1, denominator: 1 },
    },
  };
}
