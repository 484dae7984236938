/**
 * A transaction: types 0 (legacy), 1 (EIP-2930), 2 (EIP-1559) and 4 (EIP-7702), and on L1 also
 * type 3 (EIP-4844) in the form that blocks hold, without its blobs.
 *
 * Owns the fields, the canonical EIP-2718 codec, the hashes and the sender. Does not own admission
 * rules (`pool`) or execution (`vm`).
 * @module
 */
import { keccak256, keccak256Bytes } from "../crypto/keccak.ts";
import {
  recoverAddress,
  SECP256K1_ORDER,
  type Signature,
  signDigest,
} from "../crypto/secp256k1.ts";
import { concatBytes, EMPTY_BYTES } from "../primitives/bytes.ts";
import { RollupError } from "../primitives/errors.ts";
import {
  type Address,
  bytesToAddress,
  bytesToHash32,
  type Hash32,
  hexToBytes,
} from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import {
  decodeRlp,
  encodeRlp,
  rlpBytes,
  type RlpItem,
  rlpList,
  rlpUint,
  uintToRlp,
} from "../primitives/rlp.ts";

/** EIP-2930: storage that is warm from the start. */
export interface AccessListEntry {
  readonly address: Address;
  readonly storageKeys: readonly Hash32[];
}

/** EIP-7702: an account's signed wish to run `address`'s code. */
export interface Authorization {
  readonly chainId: bigint;
  readonly address: Address;
  readonly nonce: bigint;
  readonly yParity: number;
  readonly r: bigint;
  readonly s: bigint;
}

/** Types of transactions. The L2 has no type 3. */
export type TxType = 0 | 1 | 2 | 3 | 4;

/** What is signed: the fields of every type, with the unused ones empty. */
export interface UnsignedTransaction {
  readonly type: TxType;
  /** Absent only for legacy transactions from before EIP-155. */
  readonly chainId: bigint | undefined;
  readonly nonce: bigint;
  /** Types 0 and 1: the gas price. Types 2 and 4: `maxFeePerGas`. */
  readonly maxFeePerGasWei: bigint;
  /** Types 0 and 1: equal to `maxFeePerGasWei`. */
  readonly maxPriorityFeePerGasWei: bigint;
  readonly gasLimit: bigint;
  /** `undefined` creates a contract. */
  readonly to: Address | undefined;
  readonly valueWei: bigint;
  readonly data: Uint8Array;
  readonly accessList: readonly AccessListEntry[];
  readonly authorizations: readonly Authorization[];
  /** Type 3 only: the most that a unit of blob gas may cost. */
  readonly maxFeePerBlobGasWei?: bigint;
  /** Type 3 only: the versioned hash of each blob. */
  readonly blobHashes?: readonly Hash32[];
}

/** A signed transaction. */
export interface Transaction extends UnsignedTransaction {
  readonly yParity: number;
  readonly r: bigint;
  readonly s: bigint;
}

/** EIP-2: a greater `s` has a smaller twin. */
const MAX_LOW_S = SECP256K1_ORDER / 2n;
/** Gas of one blob (EIP-4844). */
const GAS_PER_BLOB = 131_072n;

/** Codes that this file throws. */
export type TxErrorCode =
  | "TX_MALFORMED"
  | "TX_TYPE_UNSUPPORTED"
  | "TX_OVERSIZED"
  | "TX_SIGNATURE_INVALID";

/**
 * The transaction that `raw` (EIP-2718 bytes, or RLP for legacy) encodes; by default at most what
 * fits L2 batch data.
 *
 * @throws `TX_OVERSIZED`, `TX_TYPE_UNSUPPORTED`, or `TX_MALFORMED` with the codec's error as cause.
 */
export function decodeTransaction(
  raw: Uint8Array,
  maxBytes: number = LIMITS.maxTxBytes,
): Transaction {
  // Before its size: with its blobs it is always too long, and shorter would not do either.
  if (raw[0] === 3) throw unsupportedType(3);
  if (raw.length > maxBytes) throw oversized(raw.length, maxBytes);
  return decodeBlockTransaction(raw);
}

/**
 * The transaction that `raw`, as an Ethereum block holds it, encodes: of any type and any size, a
 * type 3 without its blobs.
 *
 * @throws `TX_TYPE_UNSUPPORTED`, or `TX_MALFORMED` with the codec's error as cause.
 */
