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
import { bytesToBigint } from "../primitives/bytes.ts";
import { assert } from "../primitives/errors.ts";
import { type Address, bytesToAddress } from "../primitives/hex.ts";
import { keccak256Bytes } from "./keccak.ts";
import { WASM_BASE64 } from "./secp256k1/generated.ts";

/** Order of the group. */
export const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** A recoverable signature; `yParity` is 0 or 1. */
export interface Signature {
  readonly yParity: number;
  readonly r: bigint;
  readonly s: bigint;
}

/** What the module of recovery exports; `secp256k1/assembly/index.ts` documents each. */
interface RecoveryExports {
  readonly memory: WebAssembly.Memory;
  input(): number;
  output(): number;
  recover(yParity: number): number;
}

const wasm = await instantiateSecp256k1();
const recovery = instantiateRecovery();
const recoveryInput = new Uint8Array(recovery.memory.buffer, recovery.input(), 96);
const recoveryR = recoveryInput.subarray(32, 64);
const recoveryS = recoveryInput.subarray(64);
/**
 * The latest answers, in two generations: a process that admits, seals and proves asks for the same
 * signature several times, minutes apart at most.
 */
let recovered: Readonly<Record<"young" | "old", Map<string, Address>>> = {
  young: new Map(),
  old: new Map(),
};
const MAX_RECOVERED = 8_192;
const recoveredPoint = new Uint8Array(recovery.memory.buffer, recovery.output(), 64);

/**
 * The address whose key signed the 32-byte `digest`, or `undefined` when the signature is no
 * point on the curve. Does not refuse a high `s`; callers that must (EIP-2) check it.
 */
export function recoverAddress(digest: Uint8Array, signature: Signature): Address | undefined {
  assert(digest.length === 32, "a digest is 32 bytes");
  const { r, s, yParity } = signature;
  if (r <= 0n || r >= SECP256K1_ORDER || s <= 0n || s >= SECP256K1_ORDER) return undefined;
  if (yParity !== 0 && yParity !== 1) return undefined;
  recoveryInput.set(digest);
  recoveryR.setFromHex(r.toString(16).padStart(64, "0"));
  recoveryS.setFromHex(s.toString(16).padStart(64, "0"));
  const question = yParity === 0 ? recoveryInput.toHex() : `${recoveryInput.toHex()}1`;
  const known = recovered.young.get(question) ?? recovered.old.get(question);
  if (known !== undefined) return known;
  if (recovery.recover(yParity) === 0) return undefined;
  const address = pointToAddress(recoveredPoint);
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

function instantiateRecovery(): RecoveryExports {
  const module = new WebAssembly.Module(Uint8Array.fromBase64(WASM_BASE64));
  const instance = new WebAssembly.Instance(module);
  // The module is built from `assembly/index.ts`, whose exports these are.
  return instance.exports as unknown as RecoveryExports;
}
