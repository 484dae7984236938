/**
 * What `anvil_reorg` and `anvil_rollback` do to every L1 that has them: the embedded one and anvil.
 *
 * Owns the criteria, in plain transactions over JSON-RPC. Does not own how an L1 is started.
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { signL1Transaction } from "../../../core/l1/transaction.ts";
import { assert } from "../../../core/primitives/errors.ts";
import { address, bytesToHex, type Hash32, hexToBytes } from "../../../core/primitives/hex.ts";
import { createdAddress, transactionHash } from "../../../core/types/tx.ts";
import { DEV_ACCOUNTS, type DevnetAccount } from "../../../devnet/accounts.ts";
import type { L1UnderTest } from "./l1_client_suite.ts";

const NOBODY = address(`0x${"99".repeat(20)}`);

/** Registers the criteria for L1s that `open` starts. */
export function testL1Reorg(
  name: string,
  open: () => Promise<L1UnderTest>,
  options: { readonly ignore?: boolean } = {},
): void {
  const it = (criterion: string, check: (l1: L1UnderTest) => Promise<void>) =>
    Deno.test({
      name: `anvil_reorg (${name}) ${criterion}`,
      ignore: options.ignore ?? false,
      fn: async () => {
        await using l1 = await open();
        await check(l1);
      },
    });

  it("replaces the latest blocks by as many others, also empty ones", async (l1) => {
    for (let mined = 0; mined < 4; mined++) await l1.mine();
    const before = await hashesOf(l1);
    await l1.reorg(2);
    const after = await hashesOf(l1);
    assertEquals(after.length, before.length);
    assertEquals(after.slice(0, 3), before.slice(0, 3));
    for (const number of [3, 4]) assertNotEquals(after[number], before[number]);
    await assertChain(l1, after);
    for (const hash of before.slice(3)) {
      assertEquals(await l1.request("eth_getBlockByHash", [hash, false]), null);
    }
    await l1.reorg(4);
    assertEquals((await hashesOf(l1))[0], before[0]);
    await assertChain(l1, await hashesOf(l1));
  });

  it("forgets transactions, logs, nonces and balances of dropped blocks", async (l1) => {
    const { client } = l1;
    const emitter = createdAddress(user(0).address, 0n);
    // LOG0 of nothing, as the code of a contract and then as a call of it.
    const raws = [
      sign(user(0), 0n, { to: undefined, data: hexToBytes("0x645f5fa0005f5f526005601bf3") }),
      sign(user(0), 1n, { to: emitter }),
      sign(user(0), 2n, { valueWei: 5n }),
    ];
    for (const raw of raws) await client.sendRawTransaction(raw);
    const whole = { address: emitter, fromBlock: 0n, toBlock: 3n };
    assertEquals((await client.logs(whole)).length, 1);
    await l1.reorg(2);
    assertEquals(await client.logs(whole), []);
    assertEquals((await client.receipt(transactionHash(raws[0] ?? EMPTY)))?.success, true);
    for (const raw of raws.slice(1)) {
      assertEquals(await client.receipt(transactionHash(raw)), undefined);
      assertEquals(await client.transaction(transactionHash(raw)), undefined);
    }
    assertEquals(await client.nonce(user(0).address, "latest"), 1n);
    assertEquals(await client.nonce(user(0).address, "pending"), 1n);
    assertEquals(await client.balance(NOBODY), 0n);
    // The same bytes have their effect again, once.
    for (const raw of raws.slice(1)) await client.sendRawTransaction(raw);
    assertEquals((await client.logs({ ...whole, toBlock: 5n })).map((log) => log.blockNumber), [
      4n,
    ]);
    assertEquals(await client.balance(NOBODY), 5n);
  });

  it("puts given transactions into the blocks of their index", async (l1) => {
    const raws = [0n, 1n, 2n].map((nonce) => sign(user(0), nonce, { valueWei: nonce + 1n }));
    for (const raw of raws) await l1.client.sendRawTransaction(raw);
    const other = sign(user(1), 0n, { valueWei: 9n });
    await l1.reorg(3, [
      [bytesToHex(raws[1] ?? EMPTY), 2],
      [bytesToHex(raws[0] ?? EMPTY), 0],
      [bytesToHex(other), 2],
    ]);
    assertEquals(await transactionsOf(l1), [
      [],
      [transactionHash(raws[0] ?? EMPTY)],
      [],
      [raws[1] ?? EMPTY, other].map(transactionHash),
    ]);
    assertEquals(await l1.client.balance(NOBODY), 12n);
    assertEquals(await l1.client.transaction(transactionHash(raws[2] ?? EMPTY)), undefined);
    await assertChain(l1, await hashesOf(l1));
  });

  it("signs transaction objects of its own accounts, with nonces as of the fork", async (l1) => {
    const { client } = l1;
    for (const nonce of [0n, 1n, 2n]) await client.sendRawTransaction(sign(user(0), nonce));
    await l1.reorg(2, [
      [{ from: user(0).address, to: NOBODY, value: "0x7" }, 1],
      [{ to: NOBODY, value: "0x6" }, 0],
      [{ from: user(1).address, to: NOBODY, value: "0x5", nonce: "0x0" }, 1],
    ]);
    const [, second = [], third = []] = (await transactionsOf(l1)).slice(1);
    assertEquals([second.length, third.length], [1, 2]);
    const sent = await Promise.all([...second, ...third].map((hash) => client.transaction(hash)));
    assertEquals(
      new Set(sent.map((tx) => `${tx?.from} ${tx?.nonce}`)),
      new Set([`${user(0).address} 1`, `${user(0).address} 2`, `${user(1).address} 0`]),
    );
    assertEquals(await client.balance(NOBODY), 18n);
  });

  it("takes transaction objects of impersonated accounts, of everybody's too", async (l1) => {
    const { client, request } = l1;
    const other = address(`0x${"77".repeat(20)}`);
    for (const account of [NOBODY, other]) {
      await request("anvil_setBalance", [account, "0xde0b6b3a7640000"]);
    }
    // What was decreed goes with the block that it went into.
    await l1.mine();
    await request("anvil_impersonateAccount", [NOBODY]);
    await l1.mine();
    const to = user(0).address;
    await l1.reorg(1, [[{ from: NOBODY, to, value: "0x2", gas: "0x7530" }, 0]]);
    await request("anvil_stopImpersonatingAccount", [NOBODY]);
    await request("anvil_autoImpersonateAccount", [true]);
    await l1.mine();
    await l1.reorg(1, [[{ from: other, to, value: "0x3", gas: "0x7530" }, 0]]);
    await request("anvil_autoImpersonateAccount", [false]);
    const senders = (await transactionsOf(l1)).flat().map(async (hash) =>
      (await client.transaction(hash))?.from
    );
    assertEquals(await Promise.all(senders), [NOBODY, other]);
  });

  it("leaves a transaction out that is invalid in its place", async (l1) => {
    await l1.mine();
    const [early, poor] = [sign(user(0), 9n), sign(user(1), 0n, { valueWei: 10n ** 24n })];
    await l1.reorg(1, [[bytesToHex(early), 0], [bytesToHex(poor), 0]]);
    assertEquals(await transactionsOf(l1), [[], []]);
    assertEquals(await l1.client.transaction(transactionHash(poor)), undefined);
  });

  it("leaves what waits in the pool waiting, until it is dropped", async (l1) => {
    const { client, request } = l1;
    await request("evm_setAutomine", [false]);
    for (let mined = 0; mined < 2; mined++) await l1.mine();
    const [ready, parked] = [sign(user(0), 0n), sign(user(1), 1n)];
    for (const raw of [ready, parked]) await request("eth_sendRawTransaction", [bytesToHex(raw)]);
    await l1.reorg(1);
    await request("anvil_rollback", [1]);
    for (const raw of [ready, parked]) {
      assertEquals((await client.transaction(transactionHash(raw)))?.from !== undefined, true);
      assertEquals(await client.receipt(transactionHash(raw)), undefined);
    }
    const hash = transactionHash(ready);
    assertEquals(await request("anvil_dropTransaction", [hash]), hash);
    assertEquals(await request("anvil_dropTransaction", [hash]), null);
    assertEquals(await client.transaction(hash), undefined);
    await l1.mine();
    assertEquals((await transactionsOf(l1)).at(-1), []);
  });

  it("rolls back one block or as many as are asked for, down to genesis", async (l1) => {
    for (let mined = 0; mined < 5; mined++) await l1.mine();
    const before = await hashesOf(l1);
    assertEquals(await l1.request("anvil_rollback", [null]), null);
    assertEquals(await hashesOf(l1), before.slice(0, 5));
    assertEquals(await l1.request("anvil_rollback", [2]), null);
    assertEquals(await hashesOf(l1), before.slice(0, 3));
    assertEquals(await l1.request("anvil_rollback", [0]), null);
    assertEquals(await hashesOf(l1), before.slice(0, 3));
    assertEquals(await l1.request("anvil_rollback", [2]), null);
    assertEquals(await hashesOf(l1), before.slice(0, 1));
    await l1.client.sendRawTransaction(sign(user(0), 0n));
    await assertChain(l1, await hashesOf(l1));
  });

  it("refuses depths, pairs and indices that cannot be, and changes nothing", async (l1) => {
    for (let mined = 0; mined < 3; mined++) await l1.mine();
    const before = await hashesOf(l1);
    const raw = bytesToHex(sign(user(0), 0n));
    const cases: readonly (readonly [string, readonly unknown[]])[] = [
      ["anvil_reorg", [4, []]],
      ["anvil_reorg", [-1, []]],
      ["anvil_reorg", ["two", []]],
      ["anvil_reorg", []],
      ["anvil_reorg", [1, [[raw, 1]]]],
      ["anvil_reorg", [1, [[raw, -1]]]],
      ["anvil_reorg", [1, [[raw]]]],
      ["anvil_reorg", [1, [["0x02c0", 0]]]],
      ["anvil_reorg", [1, [[{ to: "0x12" }, 0]]]],
      ["anvil_rollback", [4]],
      ["anvil_rollback", [-1]],
      ["anvil_rollback", ["two"]],
    ];
    for (const [method, params] of cases) {
      assertEquals(await refusalCode(l1, method, params), -32602, JSON.stringify([method, params]));
    }
    // anvil has another number for this one.
    assertNotEquals(await refusalCode(l1, "anvil_reorg", [0, []]), undefined);
    assertEquals(await hashesOf(l1), before);
  });
}

