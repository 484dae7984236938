import { assertEquals } from "@std/assert";
import { type Address, address } from "../core/primitives/hex.ts";
import { createSignerGuess, type Guess, type SignerGuess } from "./signer_guess.ts";

function signer(index: number) {
  const text = `0x${index.toString(16).padStart(40, "0")}`;
  return { address: address(text), point: new Uint8Array(64).fill(index) };
}

/** What was expected of each of `sent`, answered at once. */
function expectedOf(guesses: SignerGuess, sent: readonly (readonly [number, bigint])[]) {
  return sent.map(([index, nonce]) => {
    const guess = guesses.guess(nonce);
    guess.settle(signer(index));
    return guess.expected?.address;
  });
}

function addresses(...indexes: number[]): readonly Address[] {
  return indexes.map((index) => signer(index).address);
}

Deno.test("guess() expects whoever's nonce it is, and of several who has waited longest", () => {
  const guesses = createSignerGuess();
  assertEquals(guesses.guess(0n).expected, undefined);
  expectedOf(guesses, [[1, 0n], [2, 0n], [3, 40n]]);
  const sent: readonly (readonly [number, bigint])[] = [
    [1, 1n],
    [2, 1n],
    [3, 41n],
    [1, 2n],
    [2, 2n],
    [2, 3n],
    [1, 3n],
  ];
  assertEquals(expectedOf(guesses, sent), addresses(1, 2, 3, 1, 2, 1, 1));
});

Deno.test("guess() takes earlier guesses for right until it hears of them", () => {
  const guesses = createSignerGuess();
  expectedOf(guesses, [[1, 0n], [2, 0n], [3, 0n]]);
  const asked: Guess[] = [1n, 1n, 1n, 2n, 2n].map((nonce) => guesses.guess(nonce));
  const expected = asked.map((guess) => guess.expected?.address);
  assertEquals(expected, addresses(1, 2, 3, 1, 2));
  for (const [index, guess] of asked.entries()) guess.settle(signer(index % 3 + 1));
  assertEquals(guesses.guess(2n).expected?.address, signer(3).address);
});

Deno.test("guess() finds its way back after wrong guesses, nobody and earlier nonces", () => {
  const guesses = createSignerGuess();
  expectedOf(guesses, [[1, 0n], [2, 0n], [1, 1n], [2, 1n], [1, 2n], [2, 2n]]);
  // Out of turn once: who was expected then is expected next.
  assertEquals(expectedOf(guesses, [[2, 3n], [1, 3n], [1, 4n]]), addresses(1, 1, 2));
  const wasted = guesses.guess(5n);
  wasted.settle(undefined);
  assertEquals(expectedOf(guesses, [[1, 5n]]), addresses(1));
  // The chain went back: nobody is at nonce 0 until somebody has been.
  assertEquals(expectedOf(guesses, [[1, 0n], [1, 1n]]), [undefined, signer(1).address]);
});

Deno.test("guess() stops guessing where it fails, and starts again where it would not", () => {
  const guesses = createSignerGuess();
  const many = Array.from({ length: 40 }, (_, index) => index + 1);
  // In an order of which nothing can be known, at the same nonces.
  const shuffled = (seed: number) =>
    many.toSorted((left, right) => (left * seed) % 41 - (right * seed) % 41);
  for (let round = 0n; round < 12n; round++) {
    expectedOf(guesses, shuffled(Number(round) * 7 + 3).map((index) => [index, round] as const));
  }
  const silent = expectedOf(guesses, [[1, 12n], [2, 12n]]);
  assertEquals(silent, [undefined, undefined]);
  const alone = Array.from({ length: 60 }, (_, index) => [7, BigInt(100 + index)] as const);
  const heard = expectedOf(guesses, alone);
  assertEquals(heard.slice(0, 5), Array(5).fill(undefined));
  assertEquals(heard.at(-1), signer(7).address);
});
