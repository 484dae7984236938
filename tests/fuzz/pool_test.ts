/**
 * Random and nearly right transactions into a real engine: each is taken or refused with a code, and
 * in the end whatever was taken and a good one are verified on L1.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RollupError } from "../../core/primitives/errors.ts";
import { devAccount, initCodeOf } from "../conformance/l1/testing.ts";
import { l2Tx } from "../conformance/proving/l2_txs.ts";
import { openMemoryRollup, openStores } from "../conformance/proving/rollup_in_memory.ts";
import { nearly } from "./mutations.ts";

const SEEDS = [
  l2Tx(0, { nonce: 0n }),
  l2Tx(1, { nonce: 0n, to: undefined, data: initCodeOf(Uint8Array.of(0x5b)) }),
  l2Tx(2, { nonce: 0n, type: 0, maxPriorityFeePerGasWei: 10_000_000_000n }),
  l2Tx(3, {
    nonce: 0n,
    type: 1,
    maxPriorityFeePerGasWei: 10_000_000_000n,
    accessList: [{ address: devAccount(4).address, storageKeys: [] }],
  }),
];

Deno.test("sendTransaction() takes or refuses any bytes and the chain goes on", async () => {
  using stores = await openStores();
  const { engine } = await openMemoryRollup(stores);
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(nearly(SEEDS), async (raw) => {
      const { pooled } = await engine.heads();
      try {
        await engine.sendTransaction(raw);
        taken++;
      } catch (error) {
        if (!(error instanceof RollupError) || !/^(TX|POOL)_/.test(error.code)) throw error;
        assertEquals((await engine.heads()).pooled, pooled);
      }
    }),
    { seed: 2_002, numRuns: 4_000 },
  );
  await engine.sendTransaction(l2Tx(9, { nonce: 0n }));
  assertEquals((await engine.heads()).pooled, taken + 1);
  await engine.sealBatch();
  await engine.submit();
  await engine.prove();
  await engine.submit();
  await engine.sync();
  const { sealed, verified } = await engine.heads();
  assertEquals([sealed, verified], [1, 1]);
  await engine[Symbol.asyncDispose]();
});
