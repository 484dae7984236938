/**
 * A second opinion on the embedded L1: its blocks, validated and run again by `@ethereumjs/vm`'s own
 * block processor on a state of its own.
 *
 * Owns nothing of the chain: headers are put together from what RPC shows.
 * @module
 */
import { type Block, createBlockFromRLP } from "@ethereumjs/block";
import { type Common, createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { MerkleStateManager } from "@ethereumjs/statemanager";
import { createVM, runBlock, type VM } from "@ethereumjs/vm";
import { assert } from "../../../core/primitives/errors.ts";
import { bytesToHex, type Hash32, hash32 } from "../../../core/primitives/hex.ts";
import { devnetGenesisAccounts } from "../../../devnet/accounts.ts";
import { encodeChainBlock } from "../../../devnet/chain_block.ts";
import { SYSTEM_CONTRACTS } from "../../../devnet/l1/system_contracts.ts";
import type { ChainBlock } from "../../../devnet/rpc/chain.ts";
import type { EmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { CHAIN_ID } from "./testing.ts";

/** An independent node. */
export interface Oracle {
  /** Root of the state so far. */
  stateRoot(): Promise<Hash32>;
  /** Validates and runs the block; throws when any field is not what comes out. */
  importBlock(block: ChainBlock, parent: ChainBlock): Promise<Block>;
}

/** A node with the devnet's genesis state. */
export async function createOracle(): Promise<Oracle> {
  const common = createCustomCommon({ chainId: Number(CHAIN_ID), name: "oracle" }, Mainnet, {
    hardfork: Hardfork.Osaka,
  });
  const blocks = new Map<number, Block>();
  const vm = await createVM({
    common,
    stateManager: new MerkleStateManager({ common }),
    blockchain: {
      getBlock: (number) => {
        const block = blocks.get(number);
        assert(block !== undefined, "blocks are imported in order");
        return Promise.resolve(block);
      },
      putBlock: () => Promise.resolve(),
      shallowCopy() {
        return this;
      },
    },
  });
  await putGenesis(vm);
  const readRoot = async () => hash32(bytesToHex(await vm.stateManager.getStateRoot()));
  return {
    stateRoot: readRoot,
    importBlock: async (shown, shownParent) => {
      const block = toLibraryBlock(shown, common);
      const parent = toLibraryBlock(shownParent, common);
      assert(bytesToHex(block.hash()) === shown.header.hash, "the hash is that of the header");
      assert(block.serialize().length === shown.sizeBytes, "the size is that of the RLP");
      // The library has no say without a blockchain in these two, so they are asked by hand.
      assert(block.header.baseFeePerGas === parent.header.calcNextBaseFee(), "EIP-1559 holds");
      assert(block.header.timestamp > parent.header.timestamp, "time goes on");
      blocks.set(Number(parent.header.number), parent);
      await block.validateData();
      await runBlock(vm, {
        block,
        root: await vm.stateManager.getStateRoot(),
        skipHeaderValidation: true,
        skipBlockValidation: true,
      });
      return block;
    },
  };
}

/** Imports everything that `l1` has; the count is how many blocks that were. */
export async function importChain(l1: EmbeddedL1): Promise<bigint> {
  const oracle = await createOracle();
  let parent = await requireBlock(l1, 0n);
  assert(await oracle.stateRoot() === parent.header.stateRoot, "genesis has the same state");
  const head = await l1.numberOf("latest");
  for (let number = 1n; number <= head; number++) {
    const block = await requireBlock(l1, number);
    await oracle.importBlock(block, parent);
    assert(await oracle.stateRoot() === block.header.stateRoot, "the block has the same state");
    parent = block;
  }
  return head;
}

/** A block that must be there. */
export async function requireBlock(l1: EmbeddedL1, number: bigint): Promise<ChainBlock> {
  const block = await l1.block(number);
  assert(block !== undefined, "the chain has the block");
  return block;
}

async function putGenesis(vm: VM): Promise<void> {
  const accounts = [...devnetGenesisAccounts(), ...SYSTEM_CONTRACTS].map((account) => [
    account.address,
    [`0x${account.balanceWei.toString(16)}`, account.code, [], `0x${account.nonce.toString(16)}`],
  ]);
  await vm.stateManager.generateCanonicalGenesis?.(Object.fromEntries(accounts));
}

function toLibraryBlock(block: ChainBlock, common: Common): Block {
  return createBlockFromRLP(encodeChainBlock(block), { common });
}
