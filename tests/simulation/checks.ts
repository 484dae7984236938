/**
 * What must hold of a rollup at any time, and what must hold of its whole history.
 *
 * Owns the checks of the simulation. They trust nothing but genesis, the rows of blocks and the
 * data of batches, which are executed again from the start. Does not own what happens in between.
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
} from "../../core/batching/acc_input_hash.ts";
import { decodeBatchData } from "../../core/batching/batch_data.ts";
import {
  addBatchCounters,
  blockCounters,
  EMPTY_BATCH_COUNTERS,
  RESOURCES,
} from "../../core/batching/seal_policy.ts";
import { keccak256 } from "../../core/crypto/keccak.ts";
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import { readRollupState, readVerifiedBatch } from "../../core/l1/calls.ts";
import { assertHeads, readHeads } from "../../core/pipeline/heads.ts";
import type { Node } from "../../core/pipeline/node.ts";
import { assert } from "../../core/primitives/errors.ts";
import { bytesToHash32, bytesToHex, type Hash32, hexToBytes } from "../../core/primitives/hex.ts";
import { readBatchData, requireBatch } from "../../core/store/batches.ts";
import { requireBlock, type StoredBlock } from "../../core/store/blocks.ts";
import { POOL, TX_POSITIONS } from "../../core/store/schema.ts";
import { listRows, requireRow } from "../../core/store/table.ts";
import { createPoseidon2TreeHash, createStateTree, type StateTree } from "../../core/tree/mod.ts";
import type { Batch, BatchCounters } from "../../core/types/batch.ts";
import { headerHash } from "../../core/types/block.ts";
import { BALANCE_ADDRESS, flatKey, type SlotId } from "../../core/types/state.ts";
import { decodeTransaction, recoverSender } from "../../core/types/tx.ts";
import { executeBlock, genesisState, sealHeader } from "../../core/vm/block_transition.ts";
import type { Executor } from "../../core/vm/executor.ts";
import { createWasmExecutor } from "../../core/vm/host/wasm_executor.ts";
import { createMemoryStorage, type MemoryStorage } from "../../core/vm/memory_storage.ts";

/** What a watcher has seen so far; nothing of it may ever change. */
export interface Seen {
  /** Block hashes by number. */
  readonly blockHashes: string[];
  /** Hash of every transaction that users have sent, admitted or not. */
  readonly sentHashes: Set<string>;
  readonly includedHashes: Set<string>;
}

/** A watcher that has seen nothing. */
export function createSeen(): Seen {
  return { blockHashes: [], sentHashes: new Set(), includedHashes: new Set() };
}

/** What holds between any two verbs. */
export async function checkNow(engine: LocalEngine, seen: Seen): Promise<void> {
  const { node } = engine;
  assertHeads(await readHeads(node));
  const tip = node.tip.get();
  assertEquals(bytesToHash32(node.state.tree.root()), tip.header.stateRoot);
  assertEquals(BigInt(node.state.tree.leafCount()), tip.leafCount);
  assert(Number(tip.header.number) + 1 >= seen.blockHashes.length, "no seen block is lost");
  for (let number = seen.blockHashes.length; number <= Number(tip.header.number); number++) {
    await checkNewBlock(node, seen, BigInt(number));
  }
  assertEquals(seen.blockHashes.at(-1), tip.hash);
  const rows: string[] = [];
  for await (const { key } of listRows(node.kv, POOL)) {
    if (key[1] instanceof Uint8Array) rows.push(bytesToHex(key[1]));
  }
  assertEquals(node.pool.entries().map((entry): string => entry.hash).toSorted(), rows.toSorted());
}

async function checkNewBlock(node: Node, seen: Seen, number: bigint): Promise<void> {
  const block = await requireBlock(node.kv, number);
  assertEquals(headerHash(block.header), block.hash);
  if (number > 0n) {
    assertEquals<string | undefined>(block.header.parentHash, seen.blockHashes[Number(number) - 1]);
    const change = block.diffs.filter(({ address }) => address === BALANCE_ADDRESS).reduce(
      (sum, diff) => sum + BigInt(diff.newValue) - BigInt(diff.oldValue),
      0n,
    );
    assertEquals(change, 0n, `block ${number} makes or burns wei`);
  }
  for (const [index, tx] of block.transactions.entries()) {
    assertEquals(seen.sentHashes.has(tx.hash), true, "only what was sent is included");
    assertEquals(seen.includedHashes.has(tx.hash), false, "nothing is included twice");
    seen.includedHashes.add(tx.hash);
    const position = await requireRow(node.kv, TX_POSITIONS, [hexToBytes(tx.hash)]);
    assertEquals(position, { blockNumber: number, index });
    assertEquals(node.pool.has(tx.hash), false, "what is included waits no more");
  }
  seen.blockHashes.push(block.hash);
}

/**
 * Executes all of history again, the sealed part from what L1 was given, in a fresh machine on a
 * fresh state, and holds every header, root, counter and accInputHash against it.
 */
