/**
 * Transactions of accounts that the node sends for.
 *
 * Owns filling one in and signing it, or sending it without a signature for an account that is
 * impersonated, in the turn of its nonce. Does not own which accounts those are.
 * @module
 */
import type { Address, Hash32 } from "../../core/primitives/hex.ts";
import { encodeTransaction, signTransaction } from "../../core/types/tx.ts";
import type { ChainBackend } from "./chain.ts";
import { findDevAccount, needsNoSignature, senderOf } from "./dev_accounts.ts";
import { sendInNonceTurn } from "./nonce_turns.ts";
import { readWhole } from "./rewinds.ts";
import { fillTransaction, type TransactionRequest } from "./transaction_request.ts";

/**
 * Sends `request` for the account that it names; the hash.
 *
 * @throws RpcError when there is no such account, the codes of admission.
 */
export async function sendForAccount(
  chain: ChainBackend,
  request: TransactionRequest,
): Promise<Hash32> {
  const account = senderOf(request.from);
  return request.nonce === undefined
    ? await sendInNonceTurn(chain, account, () => send(chain, account, request))
    : await send(chain, account, request);
}

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
