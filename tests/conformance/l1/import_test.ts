/**
 * The embedded L1 goes on from chains of somebody else: one of every fork that is made here, and the
 * published one of Ethereum's RPC conformance tests where it is there.
 */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { joinBytes } from "../../../core/primitives/bytes.ts";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { type Hash32, hexToBytes } from "../../../core/primitives/hex.ts";
import { createdAddress } from "../../../core/types/tx.ts";
import { createVirtualClock, silentLog } from "../../../core/primitives/ports.ts";
import { encodeChainBlock } from "../../../devnet/chain_block.ts";
import { type EmbeddedL1, openEmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { FORK_NAMES } from "../../../devnet/l1/forks.ts";
import type { ChainBlock } from "../../../devnet/rpc/chain.ts";
import { devAccount, requireReceipt, signedBy } from "./testing.ts";

const VECTORS = new URL("../../../../shared/vectors/execution-apis", import.meta.url).pathname;
const isAbsent = !exists(VECTORS);
const note = isAbsent ? " (skipped: ../shared/vectors/execution-apis is absent)" : "";
/** Head of the published chain, from its `headfcu.json`. */
const VECTOR_HEAD = "0xd226371d0b1551adb03fb52b71f08e3e11247fe9b1af994768af8cdaa8e7dcd7";
const CHAIN_ID = 900n;
/** The first fork by time begins here; each later one so much after it. */
const FIRST_FORK_SEC = 1_000;
const FORK_STEP_SEC = 100;
/** Init code of SSTORE(0, CALLER), LOG0 of one word; no opcode in it is later than Homestead. */
const DEPLOY_STORE_AND_LOG = hexToBytes("0x600a600c600039600a6000f33360005560206000a000");

const CONFIG = {
  chainId: Number(CHAIN_ID),
  homesteadBlock: 0,
  eip150Block: 2,
  eip155Block: 3,
  eip158Block: 3,
  byzantiumBlock: 4,
  constantinopleBlock: 5,
  petersburgBlock: 6,
  istanbulBlock: 7,
  muirGlacierBlock: 7,
  berlinBlock: 8,
  londonBlock: 9,
  terminalTotalDifficulty: 0,
  shanghaiTime: FIRST_FORK_SEC,
  cancunTime: FIRST_FORK_SEC + FORK_STEP_SEC,
  pragueTime: FIRST_FORK_SEC + 2 * FORK_STEP_SEC,
  osakaTime: FIRST_FORK_SEC + 3 * FORK_STEP_SEC,
  bpo1Time: FIRST_FORK_SEC + 4 * FORK_STEP_SEC,
  blobSchedule: {
    cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3338477 },
    prague: { target: 6, max: 9, baseFeeUpdateFraction: 5007716 },
    osaka: { target: 6, max: 9, baseFeeUpdateFraction: 5007716 },
    bpo1: { target: 10, max: 15, baseFeeUpdateFraction: 8346193 },
  },
  somethingNew: true,
};

const GENESIS = {
  config: CONFIG,
  difficulty: "0x20000",
  gasLimit: "30000000",
  extraData: "0x76617276",
  alloc: {
    // Without a prefix and in decimal, as many files have it.
    [devAccount(0).address.slice(2)]: { balance: "100000000000000000000" },
    "0x00000000000000000000000000000000000000aa": {
      balance: "0x0",
      nonce: "0x1",
      code: "0x00",
      storage: { "0x01": "0x2a", "0x02": "0x00" },
    },
  },
};

async function open(
  kv: Deno.Kv,
  genesis: unknown = GENESIS,
  chain?: Uint8Array,
): Promise<EmbeddedL1> {
  return await openEmbeddedL1({
    kv,
    clock: createVirtualClock(0n),
    genesis: {
      geth: typeof genesis === "string" ? genesis : JSON.stringify(genesis),
      ...(chain === undefined ? {} : { chain }),
    },
    mining: "automine",
    log: silentLog,
  });
}

