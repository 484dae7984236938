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
  /** `text` as the body of a response; `undefined` when too much is held already. */
  send(text: string): ReadableStream<Uint8Array> | undefined;
  /** Characters of the answers that clients have not read yet. */
  heldChars(): number;
  /** Resolves when none is held. */
  settled(): Promise<void>;
  /** Gives up every answer that is not read yet. */
  close(): void;
}

/** Answers up to this many characters are sent in one piece. */
export const SHORT_ANSWER_CHARS = 65_536;

/** Long answers, bounded together and each in the time between two reads. */
export function createAnswerBodies(
  limits: Pick<RpcLimits, "maxHeldAnswerChars" | "answerStallTimeoutMs">,
): AnswerBodies {
  const giveUps = new Set<() => void>();
  let waiting: (() => void)[] = [];
  let heldChars = 0;
  return {
    send: (text) => {
      if (heldChars + text.length > limits.maxHeldAnswerChars) return undefined;
      heldChars += text.length;
      const encoder = new TextEncoder();
      let rest: string | undefined = text;
      let offset = 0;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const release = (): void => {
        if (rest === undefined) return;
        rest = undefined;
        heldChars -= text.length;
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
          const end = pieceEnd(rest, offset);
          controller.enqueue(encoder.encode(rest.slice(offset, end)));
          offset = end;
          if (offset < rest.length) {
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

/** Where the piece that starts at `offset` ends: never between the halves of one character. */
function pieceEnd(text: string, offset: number): number {
  const end = Math.min(offset + SHORT_ANSWER_CHARS, text.length);
  const last = text.charCodeAt(end - 1);
  const isHighSurrogate = last >= 0xd800 && last < 0xdc00;
  return isHighSurrogate && end < text.length ? end + 1 : end;
}
