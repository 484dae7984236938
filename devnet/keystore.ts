/**
 * Private keys from Ethereum keystores, version 3 (Web3 Secret Storage).
 *
 * Owns the file's shape and its decryption: scrypt or PBKDF2, AES-128-CTR, keccak256 as check of the
 * password. Does not own reading files, nor making keystores, which wallets do.
 * @module
 */
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { keccak256Bytes } from "../core/crypto/keccak.ts";
import { privateKeyToAddress, SECP256K1_ORDER } from "../core/crypto/secp256k1.ts";
import { bytesToBigint, concatBytes } from "../core/primitives/bytes.ts";
import { RollupError } from "../core/primitives/errors.ts";

/**
 * Codes that this file throws.
 *
 * - `KEYSTORE_INVALID`: the text is no keystore of version 3, or asks for more work than is sane.
 * - `KEYSTORE_UNSUPPORTED`: a cipher or key derivation that the standard allows and this does not.
 * - `KEYSTORE_PASSWORD_WRONG`: the check sum of the file says so.
 */
export type KeystoreErrorCode =
  | "KEYSTORE_INVALID"
  | "KEYSTORE_UNSUPPORTED"
  | "KEYSTORE_PASSWORD_WRONG";

/** Longer texts are no keystores: real ones have about 500 characters. */
const MAX_KEYSTORE_CHARACTERS = 65_536;
/** Twice the memory that geth's standard scrypt takes. */
const MAX_SCRYPT_MEMORY_BYTES = 512 * 1024 * 1024;
/** Bounds the time of scrypt: 128 · n · r · p. */
const MAX_SCRYPT_WORK_BYTES = 4 * 1024 * 1024 * 1024;
const MAX_PBKDF2_ROUNDS = 10_000_000;
const KEY_BYTES = 32;

/**
 * The private key that `text`, the content of a keystore file, holds under `password`.
 *
 * @throws `KEYSTORE_INVALID`, `KEYSTORE_UNSUPPORTED`, `KEYSTORE_PASSWORD_WRONG`; no message repeats
 * the password or any secret of the file.
 */
export async function decryptKeystore(text: string, password: string): Promise<Uint8Array> {
  const file = readKeystore(text);
  const derived = await deriveKey(file.kdf, new TextEncoder().encode(password.normalize("NFKC")));
  const mac = keccak256Bytes(concatBytes(derived.subarray(16, 32), file.ciphertext));
  if (mac.toHex() !== file.mac.toHex()) throw passwordWrong();
  const aesKey = await crypto.subtle.importKey(
    "raw",
    derived.slice(0, 16),
    "AES-CTR",
    false,
    ["decrypt"],
  );
  const plain = await crypto.subtle.decrypt(
    { name: "AES-CTR", counter: file.iv, length: 128 },
    aesKey,
    file.ciphertext,
  );
  return checkKey(new Uint8Array(plain), file.address);
}

type Kdf =
  | { readonly kind: "scrypt"; readonly salt: Bytes; readonly n: number; r: number; p: number }
  | { readonly kind: "pbkdf2"; readonly salt: Bytes; readonly c: number };

/** Bytes of their own buffer, which is what WebCrypto takes. */
type Bytes = Uint8Array<ArrayBuffer>;

interface Keystore {
  readonly kdf: Kdf;
  readonly iv: Bytes;
  readonly ciphertext: Bytes;
  readonly mac: Bytes;
  /** Lower-case hex without prefix; many wallets leave it out. */
  readonly address: string | undefined;
}

function readKeystore(text: string): Keystore {
  const root = readObject(parseJson(text), "the file");
  if (root.version !== 3) throw invalid(`its version is ${show(root.version)}, expected 3`);
  // Early versions of geth wrote it with a capital.
  const crypto = readObject(root.crypto ?? root.Crypto, "crypto");
  if (crypto.cipher !== "aes-128-ctr") throw unsupported("cipher", crypto.cipher, "aes-128-ctr");
  const cipherParams = readObject(crypto.cipherparams, "crypto.cipherparams");
  const address = typeof root.address === "string"
    ? root.address.toLowerCase().replace(/^0x/, "")
    : undefined;
  return {
    kdf: readKdf(crypto.kdf, readObject(crypto.kdfparams, "crypto.kdfparams")),
    iv: readHex(cipherParams.iv, "crypto.cipherparams.iv", 16, 16),
    ciphertext: readHex(crypto.ciphertext, "crypto.ciphertext", KEY_BYTES, KEY_BYTES),
    mac: readHex(crypto.mac, "crypto.mac", 32, 32),
    address: address === "" ? undefined : address,
  };
}

