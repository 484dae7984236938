/**
 * Senders beside the engine's other work.
 *
 * Owns who waits for whom. Does not own what admission checks (`core/pool`).
 * @module
 */
import { assertEquals } from "@std/assert";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld } from "../../simulation/world.ts";

const transfer = (nonce: bigint) =>
  signedBy(user(0), { nonce, to: user(1).address, gasLimit: 30_000n });

Deno.test("takeTransaction() does not wait for a proof that is being made", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  for (let nonce = 0n; nonce < 20n; nonce++) await engine.takeTransaction(transfer(nonce));
  await engine.mineBlock();
  await engine.sealBatch();
  const done: string[] = [];
  await Promise.all([
    engine.prove().then(() => done.push("proved")),
    engine.takeTransaction(transfer(20n)).then(() => done.push("taken")),
  ]);
  assertEquals(done, ["taken", "proved"]);
});

Deno.test("takeTransaction() gets its block though blocks came at once only meanwhile", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  assertEquals(engine.isAutomine(), false);
  const switching = engine.setAutomine(true);
  const hash = await engine.takeTransaction(transfer(0n));
  await switching;
  assertEquals([engine.node.pool.has(hash), engine.node.tip.get().header.number], [false, 1n]);
});

Deno.test("takeTransaction() keeps the order in which it was asked, whatever the pace", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await engine.setAutomine(true);
  const nonces = [0n, 1n, 2n, 3n, 4n, 5n];
  await Promise.all(nonces.map((nonce) => engine.takeTransaction(transfer(nonce))));
  assertEquals(engine.node.pool.size(), 0);
  assertEquals(engine.node.tip.get().header.number, 6n);
});
