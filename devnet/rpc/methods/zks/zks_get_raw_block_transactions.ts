/**
 * Transactions of a block with everything that was signed.
 * @module
 */
import { readChainFacts } from "../../batch_facts.ts";
import { findBlock } from "../../block_reference.ts";
import { BYTES_JSON, listJson, objectJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { COUNT_JSON } from "../../rollup_json.ts";
import { param, wholeNumber } from "../../schema.ts";
import { describeRawTransaction } from "../../zks_details.ts";

/** `zks_getRawBlockTransactions`. */
export const zksGetRawBlockTransactions = rollupMethod({
  name: "zks_getRawBlockTransactions",
  summary: "Transactions of a block with everything that was signed",
  params: [param("block", wholeNumber)],
  result: listJson(
    objectJson({
      common_data: { type: "object" },
      execute: { type: "object" },
      received_timestamp_ms: COUNT_JSON,
      raw_bytes: BYTES_JSON,
    }),
  ),
  handler: async ({ chain, engine }, [number]) => {
    const block = await findBlock(chain, { kind: "number", number: BigInt(number) });
    const { gasPerPubdata } = await readChainFacts(engine);
    const { timestampSec = 0n } = block?.header ?? {};
    return (block?.transactions ?? []).map((transaction) =>
      describeRawTransaction(transaction, { gasPerPubdata, timestampSec })
    );
  },
});
