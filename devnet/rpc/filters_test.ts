import { assert, assertEquals } from "@std/assert";
import { bytesToHex, type Hash32 } from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import { createFilterStore } from "./filters.ts";
import { FILTER_TIMEOUT_MS, MAX_FILTERS } from "./limits.ts";
import { LOGGER } from "./testing/fake_chain.ts";
import { field } from "./testing/method_cases.ts";
import { createFixture, type Fixture, refusalOf, signedRaw, TOPIC } from "./testing/fixture.ts";

const changes = (fixture: Fixture, id: unknown) =>
  fixture.dispatcher.request("eth_getFilterChanges", [id]);
const hashOf = async ({ chain }: Fixture, number: bigint) => (await chain.header(number))?.hash;

async function sendLog({ chain }: Fixture, nonce: bigint): Promise<Hash32> {
  const data = Uint8Array.fromHex(TOPIC.slice(2));
  return await chain.sendRawTransaction(signedRaw(chain, { nonce, to: LOGGER, data }));
}

async function logNumbers(fixture: Fixture, id: unknown): Promise<unknown> {
  const logs = await changes(fixture, id);
  return Array.isArray(logs) ? logs.map(({ blockNumber }) => blockNumber) : logs;
}

Deno.test("a block filter tells each block once", async () => {
  const fixture = await createFixture();
  const id = await fixture.dispatcher.request("eth_newBlockFilter");
  assertEquals(await changes(fixture, id), []);
  await fixture.chain.mine();
  await fixture.chain.mine();
  assertEquals(await changes(fixture, id), [await hashOf(fixture, 4n), await hashOf(fixture, 5n)]);
  assertEquals(await changes(fixture, id), []);
});

Deno.test("a block filter tells the blocks that a reorg brought", async () => {
  const fixture = await createFixture();
  const id = await fixture.dispatcher.request("eth_newBlockFilter");
  await fixture.chain.mine();
  await changes(fixture, id);
  fixture.chain.rollback(2);
  assertEquals(await changes(fixture, id), []);
  await fixture.chain.mine();
  await fixture.chain.mine();
  await fixture.chain.mine();
  const told = [];
  for (const number of [3n, 4n, 5n]) told.push(await hashOf(fixture, number));
  assertEquals(await changes(fixture, id), told);
});

Deno.test("a block filter goes on where the chain was taken back to, however far", async () => {
  const fixture = await createFixture();
  for (let count = 0; count < 100; count++) await fixture.chain.mine();
  const id = await fixture.dispatcher.request("eth_newBlockFilter");
  fixture.chain.rollback(99);
  assertEquals(await changes(fixture, id), []);
  assertEquals(await changes(fixture, id), []);
  await fixture.chain.mine();
  assertEquals(await changes(fixture, id), [await hashOf(fixture, 5n)]);
});

Deno.test("a log filter tells matching logs once and within its bounds", async () => {
  const fixture = await createFixture();
  const install = (filter: unknown) => fixture.dispatcher.request("eth_newFilter", [filter]);
  const all = await install({});
  const matching = await install({ address: [LOGGER], topics: [[TOPIC]] });
  const foreign = await install({ topics: [`0x${"bb".repeat(32)}`] });
  const later = await install({ fromBlock: "0x5", toBlock: "latest" });
  const earlier = await install({ toBlock: "0x4" });
  await sendLog(fixture, 3n);
  await sendLog(fixture, 4n);
  assertEquals(await logNumbers(fixture, all), ["0x4", "0x5"]);
  assertEquals(await logNumbers(fixture, matching), ["0x4", "0x5"]);
  assertEquals(await logNumbers(fixture, foreign), []);
  assertEquals(await logNumbers(fixture, later), ["0x5"]);
  assertEquals(await logNumbers(fixture, earlier), ["0x4"]);
  assertEquals(await logNumbers(fixture, all), []);
});

Deno.test("a pending filter tells waiting transactions and those of automine once", async () => {
  const fixture = await createFixture({ automine: false });
  const id = await fixture.dispatcher.request("eth_newPendingTransactionFilter");
  const first = await sendLog(fixture, 3n);
  assertEquals(await changes(fixture, id), [first]);
  const second = await sendLog(fixture, 4n);
  await fixture.chain.mine();
  assertEquals(await changes(fixture, id), [second]);
  assertEquals(await changes(fixture, id), []);
});

Deno.test("a pending filter tells transactions as they came, also one that was dropped", async () => {
  const fixture = await createFixture({ automine: false });
  const { chain } = fixture;
  const id = await fixture.dispatcher.request("eth_newPendingTransactionFilter");
  const first = await sendLog(fixture, 3n);
  const second = await sendLog(fixture, 4n);
  await chain.controls.dropTransaction(second);
  await chain.mine();
  assertEquals(await changes(fixture, id), [first, second]);
});

Deno.test("a filter is gone after eth_uninstallFilter, and only it", async () => {
  const fixture = await createFixture();
  const { dispatcher } = fixture;
  const id = await dispatcher.request("eth_newBlockFilter");
  const other = await dispatcher.request("eth_newBlockFilter");
  assertEquals(await dispatcher.request("eth_uninstallFilter", [id]), true);
  assertEquals(await dispatcher.request("eth_uninstallFilter", [id]), false);
  const error = await refusalOf(dispatcher, "eth_getFilterChanges", [id]);
  assertEquals([error.code, error.message], [-32000, "filter not found"]);
  assertEquals(await changes(fixture, other), []);
});

