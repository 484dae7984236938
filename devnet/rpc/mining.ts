/**
 * Blocks on command.
 *
 * Owns the parameters of `evm_mine` and its kin, and when many blocks are too many: nobody waits for
 * them any more. Does not own what goes into a block.
 * @module
 */
import { invalidParams, refusal, RPC_CODES, type RpcError } from "./errors.ts";
import { MAX_MINED_BLOCKS, MAX_TIME_BITS } from "./limits.ts";
import type { ChainContext, RpcCaller } from "./method.ts";
import {
  anyQuantity,
  isRecord,
  object,
  optional,
  type Schema,
  withDefault,
  wrong,
} from "./schema.ts";

const count = anyQuantity();

/** A time, or a time span, in seconds. */
export const secondsSchema: Schema<bigint> = {
  json: count.json ?? {},
  parse(value, path) {
    const seconds = count.parse(value, path);
    if (seconds < 1n << MAX_TIME_BITS) return seconds;
    throw wrong(path, `less than 2^${MAX_TIME_BITS} seconds`, value);
  },
};

/** Later in seconds than any time means, so it is one in milliseconds, as some clients count. */
const LEAST_TIME_MS = 100_000_000_000n;

/** A time in seconds, or in milliseconds as JavaScript's clock has it. */
export const timeSchema: Schema<bigint> = {
  json: count.json ?? {},
  parse(value, path) {
    const time = count.parse(value, path);
    if (time < LEAST_TIME_MS) return time;
    return secondsSchema.parse(`0x${(time / 1_000n).toString(16)}`, path);
  },
};

/** When mined blocks are. */
export interface MineTimes {
  /** Of the first block. */
  readonly timestampSec?: bigint | undefined;
  /** Seconds by which the clock jumps before each block. */
  readonly intervalSec?: bigint;
}

/** How {@linkcode mineBlocks} mines. */
export interface MineOptions extends MineTimes {
  readonly caller: RpcCaller;
  /** Most blocks at once. */
  readonly maxBlocks?: bigint;
}

/** Milliseconds of mining after which others have a turn. */
const MINE_TURN_MS = 20;

/**
 * Closes `blocks` blocks, one after another. It ends early when the port stops, which would wait for
 * all of them, or when the caller is gone.
 */
export async function mineBlocks(
  { chain, stopping }: Pick<ChainContext, "chain" | "stopping">,
  blocks: bigint,
  { timestampSec, intervalSec = 0n, caller, maxBlocks = MAX_MINED_BLOCKS }: MineOptions,
): Promise<void> {
  if (blocks > maxBlocks) {
    throw invalidParams(
      `invalid argument 0 (blocks): expected at most ${maxBlocks} blocks, got ${blocks}`,
      "Mine in several calls.",
    );
  }
  if (timestampSec !== undefined) await chain.setNextBlockTimestamp(timestampSec);
  let turnMs = performance.now();
  for (let mined = 0n; mined < blocks; mined++) {
    if (stopping.aborted) throw miningStopped(mined, blocks);
    if (intervalSec > 0n) chain.increaseTime(intervalSec);
    await chain.mine();
    if (performance.now() - turnMs <= MINE_TURN_MS) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (caller.isGone?.()) throw miningStopped(mined + 1n, blocks);
    turnMs = performance.now();
  }
}

function miningStopped(mined: bigint, wanted: bigint): RpcError {
  return refusal(
    RPC_CODES.serverError,
    "MINING_STOPPED",
    `Cannot mine all ${wanted} blocks as the server is stopping or the client has gone: ` +
      `${mined} are mined`,
    "Ask for the rest again.",
  );
}

const optionFields = object({
  timestamp: optional(secondsSchema),
  blocks: withDefault(count, 1n),
});

/** What `evm_mine` takes: nothing, the timestamp of the block, or an object with it. */
export const mineOptions: Schema<{
  readonly blocks: bigint;
  readonly timestamp: bigint | undefined;
}> = {
  json: { oneOf: [count.json ?? {}, optionFields.json ?? {}] },
  isOptional: true,
  parse(value, path) {
    if (value === undefined || value === null) return { blocks: 1n, timestamp: undefined };
    return isRecord(value)
      ? optionFields.parse(value, path)
      : { blocks: 1n, timestamp: secondsSchema.parse(value, path) };
  },
};
