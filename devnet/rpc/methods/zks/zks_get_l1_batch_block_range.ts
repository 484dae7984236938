/**
 * First and last block of a sealed batch; `null` for an unknown one.
 * @module
 */
import { readBatchFacts } from "../../batch_facts.ts";
import { formatQuantity } from "../../format.ts";
import { listJson, nullableJson, QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param, wholeNumber } from "../../schema.ts";

/** `zks_getL1BatchBlockRange`. */
export const zksGetL1BatchBlockRange = rollupMethod({
  name: "zks_getL1BatchBlockRange",
  summary: "First and last block of a sealed batch; `null` for an unknown one",
  params: [param("batch", wholeNumber)],
  result: nullableJson(listJson(QUANTITY_JSON)),
  handler: async ({ engine }, [number]) => {
    const batch = await readBatchFacts(engine, number);
    if (batch === undefined) return null;
    return [formatQuantity(batch.firstBlock), formatQuantity(batch.lastBlock)];
  },
});
