/** The embedded L1 starts from genesis files as people write them, and names what is wrong in one. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { createVirtualClock, silentLog } from "../../../core/primitives/ports.ts";
import { type EmbeddedL1, openEmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { devAccount } from "./testing.ts";

const USER = devAccount(0).address;
const LONDON = {
  chainId: 1337,
  homesteadBlock: 0,
  eip150Block: 0,
  eip155Block: 0,
  eip158Block: 0,
  byzantiumBlock: 0,
  constantinopleBlock: 0,
  petersburgBlock: 0,
  istanbulBlock: 0,
  berlinBlock: 0,
  londonBlock: 0,
};
const PARIS = { ...LONDON, terminalTotalDifficulty: 0, terminalTotalDifficultyPassed: true };
const SHANGHAI = { ...PARIS, shanghaiTime: 0 };
const CANCUN = { ...SHANGHAI, cancunTime: 0 };
const PRAGUE = { ...CANCUN, pragueTime: 0 };
const OSAKA = { ...PRAGUE, osakaTime: 0 };
const BPO1 = { target: 10, max: 15, baseFeeUpdateFraction: 8346193 };

function genesisOf(config: unknown, fields: object = {}): Record<string, unknown> {
  return {
    config,
    difficulty: "0x20000",
    gasLimit: "0x1c9c380",
    alloc: { [USER]: { balance: "1000000000000000000" } },
    ...fields,
  };
}

async function open(kv: Deno.Kv, genesis: unknown): Promise<EmbeddedL1> {
  return await openEmbeddedL1({
    kv,
    clock: createVirtualClock(0n),
    genesis: { geth: typeof genesis === "string" ? genesis : JSON.stringify(genesis) },
    mining: "manual",
    log: silentLog,
  });
}

/** Fields of a header that not every fork has. */
const LATER_FIELDS = [
  "baseFeePerGasWei",
  "withdrawalsRoot",
  "blobGasUsed",
  "excessBlobGas",
  "parentBeaconBlockRoot",
  "requestsHash",
] as const;

Deno.test("openEmbeddedL1() starts in the fork of a genesis, and mines in it", async () => {
  const cases: readonly (readonly [config: unknown, fork: string, laterFields: number])[] = [
    [{}, "frontier", 0],
    [{ chainId: 5, homesteadBlock: 0 }, "homestead", 0],
    [{ chainId: 5, homesteadBlock: 0, eip150Block: 0 }, "tangerineWhistle", 0],
    [LONDON, "london", 1],
    [PARIS, "paris", 1],
    [SHANGHAI, "shanghai", 2],
    [CANCUN, "cancun", 5],
    [PRAGUE, "prague", 6],
    [OSAKA, "osaka", 6],
    [{ ...OSAKA, bpo1Time: 0, blobSchedule: { bpo1: BPO1 } }, "osaka", 6],
  ];
  for (const [config, fork, laterFields] of cases) {
    using kv = await Deno.openKv(":memory:");
    await using l1 = await open(kv, genesisOf(config));
    assertEquals(l1.nextRules().fork, fork);
    await l1.mine();
    for (const number of [0n, 1n]) {
      const header = await l1.header(number);
      assert(header !== undefined, "both blocks are there");
      const present = LATER_FIELDS.filter((name) => header[name] !== undefined);
      assertEquals(present, LATER_FIELDS.slice(0, laterFields), `${fork} ${number}`);
    }
    assertEquals(await l1.balance(USER, 1n), 10n ** 18n);
  }
});

Deno.test("openEmbeddedL1() takes the blobs of a schedule", async () => {
  using kv = await Deno.openKv(":memory:");
  const config = { ...OSAKA, bpo1Time: 0, blobSchedule: { bpo1: BPO1 } };
  await using l1 = await open(kv, genesisOf(config));
  assertEquals(l1.nextRules().blobs, {
    targetBlobs: 10n,
    maxBlobs: 15n,
    updateFraction: 8_346_193n,
  });
});

Deno.test("openEmbeddedL1() comes to the genesis hash that geth's own tests name", async () => {
  using kv = await Deno.openKv(":memory:");
  const word = `0x01${"00".repeat(31)}`;
  await using l1 = await open(kv, {
    config: { homesteadBlock: 3, ethash: {} },
    difficulty: "131072",
    gasLimit: 4712388,
    alloc: { [`01${"00".repeat(19)}`]: { balance: 1, storage: { [word]: word } } },
  });
  assertEquals(
    (await l1.header(0n))?.hash,
    "0x89c99d90b79719238d2645c7642f2c9295246e80775b38cfd162b696817fbd50",
  );
});

