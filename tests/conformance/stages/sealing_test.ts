/** What counters do to blocks and batches: the four resolutions, admission, and traps. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { renderAny } from "../../../cli/views.ts";
import { BLOCK_OVERHEAD, RESOURCES, type SealLimits } from "../../../core/batching/seal_policy.ts";
import type { LocalEngine } from "../../../core/engine/local_engine.ts";
import { buildBlock } from "../../../core/pipeline/stages/build_block.ts";
import { sealBatch } from "../../../core/pipeline/stages/seal_batch.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { address, type Hash32, hexToBytes, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { type LogFields, silentLog } from "../../../core/primitives/ports.ts";
import { requireBatch } from "../../../core/store/batches.ts";
import { readBlob } from "../../../core/store/blob.ts";
import { requireBlock } from "../../../core/store/blocks.ts";
import { POOL, TRAPPED_TXS } from "../../../core/store/schema.ts";
import { requireRow } from "../../../core/store/table.ts";
import { createWasmExecutor } from "../../../core/vm/host/wasm_executor.ts";
import { checkHistory } from "../../simulation/checks.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld, type World } from "../../simulation/world.ts";
import { type Disguise, disguise } from "./metered_executor.ts";

const RECIPIENT = address(`0x${"42".repeat(20)}`);
/** With it as its only byte of calldata a transaction breaks the program. */
const TRAP = 255;
/** A batch holds 100 permutations, a transaction 94. */
const LIMITS: Partial<SealLimits> = { maxBatchKeccaks: 100 };
const DISGUISE: Disguise = {
  keccaksOf: (data) => data[0] ?? 0,
  traps: (data) => data[0] === TRAP,
};

interface TestWorld extends AsyncDisposable {
  readonly world: World;
  readonly lines: { readonly level: string; readonly text: string; readonly fields: LogFields }[];
  readonly calls: { count: number };
}