/** Blocks of every fork, each with a contract's creation, a call of it and a transfer. */
async function makeChain(l1: EmbeddedL1): Promise<readonly ChainBlock[]> {
  l1.setMining("manual");
  let nonce = 0n;
  const send = async (fields: Partial<Parameters<typeof signedBy>[1]>): Promise<Hash32> =>
    await l1.sendRawTransaction(signedBy(devAccount(0), {
      type: 0,
      maxFeePerGasWei: 2_000_000_000n,
      maxPriorityFeePerGasWei: 2_000_000_000n,
      gasLimit: 200_000n,
      ...fields,
      nonce: nonce++,
    }));
  for (let index = 0; index < 16; index++) {
    const timestampSec = index < 10 ? index + 1 : FIRST_FORK_SEC + FORK_STEP_SEC * (index - 10);
    await l1.setNextBlockTimestamp(BigInt(timestampSec));
    const to = createdAddress(devAccount(0).address, nonce);
    const signature = index < 3 ? { chainId: undefined } : {};
    await send({
      to: undefined,
      valueWei: 0n,
      data: DEPLOY_STORE_AND_LOG,
      ...signature,
    });
    const called = await send({ to, ...signature });
    await send(signature);
    await l1.mine();
    const { receipt } = await requireReceipt(l1, called);
    assertEquals(receipt.logs.map(({ address }) => address), [to]);
  }
  const blocks: ChainBlock[] = [];
  for (let number = 1n; number <= await l1.numberOf("latest"); number++) {
    const block = await l1.block(number);
    assert(block !== undefined, "every block up to the head is there");
    blocks.push(block);
  }
  return blocks;
}

function exportBlocks(blocks: readonly ChainBlock[]): Uint8Array {
  return joinBytes(blocks.map(encodeChainBlock));
}

async function hashOfHead(l1: EmbeddedL1): Promise<Hash32> {
  const header = await l1.header(await l1.numberOf("latest"));
  assert(header !== undefined, "the head is there");
  return header.hash;
}

Deno.test("openEmbeddedL1() imports a chain of every fork from Homestead on, and goes on with it", async () => {
  using maker = await Deno.openKv(":memory:");
  using taker = await Deno.openKv(":memory:");
  await using made = await open(maker);
  const blocks = await makeChain(made);
  await using taken = await open(taker, GENESIS, exportBlocks(blocks));
  assertEquals(await hashOfHead(taken), await hashOfHead(made));
  for (const block of blocks) {
    assertEquals(await taken.block(block.header.number), block);
    assertEquals(
      await taken.receipts(block.header.number),
      await made.receipts(block.header.number),
    );
  }
  const keys = (block: ChainBlock | undefined) =>
    Object.entries(block?.header ?? {}).filter(([, value]) => value === undefined).length;
  // Fields that a header has not yet: all six, then those of after London, Shanghai, Cancun, Prague.
  assertEquals([8, 9, 10, 11, 12].map((index) => keys(blocks[index - 1])), [6, 5, 5, 4, 1]);
  assertEquals(keys(blocks.at(-1)), 0);
  const [early] = await taken.receipts(1n);
  const [late] = await taken.receipts(4n);
  assert(early?.receipt.stateRoot !== undefined, "before Byzantium a receipt has a root");
  assertEquals(late?.receipt.stateRoot, undefined);
  await taken.mine();
  await made.mine();
  assertEquals(await hashOfHead(taken), await hashOfHead(made));
});

Deno.test("openEmbeddedL1() opens an imported chain again, and passes over what it has", async () => {
  using maker = await Deno.openKv(":memory:");
  using taker = await Deno.openKv(":memory:");
  await using made = await open(maker);
  const chain = exportBlocks(await makeChain(made));
  const first = await open(taker, GENESIS, chain);
  await first.mine();
  const head = await hashOfHead(first);
  await first[Symbol.asyncDispose]();
  await using again = await open(taker, GENESIS, chain);
  assertEquals(await hashOfHead(again), head);
});

