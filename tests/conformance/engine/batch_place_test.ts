/**
 * Where in its batch RPC says that a block is.
 *
 * Owns the count of transactions before a block, also of a batch that is opened and sealed again.
 * @module
 */
import { assertEquals } from "@std/assert";
import { createBatchFinder } from "../../../devnet/l2_batches.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld } from "../../simulation/world.ts";

/** Transactions of each block. */
const COUNTS = [1, 3, 2, 1, 4];

Deno.test("createBatchFinder() counts the transactions of the batch before each block", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await engine.setAutomine(false);
  const find = createBatchFinder(engine.node);
  let nonce = 0n;
  const batches: number[][] = [];
  for (let batch = 0; batch < 2; batch++) {
    const earlier: number[] = [];
    let sum = 0;
    for (const count of COUNTS) {
      for (let index = 0; index < count; index++) {
        await engine.takeTransaction(
          signedBy(user(0), { nonce: nonce++, to: user(1).address, gasLimit: 30_000n }),
        );
      }
      await engine.mineBlock();
      earlier.push(sum);
      sum += count;
    }
    batches.push(earlier);
    assertEquals(await find(engine.node.tip.get().header.number), null);
    await engine.sealBatch();
  }
  // In any order, and all at once: the places of one batch share one count.
  const numbers = Array.from({ length: 2 * COUNTS.length }, (_, index) => BigInt(index + 1));
  const places = await Promise.all(numbers.toReversed().map((number) => find(number)));
  assertEquals(
    places.toReversed().map((place) => [place?.number, place?.txIndex]),
    batches.flatMap((earlier, batch) => earlier.map((count) => [BigInt(batch + 1), count])),
  );
  assertEquals(await find(0n), { number: 0n, timestampSec: 0n, txIndex: 0 });
});
