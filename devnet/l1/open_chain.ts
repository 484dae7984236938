/**
 * What the parts of an open embedded L1 share.
 *
 * Owns the record and the environment of the next block. Does not own any change of it.
 * @module
 */
import type { Pool } from "../../core/pool/pool.ts";
import type { Address, Hash32 } from "../../core/primitives/hex.ts";
import type { Clock, Log } from "../../core/primitives/ports.ts";
import type { ChainBlock, ChainTransaction, DroppedBlock } from "../rpc/chain.ts";
import type { RewindGate } from "../rpc/rewinds.ts";
import type { L1BlockStore } from "./block_store.ts";
import { type L1Environment, type NextBlockWishes, nextEnvironment } from "./chain_block.ts";
import type { ChainView } from "./chain_view.ts";
import type { L1Evm } from "./evm.ts";
import type { ForkSchedule } from "./forks.ts";
import type { NodeStore } from "./node_store.ts";

/** What somebody wants of all blocks to come. */
export interface StandingWishes {
  readonly coinbase?: Address;
  readonly gasLimit?: bigint;
  /** Each block is this many seconds after its parent. */
  readonly intervalSec?: bigint;
}

/** An open chain; what is in memory changes only after its commit. */
export interface OpenChain {
  readonly forks: ForkSchedule;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: L1BlockStore;
  readonly nodes: NodeStore;
  readonly evm: L1Evm;
  readonly view: ChainView;
  readonly pool: Pool;
  readonly listeners: Set<(block: ChainBlock) => void>;
  readonly pendingListeners: Set<(transaction: ChainTransaction) => void>;
  readonly reorgListeners: Set<(dropped: readonly DroppedBlock[]) => void>;
  readonly rewinds: RewindGate;
  /** The block of the first moment, which is not taken back: the rollup's contracts are there. */
  firstNumber: bigint;
  /** Root of the state after the head where it was decreed (`decrees.ts`). */
  decreed: Hash32 | undefined;
  /** What the next block, and no other, is to have; forgotten by a restart. */
  wishes: NextBlockWishes;
  /** What every block from the next one on is to have; forgotten by a restart. */
  standing: StandingWishes;
}

/** What the block after the head runs in. */
export function headEnvironment(chain: OpenChain): L1Environment {
  const { forks, clock, view } = chain;
  const wishes = { ...chain.standing, ...chain.wishes };
  const forkCount = view.forkCount();
  return nextEnvironment(view.head(), { forks, nowSec: clock.nowSec(), forkCount, wishes });
}
