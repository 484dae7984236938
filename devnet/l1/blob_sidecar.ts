/**
 * Blobs that come with a transaction over the network and stay out of the chain (EIP-4844).
 *
 * Owns both network forms: with a proof for each blob, and with the proofs of its cells (EIP-7594).
 * Blobs are checked and dropped, as no consensus layer asks for them here. A blob's own proof is
 * checked in full; of cells only how many proofs there are and which commitments they come with, as
 * checking more needs the whole trusted setup of the ceremony. Does not own transactions.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import {
  bigintToBytes,
  bytesToBigint,
  concatBytes,
  EMPTY_BYTES,
} from "../../core/primitives/bytes.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import { bytesToHash32, type Hash32 } from "../../core/primitives/hex.ts";
import {
  decodeRlp,
  encodeRlp,
  rlpBytes,
  type RlpItem,
  rlpList,
} from "../../core/primitives/rlp.ts";
import { verifyPointEvaluation } from "../../core/vm/point_evaluation.ts";

/** geth's bound of a blob transaction in its network form. */
export const MAX_BLOB_TX_BYTES = 1_048_576;

/** Codes that this file throws. */
export type BlobSidecarErrorCode = "BLOB_SIDECAR_INVALID";

const TX_TYPE = 3;
const BLOB_BYTES = 131_072;
const POINT_BYTES = 48;
const FIELD_BYTES = 32;
/** EIP-7594: proofs that come with each blob. */
const CELLS_PER_BLOB = 128;
/** EIP-4844: the first byte of a versioned hash. */
const COMMITMENT_VERSION = 1;
/** Order of the field that blobs are made of. */
const FIELD_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
/** Field elements of a blob: values of a polynomial at as many roots of unity. */
const BLOB_ELEMENTS = 4_096;
const PRIMITIVE_ROOT = 7n;
const CHALLENGE_DOMAIN = new TextEncoder().encode("FSBLOBVERIFY_V1_");

/**
 * The bytes of a transaction as a block holds it; of a blob transaction without its blobs, which are
 * checked.
 *
 * @throws `BLOB_SIDECAR_INVALID`, also for a blob transaction without blobs. Other bytes that are no
 * transaction come back as they are.
 */
export function stripSidecar(raw: Uint8Array): Uint8Array {
  if (raw[0] !== TX_TYPE) return raw;
  if (raw.length > MAX_BLOB_TX_BYTES) {
    throw invalidSidecar(`it has ${raw.length} of at most ${MAX_BLOB_TX_BYTES} bytes`);
  }
  const sidecar = decodeSidecar(raw.subarray(1));
  const { blobs, commitments, proofs } = sidecar;
  if (commitments.length !== blobs.length) {
    throw invalidSidecar(`there are ${commitments.length} commitments for ${blobs.length} blobs`);
  }
  const proofCount = blobs.length * (sidecar.kind === "cells" ? CELLS_PER_BLOB : 1);
  if (proofs.length !== proofCount) {
    throw invalidSidecar(`there are ${proofs.length} of ${proofCount} proofs`);
  }
  checkHashes(sidecar.transaction, commitments);
  for (const [index, blob] of blobs.entries()) {
    const proof = sidecar.kind === "cells" ? undefined : proofs[index];
    checkBlob(blob, commitments[index] ?? EMPTY_BYTES, proof);
  }
  return concatBytes(Uint8Array.of(TX_TYPE), encodeRlp(sidecar.transaction));
}

interface Sidecar {
  readonly transaction: readonly RlpItem[];
  readonly kind: "blobs" | "cells";
  readonly blobs: readonly Uint8Array[];
  readonly commitments: readonly Uint8Array[];
  readonly proofs: readonly Uint8Array[];
}

function decodeSidecar(bytes: Uint8Array): Sidecar {
  try {
    const fields = rlpList(decodeRlp(bytes));
    const [transaction, ...rest] = fields;
    if (transaction instanceof Uint8Array) throw invalidSidecar("its blobs are missing");
    const isCells = rest[0] instanceof Uint8Array;
    if (isCells && bytesToBigint(rlpBytes(rest[0])) !== 1n) {
      throw invalidSidecar("its version is none of 0 and 1");
    }
    const [blobs, commitments, proofs] = rlpList(isCells ? rest.slice(1) : rest, 3);
    return {
      transaction: rlpList(transaction, 14),
      kind: isCells ? "cells" : "blobs",
      blobs: rlpList(blobs).map((blob) => rlpBytes(blob, BLOB_BYTES)),
      commitments: rlpList(commitments).map((point) => rlpBytes(point, POINT_BYTES)),
      proofs: rlpList(proofs).map((point) => rlpBytes(point, POINT_BYTES)),
    };
  } catch (error) {
    if (!(error instanceof RollupError) || error.code === "BLOB_SIDECAR_INVALID") throw error;
    throw invalidSidecar(error.message, error);
  }
}