Deno.test("eth_getFilterLogs refuses a filter that has no logs", async () => {
  const { dispatcher } = await createFixture();
  const id = await dispatcher.request("eth_newBlockFilter");
  const error = await refusalOf(dispatcher, "eth_getFilterLogs", [id]);
  assertEquals(error.message, "filter not found");
});

Deno.test("ids of filters are not to be guessed", async () => {
  const { dispatcher } = await createFixture();
  const ids = new Set<unknown>();
  for (const method of ["eth_newBlockFilter", "eth_newPendingTransactionFilter"]) {
    for (let count = 0; count < 50; count++) ids.add(await dispatcher.request(method));
  }
  assertEquals(ids.size, 100);
  // Of 128 random bits hardly any lose 40 zeros at the front, and as few are near each other.
  const heads = new Set([...ids].map((id) => String(id).slice(0, 12)));
  assertEquals(heads.size, 100);
  for (const id of ids) assert(/^0x[1-9a-f][0-9a-f]{21,31}$/.test(String(id)), String(id));
});

Deno.test("filters are bounded: the one used least recently makes room", async () => {
  const fixture = await createFixture();
  const { dispatcher } = fixture;
  const used = await dispatcher.request("eth_newBlockFilter");
  const idle = await dispatcher.request("eth_newBlockFilter");
  for (let count = 2; count < MAX_FILTERS; count++) await dispatcher.request("eth_newBlockFilter");
  await changes(fixture, used);
  await dispatcher.request("eth_newBlockFilter");
  assertEquals(await changes(fixture, used), []);
  assertEquals((await refusalOf(dispatcher, "eth_getFilterChanges", [idle])).code, -32000);
});

Deno.test("eth_getLogs refuses too wide a range and says which one to ask for", async () => {
  const { dispatcher, chain } = await createFixture();
  const head = LIMITS.maxLogBlockRange + 5n;
  const far = { ...chain, numberOf: () => Promise.resolve(head) };
  const { findLogs } = await import("./logs.ts");
  const from = { kind: "number", number: 2n } as const;
  const find = (until: bigint) =>
    findLogs(far, {
      pattern: { addresses: [], topics: [] },
      range: { kind: "range", from, until: { kind: "number", number: until } },
    });
  const last = 1n + LIMITS.maxLogBlockRange;
  assertEquals((await find(last)).length, 1);
  const error = await find(last + 1n).catch((error: unknown) => error);
  assertEquals(Reflect.get(Object(error), "code"), -32602);
  assertEquals(
    Reflect.get(Object(Reflect.get(Object(error), "data")), "mend"),
    "Ask for at most 10000 blocks at once, for instance 2 to 10001.",
  );
  // As geth: a range that begins after the head ends before it begins, also without an end.
  const beyond = await refusalOf(dispatcher, "eth_getLogs", [{ fromBlock: "0x99" }]);
  assertEquals([beyond.code, field(beyond.data, "code")], [-32602, "LOG_RANGE_INVALID"]);
});

Deno.test("eth_getLogs of a block hash gives that block's logs", async () => {
  const { dispatcher, blocks } = await createFixture();
  const [none, logs] = [blocks[1], blocks[2]].map((block) => ({ blockHash: block?.header.hash }));
  assertEquals(await dispatcher.request("eth_getLogs", [none]), []);
  const found = await dispatcher.request("eth_getLogs", [logs]);
  assertEquals(Array.isArray(found) && found.length, 1);
  const unknown = { blockHash: bytesToHex(new Uint8Array(32)) };
  assertEquals((await refusalOf(dispatcher, "eth_getLogs", [unknown])).code, -32000);
});

Deno.test("a log filter tells which told logs a reorg has made void, once", async () => {
  const fixture = await createFixture();
  const id = await fixture.dispatcher.request("eth_newFilter", [{ address: LOGGER }]);
  await sendLog(fixture, 3n);
  assertEquals(await logNumbers(fixture, id), ["0x4"]);
  await sendLog(fixture, 4n);
  // Block 5 was never told, so only block 4 is to be taken back.
  fixture.chain.rollback(2);
  await sendLog(fixture, 3n);
  const told = await changes(fixture, id);
  assertEquals(
    Array.isArray(told) && told.map(({ blockNumber, removed }) => [blockNumber, removed]),
    [["0x4", true], ["0x4", false]],
  );
  assertEquals(await changes(fixture, id), []);
});

Deno.test("a pending filter tells hashes, or whole transactions when it is asked for them", async () => {
  const fixture = await createFixture({ automine: false });
  const { dispatcher, chain } = fixture;
  const hashes = await dispatcher.request("eth_newPendingTransactionFilter");
  const whole = await dispatcher.request("eth_newPendingTransactionFilter", [true]);
  const hash = await chain.sendRawTransaction(signedRaw(chain, { nonce: 3n }));
  assertEquals(await changes(fixture, hashes), [hash]);
  const told = await changes(fixture, whole);
  assertEquals(Array.isArray(told) && told.map((one) => [one.hash, one.nonce]), [[hash, "0x3"]]);
});

Deno.test("a filter that nobody polls is forgotten, and one that is polled is not", async () => {
  const { chain } = await createFixture();
  let nowMs = 0;
  const filters = createFilterStore(chain, { nowMs: () => nowMs });
  const polled = await filters.installBlocks();
  const left = await filters.installBlocks();
  nowMs += FILTER_TIMEOUT_MS - 1;
  await filters.changes(polled);
  nowMs += 1;
  assertEquals([filters.size(), filters.uninstall(left)], [1, false]);
  assertEquals(await filters.changes(polled), []);
});
