/**
 * A chain without a node: blocks as a sequencer builds them, the state tree after them, and nothing
 * of pools, databases or L1.
 *
 * Owns what a test needs to say what a batch must come to. Does not own the transition of a batch,
 * which it shares no code with above single blocks.
 * @module
 */
import type { AccInputPreimage } from "../../../core/batching/acc_input_hash.ts";
import { assert } from "../../../core/primitives/errors.ts";
import {
  type Address,
  bytesToHash32,
  type Hash32,
  hexToBytes,
} from "../../../core/primitives/hex.ts";
import type { TransitionMachine } from "../../../core/proving/state_transition.ts";
import { createStateTree, type StateTree } from "../../../core/tree/mod.ts";
import type { BlockHeader } from "../../../core/types/block.ts";
import type { ChainConfig } from "../../../core/types/genesis.ts";
import { flatKey } from "../../../core/types/state.ts";
import { decodeTransaction, recoverSender } from "../../../core/types/tx.ts";
import { genesisState, openBlock, sealHeader } from "../../../core/vm/block_transition.ts";
import { createMemoryStorage, type MemoryStorage } from "../../../core/vm/memory_storage.ts";
import { DEVNET_CHAIN } from "../../../devnet/chain_config.ts";
import type { BatchStart } from "./complete_witness.ts";

/** A chain that grows block by block. */
export interface BareChain {
  readonly machine: TransitionMachine;
  readonly config: ChainConfig;
  readonly tree: StateTree;
  readonly storage: MemoryStorage;
  head(): BlockHeader;
  /**
   * Builds a block of `offered`, signed transactions in their order, and says for each one whether
   * it is in the block, or why not.
   */
  block(
    timestampSec: bigint,
    offered: readonly Uint8Array[],
    coinbase?: Address,
  ): Promise<readonly string[]>;
}

/** The devnet's chain at block 0. */
export function createBareChain(
  machine: TransitionMachine,
  config: ChainConfig = DEVNET_CHAIN,
): BareChain {
  const genesis = genesisState(config);
  const storage = createMemoryStorage(genesis);
  const tree = createStateTree(machine.treeHash);
  tree.applyWrites(
    genesis.writes.map((write) => ({ key: flatKey(write), value: hexToBytes(write.value) })),
  );
  let head = sealHeader(genesis.draftHeader, bytesToHash32(tree.root()));
  return {
    machine,
    config,
    tree,
    storage,
    head: () => head,
    block: async (timestampSec, offered, coinbase = config.coinbase) => {
      const { executor } = machine;
      const start = { executor, storage, config: { ...config, coinbase }, parent: head };
      const open = await openBlock({ ...start, timestampSec });
      const results: string[] = [];
      for (const raw of offered) {
        const tx = decodeTransaction(raw);
        const outcome = await open.run({ tx, sender: recoverSender(tx), raw });
        results.push(outcome.kind === "included" ? "included" : outcome.reason);
      }
      const { diffs, newCodes, draftHeader } = await open.close();
      storage.apply(diffs, newCodes);
      tree.applyWrites(
        diffs.map((diff) => ({ key: flatKey(diff), value: hexToBytes(diff.newValue) })),
      );
      head = sealHeader(draftHeader, bytesToHash32(tree.root()));
      return results;
    },
  };
}

/** Where the next batch on `chain` starts, with its own coinbase unless `fields` name another. */
export function batchStartOf(
  chain: BareChain,
  fields: Partial<BatchStart["fields"]> = {},
): BatchStart {
  const { machine, tree, config, storage } = chain;
  return {
    machine,
    tree,
    parentHeader: chain.head(),
    readCode: storage.readCode,
    fields: { chainId: config.chainId, coinbase: config.coinbase, ...fields },
  };
}

/** Roots and counts after `chain`, as public inputs name them. */
export function stateOf(chain: BareChain): { newStateRoot: Hash32; newLeafCount: bigint } {
  return {
    newStateRoot: bytesToHash32(chain.tree.root()),
    newLeafCount: BigInt(chain.tree.leafCount()),
  };
}

/** Some batch before, of which only its own fields matter. */
export function somePreimage(l1ToL2RollingHash: Hash32): AccInputPreimage {
  const [account] = DEVNET_CHAIN.accounts;
  assert(account !== undefined, "the devnet has accounts");
  return {
    oldAccInputHash: bytesToHash32(new Uint8Array(32).fill(0xa1)),
    batchDataHash: bytesToHash32(new Uint8Array(32).fill(0xa2)),
    l1ToL2RollingHash,
    limitTimestampSec: 77n,
    coinbase: account.address,
  };
}
