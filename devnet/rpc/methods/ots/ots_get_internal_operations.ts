/**
 * Transfers, creations and self-destructs within a transaction.
 * @module
 */
import type { FrameKind } from "../../../../core/vm/trace.ts";
import { formatQuantity } from "../../format.ts";
import { ADDRESS_JSON, listJson, objectJson, QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { framesOfTransaction } from "../../otterscan/frames.ts";
import { hash, param } from "../../schema.ts";

/** Otterscan's numbers for what moves ether or makes contracts. */
const OPERATIONS: Readonly<Partial<Record<FrameKind, number>>> = {
  CALL: 0,
  SELFDESTRUCT: 1,
  CREATE: 2,
  CREATE2: 3,
};

/** `ots_getInternalOperations`; what was taken back did not happen. */
export const otsGetInternalOperations = chainMethod({
  name: "ots_getInternalOperations",
  summary: "Transfers, creations and self-destructs within a transaction",
  params: [param("hash", hash)],
  result: listJson(
    objectJson({
      type: { type: "integer" },
      from: ADDRESS_JSON,
      to: ADDRESS_JSON,
      value: QUANTITY_JSON,
    }),
  ),
  handler: async ({ chain }, [hash]) => {
    const { frames } = await framesOfTransaction(chain, hash);
    return frames.flatMap(({ start, isUndone }) => {
      const type = OPERATIONS[start.kind];
      const valueWei = start.valueWei ?? 0n;
      if (type === undefined || isUndone || start.depth === 0) return [];
      if (start.kind === "CALL" && valueWei === 0n) return [];
      return [{ type, from: start.from, to: start.to, value: formatQuantity(valueWei) }];
    });
  },
});
