/**
 * What L1 must agree on before a rollup's first batch, computed without any data folder.
 *
 * Owns the genesis root of a configuration. Does not own writing genesis (`create_engine.ts`).
 * @module
 */
import { bytesToHash32, type Hash32, hexToBytes } from "../primitives/hex.ts";
import { createPoseidon2TreeHash, createStateTree } from "../tree/mod.ts";
import type { ChainConfig } from "../types/genesis.ts";
import { flatKey } from "../types/state.ts";
import { genesisState } from "../vm/block_transition.ts";
import type { Executor } from "../vm/executor.ts";

/** What L1 must agree on before the first batch. */
export interface GenesisFacts {
  readonly chainId: bigint;
  readonly stateRoot: Hash32;
  readonly leafCount: bigint;
  readonly programHash: Hash32;
}

/** The facts that a node of `config` finds after it has written genesis. */
export function computeGenesisFacts(
  config: ChainConfig,
  { programHash }: Pick<Executor, "programHash">,
): GenesisFacts {
  const tree = createStateTree(createPoseidon2TreeHash());
  tree.applyWrites(
    genesisState(config).writes.map((write) => ({
      key: flatKey(write),
      value: hexToBytes(write.value),
    })),
  );
  return {
    chainId: config.chainId,
    stateRoot: bytesToHash32(tree.root()),
    leafCount: BigInt(tree.leafCount()),
    programHash,
  };
}