export function decodeBlockTransaction(raw: Uint8Array): Transaction {
  const type = raw[0];
  if (type === undefined) throw malformed("it is empty");
  try {
    if (type >= 0xc0) return decodeLegacy(rlpList(decodeRlp(raw), 9));
    const body = raw.subarray(1);
    if (type === 1) return decodeType1(rlpList(decodeRlp(body), 11));
    if (type === 2) return decodeType2(rlpList(decodeRlp(body), 12));
    if (type === 3) return decodeType3(rlpList(decodeRlp(body), 14));
    if (type === 4) return decodeType4(rlpList(decodeRlp(body), 13));
  } catch (error) {
    if (error instanceof RollupError && error.code.startsWith("TX_")) throw error;
    throw malformed(error instanceof Error ? error.message : String(error), error);
  }
  throw unsupportedType(type);
}

/** The canonical bytes of `tx`; the inverse of {@linkcode decodeTransaction}. */
export function encodeTransaction(tx: Transaction): Uint8Array {
  if (tx.type === 0) {
    const v = tx.chainId === undefined
      ? 27n + BigInt(tx.yParity)
      : 35n + 2n * tx.chainId + BigInt(tx.yParity);
    return encodeRlp([...legacyFields(tx), ...[v, tx.r, tx.s].map(uintToRlp)]);
  }
  const signature = [BigInt(tx.yParity), tx.r, tx.s].map(uintToRlp);
  return concatBytes(Uint8Array.of(tx.type), encodeRlp([...typedFields(tx), ...signature]));
}

/** keccak256 of the raw bytes: what every explorer calls the transaction hash. */
export function transactionHash(raw: Uint8Array): Hash32 {
  return keccak256(raw);
}

/** The 32-byte digest that the sender signs. */
export function signingDigest(tx: UnsignedTransaction): Uint8Array {
  if (tx.type === 0) {
    const replayGuard = tx.chainId === undefined ? [] : [tx.chainId, 0n, 0n].map(uintToRlp);
    return keccak256Bytes(encodeRlp([...legacyFields(tx), ...replayGuard]));
  }
  return keccak256Bytes(concatBytes(Uint8Array.of(tx.type), encodeRlp(typedFields(tx))));
}

/**
 * The address that signed `tx`. Slow (one curve recovery): call it once and keep the result.
 *
 * @throws `TX_SIGNATURE_INVALID` for no point on the curve or a high `s` (EIP-2).
 */
export function recoverSender(tx: Transaction): Address {
  return requireSender(tx, isLowS(tx) ? recoverAddress(signingDigest(tx), tx) : undefined);
}

/**
 * Recovers addresses, at once or on another thread; `recoverAddress` is one. The nonce of what was
 * signed may tell who has probably done so.
 */
export type AddressRecovery = (
  digest: Uint8Array,
  signature: Signature,
  nonce: bigint,
) => Address | undefined | Promise<Address | undefined>;

/**
 * {@linkcode recoverSender} by somebody who may take time.
 *
 * @throws `TX_SIGNATURE_INVALID`
 */
export async function recoverSenderBy(
  recover: AddressRecovery,
  tx: Transaction,
): Promise<Address> {
  return requireSender(tx, isLowS(tx) ? await recover(signingDigest(tx), tx, tx.nonce) : undefined);
}

function isLowS(tx: Transaction): boolean {
  return tx.s <= MAX_LOW_S;
}

function requireSender(tx: Transaction, sender: Address | undefined): Address {
  if (sender !== undefined) return sender;
  throw new RollupError<TxErrorCode>(
    "TX_SIGNATURE_INVALID",
    "Cannot recover the sender from the signature: it is not valid for this transaction",
    {
      details: { yParity: tx.yParity, r: tx.r, s: tx.s },
      mend: "Sign the transaction again; r and s must be in range and s in its low half.",
    },
  );
}

/** Signs `tx` deterministically (RFC 6979) with a 32-byte key. */
export function signTransaction(tx: UnsignedTransaction, privateKey: Uint8Array): Transaction {
  return { ...tx, ...signDigest(signingDigest(tx), privateKey) };
}

/** The most that `tx` can take from its sender: value plus gas at the highest price, also of blobs. */
export function maxCostWei(tx: UnsignedTransaction): bigint {
  return tx.valueWei + tx.gasLimit * tx.maxFeePerGasWei +
    blobGas(tx) * (tx.maxFeePerBlobGasWei ?? 0n);
}

/** What the blobs of `tx` take of a block's blob gas (EIP-4844); 0 for other types. */
export function blobGas(tx: UnsignedTransaction): bigint {
  return tx.blobHashes === undefined ? 0n : BigInt(tx.blobHashes.length) * GAS_PER_BLOB;
}

