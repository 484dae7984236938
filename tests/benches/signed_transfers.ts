/**
 * Signed transfers for benches, made before the clock runs.
 *
 * Owns accounts and transactions with fixed content. Does not own sending them.
 * @module
 */
import { privateKeyToAddress } from "../../core/crypto/secp256k1.ts";
import { bigintToBytes } from "../../core/primitives/bytes.ts";
import {
  type Address,
  bigintToHash32,
  bytesToAddress,
  hexToBytes,
} from "../../core/primitives/hex.ts";
import type { GenesisAccount } from "../../core/types/genesis.ts";
import { encodeTransaction, signTransaction } from "../../core/types/tx.ts";

/** Who sends: an address and its 32-byte key. */
export interface Sender {
  readonly address: Address;
  readonly privateKey: Uint8Array;
}

const GWEI = 1_000_000_000n;

/** `count` accounts with keys 1, 2, 3 and so on. */
export function createSenders(count: number): readonly Sender[] {
  return Array.from({ length: count }, (_, index) => {
    const privateKey = bigintToBytes(BigInt(index + 1), 32);
    return { address: privateKeyToAddress(privateKey), privateKey };
  });
}

/** These senders as accounts of a genesis, 1,000 ETH each. */
export function toGenesisAccounts(senders: readonly Sender[]): GenesisAccount[] {
  return senders.map(({ address }) => ({
    address,
    balanceWei: 1_000n * GWEI * GWEI,
    nonce: 0n,
    code: "0x",
    storage: [],
  }));
}

/** An account that nobody else uses, for each `index`. */
export function numberedAddress(index: number): Address {
  return bytesToAddress(hexToBytes(bigintToHash32(0x5eedn << 128n | BigInt(index))).subarray(12));
}

/** A signed transfer of 1 wei to an account of its own. */
export function signTransfer(sender: Sender, nonce: number, toIndex: number): Uint8Array {
  return signCall(sender, nonce, { to: numberedAddress(toIndex), valueWei: 1n, gasLimit: 25_000n });
}

/** A signed transaction with fixed fees; without `to` it creates a contract. */
export function signCall(
  sender: Sender,
  nonce: number,
  call: {
    readonly to?: Address;
    readonly valueWei?: bigint;
    readonly data?: Uint8Array;
    readonly gasLimit: bigint;
  },
): Uint8Array {
  return encodeTransaction(signTransaction({
    type: 2,
    chainId: 901n,
    nonce: BigInt(nonce),
    maxFeePerGasWei: 10n * GWEI,
    maxPriorityFeePerGasWei: GWEI,
    gasLimit: call.gasLimit,
    to: call.to,
    valueWei: call.valueWei ?? 0n,
    data: call.data ?? new Uint8Array(0),
    accessList: [],
    authorizations: [],
  }, sender.privateKey));
}