Deno.test("importChain() passes over the genesis block, and refuses another one", async () => {
  using maker = await Deno.openKv(":memory:");
  using taker = await Deno.openKv(":memory:");
  using other = await Deno.openKv(":memory:");
  await using made = await open(maker);
  const blocks = await makeChain(made);
  const genesisBlock = await made.block(0n);
  assert(genesisBlock !== undefined, "genesis is there");
  const chain = exportBlocks([genesisBlock, ...blocks]);
  await using taken = await open(taker, GENESIS, chain);
  assertEquals(await hashOfHead(taken), await hashOfHead(made));
  const genesis = { ...GENESIS, extraData: "0x00" };
  const error = await assertRejects(() => open(other, genesis, chain), RollupError);
  assertEquals(error.code, "L1_IMPORT_INVALID");
  assertStringIncludes(error.mend, "genesis file");
});

Deno.test("importChain() goes on from the latest block, not from what was decreed after it", async () => {
  using maker = await Deno.openKv(":memory:");
  using taker = await Deno.openKv(":memory:");
  await using made = await open(maker);
  const chain = exportBlocks(await makeChain(made));
  const first = await open(taker);
  const account = devAccount(5).address;
  await first.controls.decree(new Map([[account, { balanceWei: 1n }]]));
  await first[Symbol.asyncDispose]();
  await using taken = await open(taker, GENESIS, chain);
  assertEquals(await taken.balance(account, 0n), 0n);
  await taken.mine();
  await made.mine();
  assertEquals(await hashOfHead(taken), await hashOfHead(made));
});

Deno.test("openEmbeddedL1() refuses another genesis for a stored chain", async () => {
  using kv = await Deno.openKv(":memory:");
  const l1 = await open(kv);
  await l1[Symbol.asyncDispose]();
  const other = { ...GENESIS, gasLimit: "30000001" };
  const error = await assertRejects(() => open(kv, other), RollupError);
  assertEquals(error.code, "L1_GENESIS_MISMATCH");
});

Deno.test("importChain() refuses the first block that is not right, with its number and field", async () => {
  using maker = await Deno.openKv(":memory:");
  await using made = await open(maker);
  const blocks = await makeChain(made);
  const last = blocks.at(-1);
  assert(last !== undefined, "there are blocks");
  const { header } = last;
  const wrong: Readonly<Partial<typeof header>>[] = [
    { stateRoot: header.parentHash },
    { receiptsRoot: header.parentHash },
    { transactionsRoot: header.parentHash },
    { withdrawalsRoot: header.parentHash },
    { sha3Uncles: header.parentHash },
    { requestsHash: header.parentHash },
    { parentHash: header.stateRoot },
    { gasUsed: header.gasUsed + 1n },
    { logsBloom: new Uint8Array(256) },
    { baseFeePerGasWei: (header.baseFeePerGasWei ?? 0n) + 1n },
    { excessBlobGas: 1n },
    { blobGasUsed: 131_072n },
    { timestampSec: 1n },
    { number: header.number + 1n },
  ];
  for (const fields of wrong) {
    const chain = exportBlocks([
      ...blocks.slice(0, -1),
      { ...last, header: { ...header, ...fields } },
    ]);
    using kv = await Deno.openKv(":memory:");
    const error = await assertRejects(() => open(kv, GENESIS, chain), RollupError);
    assertEquals(error.code, "L1_IMPORT_INVALID", error.message);
    const [name = ""] = Object.keys(fields);
    const shown = name === "timestampSec" ? "timestamp" : name;
    assertStringIncludes(error.message, ` as its ${shown} must be `);
  }
});

Deno.test("importChain() refuses bytes that are no whole blocks", async () => {
  using maker = await Deno.openKv(":memory:");
  await using made = await open(maker);
  const chain = exportBlocks(await makeChain(made));
  for (const bytes of [chain.slice(0, -1), Uint8Array.of(0xc0), Uint8Array.of(1), chain.slice(1)]) {
    using kv = await Deno.openKv(":memory:");
    const error = await assertRejects(() => open(kv, GENESIS, bytes), RollupError);
    assertEquals(error.code, "L1_IMPORT_MALFORMED");
  }
});