/** What a unit of gas costs at `baseFeePerGasWei` (EIP-1559). */
export function effectiveGasPriceWei(tx: UnsignedTransaction, baseFeePerGasWei: bigint): bigint {
  const capped = baseFeePerGasWei + tx.maxPriorityFeePerGasWei;
  return capped < tx.maxFeePerGasWei ? capped : tx.maxFeePerGasWei;
}

function legacyFields(tx: UnsignedTransaction): RlpItem[] {
  return [
    uintToRlp(tx.nonce),
    uintToRlp(tx.maxFeePerGasWei),
    uintToRlp(tx.gasLimit),
    toField(tx.to),
    uintToRlp(tx.valueWei),
    tx.data,
  ];
}

function typedFields(tx: UnsignedTransaction): RlpItem[] {
  const fees = tx.type === 1
    ? [uintToRlp(tx.maxFeePerGasWei)]
    : [uintToRlp(tx.maxPriorityFeePerGasWei), uintToRlp(tx.maxFeePerGasWei)];
  return [
    uintToRlp(tx.chainId ?? 0n),
    uintToRlp(tx.nonce),
    ...fees,
    uintToRlp(tx.gasLimit),
    toField(tx.to),
    uintToRlp(tx.valueWei),
    tx.data,
    tx.accessList.map((entry) => [hexToBytes(entry.address), entry.storageKeys.map(hexToBytes)]),
    ...(tx.type === 4 ? [tx.authorizations.map(authorizationFields)] : []),
    ...(tx.type === 3
      ? [uintToRlp(tx.maxFeePerBlobGasWei ?? 0n), (tx.blobHashes ?? []).map(hexToBytes)]
      : []),
  ];
}

function toField(to: Address | undefined): Uint8Array {
  return to === undefined ? EMPTY_BYTES : hexToBytes(to);
}

function authorizationFields(authorization: Authorization): RlpItem {
  return [
    uintToRlp(authorization.chainId),
    hexToBytes(authorization.address),
    uintToRlp(authorization.nonce),
    uintToRlp(BigInt(authorization.yParity)),
    uintToRlp(authorization.r),
    uintToRlp(authorization.s),
  ];
}

function decodeLegacy(fields: readonly RlpItem[]): Transaction {
  const v = rlpUint(fields[6], 9);
  const preEip155 = v === 27n || v === 28n;
  // The upper bound is that of the other types: a chain id of 64 bits.
  if (!preEip155 && (v < 35n || v >= 35n + (1n << 65n))) throw malformed(`signature has v ${v}`);
  const gasPriceWei = rlpUint(fields[1]);
  return {
    type: 0,
    chainId: preEip155 ? undefined : (v - 35n) / 2n,
    nonce: rlpUint(fields[0], 8),
    maxFeePerGasWei: gasPriceWei,
    maxPriorityFeePerGasWei: gasPriceWei,
    gasLimit: rlpUint(fields[2], 8),
    to: decodeTo(fields[3]),
    valueWei: rlpUint(fields[4]),
    data: rlpBytes(fields[5]),
    accessList: [],
    authorizations: [],
    yParity: Number(preEip155 ? v - 27n : (v - 35n) % 2n),
    r: rlpUint(fields[7]),
    s: rlpUint(fields[8]),
  };
}

function decodeType1(fields: readonly RlpItem[]): Transaction {
  const gasPriceWei = rlpUint(fields[2]);
  return {
    type: 1,
    chainId: rlpUint(fields[0], 8),
    nonce: rlpUint(fields[1], 8),
    maxFeePerGasWei: gasPriceWei,
    maxPriorityFeePerGasWei: gasPriceWei,
    gasLimit: rlpUint(fields[3], 8),
    to: decodeTo(fields[4]),
    valueWei: rlpUint(fields[5]),
    data: rlpBytes(fields[6]),
    accessList: decodeAccessList(fields[7]),
    authorizations: [],
    ...decodeSignature(fields.slice(8)),
  };
}

function decodeType2(fields: readonly RlpItem[]): Transaction {
  return {
    type: 2,
    ...decodeFeeMarketFields(fields),
    authorizations: [],
    ...decodeSignature(fields.slice(9)),
  };
}

