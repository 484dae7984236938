/**
 * An L2 block: a standard Ethereum header (Osaka fields) and raw transactions.
 *
 * Owns the header's codec and hash and the transaction root. `stateRoot` is the root of varve's
 * state tree, so every Ethereum tool can check all of a block but the state. Does not own building.
 * @module
 */
import { keccak256 } from "../crypto/keccak.ts";
import { orderedTrieRoot } from "../crypto/ordered_trie.ts";
import { RollupError } from "../primitives/errors.ts";
import {
  type Address,
  bytesToAddress,
  bytesToHash32,
  type Hash32,
  hash32,
  hexToBytes,
  ZERO_HASH,
} from "../primitives/hex.ts";
import {
  decodeRlp,
  encodeRlp,
  rlpBytes,
  type RlpItem,
  rlpList,
  rlpUint,
  uintToRlp,
} from "../primitives/rlp.ts";
import { type BlockNumber, blockNumber } from "../primitives/units.ts";

/** The fields of a header that differ between blocks of an L2. */
export interface BlockHeader {
  readonly parentHash: Hash32;
  /** Takes all fees of the block. */
  readonly coinbase: Address;
  readonly stateRoot: Hash32;
  readonly transactionsRoot: Hash32;
  readonly receiptsRoot: Hash32;
  /** 256 bytes. */
  readonly logsBloom: Uint8Array;
  readonly number: BlockNumber;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  readonly timestampSec: bigint;
  /** What PREVRANDAO answers; deterministic here, see `vm/block_environment.ts`. */
  readonly prevRandao: Hash32;
  readonly baseFeePerGasWei: bigint;
}

/** A header with its body, each transaction as its EIP-2718 bytes. */
export interface Block {
  readonly header: BlockHeader;
  readonly transactions: readonly Uint8Array[];
}

/** Codes that this file throws. */
export type BlockErrorCode = "BLOCK_MALFORMED";

/** keccak256 of the RLP of no uncles: rollups have none. */
export const EMPTY_UNCLES_HASH: Hash32 = hash32(
  "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
);
/** Root of an empty trie: no withdrawals of the beacon chain reach a rollup. */
export const EMPTY_TRIE_ROOT: Hash32 = hash32(
  "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
);
/** sha256 of nothing (EIP-7685): no execution requests reach a rollup. */
export const EMPTY_REQUESTS_HASH: Hash32 = hash32(
  "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
);

/** The 21 RLP fields of an Osaka header. */
export function encodeHeader(header: BlockHeader): Uint8Array {
  return encodeRlp([
    hexToBytes(header.parentHash),
    hexToBytes(EMPTY_UNCLES_HASH),
    hexToBytes(header.coinbase),
    hexToBytes(header.stateRoot),
    hexToBytes(header.transactionsRoot),
    hexToBytes(header.receiptsRoot),
    header.logsBloom,
    uintToRlp(0n), // difficulty
    uintToRlp(header.number),
    uintToRlp(header.gasLimit),
    uintToRlp(header.gasUsed),
    uintToRlp(header.timestampSec),
    new Uint8Array(0), // extraData
    hexToBytes(header.prevRandao),
    new Uint8Array(8), // nonce
    uintToRlp(header.baseFeePerGasWei),
    hexToBytes(EMPTY_TRIE_ROOT), // withdrawalsRoot
    uintToRlp(0n), // blobGasUsed
    uintToRlp(0n), // excessBlobGas
    hexToBytes(ZERO_HASH), // parentBeaconBlockRoot
    hexToBytes(EMPTY_REQUESTS_HASH),
  ]);
}

/**
 * The header that `bytes` encode; constant fields must have their constant values.
 *
 * @throws `BLOCK_MALFORMED`, `RLP_INVALID`.
 */
export function decodeHeader(bytes: Uint8Array): BlockHeader {
  const fields: readonly RlpItem[] = rlpList(decodeRlp(bytes), 21);
  const header: BlockHeader = {
    parentHash: bytesToHash32(rlpBytes(fields[0], 32)),
    coinbase: bytesToAddress(rlpBytes(fields[2], 20)),
    stateRoot: bytesToHash32(rlpBytes(fields[3], 32)),
    transactionsRoot: bytesToHash32(rlpBytes(fields[4], 32)),
    receiptsRoot: bytesToHash32(rlpBytes(fields[5], 32)),
    logsBloom: rlpBytes(fields[6], 256),
    number: blockNumber(rlpUint(fields[8], 8)),
    gasLimit: rlpUint(fields[9], 8),
    gasUsed: rlpUint(fields[10], 8),
    timestampSec: rlpUint(fields[11], 8),
    prevRandao: bytesToHash32(rlpBytes(fields[13], 32)),
    baseFeePerGasWei: rlpUint(fields[15]),
  };
  if (encodeHeader(header).toHex() !== bytes.toHex()) {
    throw new RollupError<BlockErrorCode>(
      "BLOCK_MALFORMED",
      "Cannot decode the bytes as a header of this chain: a constant field has another value",
      { mend: "Give a header that this chain made: no uncles, withdrawals, blobs or requests." },
    );
  }
  return header;
}

/** The block hash: keccak256 of the header's RLP. */
export function headerHash(header: BlockHeader): Hash32 {
  return keccak256(encodeHeader(header));
}

/** What the header says of the body. */
export function transactionsRoot(transactions: readonly Uint8Array[]): Hash32 {
  return orderedTrieRoot(transactions);
}
