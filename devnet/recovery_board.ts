/**
 * The memory that two threads share: questions on one side, answers on the other.
 *
 * Owns its layout and who may write when: each side has a count that it alone raises, so that neither
 * waits for the other unless there is nothing to do. Does not own what is asked.
 * @module
 */
import type { RecoverPoint } from "../core/crypto/secp256k1/expected_key.ts";
import { POINT_BYTES, QUESTION_BYTES } from "../core/crypto/secp256k1/recovery.ts";
import { assert } from "../core/primitives/errors.ts";

/** Questions that may be on a board at once. */
export const BOARD_SLOTS = 8;

/** Counts, of 32 bits each. */
const ASKED = 0;
const ANSWERED = 1;
const CLOSED = 2;
const SERVED = 3;
const HEAD_BYTES = 16;
/** Parity, whether a key is expected, and the verdict stand before the bytes of each. */
const EXPECTED_AT = 4 + QUESTION_BYTES;
const ANSWER_AT = EXPECTED_AT + 4 + POINT_BYTES;
const SLOT_BYTES = ANSWER_AT + 4 + POINT_BYTES;

/** The side that asks. */
export interface Board {
  /** What the other side is given. */
  readonly memory: SharedArrayBuffer;
  /** Whether the other side is there. */
  isServed(): boolean;
  /** @throws an assertion when every slot is taken. */
  ask(question: Uint8Array, yParity: number, expected?: Uint8Array): void;
  /**
   * The oldest answer: the point, good until the next question, `null` for a signature of no key, or
   * `undefined` while there is none.
   */
  take(): Uint8Array | null | undefined;
  /** Ends the other side. */
  close(): void;
}

/** A board without questions. */
export function createBoard(): Board {
  const memory = new SharedArrayBuffer(HEAD_BYTES + BOARD_SLOTS * SLOT_BYTES);
  const counts = new Int32Array(memory, 0, HEAD_BYTES / 4);
  const bytes = new Uint8Array(memory);
  let asked = 0;
  let taken = 0;
  return {
    memory,
    isServed: () => Atomics.load(counts, SERVED) === 1,
    ask: (question, yParity, expected) => {
      assert(asked - taken < BOARD_SLOTS, "a question has a slot");
      const at = slotAt(asked);
      bytes[at] = yParity;
      bytes.set(question, at + 4);
      bytes[at + EXPECTED_AT] = expected === undefined ? 0 : 1;
      if (expected !== undefined) bytes.set(expected, at + EXPECTED_AT + 4);
      Atomics.store(counts, ASKED, ++asked);
      Atomics.notify(counts, ASKED);
    },
    take: () => {
      if (Atomics.load(counts, ANSWERED) === taken) return undefined;
      const at = slotAt(taken++) + ANSWER_AT;
      return bytes[at] === 1 ? bytes.slice(at + 4, at + 4 + POINT_BYTES) : null;
    },
    close: () => {
      Atomics.store(counts, CLOSED, 1);
      Atomics.notify(counts, ASKED);
    },
  };
}

/** The side that answers: until the board is closed, asleep while there is nothing to do. */
export function serveBoard(memory: SharedArrayBuffer, answer: RecoverPoint): void {
  const counts = new Int32Array(memory, 0, HEAD_BYTES / 4);
  const bytes = new Uint8Array(memory);
  Atomics.store(counts, SERVED, 1);
  for (let answered = 0; Atomics.load(counts, CLOSED) === 0;) {
    if (Atomics.load(counts, ASKED) === answered) {
      Atomics.wait(counts, ASKED, answered, MAX_SLEEP_MS);
      continue;
    }
    const at = slotAt(answered);
    const question = bytes.subarray(at + 4, at + EXPECTED_AT);
    const expected = bytes[at + EXPECTED_AT] === 1
      ? bytes.subarray(at + EXPECTED_AT + 4, at + ANSWER_AT)
      : undefined;
    const point = bytes.subarray(at + ANSWER_AT + 4, at + SLOT_BYTES);
    bytes[at + ANSWER_AT] = answer(question, bytes[at] ?? 0, expected, point) ? 1 : 0;
    Atomics.store(counts, ANSWERED, ++answered);
  }
}

/** A word to wake may come just before who hears it sleeps, when the board is closed. */
const MAX_SLEEP_MS = 1_000;

function slotAt(count: number): number {
  return HEAD_BYTES + (count % BOARD_SLOTS) * SLOT_BYTES;
}
