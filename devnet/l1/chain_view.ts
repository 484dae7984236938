/**
 * The chain as readers see it: everything up to the head, nothing beyond.
 *
 * Owns the head and two bounded caches of decoded blocks. Does not own rows (`block_store.ts`).
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
  /** Shows a block that was just committed. */
  advance(block: L1Block): void;
  block(number: bigint): Promise<L1Block | undefined>;
  header(number: bigint): Promise<L1Head | undefined>;
  numberOfHash(hash: Hash32): Promise<bigint | undefined>;
  position(hash: Hash32): Promise<L1TxPosition | undefined>;
}

/** Decoded blocks that are kept, for receipts and logs of what just happened. */
const CACHED_BLOCKS = 128;
/** Headers that are kept, for scans of logs and for BLOCKHASH. */
const CACHED_HEADERS = 8_192;

/** A view of the chain in `store`, which ends with `firstHead` for now. */
export function createChainView(store: L1BlockStore, firstHead: L1Block): ChainView {
  const blocks = createBoundedMap<bigint, L1Block>(CACHED_BLOCKS);
  const headers = createBoundedMap<bigint, L1Head>(CACHED_HEADERS);
  let head: L1Head = firstHead;
  const isShown = (number: bigint) => number >= 0n && number <= head.header.number;
  return {
    head: () => head,
    advance: (block) => {
      assert(block.header.parentHash === head.hash, "a block follows the head");
      const { header, hash } = block;
      head = { header, hash };
      blocks.set(header.number, block);
      headers.set(header.number, head);
    },
    block: async (number) => {
      if (!isShown(number)) return undefined;
      const cached = blocks.get(number);
      if (cached !== undefined) return cached;
      const block = await store.block(number);
      blocks.set(number, block);
      return block;
    },
    header: async (number) => {
      if (!isShown(number)) return undefined;
      const cached = headers.get(number);
      if (cached !== undefined) return cached;
      const header = await store.header(number);
      headers.set(number, header);
      return header;
    },
    numberOfHash: async (hash) => {
      const number = await store.numberOfHash(hash);
      return number !== undefined && isShown(number) ? number : undefined;
    },
    position: async (hash) => {
      const position = await store.position(hash);
      return position !== undefined && isShown(position.blockNumber) ? position : undefined;
    },
  };
}
