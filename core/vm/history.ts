/**
 * EIP-2935: the hashes of earlier blocks as state.
 *
 * Owns the ring's write at block start, its contract's code, and what BLOCKHASH answers from it
 * (EIP-7709's source with the gas of Osaka). Does not own the block hash.
 * @module
 */
import { EMPTY_BYTES } from "../primitives/bytes.ts";
import { type Hex, hexToBytes } from "../primitives/hex.ts";
import { blockHashSlot } from "../types/state.ts";
import type { BlockEnvironment } from "./executor.ts";
import type { MaybePromise, WorldState } from "./world_state.ts";

/** Runtime code of the history contract, as EIP-2935 gives it. */
export const HISTORY_STORAGE_CODE: Hex =
  "0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";

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
