/**
 * Poseidon2 over KoalaBear (p = 2^31 - 2^24 + 1), width 16, x^3, 4 + 20 + 4 rounds, in bulk.
 *
 * Owns the permutation, the 2-to-1 compression with feed-forward, and chains of it; runs them in one
 * small WebAssembly module, four at a time. Does not own what is hashed: domain tags, leaves and
 * trees are the caller's. An algebraic hash: about 124 bits against collisions on paper, with far
 * less cryptanalysis behind it than SHA-2 or Keccak; use it only where a proof needs it.
 *
 * Words are canonical field elements (each less than p); a digest is eight of them. Specification:
 * https://eprint.iacr.org/2023/323, with the constants and the diagonal of Plonky3.
 * @module
 */
import { allocateBytes } from "../../primitives/bytes.ts";
import { assert } from "../../primitives/errors.ts";
import { WASM_BASE64 } from "./generated.ts";

/** The modulus of the field: 2^31 - 2^24 + 1. */
export const KOALABEAR_MODULUS = 0x7f000001;
/** Words of a permutation. */
export const STATE_WORDS = 16;
/** Words of a digest. */
export const DIGEST_WORDS = 8;
/** Bytes of a digest: each word big-endian, word 0 first. */
export const DIGEST_BYTES = 32;
/** The most 16-byte blocks that one chain may have. */
export const MAX_CHAIN_BLOCKS = 4;

/** Bulk Poseidon2. Arrays may be longer than `count` asks for; the rest is left alone. */
export interface Poseidon2 {
  /** Rows of 16 words to their permutations, 16 words each. */
  permuteRows(rows: Uint32Array, count: number, permuted: Uint32Array): void;
  /**
   * Rows of two digests to one: the first 8 words of `permute(row) + row`. The addition makes it
   * one-way; the cut to half makes it compress.
   */
  compressPairs(pairs: Uint32Array, count: number, digests: Uint32Array): void;
  /**
   * Rows of a head (8 little-endian words) and `blockCount` blocks of 16 bytes to one digest. Each
   * block is read as eight big-endian 16-bit words, and `digest = compress(digest, block)`, starting
   * from the head. Every row of a call has the same length, so no padding rule is needed as long as
   * heads tell lengths and purposes apart.
   */
  compressChains(
    rows: Uint8Array,
    shape: { readonly count: number; readonly blockCount: number },
    digests: Uint32Array,
  ): void;
}

/** What the module exports; `assembly/index.ts` documents each. */
interface Poseidon2Exports {
  readonly memory: WebAssembly.Memory;
  input(): number;
  output(): number;
  capacity(): number;
  permuteRows(count: number): void;
  compressPairs(count: number): void;
  compressChains(count: number, blockCount: number): void;
}

/**
 * A fresh instance with its own memory (about 200 KB); synchronous, needs no permission.
 *
 * @example Compress two digests
 * ```ts
 * import { createPoseidon2 } from "./poseidon2.ts";
 *
 * const digest = new Uint32Array(8);
 * createPoseidon2().compressPairs(new Uint32Array(16), 1, digest);
 * ```
 */
export function createPoseidon2(): Poseidon2 {
  const wasm = instantiate();
  const capacity = wasm.capacity();
  const inputAt = wasm.input();
  const outputAt = wasm.output();
  // The module never grows its memory, so these views stay valid.
  const memory = wasm.memory.buffer;
  const inputBytes = new Uint8Array(memory, inputAt);
  const inputWords = new Uint32Array(memory, inputAt);
  const outputWords = new Uint32Array(memory, outputAt);

  const mapRows = (
    run: (count: number) => void,
    rows: Uint32Array,
    results: Uint32Array,
    shape: { readonly count: number; readonly resultWords: number },
  ): void => {
    const { count, resultWords } = shape;
    assert(rows.length >= count * STATE_WORDS, "every row that is asked for is given");
    assert(results.length >= count * resultWords, "every result has room");
    for (let first = 0; first < count; first += capacity) {
      const size = Math.min(capacity, count - first);
      inputWords.set(rows.subarray(first * STATE_WORDS, (first + size) * STATE_WORDS));
      run(size);
      results.set(outputWords.subarray(0, size * resultWords), first * resultWords);
    }
  };

  return {
    permuteRows: (rows, count, permuted) =>
      mapRows(wasm.permuteRows, rows, permuted, { count, resultWords: STATE_WORDS }),
    compressPairs: (pairs, count, digests) =>
      mapRows(wasm.compressPairs, pairs, digests, { count, resultWords: DIGEST_WORDS }),
    compressChains: (rows, { count, blockCount }, digests) => {
      assert(blockCount >= 0 && blockCount <= MAX_CHAIN_BLOCKS, "a row fits the module's memory");
      const rowBytes = DIGEST_BYTES + 16 * blockCount;
      assert(rows.length >= count * rowBytes, "every row that is asked for is given");
      assert(digests.length >= count * DIGEST_WORDS, "every result has room");
      for (let first = 0; first < count; first += capacity) {
        const size = Math.min(capacity, count - first);
        inputBytes.set(rows.subarray(first * rowBytes, (first + size) * rowBytes));
        wasm.compressChains(size, blockCount);
        digests.set(outputWords.subarray(0, size * DIGEST_WORDS), first * DIGEST_WORDS);
      }
    },
  };
}

/** The 32 bytes of the digest at `offset`: each word big-endian, word 0 first. */
export function digestToBytes(words: Uint32Array, offset = 0): Uint8Array {
  const bytes = allocateBytes(DIGEST_BYTES);
  for (let word = 0; word < DIGEST_WORDS; word++) {
    const value = words[offset + word] ?? 0;
    bytes[4 * word] = value >>> 24;
    bytes[4 * word + 1] = value >>> 16;
    bytes[4 * word + 2] = value >>> 8;
    bytes[4 * word + 3] = value;
  }
  return bytes;
}

/** The words that 32 bytes write, or `undefined` when they are no digest (a word is p or more). */
export function digestFromBytes(bytes: Uint8Array): Uint32Array | undefined {
  if (bytes.length !== DIGEST_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, DIGEST_BYTES);
  const words = new Uint32Array(DIGEST_WORDS);
  for (let word = 0; word < DIGEST_WORDS; word++) {
    const value = view.getUint32(4 * word);
    if (value >= KOALABEAR_MODULUS) return undefined;
    words[word] = value;
  }
  return words;
}

function instantiate(): Poseidon2Exports {
  const wasmModule = new WebAssembly.Module(Uint8Array.fromBase64(WASM_BASE64));
  // The bytes are our own build; the known-answer tests cover every export.
  return new WebAssembly.Instance(wasmModule).exports as unknown as Poseidon2Exports;
}
