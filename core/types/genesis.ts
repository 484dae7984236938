/**
 * What a chain starts from: its configuration and its first accounts.
 *
 * Owns the shape and the hash that ties a data folder to its genesis. Does not own the values of
 * the devnet (`devnet/accounts.ts`).
 * @module
 */
import { keccak256 } from "../crypto/keccak.ts";
import type { Address, Hash32, Hex } from "../primitives/hex.ts";

/** An account at genesis. */
export interface GenesisAccount {
  readonly address: Address;
  readonly balanceWei: bigint;
  readonly nonce: bigint;
  /** Deployed code, `0x` for none. */
  readonly code: Hex;
  /** Storage; values are not zero. */
  readonly storage: readonly { readonly slot: Hash32; readonly value: Hash32 }[];
}

/** Where the data of a batch stands on L1; `state-diffs` is DESIGN's second mode. */
export type DataAvailability = "transactions";

/** Everything that two nodes of one chain must agree on. */
export interface ChainConfig {
  readonly chainId: bigint;
  readonly l1ChainId: bigint;
  readonly genesisTimestampSec: bigint;
  /** Collects fees; part of every accInputHash. */
  readonly coinbase: Address;
  readonly blockGasLimit: bigint;
  readonly initialBaseFeePerGasWei: bigint;
  /** Gas for each byte of pubdata, on top of the EVM's; kept in a system slot. */
  readonly gasPerPubdata: bigint;
  readonly dataAvailability: DataAvailability;
  /** Sorted by address. */
  readonly accounts: readonly GenesisAccount[];
}

/** keccak256 of the canonical JSON of `config`: equal exactly when the chains are. */
export function genesisHash(config: ChainConfig): Hash32 {
  return keccak256(new TextEncoder().encode(JSON.stringify(config, canonicalValue)));
}

/** Keys sorted, so that the order in which a config was written does not count; integers as text. */
function canonicalValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([left], [right]) => left < right ? -1 : 1),
  );
}
