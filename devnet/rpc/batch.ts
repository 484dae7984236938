/**
 * Batches: many requests in one text, answered in their order, and one after another unless a method
 * keeps the order by itself.
 *
 * Owns what all batches of a port take together: turns, so that whoever asks for little does not
 * wait for them all, and characters, so that no number of them fills the memory; and the bounds of
 * each one. Does not own what a single request is answered.
 * @module
 */
import { answerText } from "./json_text.ts";
import { refusal, RPC_CODES, type RpcError } from "./errors.ts";
import type { RpcLimits } from "./limits.ts";

/** How one batch is answered. */
export interface BatchOptions {
  /** Characters of its text. */
  readonly askedChars: number;
  /** The answer to one request; `undefined` for a notification. */
  readonly answer: (request: unknown) => Promise<unknown>;
  /** Whether the next such request may be asked while this one is under way. */
  readonly keepsOrder: (request: unknown) => boolean;
  /** The answer to one request that is not looked at. */
  readonly refuse: (request: unknown, error: RpcError) => unknown;
  /** Whether nobody waits any more; the rest is left undone then. */
  readonly isGone: () => boolean;
}

/** All batches of one port. */
export interface Batches {
  /** The text of all answers; `undefined` when there are none, or nobody who reads them. */
  answer(requests: readonly unknown[], options: BatchOptions): Promise<string | undefined>;
  /** Characters of the batches that are being answered and of their answers so far. */
  heldChars(): number;
}

/** Requests of a batch that may be under way at once. */
const MAX_UNDER_WAY = 16;
/** Milliseconds that the batches of a port have before everything else has a turn. */
const TURN_MS = 20;
/** Batches and answers up to this many characters are not counted: they are always taken. */
const SMALL_CHARS = 65_536;

/** Batches with these limits. */
export function createBatches(
  limits: Pick<RpcLimits, "maxBatchResponseBytes" | "maxBatchesChars" | "batchTimeoutMs">,
): Batches {
  const turns = createTurns();
  let heldChars = 0;
  return {
    heldChars: () => heldChars,
    answer: async (requests, { askedChars, answer, keepsOrder, refuse, isGone }) => {
      const answers: string[] = [];
      const startedMs = turns.enter();
      let nowMs = startedMs;
      let sizeChars = 0;
      let countedChars = 0;
      const count = (): void => {
        const chars = askedChars + sizeChars;
        const counted = chars > SMALL_CHARS ? chars : 0;
        heldChars += counted - countedChars;
        countedChars = counted;
      };
      const refusedNow = (): RpcError | undefined => {
        if (sizeChars > limits.maxBatchResponseBytes) return responseTooLarge();
        if (countedChars > 0 && heldChars > limits.maxBatchesChars) return batchesTooMany();
        return nowMs - startedMs > limits.batchTimeoutMs ? batchTimedOut() : undefined;
      };
      const underWay: Promise<unknown>[] = [];
      const collect = (shown: unknown): void => {
        if (shown === undefined) return;
        const text = answerText(shown);
        sizeChars += text.length;
        count();
        answers.push(text);
      };
      const collectUntil = async (left: number): Promise<void> => {
        while (underWay.length > left) collect(await underWay.shift());
      };
      try {
        count();
        for (const request of requests) {
          if (turns.isOver()) {
            await turns.next();
            nowMs = performance.now();
            if (isGone()) return undefined;
          }
          const isNext = keepsOrder(request);
          await collectUntil(isNext ? MAX_UNDER_WAY - 1 : 0);
          const refused = refusedNow();
          if (refused !== undefined) {
            await collectUntil(0);
            collect(refuse(request, refused));
          } else if (isNext) underWay.push(answer(request));
          else collect(await answer(request));
        }
        await collectUntil(0);
        return answers.length === 0 ? undefined : `[${answers.join(",")}]`;
      } finally {
        heldChars -= countedChars;
        turns.leave();
      }
    },
  };
}

/** Turns that all batches share: after each one everything else goes on. */
interface Turns {
  /** One more batch; answers the time. */
  enter(): number;
  leave(): void;
  /** Whether the turn of now has been long enough. */
  isOver(): boolean;
  /** Resolves in a turn of its own, after those of whoever asked before. */
  next(): Promise<void>;
}

function createTurns(): Turns {
  const waiting: (() => void)[] = [];
  let batchCount = 0;
  let startedMs = 0;
  const wakeNext = (): void => {
    startedMs = performance.now();
    waiting.shift()?.();
    if (waiting.length > 0) setTimeout(wakeNext, 0);
  };
  return {
    enter: () => {
      const nowMs = performance.now();
      if (batchCount++ === 0) startedMs = nowMs;
      return nowMs;
    },
    leave: () => {
      batchCount--;
    },
    isOver: () => performance.now() - startedMs > TURN_MS,
    next: () =>
      new Promise((resolve) => {
        if (waiting.push(resolve) === 1) setTimeout(wakeNext, 0);
      }),
  };
}

function responseTooLarge(): RpcError {
  return refusal(
    RPC_CODES.transactionRejected,
    "BATCH_ANSWER_TOO_LARGE",
    "response too large: the answers of this batch passed their bound",
    "Ask for the rest in another batch.",
  );
}

function batchesTooMany(): RpcError {
  return refusal(
    RPC_CODES.limitExceeded,
    "BATCHES_TOO_MANY",
    "Cannot answer this batch now: those of other clients are still being answered",
    "Ask for the rest again later, or in smaller parts.",
  );
}

function batchTimedOut(): RpcError {
  return refusal(
    RPC_CODES.timeout,
    "BATCH_TIMEOUT",
    "request timed out: this batch took too long",
    "Ask for the rest in another batch.",
  );
}
