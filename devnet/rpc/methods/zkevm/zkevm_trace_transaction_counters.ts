/**
 * What a transaction used of each limit of a batch; `null` for one that is in no block.
 * @module
 */
import { inspectRecord, readChainFacts } from "../../batch_facts.ts";
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";
import { counterEntries, COUNTERS_JSON, describeCounters } from "../../zkevm_counters.ts";

/** `zkevm_traceTransactionCounters`. */
export const zkevmTraceTransactionCounters = rollupMethod({
  name: "zkevm_traceTransactionCounters",
  aliases: ["debug_traceTransactionCounters"],
  summary: "What a transaction used of each limit of a batch; `null` for one that is in no block",
  params: [param("hash", hash)],
  result: nullableJson(COUNTERS_JSON),
  handler: async ({ chain, engine }, [hash]) => {
    const entry = await chain.receipt(hash);
    const fields = entry === undefined
      ? undefined
      : await inspectRecord(engine, { kind: "tx", hash });
    if (entry === undefined || fields === undefined) return null;
    const used = new Map(counterEntries(fields.counters));
    used.set("gas", Number(entry.receipt.gasUsed));
    if (typeof fields.pubdataBytes === "number") used.set("pubdata bytes", fields.pubdataBytes);
    return describeCounters(used, (await readChainFacts(engine)).limits);
  },
});
