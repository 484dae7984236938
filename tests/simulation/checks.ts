/**
 * What must hold of the whole history of a rollup.
 *
 * Owns the checks of the simulation at its end. They trust nothing but genesis, the rows of blocks
 * and the data of batches, which are executed again from the start, and the contract on L1. Does not
 * own what must hold at any time (`watch.ts`).
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
  rollOperation,
} from "../../core/batching/acc_input_hash.ts";
import {
  planBatch,
  type PlannedBlock,
  type PlannedTx,
  planTransaction,
} from "../../core/batching/batch_plan.ts";
import {
  addBatchCounters,
  blockCounters,
  EMPTY_BATCH_COUNTERS,
  RESOURCES,
} from "../../core/batching/seal_policy.ts";
import { keccak256 } from "../../core/crypto/keccak.ts";
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import { readRollupState, readVerifiedBatch } from "../../core/l1/rollup_views.ts";
import { readHeads } from "../../core/pipeline/heads.ts";
import type { Node } from "../../core/pipeline/node.ts";
import { assert } from "../../core/primitives/errors.ts";
import { type Address, bytesToHash32, type Hash32, hexToBytes } from "../../core/primitives/hex.ts";
import { readBatchData, requireBatch } from "../../core/store/batches.ts";
import { requireBlock, requireBlockSummary, type StoredBlock } from "../../core/store/blocks.ts";
import { requireOperations } from "../../core/store/operations.ts";
import { createPoseidon2TreeHash, createStateTree, type StateTree } from "../../core/tree/mod.ts";
import type { Batch, BatchCounters } from "../../core/types/batch.ts";
import { BALANCE_ADDRESS, flatKey, type SlotId } from "../../core/types/state.ts";
import { executePlannedBlock, genesisState, sealHeader } from "../../core/vm/block_transition.ts";
import type { Executor } from "../../core/vm/executor.ts";
import { createWasmExecutor } from "../../core/vm/host/wasm_executor.ts";
import { createMemoryStorage, type MemoryStorage } from "../../core/vm/memory_storage.ts";

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
  let rollingHash: Hash32 = EMPTY_L1_TO_L2_ROLLING_HASH;
  let lastOperation = 0n;
  for (let number = 1n; number <= heads.sealed; number++) {
    const batch = await requireBatch(node.kv, number);
    const data = await readBatchData(node.kv, number);
    assertEquals(batch.firstBlock, parent.header.number + 1n);
    assertEquals(batch.oldStateRoot, parent.header.stateRoot);
    const operations = await requireOperations(node.kv, lastOperation + 1n, batch.lastOperation);
    const consumed = operations.map(({ raw }) => raw);
    rollingHash = consumed.reduce(rollOperation, rollingHash);
    lastOperation = batch.lastOperation;
    lastAccInputHash = accInputHash({
      oldAccInputHash: lastAccInputHash,
      batchDataHash: keccak256(data),
      l1ToL2RollingHash: rollingHash,
      limitTimestampSec: batch.limitTimestampSec,
      coinbase: batch.coinbase,
    });
    assertEquals(batch.newAccInputHash, lastAccInputHash);
    const { blocks, fault } = planBatch({
      data,
      operations: consumed,
      parentTimestampSec: parent.header.timestampSec,
      limitTimestampSec: batch.limitTimestampSec,
      blockGasLimit: node.config.blockGasLimit,
    });
    const isOwn = batch.sealReason !== "sequenced on L1";
    assert(fault === undefined || !isOwn, "sealed data is obeyed");
    const { coinbase } = batch;
    for (const planned of blocks) parent = await replayBlock(state, parent, { planned, coinbase });
    assertEquals(parent.header.number, batch.lastBlock);
    if (isOwn) {
      assertEquals(batch.counters, await sumOfBlocks(node, batch));
      checkLimits(node, batch);
    }
    assertEquals(parent.header.stateRoot, batch.newStateRoot);
  }
  for (let number = parent.header.number + 1n; number <= heads.block; number++) {
    const block = await requireBlock(node.kv, number);
    const { coinbase, timestampSec } = block.header;
    const txs = block.transactions.map(({ raw }) => planTransaction(raw)).filter(isPlanned);
    const planned: PlannedBlock = {
      timestampSec,
      operationCount: block.counters.operationCount,
      operations: txs.slice(0, block.operationTxCount),
      transactions: txs.slice(block.operationTxCount),
    };
    parent = await replayBlock(state, parent, { planned, coinbase });
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
  told: { readonly planned: PlannedBlock; readonly coinbase: Address },
): Promise<StoredBlock> {
  const stored = await requireBlock(node.kv, parent.header.number + 1n);
  const { result, included, operationTxCount } = await executePlannedBlock({
    executor,
    storage,
    config: { ...node.config, coinbase: told.coinbase },
    parent: parent.header,
    block: told.planned,
  });
  tree.applyWrites(result.diffs.map((diff) => toWrite(diff, diff.newValue)));
  storage.apply(result.diffs, result.newCodes);
  const header = sealHeader(result.draftHeader, bytesToHash32(tree.root()));
  assertEquals(header, stored.header);
  assertEquals(result.receipts, stored.receipts);
  const { operationCount } = told.planned;
  const raws = included.map(({ raw }) => raw);
  const dataTxs = raws.slice(operationTxCount);
  assertEquals(blockCounters(dataTxs, result.counters, operationCount), stored.counters);
  assertEquals(parent.lastOperation + BigInt(operationCount), stored.lastOperation);
  const usages = result.outcomes.flatMap((each) => each.kind === "included" ? [each.usage] : []);
  assertEquals(usages, stored.usages.slice());
  assertEquals(raws, stored.transactions.map(({ raw }) => raw));
  return stored;
}

function isPlanned(planned: PlannedTx | undefined): planned is PlannedTx {
  return planned !== undefined;
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

/**
 * The contract on L1 believes what the node believes, its root is that of the last batch, and its
 * queue is consumed as far as the node has consumed it.
 */
