/**
 * A transaction by who sent it and its nonce.
 * @module
 */
import type { Address } from "../../../../core/primitives/hex.ts";
import type { ChainBackend, ChainTransaction } from "../../chain.ts";
import { TRANSACTION_JSON } from "../../chain_json.ts";
import { formatTransaction } from "../../format.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { address, param, quantityOrNumber } from "../../schema.ts";

/** `eth_getTransactionBySenderAndNonce`. */
export const ethGetTransactionBySenderAndNonce = chainMethod({
  name: "eth_getTransactionBySenderAndNonce",
  summary: "A transaction by who sent it and its nonce",
  params: [param("sender", address), param("nonce", quantityOrNumber())],
  result: nullableJson(TRANSACTION_JSON),
  handler: async ({ chain }, [sender, nonce]) => {
    const pending = (await chain.pendingTransactions())
      .find((entry) => entry.sender === sender && entry.tx.nonce === nonce);
    const found = pending ?? await findIncluded(chain, sender, nonce);
    return found === undefined ? null : formatTransaction(found);
  },
});

/** Nonces only rise, so the block that used one is found by halving. */
async function findIncluded(
  chain: ChainBackend,
  sender: Address,
  nonce: bigint,
): Promise<ChainTransaction | undefined> {
  let last = await chain.numberOf("latest");
  if (await chain.nonce(sender, last) <= nonce) return undefined;
  let first = 0n;
  while (first < last) {
    const middle = (first + last) / 2n;
    if (await chain.nonce(sender, middle) > nonce) last = middle;
    else first = middle + 1n;
  }
  const block = await chain.block(first);
  return block?.transactions.find((entry) => entry.sender === sender && entry.tx.nonce === nonce);
}
