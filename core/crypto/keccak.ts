/**
 * Keccak-256 as Ethereum uses it.
 *
 * Owns the instance of one small WebAssembly module, the program's own sponge: short inputs hash
 * several times faster than in plain TypeScript, and nearly everything here hashes short inputs.
 * Does not own any encoding that is hashed.
 * @module
 */
import { copyBytes } from "../primitives/bytes.ts";
import { bytesToHash32, type Hash32 } from "../primitives/hex.ts";
import { WASM_BASE64 } from "./keccak/generated.ts";

/** What the module exports; `keccak/assembly/index.ts` documents each. */
interface KeccakExports {
  readonly memory: WebAssembly.Memory;
  input(): number;
  output(): number;
  hash(length: number): void;
}

const DIGEST_BYTES = 32;
const PAGE_BYTES = 65_536;

const wasm = instantiate();
const inputAt = wasm.input();
const outputAt = wasm.output();
let views = viewMemory();

/** keccak256 of `bytes`, as text. */
export function keccak256(bytes: Uint8Array): Hash32 {
  return bytesToHash32(digestOf(bytes));
}

/** keccak256 of `bytes`, as 32 bytes. */
export function keccak256Bytes(bytes: Uint8Array): Uint8Array {
  return copyBytes(digestOf(bytes));
}

/** The digest where the module leaves it: good until the next call. */
function digestOf(bytes: Uint8Array): Uint8Array {
  const missingBytes = bytes.length - views.input.length;
  if (missingBytes > 0) {
    wasm.memory.grow(Math.ceil(missingBytes / PAGE_BYTES));
    // Growing takes the old buffer away.
    views = viewMemory();
  }
  views.input.set(bytes);
  wasm.hash(bytes.length);
  return views.digest;
}

function viewMemory(): { readonly input: Uint8Array; readonly digest: Uint8Array } {
  const { buffer } = wasm.memory;
  return {
    input: new Uint8Array(buffer, inputAt),
    digest: new Uint8Array(buffer, outputAt, DIGEST_BYTES),
  };
}

function instantiate(): KeccakExports {
  const module = new WebAssembly.Module(Uint8Array.fromBase64(WASM_BASE64));
  const instance = new WebAssembly.Instance(module);
  // The module is built from `assembly/index.ts`, whose exports these are.
  return instance.exports as unknown as KeccakExports;
}