function readKdf(name: unknown, params: Readonly<Record<string, unknown>>): Kdf {
  if (name !== "scrypt" && name !== "pbkdf2") {
    throw unsupported("key derivation", name, "scrypt or pbkdf2");
  }
  if (params.dklen !== KEY_BYTES) throw invalid(`dklen is ${show(params.dklen)}, expected 32`);
  const salt = readHex(params.salt, "crypto.kdfparams.salt", 1, 256);
  if (name === "pbkdf2") {
    if (params.prf !== "hmac-sha256") throw unsupported("prf", params.prf, "hmac-sha256");
    return { kind: name, salt, c: readCount(params.c, "c", MAX_PBKDF2_ROUNDS) };
  }
  const n = readCount(params.n, "n", 2 ** 24);
  const r = readCount(params.r, "r", 1_024);
  const p = readCount(params.p, "p", 1_024);
  if (n < 2 || (n & (n - 1)) !== 0) throw invalid(`scrypt's n is ${n}, expected a power of two`);
  if (128 * n * r > MAX_SCRYPT_MEMORY_BYTES || 128 * n * r * p > MAX_SCRYPT_WORK_BYTES) {
    throw invalid(`scrypt with n = ${n}, r = ${r}, p = ${p} asks for too much memory or time`);
  }
  return { kind: name, salt, n, r, p };
}

async function deriveKey(kdf: Kdf, password: Bytes): Promise<Bytes> {
  if (kdf.kind === "scrypt") {
    const { salt, n, r, p } = kdf;
    const maxmem = MAX_SCRYPT_MEMORY_BYTES + 1024 * 1024;
    return new Uint8Array(
      await scryptAsync(password, salt, { N: n, r, p, dkLen: KEY_BYTES, maxmem }),
    );
  }
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const parameters = { name: "PBKDF2", hash: "SHA-256", salt: kdf.salt, iterations: kdf.c };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 8 * KEY_BYTES));
}

/** The standard allows any secret; a key of secp256k1 is what signs transactions. */
function checkKey(key: Uint8Array, wantedAddress: string | undefined): Uint8Array {
  const value = bytesToBigint(key);
  if (value === 0n || value >= SECP256K1_ORDER) throw invalid("its secret is no secp256k1 key");
  if (wantedAddress !== undefined && privateKeyToAddress(key) !== `0x${wantedAddress}`) {
    throw invalid("its address is not that of its key");
  }
  return key;
}

function parseJson(text: string): unknown {
  if (text.length > MAX_KEYSTORE_CHARACTERS) throw invalid("it is far too long");
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may be a bare key in the wrong file.
    throw invalid("it is not JSON");
  }
}

function readObject(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`${name} is no object`);
  }
  return Object.fromEntries(Object.entries(value));
}

function readHex(value: unknown, name: string, minBytes: number, maxBytes: number): Bytes {
  const digits = typeof value === "string" ? value.replace(/^0x/, "") : "";
  const sizeBytes = digits.length / 2;
  if (!/^([0-9a-fA-F]{2})+$/.test(digits) || sizeBytes < minBytes || sizeBytes > maxBytes) {
    const wanted = minBytes === maxBytes ? `${minBytes}` : `${minBytes} to ${maxBytes}`;
    throw invalid(`${name} is not hex of ${wanted} bytes`);
  }
  return Uint8Array.fromHex(digits);
}

function readCount(value: unknown, name: string, max: number): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1 || value > max) {
    throw invalid(`${name} is ${show(value)}, expected 1 to ${max}`);
  }
  return value;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function invalid(reason: string): RollupError<KeystoreErrorCode> {
  return new RollupError("KEYSTORE_INVALID", `Cannot read the keystore: ${reason}`, {
    details: { reason },
    mend:
      "Name a keystore file of version 3 with `--l1-keystore FILE`, as geth, cast and wallets " +
      "write it.",
  });
}

function unsupported(
  what: string,
  got: unknown,
  expected: string,
): RollupError<KeystoreErrorCode> {
  return new RollupError(
    "KEYSTORE_UNSUPPORTED",
    `Cannot decrypt the keystore: its ${what} is ${show(got)}, expected ${expected}`,
    {
      details: { what, expected },
      mend: "Write it anew with `cast wallet import`, which makes what is expected.",
    },
  );
}

function passwordWrong(): RollupError<KeystoreErrorCode> {
  return new RollupError(
    "KEYSTORE_PASSWORD_WRONG",
    "Cannot decrypt the keystore: the password is another one, or the file is damaged",
    { mend: "Put the right password into the file of `--l1-password-file FILE`." },
  );
}
