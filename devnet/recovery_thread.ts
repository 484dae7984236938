/**
 * A second thread for what most of an admission takes: finding who has signed.
 *
 * Owns when it is used: a question that is alone is answered at once, where it is asked; of several,
 * the thread takes some and this one the others, one a turn, so that all else goes on in between.
 * Without the thread everything is the same, a little slower. Does not own recovery
 * (`core/crypto/secp256k1/expected_key.ts`).
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { noteRecovered, recallAddress, type RecoveryQuestion } from "../core/crypto/secp256k1.ts";
import { createExpectedKeyRecovery } from "../core/crypto/secp256k1/expected_key.ts";
import { POINT_BYTES } from "../core/crypto/secp256k1/recovery.ts";
import type { Address } from "../core/primitives/hex.ts";
import type { AddressRecovery } from "../core/types/tx.ts";
import { createBoard } from "./recovery_board.ts";
import { createSignerGuess, type Guess } from "./signer_guess.ts";

/** A recovery with a thread; disposing ends that. */
export interface RecoveryThread extends Disposable {
  readonly recover: AddressRecovery;
}

/** A thread that has not answered for so long is given up. */
const MAX_SILENCE_MS = 5_000;
/** Questions at the thread at once: more than it answers while this thread does something long. */
const MAX_AT_THREAD = 6;

interface Asked {
  readonly question: RecoveryQuestion;
  readonly guess: Guess;
  readonly resolve: (address: Address | undefined) => void;
}

/** Starts nothing before there is more to do than one thing. */
export function createRecoveryThread(): RecoveryThread {
  const board = createBoard();
  const recoverHere = createExpectedKeyRecovery();
  const guesses = createSignerGuess();
  const waiting: Asked[] = [];
  const atThread: Asked[] = [];
  const underWay = new Map<string, Promise<Address | undefined>>();
  let worker: Worker | undefined;
  let state: "none" | "started" | "lost" = "none";
  let isAtWork = false;
  /** When the thread has answered last, or began to be asked. */
  let heardMs = 0;

  const lose = (): void => {
    state = "lost";
    board.close();
    worker?.terminate();
    worker = undefined;
    waiting.unshift(...atThread.splice(0));
  };
  const start = (): void => {
    state = "started";
    try {
      const script = new URL("./recovery_worker.ts", import.meta.url);
      worker = new Worker(script, { type: "module" });
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        lose();
      });
      worker.postMessage(board.memory);
    } catch {
      lose();
    }
  };
  /** `point` is `null` for a signature of no key. */
  const settle = ({ question, guess, resolve }: Asked, point: Uint8Array | null): void => {
    underWay.delete(question.id);
    const address = point === null ? undefined : noteRecovered(question, point);
    guess.settle(point === null || address === undefined ? undefined : { address, point });
    resolve(address);
  };
  const collect = (): void => {
    for (let point = board.take(); point !== undefined; point = board.take()) {
      const asked = atThread.shift();
      heardMs = performance.now();
      if (asked !== undefined) settle(asked, point);
    }
  };
  const answer = (asked: Asked): void => {
    const { question, guess } = asked;
    const point = new Uint8Array(POINT_BYTES);
    const isFound = recoverHere(
      question.bytes,
      question.yParity,
      guess.expected?.point,
      point,
    );
    settle(asked, isFound ? point : null);
  };
  const turn = (): void => {
    collect();
    if (atThread.length === 0) heardMs = performance.now();
    else if (performance.now() - heardMs > MAX_SILENCE_MS) lose();
    if (state === "none" && waiting.length > 1) start();
    const isAlone = waiting.length === 1 && atThread.length === 0;
    const isThere = state === "started" && board.isServed();
    while (isThere && !isAlone && atThread.length < MAX_AT_THREAD) {
      const asked = waiting.shift();
      if (asked === undefined) break;
      atThread.push(asked);
      board.ask(asked.question.bytes, asked.question.yParity, asked.guess.expected?.point);
    }
    const own = waiting.shift();
    if (own !== undefined) answer(own);
  };
  const work = async (): Promise<void> => {
    if (isAtWork) return;
    isAtWork = true;
    while (waiting.length + atThread.length > 0) {
      await nextTurn();
      turn();
    }
    isAtWork = false;
  };
  return {
    recover: (digest, signature, nonce) => {
      const recalled = recallAddress(digest, signature);
      if ("address" in recalled) return recalled.address;
      const { question } = recalled;
      const same = underWay.get(question.id);
      if (same !== undefined) return same;
      const found = new Promise<Address | undefined>((resolve) => {
        waiting.push({ question, guess: guesses.guess(nonce), resolve });
      });
      underWay.set(question.id, found);
      work();
      return found;
    },
    [Symbol.dispose]: lose,
  };
}
