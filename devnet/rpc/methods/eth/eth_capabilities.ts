/**
 * From which block on this node has what: it keeps everything.
 * @module
 */
import { findHeader } from "../../block_reference.ts";
import { formatQuantity } from "../../format.ts";
import { BOOLEAN_JSON, HASH_JSON, objectJson, QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { LATEST } from "../../schema.ts";

const RESOURCE_JSON = objectJson({ disabled: BOOLEAN_JSON }, { oldestBlock: QUANTITY_JSON });

/** `eth_capabilities`. */
export const ethCapabilities = chainMethod({
  name: "eth_capabilities",
  summary: "From which block on this node has what: it keeps everything",
  params: [],
  result: objectJson({
    head: objectJson({ number: QUANTITY_JSON, hash: HASH_JSON }),
    state: RESOURCE_JSON,
    tx: RESOURCE_JSON,
    logs: RESOURCE_JSON,
    receipts: RESOURCE_JSON,
    blocks: RESOURCE_JSON,
    stateproofs: RESOURCE_JSON,
  }),
  handler: async ({ chain }) => {
    const head = await findHeader(chain, LATEST);
    const all = { disabled: false, oldestBlock: "0x0" };
    return {
      head: { number: formatQuantity(head?.number ?? 0n), hash: head?.hash ?? null },
      state: all,
      tx: all,
      logs: all,
      receipts: all,
      blocks: all,
      stateproofs: chain.proofs === undefined ? { disabled: true } : all,
    };
  },
});
