import { assertEquals } from "@std/assert";
import type { BatchPlace, ChainBackend } from "./chain.ts";
import { ANY_LOG, findLogs, findLogsText, type LogFilter } from "./logs.ts";
import { createFixture } from "./testing/fixture.ts";

const ALL: LogFilter = {
  pattern: ANY_LOG,
  range: { kind: "range", from: { kind: "number", number: 0n }, until: undefined },
};

/** A chain whose blocks are all in `place.batch`, after `place.sealed` batches. */
async function rollup(place: { batch: BatchPlace | null; sealed: bigint }) {
  const { chain } = await createFixture();
  let readCount = 0;
  const inBatches: ChainBackend = {
    ...chain,
    sealedBatches: () => Promise.resolve(place.sealed),
    receipts: async (number) => {
      readCount++;
      const receipts = await chain.receipts(number);
      return receipts.map((each) => ({
        ...each,
        transaction: { ...each.transaction, batch: place.batch },
      }));
    },
  };
  return {
    chain: inBatches,
    find: async () => (await findLogs(inBatches, ALL)).map(({ l1BatchNumber }) => l1BatchNumber),
    readCount: () => readCount,
  };
}

Deno.test("findLogs() shows the batch that a block is in now, and reads no block twice for it", async () => {
  const place: { batch: BatchPlace | null; sealed: bigint } = { batch: null, sealed: 1n };
  const { find, readCount } = await rollup(place);
  assertEquals(await find(), [null]);
  assertEquals(await find(), [null]);
  assertEquals(readCount(), 1);
  Object.assign(place, { batch: { number: 2n, timestampSec: 0n, txIndex: 0 }, sealed: 2n });
  assertEquals(await find(), ["0x2"]);
  place.sealed = 3n;
  assertEquals(await find(), ["0x2"]);
  assertEquals(readCount(), 2);
  // A reorganisation of L1 opened it again.
  Object.assign(place, { batch: null, sealed: 1n });
  assertEquals(await find(), [null]);
});

Deno.test("findLogsText() writes what findLogs() finds", async () => {
  const { chain } = await rollup({ batch: null, sealed: 0n });
  const found = await findLogs(chain, ALL);
  assertEquals(found.length, 1);
  assertEquals((await findLogsText(chain, ALL)).join(""), JSON.stringify(found));
});