Deno.test("openEmbeddedL1() reads one genesis in every spelling as the same", async () => {
  const balance = 0x20000000000000000000n;
  const account = { balance: `0x${balance.toString(16)}`, nonce: "0x5", code: "0x00" };
  const spelled = [
    genesisOf(CANCUN, { alloc: { [USER]: account } }),
    genesisOf(CANCUN, { alloc: { [USER.slice(2)]: account } }),
    genesisOf(CANCUN, { alloc: { [`0X${USER.slice(2).toUpperCase()}`]: account } }),
    genesisOf(CANCUN, {
      difficulty: 131072,
      gasLimit: "30000000",
      nonce: "0x0",
      timestamp: 0,
      extraData: "0x",
      mixhash: `0x${"00".repeat(32)}`,
      coinbase: "0x0000000000000000000000000000000000000000",
      number: "0x0",
      gasUsed: "0",
      parentHash: `0x${"00".repeat(32)}`,
      baseFeePerGas: null,
      alloc: {
        [USER]: {
          balance: balance.toString(),
          nonce: 5,
          code: "00",
          storage: { "0x1": "0x0" },
        },
      },
    }),
    // A number that a double would round.
    JSON.stringify(genesisOf(CANCUN, { alloc: { [USER]: { ...account, balance: "N" } } }))
      .replace('"N"', balance.toString()),
    { Config: CANCUN, Difficulty: "0x20000", GASLIMIT: "0x1c9c380", Alloc: { [USER]: account } },
  ];
  const hashes = new Set<string | undefined>();
  for (const genesis of spelled) {
    using kv = await Deno.openKv(":memory:");
    await using l1 = await open(kv, genesis);
    hashes.add((await l1.header(0n))?.hash);
    assertEquals(await l1.balance(USER, 0n), balance);
    assertEquals(await l1.nonce(USER, 0n), 5n);
  }
  assertEquals(hashes.size, 1);
});

Deno.test("openEmbeddedL1() names the field of a genesis that is not right", async () => {
  const { londonBlock: _london, ...berlin } = LONDON;
  const over64 = `0x1${"00".repeat(8)}`;
  const over256 = `0x1${"00".repeat(32)}`;
  const withUser = (account: unknown) => genesisOf(LONDON, { alloc: { [USER]: account } });
  const withBlobs = (cancun: object) => genesisOf({ ...CANCUN, blobSchedule: { cancun } });
  const cases: readonly (readonly [code: string, name: string, genesis: unknown])[] = [
    ["L1_GENESIS_MALFORMED", "genesis", ""],
    ["L1_GENESIS_MALFORMED", "genesis", "[]"],
    ["L1_GENESIS_MALFORMED", "genesis", "null"],
    ["L1_GENESIS_MALFORMED", "gasLimit", genesisOf(LONDON, { gasLimit: over64 })],
    ["L1_GENESIS_MALFORMED", "nonce", genesisOf(LONDON, { nonce: over64 })],
    ["L1_GENESIS_MALFORMED", "timestamp", genesisOf(LONDON, { timestamp: over64 })],
    ["L1_GENESIS_MALFORMED", "difficulty", genesisOf(LONDON, { difficulty: over256 })],
    ["L1_GENESIS_MALFORMED", "extraData", genesisOf(LONDON, { extraData: "0x123" })],
    ["L1_GENESIS_MALFORMED", "coinbase", genesisOf(LONDON, { coinbase: 5 })],
    ["L1_GENESIS_MALFORMED", "alloc", genesisOf(LONDON, { alloc: [] })],
    ["L1_GENESIS_MALFORMED", "balance", withUser({ balance: over256 })],
    ["L1_GENESIS_MALFORMED", "balance", withUser({ balance: "1 ether" })],
    ["L1_GENESIS_MALFORMED", "nonce", withUser({ balance: "1", nonce: over64 })],
    ["L1_GENESIS_MALFORMED", "storage", withUser({ balance: "1", storage: { xyz: "0x1" } })],
    ["L1_CONFIG_INVALID", "config", genesisOf(null)],
    ["L1_CONFIG_INVALID", "chainId", genesisOf({ ...LONDON, chainId: over64 })],
    ["L1_CONFIG_INVALID", "londonBlock", genesisOf({ ...berlin, shanghaiTime: 0 })],
    ["L1_CONFIG_INVALID", "berlinBlock", genesisOf({ ...LONDON, berlinBlock: 5 })],
    ["L1_CONFIG_INVALID", "cancunTime", genesisOf({ ...PRAGUE, cancunTime: 9 })],
    ["L1_CONFIG_INVALID", "bpo1", genesisOf({ ...OSAKA, bpo1Time: 0 })],
    ["L1_CONFIG_INVALID", "blobSchedule", genesisOf({ ...CANCUN, blobSchedule: 3 })],
    ["L1_CONFIG_INVALID", "max", withBlobs({ target: 3, baseFeeUpdateFraction: 1 })],
    ["L1_CONFIG_INVALID", "target", withBlobs({ target: 7, max: 6, baseFeeUpdateFraction: 1 })],
    [
      "L1_CONFIG_INVALID",
      "baseFeeUpdateFraction",
      withBlobs({ target: 3, max: 6, baseFeeUpdateFraction: 0 }),
    ],
    [
      "L1_CONFIG_INVALID",
      "depositContractAddress",
      genesisOf({ ...LONDON, depositContractAddress: "0x12" }),
    ],
    ["L1_FORK_UNSUPPORTED", "amsterdam", genesisOf({ ...OSAKA, amsterdamTime: 0 })],
  ];
  for (const [code, name, genesis] of cases) {
    using kv = await Deno.openKv(":memory:");
    const error = await assertRejects(() => open(kv, genesis), RollupError);
    assertEquals(error.code, code, `${name}: ${error.message}`);
    assertStringIncludes(error.message, name);
    assert(error.mend !== "", "a mend is named");
  }
});

Deno.test("openEmbeddedL1() mines on where a genesis asks for blobs that nobody can pay", async () => {
  using kv = await Deno.openKv(":memory:");
  const genesis = genesisOf(OSAKA, { excessBlobGas: "0xffffffffffffffff", blobGasUsed: "0x0" });
  await using l1 = await open(kv, genesis);
  await l1.mine();
  assertEquals(await l1.numberOf("latest"), 1n);
});
