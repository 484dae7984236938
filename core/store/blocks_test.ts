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
