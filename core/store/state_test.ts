import { assertEquals, assertRejects } from "@std/assert";
import {
  address,
  bigintToHash32,
  bytesToHash32,
  type Hash32,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../primitives/hex.ts";
import { blockNumber } from "../primitives/units.ts";
import { createPoseidon2TreeHash, type StateTree } from "../tree/mod.ts";
import { type BlockHeader, headerHash } from "../types/block.ts";
import { NO_COUNTERS } from "../types/counters.ts";
import { stageBlock } from "./blocks.ts";
import { openState } from "./state.ts";
import { createWriteSet } from "./write_set.ts";

const OWNER = address(`0x${"11".repeat(20)}`);
const SLOT = bigintToHash32(1n);
const change = (oldValue: bigint, newValue: bigint) => ({
  address: OWNER,
  slot: SLOT,
  oldValue: bigintToHash32(oldValue),
  newValue: bigintToHash32(newValue),
});

Deno.test("openState().latest() reads and names the tree as it is after each block and step back", async () => {
  using kv = await Deno.openKv(":memory:");
  const state = await openState(kv, createPoseidon2TreeHash(), undefined);
  const read = () => state.latest().readSlot(OWNER, SLOT);
  assertEquals([read(), read()], [ZERO_HASH, ZERO_HASH]);
  const first = state.apply([change(0n, 5n)]);
  assertEquals([read(), read()], [bigintToHash32(5n), bigintToHash32(5n)]);
  const second = state.apply([change(5n, 6n)]);
  assertEquals([read(), state.isAt(second.stateRoot)], [bigintToHash32(6n), true]);
  state.revert(second);
  assertEquals([read(), state.isAt(second.stateRoot)], [bigintToHash32(5n), false]);
  assertEquals(state.isAt(first.stateRoot), true);
  state.revert(first);
  assertEquals(read(), ZERO_HASH);
});

Deno.test("walkTree() visits the past in order, new and emptied leaves included, and comes back", async () => {
  using kv = await Deno.openKv(":memory:");
  const chain = await openChain(kv);
  // Slot 3 comes and goes within one leg; slot 4 appears late.
  await chain.add([[1n, 0n, 5n], [2n, 0n, 9n]]);
  await chain.add([[1n, 5n, 6n], [3n, 0n, 7n]]);
  await chain.add([[3n, 7n, 0n], [2n, 9n, 8n]]);
  await chain.add([[4n, 0n, 1n], [1n, 6n, 0n]]);
  await chain.add([[3n, 0n, 2n]]);
  const { state, roots } = chain;
  const latest = BigInt(roots.length - 1);
  const rootOf = (tree: StateTree) => bytesToHash32(tree.root());
  for (const stops of [[0n], [1n, 3n], [0n, 1n, 2n, 3n, 4n, 5n], [2n, 2n, 5n], [5n]]) {
    const seen = await state.walkTree(stops, latest, rootOf);
    assertEquals(seen, stops.map((number) => roots[Number(number)]));
    assertEquals(state.isAt(roots.at(-1) ?? ZERO_HASH), true);
  }
  const stumbling = state.walkTree([0n, 2n], latest, (_, position) => {
    if (position === 1) throw new Error("here");
  });
  await assertRejects(() => stumbling, Error, "here");
  assertEquals(rootOf(state.tree), roots.at(-1));
  assertEquals(await state.withTreeAt(3n, latest, rootOf), roots[3]);
});

/** A state whose blocks are on disk, with the root after each of them. */
async function openChain(kv: Deno.Kv) {
  const state = await openState(kv, createPoseidon2TreeHash(), undefined);
  const roots: Hash32[] = [];
  const add = async (changes: readonly (readonly [slot: bigint, old: bigint, now: bigint])[]) => {
    const diffs = changes.map(([slot, old, now]) => ({
      ...change(old, now),
      slot: bigintToHash32(slot),
    }));
    const { stateRoot, leafCount } = state.apply(diffs);
    const number = blockNumber(BigInt(roots.length));
    const header = { ...emptyHeader(), number, stateRoot };
    const writes = createWriteSet(kv);
    await stageBlock(kv, writes, {
      header,
      hash: headerHash(header),
      leafCount,
      counters: { ...NO_COUNTERS, blockCount: 1, batchDataBytes: 0, operationCount: 0 },
      lastOperation: 0n,
      operationTxCount: 0,
      transactions: [],
      receipts: [],
      usages: [],
      diffs,
    });
    await writes.commit();
    await state.committed(number, diffs);
    roots.push(stateRoot);
  };
  await add([]);
  return { state, roots, add };
}

function emptyHeader(): BlockHeader {
  return {
    parentHash: ZERO_HASH,
    coinbase: ZERO_ADDRESS,
    stateRoot: ZERO_HASH,
    transactionsRoot: ZERO_HASH,
    receiptsRoot: ZERO_HASH,
    logsBloom: new Uint8Array(256),
    number: blockNumber(0n),
    gasLimit: 30_000_000n,
    gasUsed: 0n,
    timestampSec: 1n,
    prevRandao: ZERO_HASH,
    baseFeePerGasWei: 7n,
  };
}
