/**
 * Transactions that nobody signed.
 *
 * Owns their marked signature: r is 2^160 plus the sender's address and s is 1, so that the hash is
 * one of its own for each sender and each content, and the bytes still are a transaction that every
 * Ethereum library reads. Recovered, it gives another address than the sender's; who the sender is
 * stands beside the transaction wherever it is kept. A contract may be the sender, too. Does not own who may send so.
 * @module
 */
import type { StateManagerInterface } from "@ethereumjs/common";
import { createAddressFromString } from "@ethereumjs/util";
import type { Address } from "../../core/primitives/hex.ts";
import type { Transaction, UnsignedTransaction } from "../../core/types/tx.ts";

const MARK = 1n << 160n;

/** The transaction with the signature that marks it as sent by `sender` without a key. */
export function markUnsigned(transaction: UnsignedTransaction, sender: Address): Transaction {
  return { ...transaction, yParity: 0, r: MARK + BigInt(sender), s: 1n };
}

/** Whether `tx` has the marked signature of `sender`; its sender may be a contract then. */
export function isUnsignedBy(tx: Transaction, sender: Address): boolean {
  return tx.s === 1n && tx.r === MARK + BigInt(sender);
}

/** EIP-7702: the code of an account that may send although it has code. */
const DELEGATION = Uint8Array.of(0xef, 0x01, 0x00);

/**
 * Runs a transaction of `sender` though it may be a contract, which EIP-3607 forbids: the library's
 * check, which reads its code before anything else does, finds a delegated account.
 */
export async function runAsAccount<Result>(
  state: StateManagerInterface,
  sender: Address,
  run: () => Promise<Result>,
): Promise<Result> {
  const address = createAddressFromString(sender);
  if ((await state.getAccount(address))?.isContract() !== true) return await run();
  const getCode = state.getCode.bind(state);
  state.getCode = (asked) => {
    if (!asked.equals(address)) return getCode(asked);
    state.getCode = getCode;
    return Promise.resolve(DELEGATION);
  };
  try {
    return await run();
  } finally {
    state.getCode = getCode;
  }
}