export async function checkL1(engine: LocalEngine): Promise<void> {
  const { node } = engine;
  const heads = await readHeads(node);
  const { client, rollup } = node.l1;
  const state = await readRollupState(client, rollup);
  assertEquals<bigint>(state.lastBatchSequenced, heads.sequenced);
  assertEquals<bigint>(state.lastVerifiedBatch, heads.verified);
  assertEquals(state.lastForceBatchSequenced, state.lastForceBatch);
  assertEquals(state.lastForceBatch, node.tip.get().lastOperation);
  if (heads.verified === 0n) return;
  const verified = await readVerifiedBatch(client, rollup, state.lastVerifiedBatch);
  const batch = await requireBatch(node.kv, heads.verified);
  assertEquals(verified?.stateRoot, batch.newStateRoot);
  assertEquals(verified?.leafCount, batch.newLeafCount);
}

/** Who has L1 alone comes to the same batches, blocks and heads. */
export async function checkFollower(engine: LocalEngine, follower: LocalEngine): Promise<void> {
  await follower.sync();
  const [here, there] = [await readHeads(engine.node), await readHeads(follower.node)];
  assertEquals([there.sequenced, there.verified], [here.sequenced, here.verified]);
  assertEquals(await historyOf(follower.node), await historyOf(engine.node));
}

/** What L1 knows of every batch, and the hashes of its blocks. */
async function historyOf(node: Node): Promise<readonly unknown[]> {
  const { sequenced } = await readHeads(node);
  const rows: unknown[] = [];
  for (let number = 1n; number <= sequenced; number++) {
    const batch = await requireBatch(node.kv, number);
    const { sealReason: _reason, counters: _counters, ...meaning } = batch;
    rows.push(meaning);
    for (let block: bigint = batch.firstBlock; block <= batch.lastBlock; block++) {
      rows.push((await requireBlockSummary(node.kv, block)).hash);
    }
  }
  return rows;
}
