/**
 * Balances of an account by token: ether alone, under its L2 address.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { address, param } from "../../schema.ts";

/** `zks_getAllAccountBalances`. */
export const zksGetAllAccountBalances = rollupMethod({
  name: "zks_getAllAccountBalances",
  summary: "Balances of an account by token: ether alone, under its L2 address",
  params: [param("address", address)],
  result: { type: "object", additionalProperties: QUANTITY_JSON },
  handler: async ({ chain }, [account]) => {
    const balanceWei = await chain.balance(account, await chain.numberOf("latest"));
    return { [`0x${"800a".padStart(40, "0")}`]: formatQuantity(balanceWei) };
  },
});
