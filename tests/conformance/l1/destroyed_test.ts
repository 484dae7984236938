/**
 * Contracts that are destroyed and made again at the same address, before EIP-6780: what they stored
 * is gone, and the state root says so.
 */
import { assertEquals } from "@std/assert";
import { keccak256Bytes } from "../../../core/crypto/keccak.ts";
import { concatBytes } from "../../../core/primitives/bytes.ts";
import { assert } from "../../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bigintToHash32,
  bytesToAddress,
  bytesToHex,
  hexToBytes,
  ZERO_ADDRESS,
} from "../../../core/primitives/hex.ts";
import { createVirtualClock, silentLog } from "../../../core/primitives/ports.ts";
import { type EmbeddedL1, openEmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { devAccount, initCodeOf, signedBy } from "./testing.ts";

const CHAIN_ID = 1_337n;
const FORKS = ["homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople"]
  .concat("petersburg", "istanbul", "berlin", "london");
const SENDER = devAccount(0);
/** Makes what its input says by CREATE2, with salt 0. */
const FACTORY = address(`0x${"fa".repeat(20)}`);
const FACTORY_CODE = "0x365f5f375f365f5ff500";
/** Calls the factory with its input, and takes everything back. */
const DOUBTER = address(`0x${"db".repeat(20)}`);
const DOUBTER_CODE = `0x365f5f375f5f365f5f73${FACTORY.slice(2)}5af15f5ffd`;
/** Without input SELFDESTRUCT to the caller; else the second word goes to the slot of the first. */
const CODE = hexToBytes("0x3660065733ff5b6020355f355500");
const INIT_CODE = initCodeOf(CODE);
const CONTRACT: Address = bytesToAddress(
  keccak256Bytes(concatBytes(
    Uint8Array.of(0xff),
    hexToBytes(FACTORY),
    new Uint8Array(32),
    keccak256Bytes(INIT_CODE),
  )).subarray(12),
);

type Alloc = Readonly<Record<string, unknown>>;

async function withShanghai<Result>(
  alloc: Alloc,
  use: (l1: EmbeddedL1) => Promise<Result>,
): Promise<Result> {
  using kv = await Deno.openKv(":memory:");
  await using l1 = await openEmbeddedL1({
    kv,
    clock: createVirtualClock(1_000n),
    genesis: {
      geth: JSON.stringify({
        config: {
          chainId: Number(CHAIN_ID),
          ...Object.fromEntries(FORKS.map((fork) => [`${fork}Block`, 0])),
          terminalTotalDifficulty: 0,
          shanghaiTime: 0,
        },
        difficulty: "0x0",
        gasLimit: "0x1c9c380",
        alloc,
      }),
    },
    mining: "manual",
    log: silentLog,
  });
  return await use(l1);
}

/** Steps of a transaction each. */
const CREATE = { to: FACTORY, data: INIT_CODE };
const CREATE_IN_VAIN = { to: DOUBTER, data: INIT_CODE };
const DESTROY = { to: CONTRACT };
const FUND = { to: CONTRACT, valueWei: 7n };
const store = (slot: number, value: number) => ({
  to: CONTRACT,
  data: concatBytes(
    hexToBytes(bigintToHash32(BigInt(slot))),
    hexToBytes(bigintToHash32(BigInt(value))),
  ),
});

interface Step {
  readonly to: Address;
  readonly data?: Uint8Array;
  readonly valueWei?: bigint;
}

/** The account as the head has it, in the words of a genesis file. */
async function describeAccount(l1: EmbeddedL1, account: Address, slots: readonly number[]) {
  const head = await l1.numberOf("latest");
  assert(head !== undefined, "there is a head");
  const storage: Record<string, string> = {};
  for (const slot of slots) {
    const key = bigintToHash32(BigInt(slot));
    const value = await l1.storage(account, key, head);
    if (BigInt(value) !== 0n) storage[key] = value;
  }
  return {
    balance: `0x${(await l1.balance(account, head)).toString(16)}`,
    nonce: `0x${(await l1.nonce(account, head)).toString(16)}`,
    code: bytesToHex(await l1.code(account, head)),
    storage,
  };
}

/** Runs `blocks` and gives the contract's slots 1 to 3; the root must be that of a new such state. */
async function slotsAfter(blocks: readonly (readonly Step[])[]): Promise<readonly bigint[]> {
  const alloc = {
    [SENDER.address]: { balance: "0x56bc75e2d63100000" },
    [FACTORY]: { balance: "0x0", nonce: "0x1", code: FACTORY_CODE },
    [DOUBTER]: { balance: "0x0", nonce: "0x1", code: DOUBTER_CODE },
  };
  return await withShanghai(alloc, async (l1) => {
    let nonce = 0n;
    for (const steps of blocks) {
      for (const step of steps) {
        await l1.sendRawTransaction(
          signedBy(SENDER, {
            valueWei: 0n,
            ...step,
            nonce: nonce++,
            chainId: CHAIN_ID,
            gasLimit: 300_000n,
          }),
        );
      }
      await l1.mine();
    }
    const head = await l1.block(BigInt(blocks.length));
    assertEquals(head?.transactions.length, blocks.at(-1)?.length);
    const accounts = [SENDER.address, FACTORY, DOUBTER, CONTRACT, ZERO_ADDRESS];
    const after: Record<string, Awaited<ReturnType<typeof describeAccount>>> = {};
    for (const account of accounts) {
      const found = await describeAccount(l1, account, [1, 2, 3]);
      const isEmpty = BigInt(found.balance) === 0n && BigInt(found.nonce) === 0n;
      if (!isEmpty) after[account] = found;
    }
    const expected = await withShanghai(after, async (fresh) => (await fresh.block(0n))?.header);
    assertEquals(head?.header.stateRoot, expected?.stateRoot);
    const storage = after[CONTRACT]?.storage ?? {};
    return [1, 2, 3].map((slot) => BigInt(storage[bigintToHash32(BigInt(slot))] ?? 0));
  });
}

Deno.test("a contract that is destroyed and made again in one block has nothing stored", async () => {
  const first = [CREATE, store(1, 11), store(2, 22)];
  assertEquals(await slotsAfter([first]), [11n, 22n, 0n]);
  assertEquals(await slotsAfter([first, [store(1, 33), DESTROY, CREATE]]), [0n, 0n, 0n]);
  assertEquals(await slotsAfter([first, [DESTROY, CREATE, store(3, 5)]]), [0n, 0n, 5n]);
  assertEquals(await slotsAfter([[...first, DESTROY, CREATE, store(2, 6)]]), [0n, 6n, 0n]);
});

Deno.test("a contract that is made again in a later block has nothing stored", async () => {
  const first = [CREATE, store(1, 11), store(2, 22)];
  assertEquals(await slotsAfter([first, [store(3, 1), DESTROY]]), [0n, 0n, 0n]);
  assertEquals(await slotsAfter([first, [DESTROY], [CREATE, store(2, 9)]]), [0n, 9n, 0n]);
});

Deno.test("an account that was a contract and is paid has no storage", async () => {
  const first = [CREATE, store(1, 11), store(2, 22)];
  assertEquals(await slotsAfter([first, [store(1, 33), DESTROY, FUND]]), [0n, 0n, 0n]);
});

Deno.test("a contract that is made again in vain has nothing stored, then or later", async () => {
  const first = [CREATE, store(1, 11), store(2, 22)];
  const again = [store(1, 33), DESTROY, CREATE_IN_VAIN];
  assertEquals(await slotsAfter([first, again]), [0n, 0n, 0n]);
  assertEquals(await slotsAfter([first, [...again, CREATE, store(1, 8)]]), [8n, 0n, 0n]);
  assertEquals(await slotsAfter([first, [store(1, 33), CREATE_IN_VAIN]]), [33n, 22n, 0n]);
});