/** The transaction names its blobs by the hashes of their commitments. */
function checkHashes(
  transaction: readonly RlpItem[],
  commitments: readonly Uint8Array[],
): void {
  const named = rlpList(transaction[10]).map((hash) => bytesToHash32(rlpBytes(hash, 32)));
  if (named.length !== commitments.length) {
    throw invalidSidecar(`it names ${named.length} blobs and brings ${commitments.length}`);
  }
  for (const [index, commitment] of commitments.entries()) {
    if (named[index] !== versionedHash(commitment)) {
      throw invalidSidecar(`the hash of commitment ${index} is another than it names`);
    }
  }
}

/** What a transaction calls a blob. */
export function versionedHash(commitment: Uint8Array): Hash32 {
  const hash = sha256(commitment);
  hash[0] = COMMITMENT_VERSION;
  return bytesToHash32(hash);
}

function checkBlob(
  blob: Uint8Array,
  commitment: Uint8Array,
  proof: Uint8Array | undefined,
): void {
  const values = toFieldElements(blob);
  if (values === undefined) throw invalidSidecar("a blob has a number that is no field element");
  if (proof === undefined) return;
  // Step 1: the challenge, which nobody can foresee before both blob and commitment are fixed.
  const degree = bigintToBytes(BigInt(BLOB_ELEMENTS), 16);
  const challenge = sha256(concatBytes(CHALLENGE_DOMAIN, degree, blob, commitment));
  const z = bytesToBigint(challenge) % FIELD_ORDER;
  // Step 2: the blob's own value there must be what the commitment has there.
  const y = bigintToBytes(evaluateBlob(values, z), FIELD_BYTES);
  const claim = { commitment, z: bigintToBytes(z, FIELD_BYTES), y, proof };
  if (verifyPointEvaluation(claim) !== true) {
    throw invalidSidecar("the proof of a blob does not show that its commitment is right");
  }
}

function toFieldElements(blob: Uint8Array): readonly bigint[] | undefined {
  const values: bigint[] = [];
  for (let offset = 0; offset < blob.length; offset += FIELD_BYTES) {
    const value = bytesToBigint(blob.subarray(offset, offset + FIELD_BYTES));
    if (value >= FIELD_ORDER) return undefined;
    values.push(value);
  }
  return values;
}

/**
 * The value at `z` of the polynomial that has `values` at the roots of unity in bit-reversed order:
 * `(z^n - 1) / n * sum(values[i] * roots[i] / (z - roots[i]))`.
 */
export function evaluateBlob(values: readonly bigint[], z: bigint): bigint {
  const roots = reversedRoots();
  const atRoot = roots.indexOf(z);
  if (atRoot >= 0) return values[atRoot] ?? 0n;
  const inverses = invertAll(roots.map((root) => modulo(z - root)));
  let sum = 0n;
  for (const [index, value] of values.entries()) {
    if (value !== 0n) sum += value * ((roots[index] ?? 0n) * (inverses[index] ?? 0n) % FIELD_ORDER);
  }
  const count = BigInt(BLOB_ELEMENTS);
  const scale = modulo(power(z, count) - 1n) * power(count, FIELD_ORDER - 2n);
  return modulo(modulo(sum) * modulo(scale));
}

function reversedRoots(): readonly bigint[] {
  const step = power(PRIMITIVE_ROOT, (FIELD_ORDER - 1n) / BigInt(BLOB_ELEMENTS));
  const roots: bigint[] = [];
  let root = 1n;
  for (let index = 0; index < BLOB_ELEMENTS; index++) {
    roots[reverseBits(index)] = root;
    root = root * step % FIELD_ORDER;
  }
  return roots;
}

function reverseBits(index: number): number {
  let reversed = 0;
  for (let bit = 1; bit < BLOB_ELEMENTS; bit *= 2) {
    reversed = reversed * 2 + Math.floor(index / bit) % 2;
  }
  return reversed;
}

/** Inverses of all, with one inversion (Montgomery's trick); none may be 0. */
function invertAll(values: readonly bigint[]): readonly bigint[] {
  const products: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    products.push(product);
    product = product * value % FIELD_ORDER;
  }
  let inverse = power(product, FIELD_ORDER - 2n);
  const inverses: bigint[] = [];
  for (let index = values.length - 1; index >= 0; index--) {
    inverses[index] = inverse * (products[index] ?? 0n) % FIELD_ORDER;
    inverse = inverse * (values[index] ?? 0n) % FIELD_ORDER;
  }
  return inverses;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % FIELD_ORDER;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = result * square % FIELD_ORDER;
    square = square * square % FIELD_ORDER;
  }
  return result;
}

function modulo(value: bigint): bigint {
  const rest = value % FIELD_ORDER;
  return rest < 0n ? rest + FIELD_ORDER : rest;
}

function invalidSidecar(reason: string, cause?: unknown): RollupError<BlobSidecarErrorCode> {
  return new RollupError(
    "BLOB_SIDECAR_INVALID",
    `Cannot take the blob transaction as its blobs must come with it and be right: ${reason}`,
    {
      details: { reason },
      mend: "Send it in its network form, with blobs, commitments and proofs.",
      cause,
    },
  );
}
