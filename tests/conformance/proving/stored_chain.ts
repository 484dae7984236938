/**
 * Batches in a database without a node or an L1: what a prover's input is gathered from.
 *
 * Owns writing the rows that sealing and following L1 leave behind. Does not own gathering
 * (`core/pipeline/batch_witness.ts`).
 * @module
 */
import {
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
  rollOperation,
} from "../../../core/batching/acc_input_hash.ts";
import { planBatch } from "../../../core/batching/batch_plan.ts";
import { blockCounters, EMPTY_BATCH_COUNTERS } from "../../../core/batching/seal_policy.ts";
import { keccak256 } from "../../../core/crypto/keccak.ts";
import type { WitnessSource } from "../../../core/pipeline/batch_witness.ts";
import { type Address, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { batchNumber, blockNumber } from "../../../core/primitives/units.ts";
import type { TransitionMachine } from "../../../core/proving/state_transition.ts";
import { batchToRow, readBatch } from "../../../core/store/batches.ts";
import { writeBlob } from "../../../core/store/blob.ts";
import {
  type BlockSummary,
  stageBlock,
  type StoredBlock,
  toSummary,
} from "../../../core/store/blocks.ts";
import { BATCHES, CHECKPOINTS, OPERATIONS } from "../../../core/store/schema.ts";
import { openState, writeCodes } from "../../../core/store/state.ts";
import { createWriteSet } from "../../../core/store/write_set.ts";
import { headerHash } from "../../../core/types/block.ts";
import { NO_COUNTERS } from "../../../core/types/counters.ts";
import { transactionHash } from "../../../core/types/tx.ts";
import {
  type BlockResult,
  executePlannedBlock,
  genesisState,
  sealHeader,
} from "../../../core/vm/block_transition.ts";
import { DEVNET_CHAIN } from "../../../devnet/chain_config.ts";
import { devAccount } from "../l1/testing.ts";

/** A batch as L1 tells it. */
export interface ToldBatch {
  readonly data: Uint8Array;
  readonly operations: readonly Uint8Array[];
  readonly limitTimestampSec: bigint;
  readonly coinbase?: Address;
}

/** A chain in a database of its own. */
export interface StoredChain extends Disposable {
  readonly source: WitnessSource;
  readonly kv: Deno.Kv;
  /** Executes a batch, writes all its rows and gives its number. */
  addBatch(told: ToldBatch): Promise<bigint>;
}

/** The devnet's chain at block 0, in memory. */
export async function openStoredChain(machine: TransitionMachine): Promise<StoredChain> {
  const kv = await Deno.openKv(":memory:");
  const state = await openState(kv, machine.treeHash, undefined);
  const { executor } = machine;
  const config = DEVNET_CHAIN;

  const writeBlock = async (block: StoredBlock, codes: BlockResult["newCodes"]) => {
    const writes = createWriteSet(kv);
    await stageBlock(kv, writes, block);
    await writeCodes(kv, codes);
    await writes.commit();
    await state.committed(block.header.number, block.diffs);
    return toSummary(block);
  };
  const writeGenesis = async (): Promise<BlockSummary> => {
    const { writes, draftHeader, codes } = genesisState(config);
    const diffs = writes.map(({ value, ...id }) => ({
      ...id,
      oldValue: ZERO_HASH,
      newValue: value,
    }));
    const { stateRoot, leafCount } = state.apply(diffs);
    const header = sealHeader(draftHeader, stateRoot);
    const rest = { transactions: [], receipts: [], usages: [], diffs };
    const counters = blockCounters([], NO_COUNTERS);
    const place = { lastOperation: 0n, operationTxCount: 0 };
    const hash = headerHash(header);
    return await writeBlock({ header, hash, leafCount, counters, ...place, ...rest }, codes);
  };
  let tip = await writeGenesis();
  let sealed = 0n;

  const queue = async (operations: readonly Uint8Array[]) => {
    const previous = await readBatch(kv, sealed);
    let rollingHash = previous?.l1ToL2RollingHash ?? EMPTY_L1_TO_L2_ROLLING_HASH;
    let number = previous?.lastOperation ?? 0n;
    const writes = createWriteSet(kv);
    for (const raw of operations) {
      rollingHash = rollOperation(rollingHash, raw);
      writes.set(OPERATIONS, [++number], {
        l1BlockNumber: number,
        isLost: false,
        sender: devAccount(0).address,
        deadlineSec: 0n,
        hash: keccak256(raw),
        rollingHash,
        transactionHash: ZERO_HASH,
        rawBlob: await writeBlob(kv, raw),
      });
    }
    writes.set(CHECKPOINTS, ["sync_l1"], number);
    await writes.commit();
    return { l1ToL2RollingHash: rollingHash, lastOperation: number };
  };

  return {
    kv,
    source: {
      kv,
      config,
      executor,
      state,
      tip: { get: () => tip, set: (block) => void (tip = block) },
      l1: { aggregator: devAccount(1) },
    },
    addBatch: async ({ data, operations, limitTimestampSec, coinbase = config.coinbase }) => {
      const previous = await readBatch(kv, sealed);
      const parent = tip;
      const consumed = await queue(operations);
      const plan = planBatch({
        data,
        operations,
        parentTimestampSec: parent.header.timestampSec,
        limitTimestampSec,
        blockGasLimit: config.blockGasLimit,
      });
      for (const block of plan.blocks) {
        const { result, included, operationTxCount } = await executePlannedBlock({
          executor,
          storage: state.latest(),
          config: { ...config, coinbase },
          parent: tip.header,
          block,
        });
        const { stateRoot, leafCount } = state.apply(result.diffs);
        const header = sealHeader(result.draftHeader, stateRoot);
        const dataTxs = included.slice(operationTxCount).map(({ raw }) => raw);
        const stored: StoredBlock = {
          header,
          hash: headerHash(header),
          leafCount,
          counters: blockCounters(dataTxs, result.counters, block.operationCount),
          lastOperation: tip.lastOperation + BigInt(block.operationCount),
          operationTxCount,
          transactions: included.map(({ raw, sender }) => ({
            raw,
            sender,
            hash: transactionHash(raw),
          })),
          receipts: result.receipts,
          usages: [],
          diffs: result.diffs,
        };
        tip = await writeBlock(stored, result.newCodes);
      }
      const oldAccInputHash = previous?.newAccInputHash ?? GENESIS_ACC_INPUT_HASH;
      const input = {
        oldAccInputHash,
        batchDataHash: keccak256(data),
        l1ToL2RollingHash: consumed.l1ToL2RollingHash,
        limitTimestampSec,
        coinbase,
      };
      const batch = {
        ...input,
        ...consumed,
        number: batchNumber(++sealed),
        firstBlock: blockNumber(parent.header.number + 1n),
        lastBlock: tip.header.number,
        oldStateRoot: parent.header.stateRoot,
        oldLeafCount: parent.leafCount,
        newStateRoot: tip.header.stateRoot,
        newLeafCount: tip.leafCount,
        newAccInputHash: accInputHash(input),
        sealReason: "sequenced on L1" as const,
        counters: EMPTY_BATCH_COUNTERS,
      };
      const writes = createWriteSet(kv);
      writes.set(BATCHES, [batch.number], batchToRow(batch, await writeBlob(kv, data)));
      await writes.commit();
      return batch.number;
    },
    [Symbol.dispose]: () => kv.close(),
  };
}
