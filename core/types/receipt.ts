/**
 * What a transaction did: status, gas and logs.
 *
 * Owns the consensus codec (EIP-2718 receipts), the bloom and the receipts root. Does not own where
 * receipts are kept.
 * @module
 */
import { addToBloom, BLOOM_SIZE_BYTES } from "../crypto/bloom.ts";
import { orderedTrieRoot } from "../crypto/ordered_trie.ts";
import { concatBytes, EMPTY_BYTES } from "../primitives/bytes.ts";
import { assert } from "../primitives/errors.ts";
import {
  type Address,
  bytesToAddress,
  bytesToHash32,
  type Hash32,
  hexToBytes,
} from "../primitives/hex.ts";
import {
  encodeRlp,
  rlpBytes,
  type RlpItem,
  rlpList,
  rlpUint,
  uintToRlp,
} from "../primitives/rlp.ts";
import type { TxType } from "./tx.ts";

/** An event that a contract emitted. */
export interface EventLog {
  readonly address: Address;
  /** 0 to 4 topics. */
  readonly topics: readonly Hash32[];
  readonly data: Uint8Array;
}

/** The outcome of one included transaction. */
export interface Receipt {
  readonly type: TxType;
  /** `false`: included, charged, reverted. */
  readonly success: boolean;
  readonly gasUsed: bigint;
  /** Gas of the block up to and with this transaction. */
  readonly cumulativeGasUsed: bigint;
  readonly effectiveGasPriceWei: bigint;
  readonly logs: readonly EventLog[];
  /** The created contract, when the transaction created one. */
  readonly contractAddress: Address | undefined;
  /** Before Byzantium (EIP-658): the state after the transaction, in the place of `success`. */
  readonly stateRoot?: Hash32;
  /** Type 3 only. */
  readonly blobGasUsed?: bigint;
  /** Type 3 only: what a unit of blob gas cost. */
  readonly blobGasPriceWei?: bigint;
}

const NO_BLOOM = new Uint8Array(BLOOM_SIZE_BYTES);

/** The bloom of these logs. Not to be changed: that of no logs is the same bytes for all. */
export function logsBloom(logs: readonly EventLog[]): Uint8Array {
  if (logs.length === 0) return NO_BLOOM;
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
    receipt.stateRoot === undefined
      ? uintToRlp(receipt.success ? 1n : 0n)
      : hexToBytes(receipt.stateRoot),
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

/** Everything that a receipt says, as seven RLP fields: how chains of this project keep it. */
export function receiptToFields(receipt: Receipt): readonly RlpItem[] {
  return [
    uintToRlp(BigInt(receipt.type)),
    uintToRlp(receipt.success ? 1n : 0n),
    uintToRlp(receipt.gasUsed),
    uintToRlp(receipt.cumulativeGasUsed),
    uintToRlp(receipt.effectiveGasPriceWei),
    receipt.contractAddress === undefined ? EMPTY_BYTES : hexToBytes(receipt.contractAddress),
    receipt.logs.map((log) => [hexToBytes(log.address), log.topics.map(hexToBytes), log.data]),
  ];
}

/** The inverse of {@linkcode receiptToFields}. @throws `RLP_INVALID` */
export function fieldsToReceipt(fields: readonly RlpItem[]): Receipt {
  const [type, success, gasUsed, cumulative, price, created, logs] = rlpList(fields, 7);
  const contract = rlpBytes(created);
  return {
    type: receiptType(rlpUint(type)),
    success: rlpUint(success) === 1n,
    gasUsed: rlpUint(gasUsed),
    cumulativeGasUsed: rlpUint(cumulative),
    effectiveGasPriceWei: rlpUint(price),
    contractAddress: contract.length === 0 ? undefined : bytesToAddress(contract),
    logs: rlpList(logs).map((entry): EventLog => {
      const [source, topics, data] = rlpList(entry, 3);
      return {
        address: bytesToAddress(rlpBytes(source, 20)),
        topics: rlpList(topics).map((topic) => bytesToHash32(rlpBytes(topic, 32))),
        data: rlpBytes(data),
      };
    }),
  };
}

function receiptType(value: bigint): Receipt["type"] {
  if (value === 0n) return 0;
  if (value === 1n) return 1;
  if (value === 2n) return 2;
  if (value === 3n) return 3;
  assert(value === 4n, "stored receipts have a type that was checked before");
  return 4;
}
