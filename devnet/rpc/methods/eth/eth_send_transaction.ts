/**
 * Fills in, signs and sends a transaction of one of the node's accounts.
 * @module
 */
import type { Address, Hash32 } from "../../../../core/primitives/hex.ts";
import { encodeTransaction, signTransaction } from "../../../../core/types/tx.ts";
import type { ChainBackend } from "../../chain.ts";
import { findDevAccount, needsNoSignature, senderOf } from "../../dev_accounts.ts";
import { HASH_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { sendInNonceTurn } from "../../nonce_turns.ts";
import { readWhole } from "../../rewinds.ts";
import { param } from "../../schema.ts";
import {
  fillTransaction,
  type TransactionRequest,
  transactionRequest,
} from "../../transaction_request.ts";

/** `eth_sendTransaction`. */
export const ethSendTransaction = chainMethod({
  name: "eth_sendTransaction",
  isDev: true,
  summary: "Fills in, signs and sends a transaction of one of the node's accounts",
  params: [param("transaction", transactionRequest)],
  result: HASH_JSON,
  handler: async ({ chain }, [request]) => {
    const account = senderOf(request.from);
    return request.nonce === undefined
      ? await sendInNonceTurn(chain, account, () => send(chain, account, request))
      : await send(chain, account, request);
  },
});

async function send(
  chain: ChainBackend,
  account: Address,
  request: TransactionRequest,
): Promise<Hash32> {
  if (needsNoSignature(chain, account)) {
    const unsigned = await fillTransaction(chain, account, request);
    return await chain.controls.sendUnsigned(unsigned, account);
  }
  const { from, privateKey } = findDevAccount(chain, account);
  const transaction = await readWhole(chain.rewinds, () => fillTransaction(chain, from, request));
  const signed = signTransaction(transaction, privateKey);
  return await chain.sendRawTransaction(encodeTransaction(signed));
}
