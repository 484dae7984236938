/**
 * What a transaction would use of each limit of a batch.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { readChainFacts } from "../../batch_facts.ts";
import { resolveNumber } from "../../block_reference.ts";
import { explained, failedCallError } from "../../errors.ts";
import { rollupMethod } from "../../method.ts";
import { blockReference, LATEST, param, withDefault } from "../../schema.ts";
import { toCallRequest, transactionRequest } from "../../transaction_request.ts";
import { COUNTERS_JSON, describeCounters, usedByExecution } from "../../zkevm_counters.ts";

/** `zkevm_estimateCounters`. */
export const zkevmEstimateCounters = rollupMethod({
  name: "zkevm_estimateCounters",
  summary: "What a transaction would use of each limit of a batch",
  params: [
    param("transaction", transactionRequest),
    param("block", withDefault(blockReference, LATEST)),
  ],
  result: COUNTERS_JSON,
  handler: async ({ chain, engine }, [request, reference]) => {
    const { limits } = await readChainFacts(engine);
    const number = await resolveNumber(chain, reference);
    const outcome = await chain.call({ ...toCallRequest(request), asTransaction: true }, number);
    const { usage } = outcome;
    const counters = describeCounters(
      usage === undefined
        ? new Map([["gas", Number(outcome.gasUsed)]])
        : usedByExecution({ ...usage.counters, gasUsed: outcome.gasUsed }, limits),
      limits,
    );
    if (outcome.success) return counters;
    const { message } = failedCallError(await explained(outcome));
    return { ...counters, revertInfo: { message, data: bytesToHex(outcome.returnData) } };
  },
});
