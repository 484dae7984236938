/**
 * keccak256 over the memory of a module of its own. The sponge is that of the program,
 * `core/vm/assembly/keccak.ts`, which the build takes in beside this folder.
 */
import { keccak256 } from "./keccak";

const DIGEST: usize = memory.data(32, 16);

/** Where the host puts what is hashed: from here to the end of the memory, which it may grow. */
export function input(): usize {
  return __heap_base;
}

/** Where a digest is left. */
export function output(): usize {
  return DIGEST;
}

/** Hashes the first `length` bytes of the input. */
export function hash(length: u32): void {
  keccak256(DIGEST, __heap_base, length);
}
