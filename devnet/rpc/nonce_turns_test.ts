import { assertEquals, assertRejects } from "@std/assert";
import { address } from "../../core/primitives/hex.ts";
import { inNonceTurn, sendInNonceTurn } from "./nonce_turns.ts";
import { createRewindGate } from "./rewinds.ts";
import { createFixture, signedRaw } from "./testing/fixture.ts";

const ALICE = address(`0x${"aa".repeat(20)}`);
const BOB = address(`0x${"bb".repeat(20)}`);

Deno.test("inNonceTurn() runs one task of an account at a time, in order, others beside it", async () => {
  const { chain } = await createFixture();
  const events: string[] = [];
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const task = (name: string, wait: Promise<void>) => async () => {
    events.push(`${name} starts`);
    await wait;
    events.push(`${name} ends`);
    return name;
  };
  const first = inNonceTurn(chain, ALICE, task("first", gate));
  const second = inNonceTurn(chain, ALICE, task("second", Promise.resolve()));
  assertEquals(await inNonceTurn(chain, BOB, task("other", Promise.resolve())), "other");
  open();
  assertEquals(await Promise.all([first, second]), ["first", "second"]);
  assertEquals(events, [
    "first starts",
    "other starts",
    "other ends",
    "first ends",
    "second starts",
    "second ends",
  ]);
});

Deno.test("inNonceTurn() goes on after a task that fails", async () => {
  const { chain } = await createFixture();
  const failing = inNonceTurn(chain, ALICE, () => Promise.reject(new TypeError("no")));
  const next = inNonceTurn(chain, ALICE, () => Promise.resolve(7));
  await assertRejects(() => failing, TypeError);
  assertEquals(await next, 7);
});

Deno.test("eth_sendTransaction gives each of many at a time a nonce of its own", async () => {
  const { dispatcher, sender } = await createFixture();
  const hashes = await Promise.all(
    Array.from(
      { length: 20 },
      () => dispatcher.request("eth_sendTransaction", [{ from: sender, to: BOB, value: "0x1" }]),
    ),
  );
  assertEquals(new Set(hashes).size, 20);
});

Deno.test("sendInNonceTurn() sends anew what a rewind has left behind a gap", async () => {
  const fixture = await createFixture({ automine: false });
  const rewinds = createRewindGate();
  const chain = { ...fixture.chain, rewinds };
  const nonces: bigint[] = [];
  const hash = await sendInNonceTurn(chain, fixture.sender, async () => {
    const nonce = await chain.pendingNonce(fixture.sender);
    // The nonce was chosen; now block 3 goes, with the transaction before it.
    if (nonces.push(nonce) === 1) {
      fixture.chain.rollback(1);
      await rewinds.during(Promise.resolve());
    }
    return await chain.sendRawTransaction(signedRaw(fixture.chain, { nonce }));
  });
  assertEquals(nonces, [3n, 2n]);
  const waiting = await chain.pendingTransactions();
  assertEquals(waiting.map((entry) => [entry.hash, entry.tx.nonce]), [[hash, 2n]]);
});