const EMPTY = new Uint8Array(0);

function user(index: number): DevnetAccount {
  const account = DEV_ACCOUNTS[index];
  assert(account !== undefined, "there are ten users");
  return account;
}

function sign(
  from: DevnetAccount,
  nonce: bigint,
  change: Partial<Parameters<typeof signL1Transaction>[0]> = {},
): Uint8Array {
  return signL1Transaction({
    chainId: 900n,
    nonce,
    to: NOBODY,
    data: EMPTY,
    valueWei: 0n,
    gasLimit: 100_000n,
    maxFeePerGasWei: 10n ** 11n,
    maxPriorityFeePerGasWei: 1n,
    ...change,
  }, from.privateKey).raw;
}

/** Hashes of all blocks, from genesis on. */
async function hashesOf({ client }: L1UnderTest): Promise<readonly Hash32[]> {
  const latest = await client.block("latest");
  assert(latest !== undefined, "there is a block");
  const hashes: Hash32[] = [];
  for (let number = 0n; number <= latest.number; number++) {
    const block = await client.block(number);
    assert(block !== undefined, "a chain has no gap");
    hashes.push(block.hash);
  }
  return hashes;
}

/** Each block names its parent, and time does not go back. */
async function assertChain({ client }: L1UnderTest, hashes: readonly Hash32[]): Promise<void> {
  let latestSec = 0n;
  for (const [number, hash] of hashes.entries()) {
    const block = await client.block(BigInt(number));
    assertEquals([block?.hash, block?.parentHash], [hash, hashes[number - 1] ?? block?.parentHash]);
    assertEquals((block?.timestampSec ?? 0n) >= latestSec, true);
    latestSec = block?.timestampSec ?? 0n;
  }
}

/** Transactions of all blocks, from genesis on. */
async function transactionsOf(l1: L1UnderTest): Promise<readonly (readonly Hash32[])[]> {
  const blocks: (readonly Hash32[])[] = [];
  for (let number = 0; number < (await hashesOf(l1)).length; number++) {
    const tag = `0x${number.toString(16)}`;
    const block = await l1.request("eth_getBlockByNumber", [tag, false]);
    assert(typeof block === "object" && block !== null, "the chain has the block");
    blocks.push(Reflect.get(block, "transactions"));
  }
  return blocks;
}

/** The number of the error with which a request is refused; `undefined` when it is not. */
async function refusalCode(
  { request }: L1UnderTest,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  try {
    await request(method, params);
    return undefined;
  } catch (error) {
    return error instanceof Error ? Reflect.get(error, "code") : undefined;
  }
}
