/**
 * Transactions of an account after a block, latest first.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { searchAfter } from "../../otterscan/history.ts";
import { pageSize } from "../../otterscan/page_size.ts";
import { formatPage, PAGE_JSON } from "../../otterscan/shapes.ts";
import { address, param, quantityOrNumber } from "../../schema.ts";

/** `ots_searchTransactionsAfter`; block 0 is the end of the chain that the search begins at. */
export const otsSearchTransactionsAfter = chainMethod({
  name: "ots_searchTransactionsAfter",
  summary: "Transactions of an account after a block, latest first",
  params: [
    param("address", address),
    param("blockNumber", quantityOrNumber()),
    param("pageSize", pageSize),
  ],
  result: PAGE_JSON,
  handler: async ({ chain }, [account, number, size]) => {
    const page = await searchAfter(chain, account, { from: number + 1n, pageSize: size });
    return formatPage(page, { firstPage: page.isComplete, lastPage: number === 0n });
  },
});
