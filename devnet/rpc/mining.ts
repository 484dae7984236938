/**
 * Blocks on command.
 *
 * Owns the parameters of `evm_mine` and its kin. Does not own what goes into a block.
 * @module
 */
import type { ChainBackend } from "./chain.ts";
import { invalidParams } from "./errors.ts";
import { MAX_MINED_BLOCKS, MAX_TIME_BITS } from "./limits.ts";
import {
  isRecord,
  object,
  optional,
  quantityOrNumber,
  type Schema,
  withDefault,
  wrong,
} from "./schema.ts";

const anyQuantity = quantityOrNumber();

/** A time, or a time span, in seconds. */
export const secondsSchema: Schema<bigint> = {
  parse(value, path) {
    const seconds = anyQuantity.parse(value, path);
    if (seconds < 1n << MAX_TIME_BITS) return seconds;
    throw wrong(path, `less than 2^${MAX_TIME_BITS} seconds`, value);
  },
};

/** When mined blocks are. */
export interface MineTimes {
  /** Of the first block. */
  readonly timestampSec?: bigint | undefined;
  /** Seconds by which the clock jumps before each block. */
  readonly intervalSec?: bigint;
}

/** Closes `blocks` blocks, one after another. */
export async function mineBlocks(
  chain: ChainBackend,
  blocks: bigint,
  { timestampSec, intervalSec = 0n }: MineTimes = {},
): Promise<void> {
  if (blocks > MAX_MINED_BLOCKS) {
    throw invalidParams(
      `invalid argument 0 (blocks): expected at most ${MAX_MINED_BLOCKS} blocks, got ${blocks}`,
      "Mine in several calls.",
    );
  }
  if (timestampSec !== undefined) await chain.setNextBlockTimestamp(timestampSec);
  for (let mined = 0n; mined < blocks; mined++) {
    if (intervalSec > 0n) chain.increaseTime(intervalSec);
    await chain.mine();
  }
}

const optionFields = object({
  timestamp: optional(secondsSchema),
  blocks: withDefault(anyQuantity, 1n),
});

/** What `evm_mine` takes: nothing, the timestamp of the block, or an object with it. */
export const mineOptions: Schema<{
  readonly blocks: bigint;
  readonly timestamp: bigint | undefined;
}> = {
  parse(value, path) {
    if (value === undefined || value === null) return { blocks: 1n, timestamp: undefined };
    return isRecord(value)
      ? optionFields.parse(value, path)
      : { blocks: 1n, timestamp: secondsSchema.parse(value, path) };
  },
};
