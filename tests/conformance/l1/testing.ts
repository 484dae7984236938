/**
 * What the tests of the embedded L1 share: a chain in memory and transactions of its dev accounts.
 *
 * Owns fixtures only; every call gives fresh ones.
 * @module
 */
import {
  DEV_ACCOUNTS,
  type DevnetAccount,
  devnetGenesisAccounts,
} from "../../../devnet/accounts.ts";
import { type EmbeddedL1, type L1Mining, openEmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { assert } from "../../../core/primitives/errors.ts";
import type { Hash32 } from "../../../core/primitives/hex.ts";
import { type Clock, createVirtualClock, silentLog } from "../../../core/primitives/ports.ts";
import {
  encodeTransaction,
  signTransaction,
  type UnsignedTransaction,
} from "../../../core/types/tx.ts";
import type { ChainReceipt } from "../../../devnet/rpc/chain.ts";
import type { CallRequest } from "../../../core/vm/executor.ts";

/** Chain id of the tests. */
export const CHAIN_ID = 900n;
/** Timestamp of genesis, seconds. */
export const GENESIS_SEC = 1_700_000_000n;

/** Options of {@linkcode openL1}; defaults: automine, a virtual clock. */
export interface OpenOptions {
  readonly mining?: L1Mining;
  readonly clock?: Clock;
  readonly chainId?: bigint;
}

/** Opens the devnet's L1 in `kv`. */
export function openL1(kv: Deno.Kv, options: OpenOptions = {}): Promise<EmbeddedL1> {
  return openEmbeddedL1({
    kv,
    clock: options.clock ?? createVirtualClock(GENESIS_SEC),
    chainId: options.chainId ?? CHAIN_ID,
    genesis: { timestampSec: GENESIS_SEC, accounts: devnetGenesisAccounts() },
    mining: options.mining ?? "automine",
    log: silentLog,
  });
}

/** Runs `test` on a fresh L1 in memory. */
export async function withL1(
  options: OpenOptions,
  test: (l1: EmbeddedL1, kv: Deno.Kv) => Promise<void>,
): Promise<void> {
  using kv = await Deno.openKv(":memory:");
  await using l1 = await openL1(kv, options);
  await test(l1, kv);
}

/** The dev account at `index`. */
export function devAccount(index: number): DevnetAccount {
  const account = DEV_ACCOUNTS[index];
  assert(account !== undefined, "tests use the ten dev accounts");
  return account;
}

/** A signed transaction of `sender`; by default a type 2 transfer of 1 wei to account 1. */
export function signedBy(
  sender: DevnetAccount,
  fields: Partial<UnsignedTransaction> & { readonly nonce: bigint },
): Uint8Array {
  const tx: UnsignedTransaction = {
    type: 2,
    chainId: CHAIN_ID,
    maxFeePerGasWei: 10_000_000_000n,
    maxPriorityFeePerGasWei: 1_000_000_000n,
    gasLimit: 21_000n,
    to: devAccount(1).address,
    valueWei: 1n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
    ...fields,
  };
  return encodeTransaction(signTransaction(tx, sender.privateKey));
}

/** The receipt of a transaction that must be mined. */
export async function requireReceipt(l1: EmbeddedL1, hash: Hash32): Promise<ChainReceipt> {
  const receipt = await l1.receipt(hash);
  assert(receipt !== undefined, "the transaction is mined");
  return receipt;
}

/** A call of `fields` from account 0, not as a transaction. */
export function callOf(fields: Partial<CallRequest>): CallRequest {
  return {
    from: devAccount(0).address,
    to: undefined,
    data: new Uint8Array(0),
    valueWei: 0n,
    gasLimit: 1_000_000n,
    gasPriceWei: 0n,
    asTransaction: false,
    accessList: [],
    authorizations: [],
    ...fields,
  };
}

/** Init code that deploys `code` (of less than 64 KiB) as it is. */
export function initCodeOf(code: Uint8Array): Uint8Array {
  const size = [code.length >> 8, code.length & 0xff];
  // PUSH2 size, PUSH1 12, PUSH0, CODECOPY, PUSH2 size, PUSH0, RETURN: 12 bytes.
  return Uint8Array.of(0x61, ...size, 0x60, 0x0c, 0x5f, 0x39, 0x61, ...size, 0x5f, 0xf3, ...code);
}