async function openMeteredWorld(sealLimits: Partial<SealLimits> = LIMITS): Promise<TestWorld> {
  const lines: TestWorld["lines"] = [];
  const calls = { count: 0 };
  const write = (level: string) => (text: string, fields: LogFields = {}) => {
    lines.push({ level, text, fields });
  };
  const world = await openWorld({
    sealLimits,
    log: { ...silentLog, warn: write("warn"), error: write("error") },
    wrapExecutor: (executor) =>
      disguise(executor, {
        ...DISGUISE,
        onCall: () => {
          calls.count++;
        },
      }),
  });
  return { world, lines, calls, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

/** A transaction of user `from` that uses `keccaks`; a later one pays less, so the order is theirs. */
function tx(from: number, keccaks: number, nonce = 0n): Uint8Array {
  return signedBy(user(from), {
    nonce,
    to: RECIPIENT,
    valueWei: 1n,
    data: Uint8Array.of(keccaks),
    maxPriorityFeePerGasWei: 1_000_000_000n - BigInt(from) * 1_000_000n,
  });
}

async function send(engine: LocalEngine, ...raws: Uint8Array[]): Promise<Hash32[]> {
  const hashes: Hash32[] = [];
  for (const raw of raws) hashes.push((await engine.sendTransaction(raw)).transactionHash);
  return hashes;
}

/** Hashes by block, from block 1 on. */
async function blocksOf(engine: LocalEngine): Promise<Hash32[][]> {
  const { node } = engine;
  const blocks: Hash32[][] = [];
  for (let number = 1n; number <= node.tip.get().header.number; number++) {
    const { transactions } = await requireBlock(node.kv, number);
    blocks.push(transactions.map(({ hash }) => hash));
  }
  return blocks;
}

/** `[first block, last block, reason]` of each batch that limits alone have closed. */
async function sealDue(engine: LocalEngine): Promise<(readonly [bigint, bigint, string])[]> {
  const batches: (readonly [bigint, bigint, string])[] = [];
  for (;;) {
    const outcome = await sealBatch.step(engine.node);
    if (outcome.kind !== "done") return batches;
    const { firstBlock, lastBlock, sealReason } = await requireBatch(
      engine.node.kv,
      outcome.number,
    );
    batches.push([firstBlock, lastBlock, sealReason]);
  }
}

async function keysOf(engine: LocalEngine, table: { readonly name: string }) {
  const keys: string[] = [];
  for await (const { key } of engine.node.kv.list({ prefix: [table.name] })) {
    if (key[1] instanceof Uint8Array) keys.push(`0x${key[1].toHex()}`);
  }
  return keys;
}

Deno.test("buildBlock includes what brings the batch near a limit and closes block and batch", async () => {
  await using test = await openMeteredWorld();
  const engine = await test.world.engine();
  const [a, b, c] = await send(engine, tx(0, 50), tx(1, 45), tx(2, 1));
  await engine.buildBlocks();
  assertEquals(await blocksOf(engine), [[a, b], [c]]);
  assertEquals(await sealDue(engine), [[1n, 1n, "keccak-f"]]);
  await checkHistory(engine, disguise(createWasmExecutor(), DISGUISE));
});

Deno.test("buildBlock takes back what passes a limit; it is the first of the next batch", async () => {
  await using test = await openMeteredWorld();
  const engine = await test.world.engine();
  const [a, b, c] = await send(engine, tx(0, 50), tx(1, 60), tx(2, 30));
  assertEquals((await buildBlock.step(engine.node)).kind, "done");
  assertEquals(await blocksOf(engine), [[a]]);
  assertEquals(engine.node.pool.entries().map(({ hash }) => hash), [b, c]);
  await engine.buildBlocks();
  assertEquals(await blocksOf(engine), [[a], [b, c]]);
  assertEquals(await sealDue(engine), [[1n, 1n, "keccak-f"]]);
  const { receipts } = await requireBlock(engine.node.kv, 2n);
  assertEquals(receipts.map(({ success }) => success), [true, true]);
  await checkHistory(engine, disguise(createWasmExecutor(), DISGUISE));
});

Deno.test("buildBlock starts the next batch with a block that is empty when the limit is passed", async () => {
  await using test = await openMeteredWorld();
  const engine = await test.world.engine();
  const [a] = await send(engine, tx(0, 60));
  await engine.buildBlocks();
  assertEquals(await sealDue(engine), []);
  const [b, c] = await send(engine, tx(1, 70), tx(2, 20));
  await engine.buildBlocks();
  assertEquals(await blocksOf(engine), [[a], [b, c]]);
  // 60 and 90 do not fit together; 90 leaves room for 4 more.
  assertEquals(await sealDue(engine), [[1n, 1n, "keccak-f"]]);
  const [d] = await send(engine, tx(3, 5));
  await engine.buildBlocks();
  assertEquals((await blocksOf(engine))[2], [d]);
  assertEquals(await sealDue(engine), [[2n, 3n, "keccak-f"]]);
});

Deno.test("buildBlock counts the unsealed blocks of an earlier process", async () => {
  await using test = await openMeteredWorld();
  await send(await test.world.engine(), tx(0, 60));
  await (await test.world.engine()).buildBlocks();
  test.world.restart();
  const engine = await test.world.engine();
  const [, c] = await send(engine, tx(1, 30), tx(2, 20));
  await engine.buildBlocks();
  assertEquals((await blocksOf(engine)).map(({ length }) => length), [1, 1, 1]);
  assertEquals((await blocksOf(engine))[2], [c]);
  assertEquals(await sealDue(engine), [[1n, 2n, "keccak-f"]]);
});

Deno.test("buildBlock drops what no batch can hold, with the limit's name, and goes on", async () => {
  await using test = await openMeteredWorld();
  const engine = await test.world.engine();
  // Its nonce is not the next one, so admission cannot run it.
  const [a, b, c] = await send(engine, tx(0, 10), tx(0, 95, 1n), tx(1, 20));
  await engine.buildBlocks();
  assertEquals(await blocksOf(engine), [[a, c]]);
  assertEquals([engine.node.pool.size(), await keysOf(engine, POOL)], [0, []]);
  const [line] = test.lines;
  assertEquals([test.lines.length, line?.level, line?.fields], [1, "warn", {
    hash: b,
    limit: "maxBatchKeccaks",
    used: 95,
    max: 94,
  }]);
  // Sent again it is refused with the reason, as it could run now.
  const error = await assertRejects(() => engine.sendTransaction(tx(0, 95, 1n)), RollupError);
  assertEquals(error.code, "TX_EXCEEDS_LIMIT");
  await checkHistory(engine, disguise(createWasmExecutor(), DISGUISE));
});

Deno.test("admitToPool() refuses what exceeds a limit alone, and leaves no trace of it", async () => {
  await using test = await openMeteredWorld();
  const engine = await test.world.engine();
  const [kept] = await send(engine, tx(0, 94));
  const error = await assertRejects(() => engine.sendTransaction(tx(1, 95)), RollupError);
  assertEquals(error.code, "TX_EXCEEDS_LIMIT");
  assertEquals(error.details, { limit: "maxBatchKeccaks", used: 95, max: 94 });
  assertStringIncludes(error.message, "maxBatchKeccaks");
  // Neither does a replacement take the place of what it would replace.
  const dear = signedBy(user(0), {
    nonce: 0n,
    to: RECIPIENT,
    data: Uint8Array.of(95),
    maxFeePerGasWei: 9_000_000_000n,
    maxPriorityFeePerGasWei: 2_000_000_000n,
  });
  const replacing = await assertRejects(() => engine.sendTransaction(dear), RollupError);
  assertEquals(replacing.code, "TX_EXCEEDS_LIMIT");
  assertEquals(engine.node.pool.entries().map(({ hash }) => hash), [kept]);
  assertEquals(await keysOf(engine, POOL), [kept]);
});

Deno.test("admitToPool() runs nothing whose gas cannot buy as much as a limit", async () => {
  await using byDefault = await openMeteredWorld({});
  const engine = await byDefault.world.engine();
  const most = { gasLimit: 16_777_216n, maxFeePerGasWei: 4_000_000_000n };
  await send(engine, signedBy(user(0), { nonce: 0n, to: RECIPIENT, ...most }));
  assertEquals(byDefault.calls.count, 0);
  await using bounded = await openMeteredWorld({ maxBatchKeccaks: 10_000 });
  const other = await bounded.world.engine();
  const plain = { nonce: 0n, to: RECIPIENT, gasLimit: 25_000n };
  await send(other, signedBy(user(0), plain));
  assertEquals(bounded.calls.count, 0);
  await send(other, signedBy(user(1), { ...plain, gasLimit: 300_000n }));
  assertEquals(bounded.calls.count, 1);
});

Deno.test("buildBlock sets aside what breaks the program, with its bytes, and goes on", async () => {
  await using test = await openMeteredWorld({});
  const engine = await test.world.engine();
  const raw = tx(1, TRAP);
  const [a, b, next, c] = await send(engine, tx(0, 1), raw, tx(1, 1, 1n), tx(2, 1));
  await engine.buildBlocks();
  assertEquals(await blocksOf(engine), [[a, c]]);
  // What follows it waits for its nonce.
  assertEquals(await keysOf(engine, POOL), [next]);
  assertEquals(engine.node.pool.entries().map(({ hash }) => hash), [next]);
  assertEquals(await keysOf(engine, TRAPPED_TXS), [b]);
  const row = await requireRow(engine.node.kv, TRAPPED_TXS, [hexToBytes(b ?? "0x")]);
  assertEquals(await readBlob(engine.node.kv, row.rawBlob), raw);
  assertEquals([row.sender, row.blockNumber, row.fault], [
    user(1).address,
    1n,
    "unreachable (fault 7)",
  ]);
  assertEquals(row.programHash, engine.node.executor.programHash);
  const [line] = test.lines;
  assertEquals([test.lines.length, line?.level, line?.fields["table"]], [
    1,
    "error",
    "trapped_txs",
  ]);
  const shown = await engine.inspect({ kind: "tx", hash: b ?? ZERO_HASH });
  assertEquals(Reflect.get(Object(shown), "status"), "set aside");
  await engine.sealBatch();
  await engine.prove();
  await checkHistory(engine, disguise(createWasmExecutor(), DISGUISE));
});

Deno.test("buildBlock sets aside the only transaction that waits, and is idle", async () => {
  await using test = await openMeteredWorld({});
  const engine = await test.world.engine();
  const [hash] = await send(engine, tx(0, TRAP));
  assertEquals(await buildBlock.step(engine.node), { kind: "idle" });
  assertEquals([await keysOf(engine, POOL), await keysOf(engine, TRAPPED_TXS)], [[], [hash]]);
  test.world.restart();
  const reopened = await test.world.engine();
  assertEquals(reopened.node.pool.size(), 0);
  // The nonce is free for another transaction.
  const [other] = await send(reopened, tx(0, 1));
  await reopened.buildBlocks();
  assertEquals(await blocksOf(reopened), [[other]]);
});

Deno.test("admitToPool() sets aside what breaks the program before it is admitted", async () => {
  await using test = await openMeteredWorld();
  const engine = await test.world.engine();
  const error = await assertRejects(() => engine.sendTransaction(tx(0, TRAP)), RollupError);
  assertEquals(error.code, "PROGRAM_TRAPPED");
  assertStringIncludes(error.mend, "trapped_txs");
  assertEquals([engine.node.pool.size(), (await keysOf(engine, TRAPPED_TXS)).length], [0, 1]);
  assertEquals(await keysOf(engine, POOL), []);
  assertEquals(test.lines.map(({ level }) => level), ["error"]);
});

Deno.test("inspect() shows counters against limits, the seal reason and the program hash, gas and refunds", async () => {
  await using test = await openMeteredWorld();
  const engine = await test.world.engine();
  const [hash] = await send(engine, tx(0, 94));
  await send(engine, tx(1, 5));
  await engine.buildBlocks();
  assertEquals(await sealDue(engine), [[1n, 1n, "keccak-f"]]);
  const batch = await engine.inspect({ kind: "batch", batch: 1 });
  const field = (view: unknown, name: string): unknown => Reflect.get(Object(view), name);
  assertEquals(field(batch, "sealReason"), "keccak-f");
  assertEquals(field(batch, "programHash"), engine.node.executor.programHash);
  const shown = field(batch, "counters");
  const rows: readonly unknown[] = Array.isArray(shown) ? shown : [];
  assertEquals(rows.map((row) => field(row, "counter")), RESOURCES.map(({ reason }) => reason));
  assertEquals(rows.find((row) => field(row, "counter") === "keccak-f"), {
    counter: "keccak-f",
    used: 99,
    limit: 100,
  });
  assertMatch(renderAny(batch), /\bkeccak-f +100 +99\n/);

  const included = await engine.inspect({ kind: "tx", hash: hash ?? ZERO_HASH });
  const { usages: [usage], receipts: [receipt] } = await requireBlock(engine.node.kv, 1n);
  assertEquals(
    ["gasUsed", "evmGasUsed", "pubdataGas", "pubdataBytes", "evmRefundGas", "storageRefundGas"]
      .map((name) => field(included, name)),
    [
      Number(receipt?.gasUsed),
      Number(usage?.evmGasUsed),
      Number(usage?.pubdataGas),
      usage?.pubdataBytes,
      Number(usage?.refundGas),
      usage?.storageRefundGas,
    ],
  );
  assertMatch(renderAny(included), /\npubdata bytes +[1-9]\d*\n/);
});

Deno.test("BLOCK_OVERHEAD covers what a block without transactions counts", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  for (let block = 0; block < 3; block++) {
    const { counters } = await requireBlock(engine.node.kv, await engine.mineBlock());
    assertEquals([counters.blockCount, counters.txCount], [1, 0]);
    for (const { counter } of RESOURCES) {
      assert(counters[counter] <= BLOCK_OVERHEAD[counter], `${counter}: ${counters[counter]}`);
    }
  }
});

Deno.test("sealBatch stores the sum of what its blocks used, which hold what each transaction used", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  // Stores 7 in slot 0 of the created contract and leaves the code 0x00.
  const data = hexToBytes("0x60075f5560015ff3");
  await send(engine, signedBy(user(0), { nonce: 0n, data }), tx(1, 1));
  await engine.buildBlocks();
  await send(engine, signedBy(user(2), { nonce: 0n, data }));
  const { batchNumber } = await engine.sealBatch();
  const { node } = engine;
  const batch = await requireBatch(node.kv, BigInt(batchNumber));
  const [first, second] = [await requireBlock(node.kv, 1n), await requireBlock(node.kv, 2n)];
  for (const block of [first, second]) {
    assertEquals(block.usages.length, block.transactions.length);
    for (const [index, usage] of block.usages.entries()) {
      const gasUsed = block.receipts[index]?.gasUsed;
      assertEquals([usage.evmGasUsed + usage.pubdataGas, usage.counters.gasUsed], [
        gasUsed,
        gasUsed,
      ]);
    }
    assertEquals(block.counters.gasUsed, block.header.gasUsed);
    assertEquals(block.counters.txCount, block.transactions.length);
  }
  for (const counter of ["stepCount", "storageWriteCount", "pubdataBytes", "txCount"] as const) {
    assert(batch.counters[counter] > 0, counter);
    assertEquals(batch.counters[counter], first.counters[counter] + second.counters[counter]);
  }
  // Six opcodes for each creation.
  assertEquals(batch.counters.stepCount, 12);
  assertEquals(batch.counters.blockCount, 2);
});

Deno.test("admitToPool() refuses a gas limit that pays for the EVM alone", async () => {
  await using metered = await openMeteredWorld({});
  const engine = await metered.world.engine();
  const gasPerPubdata = engine.node.config.gasPerPubdata;
  const plain = { nonce: 0n, to: RECIPIENT };
  for (const gasLimit of [21_000n, 21_000n + 6n * gasPerPubdata - 1n]) {
    const error = await assertRejects(
      () => send(engine, signedBy(user(0), { ...plain, gasLimit })),
      RollupError,
    );
    assertEquals(error.code, "POOL_PUBDATA_GAS");
  }
  await send(engine, signedBy(user(0), { ...plain, gasLimit: 21_000n + 6n * gasPerPubdata }));
});
