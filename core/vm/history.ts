/**
 * EIP-2935: the hashes of earlier blocks as state.
 *
 * Owns the code of the ring's contract. Does not own its slots (`types/state.ts`), or writing and
 * reading them, which is the program's.
 * @module
 */
import type { Hex } from "../primitives/hex.ts";

/** Runtime code of the history contract, as EIP-2935 gives it. */
export const HISTORY_STORAGE_CODE: Hex =
  "0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";
