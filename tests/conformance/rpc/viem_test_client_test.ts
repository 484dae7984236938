/**
 * Every action of viem's test client, in its modes for anvil and for Hardhat, on both ports.
 *
 * Owns that each one works and moves what it says, or is refused on the L2 with the reason. Does not
 * own what the commands mean in detail (`dev_methods_test.ts`).
 * @module
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { BaseError, createTestClient, http, publicActions, testActions, walletActions } from "viem";
import { ALICE, BOB, NOBODY, withDevnet } from "./dev_steps.ts";

type Mode = "anvil" | "hardhat";

function makeClient(mode: Mode, url: string) {
  return createTestClient({ mode, transport: http(url, { retryCount: 0 }), pollingInterval: 20 })
    .extend(publicActions).extend(walletActions);
}

type Client = ReturnType<typeof makeClient>;
type Action = keyof ReturnType<ReturnType<typeof testActions>>;

const WORD = `0x${"07".repeat(32)}` as const;
const address = NOBODY;

const balance = (client: Client) => client.getBalance({ address });
const latest = (client: Client) => client.getBlock({ blockTag: "latest" });
const send = (client: Client) =>
  client.sendTransaction({ account: ALICE, to: NOBODY, value: 1n, chain: null });
const mineOne = (client: Client) => client.mine({ blocks: 1 });

/** Actions of both layers, in the order in which they run. */
const SHARED: Readonly<Partial<Record<Action, (client: Client) => Promise<void>>>> = {
  mine: async (client) => {
    const { number } = await latest(client);
    await client.mine({ blocks: 2, interval: 10 });
    assertEquals((await latest(client)).number, number + 2n);
  },
  increaseTime: async (client) => {
    const { timestamp } = await latest(client);
    await client.increaseTime({ seconds: 100 });
    await mineOne(client);
    assert((await latest(client)).timestamp >= timestamp + 100n, "the clock has jumped");
  },
  setNextBlockTimestamp: async (client) => {
    const { timestamp } = await latest(client);
    await client.setNextBlockTimestamp({ timestamp: timestamp + 500n });
    await mineOne(client);
    assertEquals((await latest(client)).timestamp, timestamp + 500n);
  },
  setBlockTimestampInterval: async (client) => {
    const { timestamp } = await latest(client);
    await client.setBlockTimestampInterval({ interval: 7 });
    await mineOne(client);
    assertEquals((await latest(client)).timestamp, timestamp + 7n);
  },
  removeBlockTimestampInterval: (client) => client.removeBlockTimestampInterval(),
  setAutomine: async (client) => {
    await client.setAutomine(false);
    assertEquals(await client.getAutomine(), false);
  },
  getAutomine: async (client) => assertEquals(await client.getAutomine(), false),
  getTxpoolStatus: async (client) => {
    await send(client);
    assertEquals(await client.getTxpoolStatus(), { pending: 1, queued: 0 });
  },
  getTxpoolContent: async (client) => {
    const { pending } = await client.getTxpoolContent();
    assertEquals(Object.keys(pending).map((sender) => sender.toLowerCase()), [ALICE]);
  },
  inspectTxpool: async (client) => {
    const [waiting] = Object.values((await client.inspectTxpool()).pending);
    const text = Object.values(waiting ?? {})[0] ?? "";
    assertStringIncludes(text.toLowerCase(), `${NOBODY}: 1 wei`);
  },
  dropTransaction: async (client) => {
    await client.dropTransaction({ hash: await send(client) });
    assertEquals((await client.getTxpoolStatus()).pending, 1);
  },
  setIntervalMining: async (client) => {
    await client.setIntervalMining({ interval: 3_600 });
    assertEquals(await client.getAutomine(), false);
    await client.setIntervalMining({ interval: 0 });
    await mineOne(client);
    assertEquals(await client.getTxpoolStatus(), { pending: 0, queued: 0 });
  },
  snapshot: async (client) => assertEquals(await client.snapshot(), "0x0"),
  revert: async (client) => {
    const before = await balance(client);
    await send(client);
    await mineOne(client);
    assertEquals(await balance(client), before + 1n);
    await client.revert({ id: "0x0" });
    assertEquals(await balance(client), before);
  },
  setLoggingEnabled: async (client) => {
    await client.setLoggingEnabled(false);
    await client.setLoggingEnabled(true);
  },
  setRpcUrl: (client) => client.setRpcUrl("http://127.0.0.1:1"),
  setMinGasPrice: async (client) => {
    const refused = await assertRejects(() => client.setMinGasPrice({ gasPrice: 1n }), BaseError);
    assertStringIncludes(refused.details, "not supported when EIP-1559 is active");
  },
  stopImpersonatingAccount: (client) => client.stopImpersonatingAccount({ address }),
  reset: async (client) => {
    await client.reset();
    assertEquals(await balance(client), 0n);
  },
};