Deno.test("importChain() ends with a word whatever its bytes are", async () => {
  using maker = await Deno.openKv(":memory:");
  await using made = await open(maker);
  const blocks = await makeChain(made);
  const chain = exportBlocks(blocks.slice(0, 2));
  let state = 17;
  const draw = (count: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % count;
  };
  for (let round = 0; round < 60; round++) {
    const bytes = chain.slice();
    for (let flips = 0; flips <= round % 3; flips++) bytes[draw(bytes.length)] = draw(256);
    using kv = await Deno.openKv(":memory:");
    try {
      await using l1 = await open(kv, GENESIS, bytes);
      // What nobody checks: the maker's name, the seal, the time.
      assert(await l1.numberOf("latest") > 0n, "what is taken is there");
    } catch (error) {
      assert(error instanceof RollupError, `round ${round} ends in a refusal`);
      assertStringIncludes(error.code, "L1_IMPORT_");
    }
  }
});

Deno.test("openEmbeddedL1() refuses a fork that it does not know once it holds, not before", async () => {
  const config = { ...CONFIG, amsterdamTime: 5_000 };
  using kv = await Deno.openKv(":memory:");
  await using l1 = await open(kv, { ...GENESIS, config });
  await makeChain(l1);
  await l1.setNextBlockTimestamp(5_000n);
  const error = await assertRejects(() => l1.mine(), RollupError);
  assertEquals(error.code, "L1_FORK_UNSUPPORTED");
});

Deno.test("openEmbeddedL1() refuses a genesis that geth would not read", async () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["L1_GENESIS_MALFORMED", "{"],
    ["L1_GENESIS_MALFORMED", { ...GENESIS, number: "0x1" }],
    ["L1_GENESIS_MALFORMED", { ...GENESIS, gasLimit: -1 }],
    ["L1_GENESIS_MALFORMED", { ...GENESIS, alloc: { "0x12": { balance: "1" } } }],
    ["L1_GENESIS_MALFORMED", { ...GENESIS, alloc: { [devAccount(0).address]: { code: "0x1" } } }],
    ["L1_CONFIG_INVALID", { ...GENESIS, config: undefined }],
    ["L1_CONFIG_INVALID", { ...GENESIS, config: { ...CONFIG, londonBlock: "soon" } }],
  ];
  for (const [code, genesis] of cases) {
    using kv = await Deno.openKv(":memory:");
    const error = await assertRejects(() => open(kv, genesis), RollupError);
    assertEquals(error.code, code);
  }
});

Deno.test("rulesAt() reaches every fork on the chain of these tests", async () => {
  using kv = await Deno.openKv(":memory:");
  await using l1 = await open(kv);
  const seen = new Set<string>([l1.nextRules().fork]);
  for (let number = 1; number <= 10; number++) {
    await l1.setNextBlockTimestamp(BigInt(number));
    await l1.mine();
    seen.add(l1.nextRules().fork);
  }
  for (let index = 0; index <= 4; index++) {
    await l1.setNextBlockTimestamp(BigInt(FIRST_FORK_SEC + FORK_STEP_SEC * index));
    seen.add(l1.nextRules().fork);
    if (index === 4) assertEquals(l1.nextRules().blobs?.maxBlobs, 15n);
    await l1.mine();
  }
  // Frontier is over with the first block, and London begins merged: nobody works here.
  assertEquals(FORK_NAMES.filter((fork) => !seen.has(fork)), ["frontier", "london"]);
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test({
  name: `importChain() comes to the published head of Ethereum's RPC tests${note}`,
  ignore: isAbsent,
  fn: async () => {
    const genesis = await Deno.readTextFile(`${VECTORS}/genesis.json`);
    const chain = await Deno.readFile(`${VECTORS}/chain.rlp`);
    using kv = await Deno.openKv(":memory:");
    await using l1 = await open(kv, genesis, chain);
    assertEquals<string>(await hashOfHead(l1), VECTOR_HEAD);
    assertEquals(await l1.numberOf("latest"), 54n);
  },
});
