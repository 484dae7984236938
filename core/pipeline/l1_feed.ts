/**
 * The rollup's logs, L1 block by L1 block, asked for in ranges.
 *
 * Owns splitting, and remembering what one question has answered while the L1 has the same last
 * block of the range: a block's hash covers all before it. Does not own what the logs mean, nor
 * comparing what was read earlier (`stages/sync_l1.ts`).
 * @module
 */
import type { L1Log } from "../l1/l1_client.ts";
import { isRollupError } from "../primitives/errors.ts";
import type { Hash32 } from "../primitives/hex.ts";
import type { L1Feed, Node } from "./node.ts";

/** L1 blocks whose events are asked for at once; halved when the node finds it too much. */
const MAX_RANGE = 1_000n;

/** What one question has answered. */
interface Known {
  readonly from: bigint;
  readonly to: bigint;
  /** Of block `to`, before and after the question. */
  readonly hash: Hash32;
  readonly logs: readonly L1Log[];
}

/** A feed that has asked for nothing yet. */
export function createL1Feed(): L1Feed {
  let known: Known | undefined;
  let range = MAX_RANGE;
  const ask = async (node: Node, from: bigint, latest: bigint): Promise<Known | undefined> => {
    const { client, rollup } = node.l1;
    for (;;) {
      const to = from + range - 1n < latest ? from + range - 1n : latest;
      const hash = (await client.block(to))?.hash;
      if (hash === undefined) return undefined;
      try {
        const logs = await client.logs({ address: rollup, fromBlock: from, toBlock: to });
        if (range < MAX_RANGE) range *= 2n;
        return (await client.block(to))?.hash === hash ? { from, to, hash, logs } : undefined;
      } catch (error) {
        // A node that gives up on long answers in another way is asked for less the next time.
        const isTooMuch = isRollupError(error, "L1_REJECTED");
        if (!isTooMuch && !isRollupError(error, "L1_UNAVAILABLE")) throw error;
        range = (to - from + 2n) / 2n;
        if (!isTooMuch || to === from) throw error;
      }
    }
  };
  return {
    clear: () => {
      known = undefined;
    },
    next: async (node, first, latest) => {
      const isKnown = known !== undefined && first >= known.from && first <= known.to &&
        (await node.l1.client.block(known.to))?.hash === known.hash;
      if (!isKnown) known = await ask(node, first, latest);
      if (known === undefined) return undefined;
      const { to, logs } = known;
      const l1BlockNumber = logs.find(({ blockNumber }) => blockNumber >= first)?.blockNumber ?? to;
      return {
        l1BlockNumber,
        logs: logs.filter(({ blockNumber }) => blockNumber === l1BlockNumber),
      };
    },
  };
}
