/**
 * What the parts of an open embedded L1 share.
 *
 * Owns the record and the environment of the next block. Does not own any change of it.
 * @module
 */
import type { Pool } from "../../core/pool/pool.ts";
import type { Clock, Log } from "../../core/primitives/ports.ts";
import type { BlockEnvironment } from "../../core/vm/executor.ts";
import type { ChainBlock } from "../rpc/chain.ts";
import type { L1BlockStore } from "./block_store.ts";
import { type NextBlockWishes, nextEnvironment } from "./chain_block.ts";
import type { ChainView } from "./chain_view.ts";
import type { L1Evm } from "./evm.ts";
import type { NodeStore } from "./node_store.ts";

/** An open chain; what is in memory changes only after its commit. */
export interface OpenChain {
  readonly chainId: bigint;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: L1BlockStore;
  readonly nodes: NodeStore;
  readonly evm: L1Evm;
  readonly view: ChainView;
  readonly pool: Pool;
  readonly listeners: Set<(block: ChainBlock) => void>;
  /** What the next block, and no other, is to have; forgotten by a restart. */
  wishes: NextBlockWishes;
}

/** What the block after the head runs in. */
export function headEnvironment(chain: OpenChain): BlockEnvironment {
  const { chainId, clock, view, wishes } = chain;
  const forkCount = view.forkCount();
  return nextEnvironment(view.head(), { chainId, nowSec: clock.nowSec(), forkCount, wishes });
}
