/**
 * Replaces the latest blocks by as many others, with chosen transactions.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod, type RpcMethod } from "../../method.ts";
import { reorgOptions, reorgPairs, toReorgTransactions } from "../../reorg_request.ts";
import { isRecord, optional, param } from "../../schema.ts";

const byPosition = controlMethod({
  name: "anvil_reorg",
  aliases: ["hardhat_reorg"],
  summary: "Replaces the latest blocks by as many others, with chosen transactions",
  params: [param("depth", reorgOptions), param("txBlockPairs", optional(reorgPairs))],
  result: NULL_JSON,
  handler: async ({ chain, controls }, [{ depth, pairs }, alsoPairs]) => {
    const wanted = pairs ?? alsoPairs ?? [];
    await controls.reorg(depth, await toReorgTransactions(chain, depth, wanted));
    return null;
  },
});

/**
 * `anvil_reorg`: replaces the latest blocks by as many others, with chosen transactions. Takes depth
 * and pairs by position, or both by name as anvil's `ReorgOptions`, bare or in the list.
 */
export const anvilReorg: RpcMethod = {
  ...byPosition,
  invoke: (context, raw, session) =>
    byPosition.invoke(context, isRecord(raw) ? [raw] : raw, session),
};
