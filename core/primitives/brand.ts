/**
 * Nominal types: a value that only its own maker can produce.
 *
 * Owns the `Brand` type. Does not own any concrete brand; see `units.ts` and `hex.ts`.
 * @module
 */

declare const brand: unique symbol;

/** A `Base` that is told apart from other values of the same shape by its `Name`. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
