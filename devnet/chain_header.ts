/**
 * The bytes of Ethereum headers of all forks.
 *
 * Owns the order of fields and which ones a header has: the later ones end the list where the first
 * of them is absent. Does not own the header of the L2 (`core/types/block.ts`), which is one of
 * these with constants, or what values are right.
 * @module
 */
import { keccak256 } from "../core/crypto/keccak.ts";
import { assert } from "../core/primitives/errors.ts";
import {
  bytesToAddress,
  bytesToHash32,
  bytesToHex,
  type Hash32,
  hexToBytes,
} from "../core/primitives/hex.ts";
import {
  decodeRlp,
  encodeRlp,
  rlpBytes,
  type RlpItem,
  rlpList,
  rlpUint,
  uintToRlp,
} from "../core/primitives/rlp.ts";
import type { ChainHeader } from "./rpc/chain.ts";

/** A header without its hash, which follows from the rest. */
export type HeaderFields = Omit<ChainHeader, "hash">;

/** Fields that every header has. */
const FIRST_FIELDS = 15;
/** Fields of a header of Prague and later. */
const ALL_FIELDS = 21;

/** The RLP fields of `header`, in their order. */
export function headerToFields(header: HeaderFields): readonly RlpItem[] {
  const later = [
    mapPresent(header.baseFeePerGasWei, uintToRlp),
    mapPresent(header.withdrawalsRoot, hexToBytes),
    mapPresent(header.blobGasUsed, uintToRlp),
    mapPresent(header.excessBlobGas, uintToRlp),
    mapPresent(header.parentBeaconBlockRoot, hexToBytes),
    mapPresent(header.requestsHash, hexToBytes),
  ];
  const present = later.filter((field) => field !== undefined);
  assert(
    later.slice(0, present.length).every((field) => field !== undefined),
    "no field of a header follows an absent one",
  );
  return [
    hexToBytes(header.parentHash),
    hexToBytes(header.sha3Uncles),
    hexToBytes(header.miner),
    hexToBytes(header.stateRoot),
    hexToBytes(header.transactionsRoot),
    hexToBytes(header.receiptsRoot),
    header.logsBloom,
    uintToRlp(header.difficulty),
    uintToRlp(header.number),
    uintToRlp(header.gasLimit),
    uintToRlp(header.gasUsed),
    uintToRlp(header.timestampSec),
    hexToBytes(header.extraData),
    hexToBytes(header.mixHash),
    hexToBytes(header.nonce),
    ...present,
  ];
}

/** The canonical bytes of `header`. */
export function encodeHeaderFields(header: HeaderFields): Uint8Array {
  return encodeRlp(headerToFields(header));
}

/** The block hash: keccak256 of the header's RLP. */
export function hashHeaderFields(header: HeaderFields): Hash32 {
  return keccak256(encodeHeaderFields(header));
}

/** The header of these RLP fields, and its hash. @throws `RLP_INVALID`, `HEX_INVALID` */
export function fieldsToHeader(item: RlpItem): ChainHeader {
  const fields = rlpList(item);
  // Too few fields are missed one by one below; too many would be lost silently.
  rlpList(fields, Math.min(Math.max(fields.length, FIRST_FIELDS), ALL_FIELDS));
  const header: HeaderFields = {
    parentHash: bytesToHash32(rlpBytes(fields[0], 32)),
    sha3Uncles: bytesToHash32(rlpBytes(fields[1], 32)),
    miner: bytesToAddress(rlpBytes(fields[2], 20)),
    stateRoot: bytesToHash32(rlpBytes(fields[3], 32)),
    transactionsRoot: bytesToHash32(rlpBytes(fields[4], 32)),
    receiptsRoot: bytesToHash32(rlpBytes(fields[5], 32)),
    logsBloom: rlpBytes(fields[6], 256),
    difficulty: rlpUint(fields[7]),
    number: rlpUint(fields[8], 8),
    gasLimit: rlpUint(fields[9], 8),
    gasUsed: rlpUint(fields[10], 8),
    timestampSec: rlpUint(fields[11], 8),
    extraData: bytesToHex(rlpBytes(fields[12])),
    mixHash: bytesToHash32(rlpBytes(fields[13], 32)),
    nonce: bytesToHex(rlpBytes(fields[14], 8)),
    baseFeePerGasWei: mapPresent(fields[15], (field) => rlpUint(field)),
    withdrawalsRoot: mapPresent(fields[16], toHash),
    blobGasUsed: mapPresent(fields[17], (field) => rlpUint(field, 8)),
    excessBlobGas: mapPresent(fields[18], (field) => rlpUint(field, 8)),
    parentBeaconBlockRoot: mapPresent(fields[19], toHash),
    requestsHash: mapPresent(fields[20], toHash),
  };
  return { ...header, hash: keccak256(encodeRlp(fields)) };
}

/** The header that `bytes` encode. @throws `RLP_INVALID`, `HEX_INVALID` */
export function decodeHeaderFields(bytes: Uint8Array): ChainHeader {
  return fieldsToHeader(decodeRlp(bytes));
}

function toHash(field: RlpItem): Hash32 {
  return bytesToHash32(rlpBytes(field, 32));
}

function mapPresent<Value, Mapped>(
  value: Value | undefined,
  map: (value: Value) => Mapped,
): Mapped | undefined {
  return value === undefined ? undefined : map(value);
}
