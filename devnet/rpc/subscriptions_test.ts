import { assertEquals, assertMatch } from "@std/assert";
import { MAX_SUBSCRIPTIONS_PER_SOCKET } from "./limits.ts";
import { LOGGER } from "./testing/fake_chain.ts";
import { createFixture, type Fixture, refusalOf, signedRaw, TOPIC } from "./testing/fixture.ts";

/** What a notification is about: a log's index, a block's number, or all of it. */
function gist(result: unknown): unknown {
  const { logIndex, removed, number, hash } = Object(result);
  if (logIndex !== undefined) return removed ? `removed ${logIndex}` : logIndex;
  return number ?? hash ?? result;
}

/** A session that keeps what it is told as `[subscription, gist]`. */
function listen({ methods, dispatcher }: Fixture) {
  const told: unknown[] = [];
  const session = methods.openSession((notification) => {
    const { jsonrpc, method, params } = JSON.parse(JSON.stringify(notification));
    assertEquals([jsonrpc, method], ["2.0", "eth_subscription"]);
    told.push([params.subscription, gist(params.result)]);
  });
  const ask = async (method: string, ...params: readonly unknown[]): Promise<unknown> => {
    const answer = await dispatcher.dispatch({ jsonrpc: "2.0", id: 1, method, params }, {
      session,
    });
    return Reflect.get(Object(answer), "result") ?? Reflect.get(Object(answer), "error");
  };
  return { told, session, ask };
}

/** Waits until every block so far has been told: closing waits for that. */
async function settle({ methods }: Fixture): Promise<void> {
  await methods.close();
}

async function sendLog({ chain }: Fixture, nonce: bigint): Promise<void> {
  const data = Uint8Array.fromHex(TOPIC.slice(2));
  await chain.sendRawTransaction(signedRaw(chain, { nonce, to: LOGGER, data }));
}

/** Lets pending promises run. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

Deno.test("eth_subscribe tells heads and matching logs, in order", async () => {
  const fixture = await createFixture();
  const { told, session, ask } = listen(fixture);
  const heads = await ask("eth_subscribe", "newHeads");
  const logs = await ask("eth_subscribe", "logs", { topics: [TOPIC] });
  const foreign = await ask("eth_subscribe", "logs", { address: `0x${"77".repeat(20)}` });
  assertEquals(new Set([heads, logs, foreign]).size, 3);
  session.activate();
  await sendLog(fixture, 3n);
  await fixture.chain.mine();
  await turns();
  assertEquals(told, [[heads, "0x4"], [logs, "0x0"], [heads, "0x5"]]);
  await settle(fixture);
});

Deno.test("eth_subscribe is silent until its answer has gone out", async () => {
  const fixture = await createFixture();
  const { told, session, ask } = listen(fixture);
  const heads = await ask("eth_subscribe", "newHeads");
  await fixture.chain.mine();
  await turns();
  assertEquals(told, []);
  session.activate();
  await fixture.chain.mine();
  await turns();
  assertEquals(told, [[heads, "0x5"]]);
  await settle(fixture);
});

Deno.test("eth_unsubscribe ends notifications, of the own session only", async () => {
  const fixture = await createFixture();
  const one = listen(fixture);
  const other = listen(fixture);
  const id = await one.ask("eth_subscribe", "newHeads");
  one.session.activate();
  assertEquals(await other.ask("eth_unsubscribe", id), false);
  assertEquals(await one.ask("eth_unsubscribe", id), true);
  assertEquals(await one.ask("eth_unsubscribe", id), false);
  await fixture.chain.mine();
  await turns();
  assertEquals(one.told, []);
  await settle(fixture);
});

Deno.test("the hub listens to the chain only while somebody is subscribed", async () => {
  const fixture = await createFixture();
  const { chain } = fixture;
  const { session, ask } = listen(fixture);
  assertEquals(chain.listenerCount(), 0);
  await ask("eth_subscribe", "newHeads");
  await ask("eth_subscribe", "logs");
  assertEquals(chain.listenerCount(), 1);
  session.close();
  assertEquals(chain.listenerCount(), 0);
  await ask("eth_subscribe", "newHeads");
  assertEquals(chain.listenerCount(), 1);
  await fixture.methods.close();
  assertEquals(chain.listenerCount(), 0);
});

Deno.test("eth_subscribe refuses one subscription too many", async () => {
  const fixture = await createFixture();
  const { ask } = listen(fixture);
  for (let count = 0; count < MAX_SUBSCRIPTIONS_PER_SOCKET; count++) {
    assertMatch(String(await ask("eth_subscribe", "newHeads")), /^0x/);
  }
  const refused = await ask("eth_subscribe", "newHeads");
  assertEquals(Reflect.get(Object(refused), "code"), -32000);
  await settle(fixture);
});

Deno.test("eth_subscribe without a WebSocket says how to get one", async () => {
  const { dispatcher } = await createFixture();
  for (const [method, param] of [["eth_subscribe", "newHeads"], ["eth_unsubscribe", "0x1"]]) {
    const error = await refusalOf(dispatcher, method ?? "", [param]);
    assertEquals([error.code, error.message], [-32601, "notifications not supported"]);
  }
});

Deno.test("eth_subscribe tells the logs of blocks that a reorg took back, before the new ones", async () => {
  const fixture = await createFixture();
  const { told, session, ask } = listen(fixture);
  const logs = await ask("eth_subscribe", "logs", { topics: [TOPIC] });
  session.activate();
  await sendLog(fixture, 3n);
  await turns();
  fixture.chain.rollback(1);
  await sendLog(fixture, 3n);
  await turns();
  assertEquals(told, [[logs, "0x0"], [logs, "removed 0x0"], [logs, "0x0"]]);
  await settle(fixture);
});

Deno.test("eth_subscribe tells pending transactions by hash or whole", async () => {
  const fixture = await createFixture({ automine: false });
  const { told, session, ask } = listen(fixture);
  const hashes = await ask("eth_subscribe", "newPendingTransactions");
  const whole = await ask("eth_subscribe", "newPendingTransactions", true);
  session.activate();
  const raw = signedRaw(fixture.chain, { nonce: 3n });
  const hash = await fixture.chain.sendRawTransaction(raw);
  await turns();
  assertEquals(told, [[hashes, hash], [whole, hash]]);
  await settle(fixture);
});

Deno.test("eth_subscribe to syncing says once that nothing is behind", async () => {
  const fixture = await createFixture();
  const { told, session, ask } = listen(fixture);
  const id = await ask("eth_subscribe", "syncing");
  assertEquals(told, []);
  session.activate();
  session.activate();
  await fixture.chain.mine();
  await turns();
  assertEquals(told, [[id, false]]);
  await settle(fixture);
});

Deno.test("eth_subscribe names a detail that the topic does not take", async () => {
  const { ask } = listen(await createFixture());
  const wrong = [["logs", true], ["newPendingTransactions", { address: [] }]] as const;
  for (const params of wrong) {
    const error = await ask("eth_subscribe", ...params);
    assertEquals(Reflect.get(Object(error), "code"), -32602);
    assertMatch(String(Reflect.get(Object(error), "message")), /argument 1 \(filter\)/);
  }
});
