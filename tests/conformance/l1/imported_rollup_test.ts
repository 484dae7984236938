/** A rollup stands on somebody else's chain, or says what that chain lacks. */
import { assertEquals, assertRejects } from "@std/assert";
import { joinBytes } from "../../../core/primitives/bytes.ts";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { createVirtualClock, silentLog } from "../../../core/primitives/ports.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import { encodeChainBlock } from "../../../devnet/chain_block.ts";
import { openEmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { openRollup, type Rollup } from "../../../devnet/rollup.ts";
import { l2Tx } from "../proving/l2_txs.ts";
import { devAccount, signedBy } from "./testing.ts";

const CHAIN_ID = 3_503_995_874_084_926;
const LONDON_KEYS = ["homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople"]
  .concat("petersburg", "istanbul", "berlin", "london");
const CONFIG = {
  chainId: CHAIN_ID,
  ...Object.fromEntries(LONDON_KEYS.map((fork) => [`${fork}Block`, 0])),
  terminalTotalDifficulty: 0,
  shanghaiTime: 0,
  cancunTime: 0,
};
const GENESIS = {
  config: CONFIG,
  difficulty: "0x0",
  gasLimit: "0x1c9c380",
  alloc: { [devAccount(0).address]: { balance: "1000000000000000000000" } },
};

/** Two blocks that follow `GENESIS`. */
async function exportChain(): Promise<Uint8Array> {
  using kv = await Deno.openKv(":memory:");
  await using l1 = await openEmbeddedL1({
    kv,
    clock: createVirtualClock(1_000n),
    genesis: { geth: JSON.stringify(GENESIS) },
    mining: "automine",
    log: silentLog,
  });
  const blocks: Uint8Array[] = [];
  for (let nonce = 0n; nonce < 2n; nonce++) {
    await l1.sendRawTransaction(signedBy(devAccount(0), { nonce, chainId: BigInt(CHAIN_ID) }));
    const block = await l1.block(nonce + 1n);
    assert(block !== undefined, "a block is mined at once");
    blocks.push(encodeChainBlock(block));
  }
  return joinBytes(blocks);
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes.slice()]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(stream).bytes();
}

interface Files {
  readonly genesis?: unknown;
  readonly chain?: Uint8Array;
}

/** Opens the folder `root`/data; with `files`, on what they hold. */
async function open(root: string, files?: Files): Promise<Rollup> {
  const options = { clock: "virtual", log: silentLog, automine: false } as const;
  const dataDir = `${root}/data`;
  if (files === undefined) return await openRollup({ ...options, dataDir });
  const genesisFile = `${root}/genesis.json`;
  await Deno.writeTextFile(genesisFile, JSON.stringify(files.genesis ?? GENESIS));
  if (files.chain === undefined) {
    return await openRollup({ ...options, dataDir, l1Import: { genesisFile } });
  }
  const chainFile = `${root}/chain.rlp`;
  await Deno.writeFile(chainFile, files.chain);
  return await openRollup({ ...options, dataDir, l1Import: { genesisFile, chainFile } });
}

async function withFolder(test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("openRollup() has a batch verified on an imported chain, and goes on with its folder", async () => {
  await withFolder(async (root) => {
    const chain = await gzip(await exportChain());
    const first = await open(root, { chain });
    assertEquals(first.l1.chainId, BigInt(CHAIN_ID));
    assertEquals(await first.l1.nonce(devAccount(0).address, 2n), 2n);
    await first.engine.sendTransaction(l2Tx(0, { nonce: 0n }));
    await first.engine.sealBatch();
    await first.engine.submit();
    await first.engine.prove();
    await first.engine.submit();
    await first.engine.sync();
    assertEquals((await first.engine.heads()).verified, 1);
    const head = await first.l1.numberOf("latest");
    await first.engine[Symbol.asyncDispose]();
    // The folder knows its genesis; files of the same chain say nothing new.
    for (const files of [undefined, {}, { chain }]) {
      const again = await open(root, files);
      assertEquals(await again.l1.numberOf("latest"), head);
      await again.engine[Symbol.asyncDispose]();
    }
    const other = { ...GENESIS, gasLimit: "0x1c9c381" };
    const error = await assertRejects(() => open(root, { genesis: other }), RollupError);
    assertEquals(error.code, "L1_GENESIS_MISMATCH");
  });
});

Deno.test("openRollup() goes on from the whole blocks of a chain that was cut", async () => {
  await withFolder(async (root) => {
    const chain = await exportChain();
    const cut = chain.subarray(0, -1);
    const error = await assertRejects(() => open(root, { chain: cut }), RollupError);
    assertEquals(error.code, "L1_IMPORT_MALFORMED");
    const rollup = await open(root, { chain });
    assertEquals(await rollup.l1.nonce(devAccount(0).address, 2n), 2n);
    await rollup.engine[Symbol.asyncDispose]();
  });
});

Deno.test("openRollup() says what an imported chain lacks", async () => {
  const { cancunTime: _cancun, ...shanghai } = CONFIG;
  const deployer = DEVNET_ROLES.deployer.address;
  const cases: readonly (readonly [code: string, genesis: unknown])[] = [
    ["L1_FORK_TOO_OLD", { ...GENESIS, config: shanghai }],
    ["L1_GAS_LIMIT_TOO_LOW", { ...GENESIS, gasLimit: "4712388" }],
    ["L1_DEPLOYER_USED", { ...GENESIS, alloc: { [deployer]: { balance: "1", nonce: "0x5" } } }],
  ];
  for (const [code, genesis] of cases) {
    await withFolder(async (root) => {
      const error = await assertRejects(() => open(root, { genesis }), RollupError);
      assertEquals(error.code, code, error.message);
    });
  }
});

Deno.test("openRollup() gives ether to the devnet's accounts that own too little on an imported chain", async () => {
  await withFolder(async (root) => {
    const { deployer, sequencer } = DEVNET_ROLES;
    const alloc = { ...GENESIS.alloc, [deployer.address]: { balance: "1" } };
    const { l1, engine } = await open(root, { genesis: { ...GENESIS, alloc } });
    assertEquals(await l1.balance(devAccount(0).address, 1n), 1_000n * 10n ** 18n);
    for (const { address } of [devAccount(1), deployer, sequencer]) {
      assertEquals(await l1.balance(address, 1n), 10_000n * 10n ** 18n);
    }
    await engine[Symbol.asyncDispose]();
  });
});

Deno.test("openRollup() names a file that it cannot read", async () => {
  await withFolder(async (root) => {
    const cut = (await gzip(await exportChain())).subarray(0, 40);
    const error = await assertRejects(() => open(root, { chain: cut }), RollupError);
    assertEquals(error.code, "L1_IMPORT_UNREADABLE");
  });
});
