/**
 * EIP-2935 in TypeScript: the ring's write at block start, and what BLOCKHASH answers from it.
 *
 * Owns the oracle's version of the rule (EIP-7709's source with the gas of Osaka).
 * @module
 */
import { EMPTY_BYTES } from "../../core/primitives/bytes.ts";
import { hexToBytes } from "../../core/primitives/hex.ts";
import { blockHashSlot } from "../../core/types/state.ts";
import type { BlockEnvironment } from "../../core/vm/executor.ts";
import type { MaybePromise, WorldState } from "./world_state.ts";

/** How far back the BLOCKHASH opcode reaches, in blocks. */
const BLOCK_HASH_WINDOW = 256n;

/** Writes the parent's hash into the ring; block 0 has no parent. */
export function recordParentHash(
  state: WorldState,
  environment: BlockEnvironment,
): MaybePromise<void> {
  if (environment.number === 0n) return;
  const { address, slot } = blockHashSlot(environment.number - 1n);
  return state.setSlot(address, slot, hexToBytes(environment.parentHash));
}

/** The hash of block `number` as 32 bytes, or none outside of the last 256 blocks. */
export function readBlockHash(
  state: WorldState,
  currentNumber: bigint,
  number: bigint,
): MaybePromise<Uint8Array> {
  const distance = currentNumber - number;
  if (number < 0n || distance <= 0n || distance > BLOCK_HASH_WINDOW) return EMPTY_BYTES;
  const { address, slot } = blockHashSlot(number);
  return state.slot(address, slot);
}
