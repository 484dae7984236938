/**
 * The chain as readers see it: everything up to the head, nothing beyond.
 *
 * Owns the head and two bounded caches of decoded blocks, and that a read which was under way when
 * the chain went back sees the chain of before or of after, never a mixture. Does not own rows
 * (`block_store.ts`).
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import type { Hash32 } from "../../core/primitives/hex.ts";
import type { L1BlockStore, L1TxPosition } from "./block_store.ts";
import { createBoundedMap } from "./bounded_map.ts";
import type { L1Block } from "./chain_block.ts";

/** A header and its hash. */
export type L1Head = Pick<L1Block, "header" | "hash">;

/** Reads what is committed. */
export interface ChainView {
  /** The latest block. */
  head(): L1Head;
  /** How often the chain has gone back, now and in earlier processes. */
  forkCount(): bigint;
  /** Shows a block that was just committed. */
  advance(block: L1Block): void;
  /**
   * Hides `block`, the latest, before its rows go: `parent` is the head of fork `forkCount` now. The
   * answer shows it again, for when its rows could not be taken back.
   */
  retreat(block: L1Block, parent: L1Head, forkCount: bigint): () => void;
  block(number: bigint): Promise<L1Block | undefined>;
  header(number: bigint): Promise<L1Head | undefined>;
  numberOfHash(hash: Hash32): Promise<bigint | undefined>;
  position(hash: Hash32): Promise<L1TxPosition | undefined>;
}

/** Decoded blocks that are kept, for receipts and logs of what just happened. */
const CACHED_BLOCKS = 128;
/** Headers that are kept, for scans of logs and for BLOCKHASH. */
const CACHED_HEADERS = 8_192;

/** A view of the chain in `store`, which ends with `first.head` for now. */
export function createChainView(
  store: L1BlockStore,
  first: { readonly head: L1Block; readonly forkCount: bigint },
): ChainView {
  const blocks = createBoundedMap<bigint, L1Block>(CACHED_BLOCKS);
  const headers = createBoundedMap<bigint, L1Head>(CACHED_HEADERS);
  let head: L1Head = first.head;
  let { forkCount } = first;
  let retreatCount = 0;
  const isShown = (number: bigint) => number >= 0n && number <= head.header.number;
  /** What `read` gives when no block was hidden meanwhile; each repetition follows one that was. */
  const readStill = async <Value>(
    read: () => Promise<Value>,
    keep: (value: Value) => void = () => {},
  ): Promise<Value> => {
    for (;;) {
      const before = retreatCount;
      try {
        const value = await read();
        if (before !== retreatCount) continue;
        keep(value);
        return value;
      } catch (error) {
        if (before === retreatCount) throw error;
      }
    }
  };
  const advance = (block: L1Block): void => {
    assert(block.header.parentHash === head.hash, "a block follows the head");
    const { header, hash } = block;
    head = { header, hash };
    blocks.set(header.number, block);
    headers.set(header.number, head);
  };
  return {
    head: () => head,
    forkCount: () => forkCount,
    advance,
    retreat: (block, parent, newForkCount) => {
      assert(block.hash === head.hash, "only the latest block is taken back");
      assert(block.header.parentHash === parent.hash, "its parent becomes the head again");
      const oldForkCount = forkCount;
      blocks.delete(block.header.number);
      headers.delete(block.header.number);
      head = parent;
      forkCount = newForkCount;
      retreatCount++;
      return () => {
        forkCount = oldForkCount;
        advance(block);
      };
    },
    block: (number) =>
      readStill(
        async () => isShown(number) ? blocks.get(number) ?? await store.block(number) : undefined,
        (block) => {
          if (block !== undefined) blocks.set(number, block);
        },
      ),
    header: (number) =>
      readStill(
        async () => isShown(number) ? headers.get(number) ?? await store.header(number) : undefined,
        (header) => {
          if (header !== undefined) headers.set(number, header);
        },
      ),
    numberOfHash: (hash) =>
      readStill(async () => {
        const number = await store.numberOfHash(hash);
        return number !== undefined && isShown(number) ? number : undefined;
      }),
    position: (hash) =>
      readStill(async () => {
        const position = await store.position(hash);
        return position !== undefined && isShown(position.blockNumber) ? position : undefined;
      }),
  };
}