/** What the L2 refuses; on L1 what each of them does is looked at, too. */
const L1_ALONE: Readonly<Partial<Record<Action, readonly [Use, Use?]>>> = {
  setBalance: [
    (client) => client.setBalance({ address, value: 10n ** 18n }),
    async (client) => assertEquals(await balance(client), 10n ** 18n),
  ],
  setCode: [
    (client) => client.setCode({ address, bytecode: "0x6001" }),
    async (client) => assertEquals(await client.getCode({ address }), "0x6001"),
  ],
  setNonce: [
    (client) => client.setNonce({ address, nonce: 7 }),
    async (client) => assertEquals(await client.getTransactionCount({ address }), 7),
  ],
  setStorageAt: [
    (client) => client.setStorageAt({ address, index: 2, value: WORD }),
    async (client) => assertEquals(await client.getStorageAt({ address, slot: "0x2" }), WORD),
  ],
  impersonateAccount: [
    (client) => client.impersonateAccount({ address }),
    async (client) => {
      const hash = await client.sendTransaction({ account: NOBODY, to: BOB, chain: null });
      assertEquals((await client.getTransaction({ hash })).from, NOBODY);
      await client.stopImpersonatingAccount({ address });
    },
  ],
  sendUnsignedTransaction: [async (client) => {
    const hash = await client.sendUnsignedTransaction({ from: BOB, to: NOBODY, value: 1n });
    assertEquals((await client.getTransaction({ hash })).from, BOB);
  }],
  setBlockGasLimit: [
    (client) => client.setBlockGasLimit({ gasLimit: 25_000_000n }),
    async (client) => {
      await mineOne(client);
      assertEquals((await latest(client)).gasLimit, 25_000_000n);
    },
  ],
  setCoinbase: [
    (client) => client.setCoinbase({ address }),
    async (client) => {
      await mineOne(client);
      assertEquals((await latest(client)).miner, NOBODY);
    },
  ],
  setNextBlockBaseFeePerGas: [
    (client) => client.setNextBlockBaseFeePerGas({ baseFeePerGas: 77n }),
    async (client) => {
      await mineOne(client);
      assertEquals((await latest(client)).baseFeePerGas, 77n);
    },
  ],
  dumpState: [async (client) => {
    dumps.set(client.mode, await client.dumpState());
  }],
  loadState: [async (client) => {
    await client.loadState({ state: dumps.get(client.mode) ?? "0x1f8b" });
  }, async (client) => assertEquals(await client.getTransactionCount({ address }), 8)],
};

type Use = (client: Client) => Promise<void>;
const dumps = new Map<string, `0x${string}`>();

Deno.test("the tables name every action of viem's test client", () => {
  const known = Object.keys(testActions({ mode: "anvil" })(makeClient("anvil", "http://x")));
  assertEquals([...Object.keys(SHARED), ...Object.keys(L1_ALONE)].sort(), known.sort());
});

for (const mode of ["anvil", "hardhat"] as const) {
  Deno.test(`every action of viem's test client works on L1 in mode ${mode}`, async () => {
    await withDevnet({ mode: "manual" }, async ({ l1Url }) => {
      const client = makeClient(mode, l1Url);
      for (const use of Object.values(SHARED)) await use(client);
      for (const [use, look] of Object.values(L1_ALONE)) {
        await use(client);
        await look?.(client);
      }
    });
  });

  Deno.test(`viem's test client works on the L2 or hears why not, in mode ${mode}`, async () => {
    await withDevnet({}, async ({ l2Url }) => {
      const client = makeClient(mode, l2Url);
      for (const use of Object.values(SHARED)) await use(client);
      for (const [action, [use]] of Object.entries(L1_ALONE)) {
        const refused = await assertRejects(() => use(client), BaseError, undefined, action);
        assertStringIncludes(refused.details, "Cannot ", action);
      }
    });
  });
}
