/**
 * Who has probably signed a transaction of which only the nonce is known: of those who have signed
 * before, whoever's turn it is and who has waited longest.
 *
 * Owns the guess and whether guessing is worth its while. Does not own what is made of it: a wrong
 * guess costs a look (`core/crypto/secp256k1/expected_key.ts`).
 * @module
 */
import type { Address } from "../core/primitives/hex.ts";

/** Who has signed before. */
export interface Signer {
  readonly address: Address;
  /** Coordinates of the public key. */
  readonly point: Uint8Array;
}

/** A guess, to be given back with what was found. */
export interface Guess {
  /** `undefined` when nobody is likely enough. */
  readonly expected: Signer | undefined;
  /** Tells who it was; `undefined` for nobody. */
  settle(found: Signer | undefined): void;
}

/** Guesses who has signed, from what was found before. */
export interface SignerGuess {
  guess(nonce: bigint): Guess;
}

/** Signers that are remembered: a guess looks at them all. */
const MAX_SIGNERS = 32;
/** Right guesses without wrong ones that count; so many wrong ones end it when there were none. */
const MAX_SCORE = 16;

interface KnownSigner {
  readonly signer: Signer;
  nextNonce: bigint;
  lastUse: number;
}

/** Knows nobody yet. */
export function createSignerGuess(): SignerGuess {
  const known = new Map<Address, KnownSigner>();
  let uses = 0;
  /** Below 0, wrong guesses cost more than right ones save: then they are only counted. */
  let score = 0;

  const oldest = (isMeant: (one: KnownSigner) => boolean): KnownSigner | undefined => {
    let found: KnownSigner | undefined;
    for (const one of known.values()) {
      if (isMeant(one) && (found === undefined || one.lastUse < found.lastUse)) found = one;
    }
    return found;
  };
  const note = (signer: Signer, nonce: bigint): void => {
    const before = known.get(signer.address);
    if (before === undefined && known.size === MAX_SIGNERS) {
      const leaving = oldest(() => true);
      if (leaving !== undefined) known.delete(leaving.signer.address);
    }
    const one = before ?? { signer, nextNonce: 0n, lastUse: 0 };
    one.nextNonce = nonce + 1n;
    one.lastUse = ++uses;
    known.set(signer.address, one);
  };

  return {
    guess: (nonce) => {
      const guessed = oldest(({ nextNonce }) => nextNonce === nonce);
      const lastUse = guessed?.lastUse ?? 0;
      // As if it were right: others ask before this is known.
      if (guessed !== undefined) note(guessed.signer, nonce);
      return {
        expected: score < 0 ? undefined : guessed?.signer,
        settle: (found) => {
          const isRight = found !== undefined && found.address === guessed?.signer.address;
          if (guessed !== undefined) {
            score = isRight ? Math.min(score + 1, MAX_SCORE) : Math.max(score - 1, -MAX_SCORE);
          }
          if (isRight) return;
          if (guessed?.nextNonce === nonce + 1n) {
            guessed.nextNonce = nonce;
            guessed.lastUse = lastUse;
          }
          if (found !== undefined) note(found, nonce);
        },
      };
    },
  };
}
