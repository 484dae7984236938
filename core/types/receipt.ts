/**
 * What a transaction did: status, gas and logs.
 *
 * Owns the consensus codec (EIP-2718 receipts), the bloom and the receipts root. Does not own where
 * receipts are kept.
 * @module
 */
import { addToBloom, BLOOM_SIZE_BYTES } from "../crypto/bloom.ts";
import { orderedTrieRoot } from "../crypto/ordered_trie.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { type Address, type Hash32, hexToBytes } from "../primitives/hex.ts";
import { encodeRlp, uintToRlp } from "../primitives/rlp.ts";

/** An event that a contract emitted. */
export interface EventLog {
  readonly address: Address;
  /** 0 to 4 topics. */
  readonly topics: readonly Hash32[];
  readonly data: Uint8Array;
}

/** The outcome of one included transaction. */
export interface Receipt {
  readonly type: 0 | 1 | 2 | 4;
  /** `false`: included, charged, reverted. */
  readonly success: boolean;
  readonly gasUsed: bigint;
  /** Gas of the block up to and with this transaction. */
  readonly cumulativeGasUsed: bigint;
  readonly effectiveGasPriceWei: bigint;
  readonly logs: readonly EventLog[];
  /** The created contract, when the transaction created one. */
  readonly contractAddress: Address | undefined;
}

/** The bloom of these logs. */
export function logsBloom(logs: readonly EventLog[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_SIZE_BYTES);
  for (const log of logs) {
    addToBloom(bloom, hexToBytes(log.address));
    for (const topic of log.topics) addToBloom(bloom, hexToBytes(topic));
  }
  return bloom;
}

/** The consensus bytes of a receipt: status, cumulative gas, bloom, logs. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const body = encodeRlp([
    uintToRlp(receipt.success ? 1n : 0n),
    uintToRlp(receipt.cumulativeGasUsed),
    logsBloom(receipt.logs),
    receipt.logs.map((log) => [hexToBytes(log.address), log.topics.map(hexToBytes), log.data]),
  ]);
  return receipt.type === 0 ? body : concatBytes(Uint8Array.of(receipt.type), body);
}

/** What a header says of its receipts. */
export function receiptsRoot(receipts: readonly Receipt[]): Hash32 {
  return orderedTrieRoot(receipts.map(encodeReceipt));
}
