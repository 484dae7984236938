/** Blocks over KV in memory. */
import { assertEquals } from "@std/assert";
import { bigintToHash32, ZERO_ADDRESS, ZERO_HASH } from "../primitives/hex.ts";
import { blockNumber } from "../primitives/units.ts";
import { type BlockHeader, headerHash } from "../types/block.ts";
import { NO_COUNTERS } from "../types/counters.ts";
import {
  readBlock,
  readDiffs,
  requireBlockSummary,
  stageBlock,
  type StoredBlock,
  toSummary,
} from "./blocks.ts";
import { createWriteSet } from "./write_set.ts";

const header: BlockHeader = {
  parentHash: ZERO_HASH,
  coinbase: ZERO_ADDRESS,
  stateRoot: ZERO_HASH,
  transactionsRoot: ZERO_HASH,
  receiptsRoot: ZERO_HASH,
  logsBloom: new Uint8Array(256),
  number: blockNumber(5n),
  gasLimit: 30_000_000n,
  gasUsed: 0n,
  timestampSec: 1n,
  prevRandao: ZERO_HASH,
  baseFeePerGasWei: 7n,
};

/** A block of `txCount` transactions of `txBytes` bytes with as many changes each. */
function blockOf(txCount: number, txBytes: number, diffsEach: number): StoredBlock {
  const diffs = Array.from({ length: txCount * diffsEach }, (_, index) => ({
    address: ZERO_ADDRESS,
    slot: bigintToHash32(BigInt(index)),
    oldValue: ZERO_HASH,
    newValue: bigintToHash32(BigInt(index + 1)),
  }));
  const counters = { ...NO_COUNTERS, blockCount: 1, batchDataBytes: 0, operationCount: 0 };
  return {
    header,
    hash: headerHash(header),
    leafCount: 2n + BigInt(diffs.length),
    counters,
    lastOperation: 0n,
    operationTxCount: 0,
    transactions: Array.from({ length: txCount }, (_, index) => ({
      hash: bigintToHash32(BigInt(index + 1)),
      raw: new Uint8Array(txBytes).fill(index),
      sender: ZERO_ADDRESS,
    })),
    receipts: Array.from({ length: txCount }, (_, index) => ({
      type: 2,
      success: true,
      gasUsed: 21_000n,
      cumulativeGasUsed: 21_000n * BigInt(index + 1),
      effectiveGasPriceWei: 7n,
      logs: [],
      contractAddress: undefined,
    })),
    usages: [],
    diffs,
  };
}

Deno.test("stageBlock() keeps the row of a block below a value's bound, whatever its parts take", async () => {
  using kv = await Deno.openKv(":memory:");
  // Each part alone may be short while all of them together are not.
  for (const txCount of [1, 60, 110, 130, 150, 170, 188, 220, 260, 300]) {
    for (const [txBytes, diffsEach] of [[110, 1], [60, 2], [180, 1], [4_000, 3]] as const) {
      const block = blockOf(txCount, txBytes, diffsEach);
      const writes = createWriteSet(kv);
      await stageBlock(kv, writes, block);
      await writes.commit();
      const found = await readBlock(kv, header.number);
      assertEquals(found?.transactions, block.transactions);
      assertEquals(found?.receipts, block.receipts);
      assertEquals(found?.diffs, block.diffs);
    }
  }
});

Deno.test("readBlock() gives back a block with more diffs than an argument list holds", async () => {
  const diffs = Array.from({ length: 40_000 }, (_, index) => ({
    address: ZERO_ADDRESS,
    slot: bigintToHash32(BigInt(index)),
    oldValue: ZERO_HASH,
    newValue: bigintToHash32(BigInt(index + 1)),
  }));
  const block: StoredBlock = {
    header,
    hash: headerHash(header),
    leafCount: 40_002n,
    counters: { ...NO_COUNTERS, blockCount: 1, batchDataBytes: 9, operationCount: 3, stepCount: 7 },
    lastOperation: 8n,
    operationTxCount: 0,
    transactions: [],
    receipts: [],
    usages: [],
    diffs,
  };
  const kv = await Deno.openKv(":memory:");
  try {
    const writes = createWriteSet(kv);
    await stageBlock(kv, writes, block);
    await writes.commit();
    const found = await readBlock(kv, 5n);
    assertEquals(found?.header, header);
    assertEquals(found?.counters, block.counters);
    assertEquals(await requireBlockSummary(kv, 5n), toSummary(block));
    assertEquals(found?.diffs, diffs);
    assertEquals(await readDiffs(kv, 5n), diffs);
  } finally {
    kv.close();
  }
});
