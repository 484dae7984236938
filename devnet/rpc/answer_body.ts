/**
 * Long answers on their way to clients that may read slowly or not at all.
 *
 * Owns how much of them is held at a time, and the end of clients that stop reading. Short answers
 * fit the buffers of the connection and never come here.
 * @module
 */
import { refusal, RPC_CODES, type RpcError } from "./errors.ts";
import type { RpcLimits } from "./limits.ts";

/** The long answers of one port. */
export interface AnswerBodies {
  /** `parts` of a text as the body of a response; `undefined` when too much is held already. */
  send(parts: readonly string[]): ReadableStream<Uint8Array> | undefined;
  /** Characters of the answers that clients have not read yet. */
  heldChars(): number;
  /** Resolves when none is held. */
  settled(): Promise<void>;
  /** Gives up every answer that is not read yet. */
  close(): void;
}

/** Answers up to this many characters are sent in one piece. */
export const SHORT_ANSWER_CHARS = 65_536;
/** What a longer one is sent in. */
const PIECE_BYTES = 65_536;
const ENCODER = new TextEncoder();

/** Long answers, bounded together and each in the time between two reads. */
export function createAnswerBodies(
  limits: Pick<RpcLimits, "maxHeldAnswerChars" | "answerStallTimeoutMs">,
): AnswerBodies {
  const giveUps = new Set<() => void>();
  let waiting: (() => void)[] = [];
  let heldChars = 0;
  return {
    send: (parts) => {
      const sizeChars = countChars(parts);
      if (heldChars + sizeChars > limits.maxHeldAnswerChars) return undefined;
      heldChars += sizeChars;
      let rest: Pieces | undefined = createPieces(parts);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const release = (): void => {
        if (rest === undefined) return;
        rest = undefined;
        heldChars -= sizeChars;
        clearTimeout(timer);
        giveUps.delete(giveUp);
        if (giveUps.size > 0) return;
        for (const wake of waiting) wake();
        waiting = [];
      };
      let giveUp = release;
      return new ReadableStream<Uint8Array>({
        start: (controller) => {
          giveUp = () => {
            release();
            // The runtime prints what a body ends with, so it is a line for people and no error.
            controller.error("Closed a connection whose client does not read its answer");
          };
          giveUps.add(giveUp);
          timer = setTimeout(giveUp, limits.answerStallTimeoutMs);
        },
        pull: (controller) => {
          if (rest === undefined) return;
          clearTimeout(timer);
          controller.enqueue(rest.next());
          if (!rest.isOver()) {
            timer = setTimeout(giveUp, limits.answerStallTimeoutMs);
            return;
          }
          release();
          controller.close();
        },
        cancel: release,
      }, { highWaterMark: 0 });
    },
    heldChars: () => heldChars,
    settled: () =>
      giveUps.size === 0 ? Promise.resolve() : new Promise((wake) => waiting.push(wake)),
    close: () => {
      for (const giveUp of [...giveUps]) giveUp();
    },
  };
}

/** What is said instead of an answer that is too long to be held beside those that are. */
export function answersHeld(): RpcError {
  return refusal(
    RPC_CODES.limitExceeded,
    "ANSWERS_HELD",
    "Cannot answer at this length now: other clients have not read their answers yet",
    "Ask again later, or for less at once.",
  );
}

/** A text as bytes, a piece at a time. */
interface Pieces {
  isOver(): boolean;
  /** The next bytes: never half a character. */
  next(): Uint8Array;
}

function createPieces(parts: readonly string[]): Pieces {
  let index = 0;
  let offset = 0;
  return {
    isOver: () => index === parts.length,
    next: () => {
      const bytes = new Uint8Array(PIECE_BYTES);
      let filled = 0;
      while (index < parts.length) {
        const part = parts[index] ?? "";
        const rest = offset === 0 ? part : part.slice(offset);
        const { read, written } = ENCODER.encodeInto(rest, bytes.subarray(filled));
        filled += written;
        if (read < rest.length) {
          offset += read;
          break;
        }
        offset = 0;
        index++;
      }
      return bytes.subarray(0, filled);
    },
  };
}

/** Characters of all `parts`. */
export function countChars(parts: readonly string[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
