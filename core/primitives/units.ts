/**
 * Numbers that must not be mixed up, each with its maker.
 *
 * Owns the brands of counters and amounts. Does not own arithmetic: they are plain `bigint`s.
 * @module
 */
import type { Brand } from "./brand.ts";
import { RollupError } from "./errors.ts";

/** Position of an L2 block; genesis is 0. */
export type BlockNumber = Brand<bigint, "BlockNumber">;
/** Position of a batch; genesis is 0. */
export type BatchNumber = Brand<bigint, "BatchNumber">;
/** Position of a block of the L1, never of the L2. */
export type L1BlockNumber = Brand<bigint, "L1BlockNumber">;

/** Codes that this file throws. */
export type UnitsErrorCode = "NUMBER_INVALID";

/** @throws `NUMBER_INVALID` when `value` is not an unsigned 64-bit integer. */
export function blockNumber(value: bigint): BlockNumber {
  // The check inside is what the brand stands for.
  return checkUint64(value, "block number") as BlockNumber;
}

/** @throws `NUMBER_INVALID` when `value` is not an unsigned 64-bit integer. */
export function batchNumber(value: bigint): BatchNumber {
  // The check inside is what the brand stands for.
  return checkUint64(value, "batch number") as BatchNumber;
}

/** @throws `NUMBER_INVALID` when `value` is not an unsigned 64-bit integer. */
export function l1BlockNumber(value: bigint): L1BlockNumber {
  // The check inside is what the brand stands for.
  return checkUint64(value, "L1 block number") as L1BlockNumber;
}

/**
 * The integer that decimal digits write, without sign, blanks or leading zeros.
 *
 * @throws `NUMBER_INVALID` otherwise.
 */
export function parseDecimal(text: string): bigint {
  if (!/^(0|[1-9]\d{0,77})$/.test(text)) throw invalidNumber(text, "a decimal integer");
  return BigInt(text);
}

function checkUint64(value: bigint, what: string): bigint {
  if (value < 0n || value >= 1n << 64n) throw invalidNumber(String(value), `a ${what}`);
  return value;
}

function invalidNumber(value: string, wanted: string): RollupError<UnitsErrorCode> {
  return new RollupError("NUMBER_INVALID", `Cannot read "${value}" as ${wanted}`, {
    details: { value },
    mend: `Give ${wanted}: digits only, from 0 to 2^64-1 for numbers of blocks and batches.`,
  });
}
