/**
 * Signed L2 transactions of the devnet's accounts, for tests that drive a rollup.
 *
 * Owns defaults that are always admitted. Does not own sending.
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import { encodeTransaction, signTransaction } from "../../core/types/tx.ts";
import type { UnsignedTransaction } from "../../core/types/tx.ts";
import { DEV_ACCOUNTS, type DevnetAccount } from "../../devnet/accounts.ts";
import { L2_CHAIN_ID } from "../../devnet/chain_config.ts";

/** The devnet's user `index`. */
export function user(index: number): DevnetAccount {
  const account = DEV_ACCOUNTS[index];
  assert(account !== undefined, "the devnet has ten users");
  return account;
}

/** The bytes of a transaction of `from`: type 2, without value or data, unless `fields` say so. */
export function signedBy(
  from: DevnetAccount,
  fields: Partial<UnsignedTransaction> & Pick<UnsignedTransaction, "nonce">,
): Uint8Array {
  return encodeTransaction(signTransaction({
    type: 2,
    chainId: L2_CHAIN_ID,
    maxFeePerGasWei: 4_000_000_000n,
    maxPriorityFeePerGasWei: 1_000_000_000n,
    gasLimit: 300_000n,
    to: undefined,
    valueWei: 0n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
    ...fields,
  }, from.privateKey));
}
