/**
 * Blocks, transactions and receipts as Otterscan wants them: without what it does not show.
 *
 * Owns what is left out and what is added. Does not own the rest (`format.ts`).
 * @module
 */
import type { ChainBlock, ChainReceipt } from "../chain.ts";
import { formatBlock, formatQuantity, formatReceipt, formatTransaction } from "../format.ts";
import { ANY_JSON, type JsonSchema, listJson, objectJson, QUANTITY_JSON } from "../json_schema.ts";
import { blockNumberOrTag, type BlockReference, type Schema } from "../schema.ts";
import { quantityOrNumber } from "../schema.ts";
import type { FoundPage } from "./history.ts";

/** A block by a tag, or by its number in hex or as a JSON number. */
export const anyBlockNumber: Schema<BlockReference> = {
  ...(blockNumberOrTag.json === undefined
    ? {}
    : { json: { anyOf: [blockNumberOrTag.json, { type: "integer", minimum: 0 }] } }),
  parse: (value, path) =>
    typeof value === "number"
      ? { kind: "number", number: blockNumber.parse(value, path) }
      : blockNumberOrTag.parse(value, path),
};

const blockNumber = quantityOrNumber();

/** Shape of {@linkcode formatDetails}. */
export const DETAILS_JSON: JsonSchema = objectJson({
  block: ANY_JSON,
  issuance: objectJson({
    blockReward: QUANTITY_JSON,
    uncleReward: QUANTITY_JSON,
    issuance: QUANTITY_JSON,
  }),
  totalFees: QUANTITY_JSON,
});

/** Shape of {@linkcode formatPage}. */
export const PAGE_JSON: JsonSchema = objectJson({
  txs: listJson(ANY_JSON),
  receipts: listJson(ANY_JSON),
  firstPage: { type: "boolean" },
  lastPage: { type: "boolean" },
});

/** Characters of `0x` and a selector. */
const SELECTOR_LENGTH = 10;

/** The block without its transactions, and what it cost. Nothing is issued since the merge. */
export function formatDetails(block: ChainBlock, receipts: readonly ChainReceipt[]) {
  const { transactions: _transactions, ...fields } = formatBlock(block, "hashes");
  const feesWei = receipts.reduce(
    (sum, { receipt }) => sum + receipt.gasUsed * receipt.effectiveGasPriceWei,
    0n,
  );
  return {
    block: { ...fields, logsBloom: null, transactionCount: block.transactions.length },
    issuance: { blockReward: "0x0", uncleReward: "0x0", issuance: "0x0" },
    totalFees: formatQuantity(feesWei),
  };
}

/** Some transactions of a block; page 0 has the last ones. */
export function formatTransactionsPage(
  block: ChainBlock,
  receipts: readonly ChainReceipt[],
  page: { readonly number: number; readonly size: number },
) {
  const count = block.transactions.length;
  const until = Math.max(0, count - page.number * page.size);
  const from = Math.max(0, until - page.size);
  const { timestampSec } = block.header;
  return {
    fullblock: {
      ...formatBlock(block, "hashes"),
      logsBloom: null,
      transactionCount: count,
      transactions: block.transactions.slice(from, until).map((transaction) => {
        const fields = formatTransaction(transaction);
        return { ...fields, input: String(fields["input"]).slice(0, SELECTOR_LENGTH) };
      }),
    },
    receipts: receipts.slice(from, until).map((entry) => ({
      ...formatReceipt(entry, timestampSec),
      logs: null,
      logsBloom: null,
    })),
  };
}

/** A page of a search. */
export function formatPage(
  { found }: FoundPage,
  place: { readonly firstPage: boolean; readonly lastPage: boolean },
) {
  return {
    txs: found.map(({ entry }) => formatTransaction(entry.transaction)),
    receipts: found.map(({ entry, timestampSec }) => ({
      ...formatReceipt(entry, timestampSec),
      timestamp: Number(timestampSec),
    })),
    ...place,
  };
}
