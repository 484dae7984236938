/**
 * State that tests decree on the embedded L1: what readers see of it, now, later, and after the chain
 * has gone back.
 */
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { type Address, address, bigintToHash32, hexToBytes } from "../../../core/primitives/hex.ts";
import { createVirtualClock, silentLog } from "../../../core/primitives/ports.ts";
import type { EmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { field } from "../../../devnet/rpc/testing/method_cases.ts";
import { requireBlock } from "./ethereumjs_oracle.ts";
import { devAccount, GENESIS_SEC, openL1, requireReceipt, signedBy, withL1 } from "./testing.ts";

const ALICE = devAccount(0);
const NOBODY = address(`0x${"99".repeat(20)}`);
const ETHER = 10n ** 18n;
/** PUSH1 3, SLOAD, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN: answers with slot 3. */
const ANSWER_SLOT_3 = "0x6003545f5260205ff3";
const SEVEN = bigintToHash32(7n);

Deno.test("decree() is there at once, without a block, and the next block is built on it", async () => {
  using kv = await Deno.openKv(":memory:");
  {
    await using l1 = await openL1(kv, { mining: "manual" });
    await setBalance(l1, NOBODY, 100n);
    assertEquals(await l1.numberOf("latest"), 0n);
    assertEquals(await l1.balance(NOBODY, 0n), 100n);
    await l1.mine();
    await setBalance(l1, NOBODY, 7n);
    assertEquals(await balancesOf(l1, NOBODY), [100n, 7n]);
  }
  await using l1 = await openL1(kv, { mining: "manual" });
  assertEquals(await balancesOf(l1, NOBODY), [100n, 7n]);
  await l1.mine();
  assertEquals(await balancesOf(l1, NOBODY), [100n, 7n, 7n]);
});

Deno.test("two blocks differ by what the later one did, and by no decree()", async () => {
  await withL1({}, async (l1) => {
    await l1.mine();
    await setBalance(l1, NOBODY, ETHER);
    const hash = await l1.sendRawTransaction(signedBy(ALICE, {
      nonce: 0n,
      to: NOBODY,
      valueWei: 3n,
    }));
    const { position } = (await requireReceipt(l1, hash)).transaction;
    const number = position?.blockNumber ?? 0n;
    const [before, after] = (await balancesOf(l1, NOBODY)).slice(Number(number) - 1);
    assertEquals([before, after], [ETHER, ETHER + 3n]);
  });
});

Deno.test("every read of a block sees what was decreed after it, also when it is history", async () => {
  using kv = await Deno.openKv(":memory:");
  // The same time for what is simulated.
  const clock = createVirtualClock(GENESIS_SEC);
  const at = "0x1";
  const call = { from: ALICE.address, to: NOBODY };
  const asked: readonly (readonly [string, readonly unknown[]])[] = [
    ["eth_getBalance", [NOBODY, at]],
    ["eth_getTransactionCount", [NOBODY, at]],
    ["eth_getCode", [NOBODY, at]],
    ["eth_getStorageAt", [NOBODY, "0x3", at]],
    ["eth_getStorageValues", [{ [NOBODY]: [bigintToHash32(3n)] }, at]],
    ["eth_getAccountInfo", [NOBODY, at]],
    ["ots_hasCode", [NOBODY, at]],
    ["eth_call", [call, at]],
    ["eth_estimateGas", [call, at]],
    ["eth_createAccessList", [call, at]],
    ["debug_traceCall", [call, at, {}]],
    ["debug_traceCall", [call, at, { tracer: "prestateTracer" }]],
    ["eth_simulateV1", [{ blockStateCalls: [{ calls: [call] }] }, at]],
  ];
  const ask = async (l1: EmbeddedL1) => {
    const { request } = createDispatcher(createRpcMethods({ chain: l1, log: silentLog }));
    const answers = new Map<string, unknown>();
    for (const [method, params] of asked) {
      answers.set(`${method} ${JSON.stringify(params)}`, await request(method, params));
    }
    // By its hash it is the same block.
    const blockHash = (await requireBlock(l1, 1n)).header.hash;
    for (const method of ["eth_getBalance", "eth_getCode"]) {
      const byHash = await request(method, [NOBODY, { blockHash }]);
      assertEquals(byHash, answers.get(`${method} ${JSON.stringify([NOBODY, at])}`));
    }
    return answers;
  };
  let latest: ReadonlyMap<string, unknown>;
  {
    await using l1 = await openL1(kv, { mining: "manual", clock });
    await l1.mine();
    const untouched = await ask(l1);
    const code = hexToBytes(ANSWER_SLOT_3);
    const storage = new Map([[bigintToHash32(3n), SEVEN]]);
    await l1.decree(new Map([[NOBODY, { code, storage, nonce: 9n, balanceWei: ETHER }]]));
    latest = await ask(l1);
    for (const [question, answer] of latest) assertNotEquals(answer, untouched.get(question));
    assertEquals(latest.get(`eth_call ${JSON.stringify([call, at])}`), SEVEN);
    await l1.mine();
    await l1.decree(new Map([[NOBODY, { code: new Uint8Array(0), balanceWei: 0n, nonce: 0n }]]));
    await l1.mine();
    assertEquals(await ask(l1), latest);
  }
  await using l1 = await openL1(kv, { mining: "manual", clock });
  assertEquals(await ask(l1), latest);
});

Deno.test("eth_getProof holds under the header, which has nothing that was decreed after it", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    const { request } = createDispatcher(createRpcMethods({ chain: l1, log: silentLog }));
    /** The root of the proof as of its first node, and the balance that it proves. */
    const prove = async (at: string) => {
      const proof = await request("eth_getProof", [NOBODY, [], at]);
      const node = field(field(proof, "accountProof"), "0");
      return [keccak256(hexToBytes(String(node))), field(proof, "balance")];
    };
    const rootAt = async (number: bigint) => (await requireBlock(l1, number)).header.stateRoot;
    await l1.mine();
    await setBalance(l1, NOBODY, 100n);
    assertEquals(await prove("latest"), [await rootAt(1n), "0x0"]);
    await l1.mine();
    assertEquals(await prove("0x1"), [await rootAt(1n), "0x0"]);
    assertEquals(await prove("0x2"), [await rootAt(2n), "0x64"]);
  });
});

