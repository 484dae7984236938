/**
 * Whether the forks of a genesis file can follow one another, by geth's rules for its own start.
 *
 * Owns what a genesis may leave out and in which order the rest must be. Does not own what a fork
 * changes (`forks.ts`), nor schedules of which only one block counts, as those of traces.
 * @module
 */
import { RollupError } from "../../core/primitives/errors.ts";
import type { ForkErrorCode } from "./forks.ts";

/** A fork's key in the configuration, in the order of forks; an optional one may be skipped. */
const FORK_KEYS: readonly (readonly [key: string, isOptional?: "optional"])[] = [
  ["homesteadBlock"],
  ["daoForkBlock", "optional"],
  ["eip150Block"],
  ["eip155Block"],
  ["eip158Block"],
  ["byzantiumBlock"],
  ["constantinopleBlock"],
  ["petersburgBlock"],
  ["istanbulBlock"],
  ["muirGlacierBlock", "optional"],
  ["berlinBlock"],
  ["londonBlock"],
  ["arrowGlacierBlock", "optional"],
  ["grayGlacierBlock", "optional"],
  ["mergeNetsplitBlock", "optional"],
  ["shanghaiTime"],
  ["cancunTime", "optional"],
  ["pragueTime", "optional"],
  ["osakaTime", "optional"],
  ["bpo1Time", "optional"],
  ["bpo2Time", "optional"],
  ["bpo3Time", "optional"],
  ["bpo4Time", "optional"],
  ["bpo5Time", "optional"],
];

/**
 * Refuses forks of which one that is needed is left out, or that come in another order.
 *
 * @param begins Block number or time at which the fork of a key begins; `undefined` for never.
 * @throws `L1_CONFIG_INVALID`
 */
export function checkForkOrder(begins: (key: string) => bigint | undefined): void {
  let earlier: { readonly key: string; readonly at: bigint | undefined } | undefined;
  for (const [key, optional] of FORK_KEYS) {
    const at = begins(key);
    if (optional !== undefined && at === undefined) continue;
    if (earlier !== undefined && at !== undefined) {
      if (earlier.at === undefined) throw outOfOrder(key, earlier.key, "is never");
      // A block number says nothing of a time.
      const isSameKind = earlier.key.endsWith("Time") === key.endsWith("Time");
      if (isSameKind && earlier.at > at) throw outOfOrder(key, earlier.key, `is at ${earlier.at}`);
    }
    earlier = { key, at };
  }
}

function outOfOrder(key: string, earlier: string, is: string): RollupError<ForkErrorCode> {
  return new RollupError(
    "L1_CONFIG_INVALID",
    `Cannot schedule "${key}" as "${earlier}" must come before it or with it: that ${is}`,
    { details: { key, earlier }, mend: `Give "${earlier}" in the config of the genesis file.` },
  );
}
