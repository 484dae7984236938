/**
 * Slots that one instance has read of one state, found again by their bytes in its memory.
 *
 * Calls read the same few slots again and again, and writing their names as text to look them up
 * takes longer than running most of them. Owns keeping and forgetting; a slot that is not kept is
 * read again. Does not own when the state is another one.
 * @module
 */
import { WORD_BYTES } from "../assembly/layout.ts";

/** What is known of the slots of one state. */
export interface SlotMemo {
  /**
   * Copies the value of the slot to `out`; 1 when it is not zero, 0 when it is, `undefined` when it
   * is not known. All three are addresses of words in `memory`.
   */
  recall(memory: Int32Array, account: number, slot: number, out: number): 0 | 1 | undefined;
  /** Keeps what is at `out`, the value of the slot. */
  keep(memory: Int32Array, account: number, slot: number, out: number): void;
  /** Forgets everything. */
  clear(): void;
}

/** A power of two: what a large contract reads, in 170 kB. */
const ENTRIES = 2_048;
/** Entries that a slot may be in. */
const PROBES = 4;
/** Of 32 bits: those of an account, which the first three of its word are not, of a slot, of a value. */
const WORD_UNITS = WORD_BYTES / 4;
const SKIPPED_UNITS = 3;
const KEY_UNITS = 2 * WORD_UNITS - SKIPPED_UNITS;
const ENTRY_UNITS = KEY_UNITS + WORD_UNITS;

/** Knows nothing. */
export function createSlotMemo(): SlotMemo {
  const entries = new Int32Array(ENTRIES * ENTRY_UNITS);
  /** The round in which an entry was filled; all others are free. */
  const rounds = new Uint32Array(ENTRIES);
  let round = 1;

  const find = (memory: Int32Array, account: number, slot: number): number => {
    const first = hash(memory, account, slot);
    for (let probe = 0; probe < PROBES; probe++) {
      const index = (first + probe) & (ENTRIES - 1);
      if (rounds[index] === round && isAt(memory, account, slot, index * ENTRY_UNITS)) return index;
    }
    return -1;
  };
  const isAt = (memory: Int32Array, account: number, slot: number, at: number): boolean => {
    for (let unit = SKIPPED_UNITS; unit < WORD_UNITS; unit++) {
      if (memory[account + unit] !== entries[at++]) return false;
    }
    for (let unit = 0; unit < WORD_UNITS; unit++) {
      if (memory[slot + unit] !== entries[at++]) return false;
    }
    return true;
  };
  const place = (memory: Int32Array, account: number, slot: number): number => {
    const first = hash(memory, account, slot);
    for (let probe = 0; probe < PROBES; probe++) {
      const index = (first + probe) & (ENTRIES - 1);
      if (rounds[index] !== round) return index;
    }
    return first;
  };

  return {
    recall: (memory, accountAt, slotAt, outAt) => {
      if (!areAligned(accountAt, slotAt, outAt)) return undefined;
      const index = find(memory, accountAt >>> 2, slotAt >>> 2);
      if (index === -1) return undefined;
      const value = index * ENTRY_UNITS + KEY_UNITS;
      const out = outAt >>> 2;
      let bits = 0;
      for (let unit = 0; unit < WORD_UNITS; unit++) {
        const part = entries[value + unit] ?? 0;
        memory[out + unit] = part;
        bits |= part;
      }
      return bits === 0 ? 0 : 1;
    },
    keep: (memory, accountAt, slotAt, outAt) => {
      if (!areAligned(accountAt, slotAt, outAt)) return;
      const [account, slot, out] = [accountAt >>> 2, slotAt >>> 2, outAt >>> 2];
      const index = place(memory, account, slot);
      rounds[index] = round;
      let at = index * ENTRY_UNITS;
      for (let unit = SKIPPED_UNITS; unit < WORD_UNITS; unit++) {
        entries[at++] = memory[account + unit] ?? 0;
      }
      for (let unit = 0; unit < WORD_UNITS; unit++) entries[at++] = memory[slot + unit] ?? 0;
      for (let unit = 0; unit < WORD_UNITS; unit++) entries[at++] = memory[out + unit] ?? 0;
    },
    clear: () => {
      round++;
      if (round <= 0xffff_ffff) return;
      rounds.fill(0);
      round = 1;
    },
  };
}

function areAligned(account: number, slot: number, out: number): boolean {
  return ((account | slot | out) & 3) === 0;
}

/** Mixes the ends of both, which differ for small numbers and for hashes, until every bit counts. */
function hash(memory: Int32Array, account: number, slot: number): number {
  let mixed = mix(0, memory[slot + WORD_UNITS - 1]);
  mixed = mix(mixed, memory[slot]);
  mixed = mix(mixed, memory[account + WORD_UNITS - 1]);
  return mix(mixed, memory[account + SKIPPED_UNITS]) & (ENTRIES - 1);
}

function mix(mixed: number, unit: number | undefined): number {
  const product = Math.imul(mixed ^ (unit ?? 0), 0x9e3779b1);
  return product ^ (product >>> 15);
}