Deno.test("rollback() and reorg() leave what was decreed after the block that stays", async () => {
  using kv = await Deno.openKv(":memory:");
  {
    await using l1 = await openL1(kv, { mining: "manual" });
    for (const balanceWei of [10n, 11n, 12n]) {
      await setBalance(l1, NOBODY, balanceWei);
      await l1.mine();
    }
    await setBalance(l1, NOBODY, 13n);
    await l1.reorg(2n);
    // The new blocks are built where the old ones were.
    assertEquals(await balancesOf(l1, NOBODY), [10n, 11n, 11n, 11n]);
    await setBalance(l1, NOBODY, 14n);
    await l1.rollback(2n);
    assertEquals(await balancesOf(l1, NOBODY), [10n, 11n]);
  }
  await using l1 = await openL1(kv, { mining: "manual" });
  assertEquals(await balancesOf(l1, NOBODY), [10n, 11n]);
  await l1.mine();
  assertEquals(await balancesOf(l1, NOBODY), [10n, 11n, 11n]);
});

Deno.test("the chain goes back to what was decreed when it was marked, not later", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    const nothing = await l1.mark();
    await setBalance(l1, NOBODY, 5n);
    const five = await l1.mark();
    for (const mineCount of [0, 2]) {
      await setBalance(l1, NOBODY, 6n);
      for (let mined = 0; mined < mineCount; mined++) await l1.mine();
      await l1.returnTo(five);
      assertEquals(await balancesOf(l1, NOBODY), [5n]);
    }
    await l1.mine();
    assertEquals(await balancesOf(l1, NOBODY), [5n, 5n]);
    await l1.returnTo(nothing);
    await l1.mine();
    assertEquals(await balancesOf(l1, NOBODY), [0n, 0n]);
  });
});

Deno.test("decree() keeps the rest of an account, and leaves none that is empty", async () => {
  await withL1({}, async (l1) => {
    await l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n }));
    await setBalance(l1, ALICE.address, 0n);
    assertEquals(await l1.nonce(ALICE.address, 1n), 1n);
    const raw = signedBy(ALICE, { nonce: 1n });
    const error = await assertRejects(() => l1.sendRawTransaction(raw), RollupError);
    assertEquals(error.code, "POOL_INSUFFICIENT_FUNDS");
    await setBalance(l1, ALICE.address, 10n ** 18n);
    await l1.sendRawTransaction(raw);
    assertEquals(await l1.nonce(ALICE.address, 2n), 2n);
  });
  // An account that there never was makes no difference to the state, one with a wei does.
  const rootAfter = async (balanceWei: bigint | undefined) => {
    using kv = await Deno.openKv(":memory:");
    await using l1 = await openL1(kv);
    if (balanceWei !== undefined) await setBalance(l1, NOBODY, balanceWei);
    await l1.mine();
    return (await requireBlock(l1, 1n)).header.stateRoot;
  };
  assertEquals(await rootAfter(0n), await rootAfter(undefined));
  assertNotEquals(await rootAfter(1n), await rootAfter(undefined));
});

Deno.test("decree() writes nonces, codes and slots that calls and transactions then see", async () => {
  await withL1({}, async (l1) => {
    const slot = bigintToHash32(3n);
    const code = hexToBytes(ANSWER_SLOT_3);
    const storage = new Map([[slot, bigintToHash32(77n)]]);
    await l1.decree(new Map([[NOBODY, { code, storage, nonce: 9n }]]));
    const read = async () => {
      const { returnData } = await l1.call({
        from: ALICE.address,
        to: NOBODY,
        data: new Uint8Array(0),
        valueWei: 0n,
        gasLimit: 100_000n,
        gasPriceWei: 0n,
        asTransaction: false,
        accessList: [],
        authorizations: [],
      }, await l1.numberOf("latest"));
      return returnData.at(-1);
    };
    assertEquals([await l1.nonce(NOBODY, 0n), await l1.storage(NOBODY, slot, 0n), await read()], [
      9n,
      bigintToHash32(77n),
      77,
    ]);
    await l1.mine();
    assertEquals(await read(), 77);
    await l1.decree(new Map([[NOBODY, { storage: new Map(), isWholeStorage: true }]]));
    assertEquals(await read(), 0);
  });
});

/** After each block, from genesis on. */
async function balancesOf(l1: EmbeddedL1, account: Address): Promise<readonly bigint[]> {
  const balances: bigint[] = [];
  const latest = await l1.numberOf("latest");
  for (let number = 0n; number <= latest; number++) {
    balances.push(await l1.balance(account, number));
  }
  return balances;
}

function setBalance(l1: EmbeddedL1, account: Address, balanceWei: bigint): Promise<void> {
  return l1.decree(new Map([[account, { balanceWei }]]));
}
