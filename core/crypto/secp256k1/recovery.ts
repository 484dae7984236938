/**
 * Recovery of public keys, as one instance of the small WebAssembly module in `assembly`.
 *
 * Owns the module's memory. Does not own which signatures are asked for, or addresses
 * (`../secp256k1.ts`). A thread that only recovers needs no other file.
 * @module
 */
import { WASM_BASE64 } from "./generated.ts";

/** Bytes of a question: digest, r and s, 32 bytes each, big-endian. */
export const QUESTION_BYTES = 96;
/** Bytes of an answer: the coordinates of the public key, 32 bytes each, big-endian. */
export const POINT_BYTES = 64;

/** An instance; not to be asked while it is at work. */
export interface PointRecovery {
  /** Where the question goes. */
  readonly question: Uint8Array;
  /** Where the answer is, good until the next question. */
  readonly point: Uint8Array;
  /** Whether some key has made the signature in `question`, with r and s in their range. */
  recover(yParity: number): boolean;
  /** How many keys may be learnt at a time. */
  readonly tables: number;
  /** Learns the key in `point`, in the place of what table `index` knew; takes some 3 ms. */
  learn(index: number): void;
  /** Whether `recover` would find the key of table `index`, in less than half of the time. */
  confirm(index: number, yParity: number): boolean;
}

/** What the module exports; `assembly/index.ts` documents each. */
interface RecoveryExports {
  readonly memory: WebAssembly.Memory;
  input(): number;
  output(): number;
  recover(yParity: number): number;
  tables(): number;
  learn(index: number): void;
  confirm(index: number, yParity: number): number;
}

/** A fresh instance; synchronous, needs no permission. */
export function createPointRecovery(): PointRecovery {
  const module = new WebAssembly.Module(Uint8Array.fromBase64(WASM_BASE64));
  const instance = new WebAssembly.Instance(module);
  // The module is built from `assembly/index.ts`, whose exports these are.
  const exports = instance.exports as unknown as RecoveryExports;
  const { buffer } = exports.memory;
  return {
    question: new Uint8Array(buffer, exports.input(), QUESTION_BYTES),
    point: new Uint8Array(buffer, exports.output(), POINT_BYTES),
    recover: (yParity) => exports.recover(yParity) !== 0,
    tables: exports.tables(),
    learn: (index) => exports.learn(index),
    confirm: (index, yParity) => exports.confirm(index, yParity) !== 0,
  };
}
