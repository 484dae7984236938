/**
 * Transactions of an account before a block, latest first.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { searchBefore } from "../../otterscan/history.ts";
import { pageSize } from "../../otterscan/page_size.ts";
import { formatPage, PAGE_JSON } from "../../otterscan/shapes.ts";
import { address, param, quantityOrNumber } from "../../schema.ts";

/** `ots_searchTransactionsBefore`; block 0 is the end of the chain that the search begins at. */
export const otsSearchTransactionsBefore = chainMethod({
  name: "ots_searchTransactionsBefore",
  summary: "Transactions of an account before a block, latest first",
  params: [
    param("address", address),
    param("blockNumber", quantityOrNumber()),
    param("pageSize", pageSize),
  ],
  result: PAGE_JSON,
  handler: async ({ chain }, [account, number, size]) => {
    const until = number === 0n ? await chain.numberOf("latest") + 1n : number;
    const page = await searchBefore(chain, account, { until, pageSize: size });
    return formatPage(page, { firstPage: number === 0n, lastPage: page.isComplete });
  },
});
