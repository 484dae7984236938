/**
 * All calls, creations and self-destructs of a transaction.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { ANY_JSON, listJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { framesOfTransaction } from "../../otterscan/frames.ts";
import { hash, param } from "../../schema.ts";

/** `ots_traceTransaction`. */
export const otsTraceTransaction = chainMethod({
  name: "ots_traceTransaction",
  summary: "All calls, creations and self-destructs of a transaction",
  params: [param("hash", hash)],
  result: listJson(ANY_JSON),
  handler: async ({ chain }, [hash]) => {
    const { frames } = await framesOfTransaction(chain, hash);
    return frames.map(({ start, input, output }) => ({
      type: start.kind,
      depth: start.depth,
      from: start.from,
      to: start.to,
      value: start.valueWei === undefined ? null : formatQuantity(start.valueWei),
      input,
      output,
    }));
  },
});
