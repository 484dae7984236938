/**
 * Blocks on command.
 *
 * Owns the parameters of `evm_mine` and its kin. Does not own what goes into a block.
 * @module
 */
import type { ChainBackend } from "./chain.ts";
import { invalidParams } from "./errors.ts";
import { MAX_MINED_BLOCKS } from "./limits.ts";
import { isRecord, object, quantityOrNumber, type Schema, withDefault } from "./schema.ts";

const wholeQuantity = quantityOrNumber();

/** Closes `blocks` blocks, one after another. */
export async function mineBlocks(chain: ChainBackend, blocks: bigint): Promise<void> {
  if (blocks > MAX_MINED_BLOCKS) {
    throw invalidParams(
      `invalid argument 0 (blocks): expected at most ${MAX_MINED_BLOCKS} blocks, got ${blocks}`,
      "Mine in several calls.",
    );
  }
  for (let mined = 0n; mined < blocks; mined++) await chain.mine();
}

/** Seconds between mined blocks: none can be chosen, so only 0 is taken. */
export const noInterval: Schema<undefined> = {
  parse(value, path) {
    if (value === undefined || value === null) return undefined;
    if (wholeQuantity.parse(value, path) === 0n) return undefined;
    throw invalidParams(
      `invalid ${path}: timestamps cannot be chosen on this chain`,
      "Leave the interval away; the clock of the devnet gives each block its timestamp.",
    );
  },
};

const optionFields = object({
  timestamp: { parse: refuseTimestamp },
  blocks: withDefault(wholeQuantity, 1n),
});

/** What `evm_mine` takes: nothing, or an object. A timestamp is refused and not ignored. */
export const mineOptions: Schema<{ readonly blocks: bigint }> = {
  parse(value, path) {
    if (value === undefined || value === null) return { blocks: 1n };
    if (!isRecord(value)) refuseTimestamp(wholeQuantity.parse(value, path), path);
    return optionFields.parse(value, path);
  },
};

function refuseTimestamp(value: unknown, path: string): undefined {
  if (value === undefined || value === null) return undefined;
  throw invalidParams(
    `invalid ${path}: timestamps cannot be chosen on this chain`,
    "Leave the timestamp away; the clock of the devnet gives each block its timestamp.",
  );
}