export async function checkHistory(
  engine: LocalEngine,
  executor: Executor = createWasmExecutor(),
): Promise<void> {
  const { node } = engine;
  const genesis = genesisState(node.config);
  const storage = createMemoryStorage(genesis);
  const tree = createStateTree(createPoseidon2TreeHash());
  tree.applyWrites(genesis.writes.map((write) => toWrite(write, write.value)));
  let parent = await requireBlock(node.kv, 0n);
  assertEquals(
    sealHeader(genesis.draftHeader, bytesToHash32(tree.root())),
    parent.header,
  );
  const totalWei = totalOf(storage);
  const state: Replay = { node, executor, storage, tree };
  const heads = await readHeads(node);
  let lastAccInputHash: Hash32 = GENESIS_ACC_INPUT_HASH;
  for (let number = 1n; number <= heads.sealed; number++) {
    const batch = await requireBatch(node.kv, number);
    const data = await readBatchData(node.kv, number);
    assertEquals(batch.firstBlock, parent.header.number + 1n);
    assertEquals(batch.oldStateRoot, parent.header.stateRoot);
    lastAccInputHash = accInputHash({
      oldAccInputHash: lastAccInputHash,
      batchDataHash: keccak256(data),
      l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
      limitTimestampSec: batch.limitTimestampSec,
      coinbase: batch.coinbase,
    });
    assertEquals(batch.newAccInputHash, lastAccInputHash);
    const { timestampSec: parentSec } = parent.header;
    const decoded = decodeBatchData(data, parentSec, batch.limitTimestampSec);
    assert(decoded.ok, "sealed data decodes");
    for (const { timestampSec, transactions } of decoded.blocks) {
      parent = await replayBlock(state, parent, { timestampSec, transactions });
    }
    assertEquals(parent.header.number, batch.lastBlock);
    assertEquals(batch.counters, await sumOfBlocks(node, batch));
    checkLimits(node, batch);
    assertEquals(parent.header.stateRoot, batch.newStateRoot);
  }
  for (let number = parent.header.number + 1n; number <= heads.block; number++) {
    const { header, transactions } = await requireBlock(node.kv, number);
    const { timestampSec } = header;
    parent = await replayBlock(state, parent, {
      timestampSec,
      transactions: transactions.map(({ raw }) => raw),
    });
  }
  assertEquals(totalOf(storage), totalWei);
}

async function sumOfBlocks(node: Node, { firstBlock, lastBlock }: Batch): Promise<BatchCounters> {
  let sum = EMPTY_BATCH_COUNTERS;
  for (let number: bigint = firstBlock; number <= lastBlock; number++) {
    sum = addBatchCounters(sum, (await requireBlock(node.kv, number)).counters);
  }
  return sum;
}

/** No batch passes a limit, and what closed it is what it has used up. */
function checkLimits({ sealLimits }: Node, { number, counters, sealReason }: Batch): void {
  for (const { reason, limit, counter } of RESOURCES) {
    const [used, max] = [Number(counters[counter]), Number(sealLimits[limit])];
    assert(used <= max, `batch ${number} has ${used} of ${max} ${reason}`);
    if (sealReason === reason) assert(used > 0, `batch ${number} closes for ${reason} it has not`);
  }
}

interface Replay {
  readonly node: Node;
  readonly executor: Executor;
  readonly storage: MemoryStorage;
  readonly tree: StateTree;
}

async function replayBlock(
  { node, executor, storage, tree }: Replay,
  parent: StoredBlock,
  told: { readonly timestampSec: bigint; readonly transactions: readonly Uint8Array[] },
): Promise<StoredBlock> {
  const stored = await requireBlock(node.kv, parent.header.number + 1n);
  const result = await executeBlock({
    executor,
    storage,
    config: node.config,
    parent: parent.header,
    timestampSec: told.timestampSec,
    transactions: told.transactions.map((raw) => {
      const tx = decodeTransaction(raw);
      return { tx, sender: recoverSender(tx) };
    }),
  });
  tree.applyWrites(result.diffs.map((diff) => toWrite(diff, diff.newValue)));
  storage.apply(result.diffs, result.newCodes);
  const header = sealHeader(result.draftHeader, bytesToHash32(tree.root()));
  assertEquals(header, stored.header);
  assertEquals(result.receipts, stored.receipts);
  assertEquals(blockCounters(told.transactions, result.counters), stored.counters);
  const usages = result.outcomes.map((each) => each.kind === "included" ? each.usage : undefined);
  assertEquals(usages, stored.usages.slice());
  assertEquals(told.transactions, stored.transactions.map(({ raw }) => raw));
  return stored;
}

function toWrite(id: SlotId, value: Hash32): { key: Uint8Array; value: Uint8Array } {
  return { key: flatKey(id), value: hexToBytes(value) };
}

function totalOf(storage: MemoryStorage): bigint {
  return storage.entries().filter(({ address }) => address === BALANCE_ADDRESS).reduce(
    (sum, { value }) => sum + BigInt(value),
    0n,
  );
}

/** The contract on L1 believes what the node believes, and its root is that of the last batch. */
export async function checkL1(engine: LocalEngine): Promise<void> {
  const { node } = engine;
  const heads = await readHeads(node);
  const { client, rollup } = node.l1;
  const state = await readRollupState(client, rollup);
  assertEquals<bigint>(state.lastBatchSequenced, heads.sequenced);
  assertEquals<bigint>(state.lastVerifiedBatch, heads.verified);
  if (heads.verified === 0n) return;
  const verified = await readVerifiedBatch(client, rollup, state.lastVerifiedBatch);
  const batch = await requireBatch(node.kv, heads.verified);
  assertEquals(verified?.stateRoot, batch.newStateRoot);
  assertEquals(verified?.leafCount, batch.newLeafCount);
}
