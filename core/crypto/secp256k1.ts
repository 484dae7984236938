/**
 * ECDSA over secp256k1 as Ethereum uses it: recover an address, sign a digest.
 *
 * Owns the choice of code. Signing is libsecp256k1 as wasm, as keys are secret: twice as fast as plain
 * TypeScript, and its signatures follow RFC 6979, so equal input gives equal bytes. Recovery, which
 * every transaction needs and which knows no secret, is a small WebAssembly module of our own
 * (`secp256k1/assembly`). Tests hold both to noble. Does not own what is signed.
 * @module
 */
// The one file of it that is needed: the whole library takes longer to load than everything else.
import { instantiateSecp256k1 } from "@bitauth/libauth/build/lib/crypto/secp256k1.js";
import { bytesToBigint, copyBytes } from "../primitives/bytes.ts";
import { assert } from "../primitives/errors.ts";
import { type Address, bytesToAddress } from "../primitives/hex.ts";
import { keccak256Bytes } from "./keccak.ts";
import { createPointRecovery } from "./secp256k1/recovery.ts";

/** Order of the group. */
export const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** A recoverable signature; `yParity` is 0 or 1. */
export interface Signature {
  readonly yParity: number;
  readonly r: bigint;
  readonly s: bigint;
}

const wasm = await instantiateSecp256k1();
const recovery = createPointRecovery();
const questionR = recovery.question.subarray(32, 64);
const questionS = recovery.question.subarray(64);
/**
 * The latest answers, in two generations: a process that admits, seals and proves asks for the same
 * signature several times, minutes apart at most.
 */
let recovered: Readonly<Record<"young" | "old", Map<string, Address>>> = {
  young: new Map(),
  old: new Map(),
};
const MAX_RECOVERED = 8_192;

/**
 * The address whose key signed the 32-byte `digest`, or `undefined` when the signature is no
 * point on the curve. Does not refuse a high `s`; callers that must (EIP-2) check it.
 */
export function recoverAddress(digest: Uint8Array, signature: Signature): Address | undefined {
  const question = askedFor(digest, signature);
  if (question === undefined) return undefined;
  const known = recall(question);
  if (known !== undefined) return known;
  if (!recovery.recover(signature.yParity)) return undefined;
  return remember(question, recovery.point);
}

/** A recovery that somebody else does, and what it is remembered under. */
export interface RecoveryQuestion {
  readonly id: string;
  /** `QUESTION_BYTES` of `secp256k1/recovery.ts`. */
  readonly bytes: Uint8Array;
  readonly yParity: number;
}

/**
 * What {@linkcode recoverAddress} would answer at once, or what there is to recover. Who has done so
 * says it to {@linkcode noteRecovered}.
 */
export function recallAddress(
  digest: Uint8Array,
  signature: Signature,
): { readonly address: Address | undefined } | { readonly question: RecoveryQuestion } {
  const id = askedFor(digest, signature);
  if (id === undefined) return { address: undefined };
  const known = recall(id);
  if (known !== undefined) return { address: known };
  const { yParity } = signature;
  return { question: { id, bytes: copyBytes(recovery.question), yParity } };
}

/** Remembers what was recovered elsewhere, as 64 bytes of coordinates, and gives its address. */
export function noteRecovered(question: RecoveryQuestion, point: Uint8Array): Address {
  return recall(question.id) ?? remember(question.id, point);
}

/** Writes the question down for the module, and names it; `undefined` for what is no signature. */
function askedFor(digest: Uint8Array, { r, s, yParity }: Signature): string | undefined {
  assert(digest.length === 32, "a digest is 32 bytes");
  if (r <= 0n || r >= SECP256K1_ORDER || s <= 0n || s >= SECP256K1_ORDER) return undefined;
  if (yParity !== 0 && yParity !== 1) return undefined;
  recovery.question.set(digest);
  questionR.setFromHex(r.toString(16).padStart(64, "0"));
  questionS.setFromHex(s.toString(16).padStart(64, "0"));
  return yParity === 0 ? recovery.question.toHex() : `${recovery.question.toHex()}1`;
}

function recall(question: string): Address | undefined {
  return recovered.young.get(question) ?? recovered.old.get(question);
}

function remember(question: string, point: Uint8Array): Address {
  const address = pointToAddress(point);
  if (recovered.young.size === MAX_RECOVERED) {
    recovered = { young: new Map(), old: recovered.young };
  }
  recovered.young.set(question, address);
  return address;
}

/** Signs a 32-byte `digest` deterministically (RFC 6979) with low `s` (EIP-2). */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): Signature {
  // The module would read on past a shorter key or digest.
  assert(digest.length === 32 && privateKey.length === 32, "digest and private key are 32 bytes");
  const signed = wasm.signMessageHashRecoverableCompact(privateKey, digest);
  assert(typeof signed !== "string", "a private key is above 0 and below the order");
  return {
    yParity: signed.recoveryId,
    r: bytesToBigint(signed.signature.subarray(0, 32)),
    s: bytesToBigint(signed.signature.subarray(32, 64)),
  };
}

/** The address that `privateKey` (32 bytes) controls. */
export function privateKeyToAddress(privateKey: Uint8Array): Address {
  assert(privateKey.length === 32, "a private key is 32 bytes");
  const publicKey = wasm.derivePublicKeyUncompressed(privateKey);
  assert(typeof publicKey !== "string", "a private key is above 0 and below the order");
  return publicKeyToAddress(publicKey);
}

function publicKeyToAddress(uncompressed: Uint8Array): Address {
  return pointToAddress(uncompressed.subarray(1));
}

function pointToAddress(coordinates: Uint8Array): Address {
  return bytesToAddress(keccak256Bytes(coordinates).subarray(12));
}