function decodeType3(fields: readonly RlpItem[]): Transaction {
  const tx: Transaction = {
    type: 3,
    ...decodeFeeMarketFields(fields),
    authorizations: [],
    maxFeePerBlobGasWei: rlpUint(fields[9]),
    blobHashes: rlpList(fields[10]).map((hash) => bytesToHash32(rlpBytes(hash, 32))),
    ...decodeSignature(fields.slice(11)),
  };
  if (tx.to === undefined) throw malformed("a type 3 transaction cannot create a contract");
  if (tx.blobHashes?.length === 0) throw malformed("its list of blobs is empty");
  return tx;
}

function decodeType4(fields: readonly RlpItem[]): Transaction {
  const tx: Transaction = {
    type: 4,
    ...decodeFeeMarketFields(fields),
    authorizations: rlpList(fields[9]).map(decodeAuthorization),
    ...decodeSignature(fields.slice(10)),
  };
  if (tx.to === undefined) throw malformed("a type 4 transaction cannot create a contract");
  if (tx.authorizations.length === 0) throw malformed("its authorization list is empty");
  return tx;
}

function decodeFeeMarketFields(fields: readonly RlpItem[]) {
  return {
    chainId: rlpUint(fields[0], 8),
    nonce: rlpUint(fields[1], 8),
    maxPriorityFeePerGasWei: rlpUint(fields[2]),
    maxFeePerGasWei: rlpUint(fields[3]),
    gasLimit: rlpUint(fields[4], 8),
    to: decodeTo(fields[5]),
    valueWei: rlpUint(fields[6]),
    data: rlpBytes(fields[7]),
    accessList: decodeAccessList(fields[8]),
  };
}

function decodeTo(field: RlpItem | undefined): Address | undefined {
  const bytes = rlpBytes(field);
  return bytes.length === 0 ? undefined : bytesToAddress(rlpBytes(bytes, 20));
}

function decodeAccessList(field: RlpItem | undefined): AccessListEntry[] {
  return rlpList(field).map((item) => {
    const [entryAddress, storageKeys] = rlpList(item, 2);
    return {
      address: bytesToAddress(rlpBytes(entryAddress, 20)),
      storageKeys: rlpList(storageKeys).map((key) => bytesToHash32(rlpBytes(key, 32))),
    };
  });
}

function decodeAuthorization(item: RlpItem): Authorization {
  const fields = rlpList(item, 6);
  return {
    chainId: rlpUint(fields[0]),
    address: bytesToAddress(rlpBytes(fields[1], 20)),
    nonce: rlpUint(fields[2], 8),
    yParity: Number(rlpUint(fields[3], 1)),
    r: rlpUint(fields[4]),
    s: rlpUint(fields[5]),
  };
}

function decodeSignature(fields: readonly RlpItem[]): Pick<Transaction, "yParity" | "r" | "s"> {
  const yParity = rlpUint(fields[0], 1);
  if (yParity > 1n) throw malformed(`signature has y parity ${yParity}`);
  return { yParity: Number(yParity), r: rlpUint(fields[1]), s: rlpUint(fields[2]) };
}

function malformed(reason: string, cause?: unknown): RollupError<TxErrorCode> {
  return new RollupError("TX_MALFORMED", `Cannot decode the bytes as a transaction: ${reason}`, {
    details: { reason },
    mend: "Give the whole signed transaction as EIP-2718 bytes in hex.",
    cause,
  });
}

function oversized(sizeBytes: number, maxTxBytes: number): RollupError<TxErrorCode> {
  return new RollupError(
    "TX_OVERSIZED",
    `Cannot take the transaction as it must have at most ${maxTxBytes} bytes: it has ${sizeBytes}`,
    {
      details: { sizeBytes, maxTxBytes },
      mend: `Send at most ${maxTxBytes} bytes; split the data over several transactions.`,
    },
  );
}

function unsupportedType(type: number): RollupError<TxErrorCode> {
  const hint = type === 3 ? " (blobs live on L1 only)" : "";
  return new RollupError(
    "TX_TYPE_UNSUPPORTED",
    `Cannot take a transaction of type ${type}${hint}: this chain knows types 0, 1, 2 and 4`,
    { details: { type }, mend: "Send a transaction of type 0, 1, 2 or 4." },
  );
}

/** Where a creation by `creator` with `nonce` puts its contract: keccak256(rlp([creator, nonce])). */
export function createdAddress(creator: Address, nonce: bigint): Address {
  const preimage = encodeRlp([hexToBytes(creator), uintToRlp(nonce)]);
  return bytesToAddress(keccak256Bytes(preimage).subarray(12));
}
