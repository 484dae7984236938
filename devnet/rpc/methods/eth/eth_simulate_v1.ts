/**
 * Runs blocks of calls that never were, on the state after one that was.
 * @module
 */
import { findHeader, resolveNumber } from "../../block_reference.ts";
import { BLOCK_JSON } from "../../chain_json.ts";
import { refusal, RPC_CODES } from "../../errors.ts";
import { listJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockReference, LATEST, param, withDefault } from "../../schema.ts";
import { completeBlocks, formatSimulatedBlock, simulationRequest } from "../../simulate.ts";

/** `eth_simulateV1`. */
export const ethSimulateV1 = chainMethod({
  name: "eth_simulateV1",
  summary: "Runs blocks of calls that never were, on the state after one that was",
  params: [
    param("simulation", simulationRequest),
    param("block", withDefault(blockReference, LATEST)),
  ],
  result: listJson(BLOCK_JSON),
  handler: async ({ chain }, [request, reference]) => {
    const { simulation } = chain;
    if (simulation === undefined) {
      throw refusal(
        RPC_CODES.serverError,
        "SIMULATION_UNAVAILABLE",
        `eth_simulateV1 is not available on this ${chain.layer}`,
        "Use eth_call with overrides.",
      );
    }
    const number = await resolveNumber(chain, reference);
    const base = await findHeader(chain, { kind: "number", number });
    const blocks = await simulation.simulate({
      number,
      blocks: completeBlocks(request, base ?? { number, timestampSec: 0n }),
      tracesTransfers: request.traceTransfers,
      isValidated: request.validation,
    });
    const how = request.returnFullTransactions ? "full" : "hashes";
    return blocks.map((block) => formatSimulatedBlock(block, how));
  },
});
