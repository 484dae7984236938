/**
 * A trap of the program while a block is made: the transaction fails with a code of its own, and
 * the block goes on as if it had never been offered. The trap is a natural one: the storage gives
 * other code than the hash names.
 */
import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { type Address, type Hash32, hexToBytes } from "../../../core/primitives/hex.ts";
import { headerHash } from "../../../core/types/block.ts";
import type { ChainConfig } from "../../../core/types/genesis.ts";
import { FAULT_CODE_MISMATCH } from "../../../core/vm/assembly/layout.ts";
import { nextEnvironment } from "../../../core/vm/block_environment.ts";
import { executeBlock, executePlannedBlock, openBlock } from "../../../core/vm/block_transition.ts";
import type { ExecutableTx, Executor, StoragePort } from "../../../core/vm/executor.ts";
import { createWasmExecutor } from "../../../core/vm/host/wasm_executor.ts";
import { assemble, deploy } from "./assemble.ts";
import {
  contractAddress,
  createDraw,
  randomContracts,
  randomTransaction,
} from "./random_programs.ts";
import {
  createTestChain,
  ETHER,
  TARGET,
  testAddress,
  testCall,
  type TestChain,
  testConfig,
  testTx,
} from "./world.ts";

/** Counts in slot 0 and logs. */
const GOOD = assemble("0 SLOAD 1 ADD 0 SSTORE 0 0 LOG0");
const BAD_ADDRESS: Address = contractAddress(9);
const CONFIG = testConfig([
  { nonce: 1n, code: GOOD },
  { address: BAD_ADDRESS, nonce: 1n, code: assemble("7 SLOAD POP 1 7 SSTORE") },
], { gasPerPubdata: 2n });

/** Storage around another one, whose reads may lie, fail or take their time. */
interface Fragile {
  readonly port: StoragePort;
  /** What happens to the code with this hash. */
  fail: "no" | "lie" | "throw" | "reject";
}

function fragile(chain: TestChain, hash: Hash32, isSlow: boolean): Fragile {
  const { storage } = chain;
  const later = <Value>(value: Value): Value | Promise<Value> =>
    isSlow ? Promise.resolve().then(() => value) : value;
  const fragile: Fragile = {
    fail: "no",
    port: {
      readSlot: (owner, slot) => later(storage.readSlot(owner, slot)),
      isWritten: (owner, slot) => later(storage.isWritten(owner, slot)),
      readCode: (codeHash) => {
        if (codeHash !== hash || fragile.fail === "no") return later(storage.readCode(codeHash));
        if (fragile.fail === "lie") return later(Uint8Array.of(0));
        if (fragile.fail === "reject") return Promise.reject(new Error("the disk is gone"));
        throw new Error("the disk is gone");
      },
    },
  };
  return fragile;
}

function open(executor: Executor, chain: TestChain, storage: StoragePort) {
  const timestampSec = chain.head().timestampSec + 2n;
  return { executor, storage, config: chain.config, parent: chain.head(), timestampSec };
}

/** Asserts that `action` ends as a trap for the code. */
async function assertTraps(action: () => Promise<unknown>): Promise<void> {
  const error = await assertRejects(action, RollupError);
  assertEquals(error.code, "PROGRAM_TRAPPED");
  assertEquals(error.details["fault"], FAULT_CODE_MISMATCH);
  assert(error.cause instanceof WebAssembly.RuntimeError, "the trap itself is the cause");
}

/** The block of `transactions` alone, in an executor that never saw a trap. */
async function expectedBlock(config: ChainConfig, transactions: readonly ExecutableTx[]) {
  const executor = createWasmExecutor();
  const chain = createTestChain(executor, config);
  return await executeBlock({ ...open(executor, chain, chain.storage), transactions });
}

const create = { to: undefined, data: hexToBytes(deploy(assemble("STOP"))) };
const bad = (from: number, nonce: bigint) =>
  testTx(from, nonce, { to: BAD_ADDRESS, valueWei: ETHER });
const KEPT = [testTx(0, 0n), testTx(1, 0n, create), testTx(0, 1n), testTx(2, 0n)];

for (const isSlow of [false, true]) {
  const speed = isSlow ? "slow" : "fast";

  Deno.test(`run() sets a trap aside at any place of a block, ${speed} storage`, async () => {
    const executor = createWasmExecutor();
    const expected = await expectedBlock(CONFIG, KEPT);
    for (let place = 0; place <= KEPT.length; place++) {
      const chain = createTestChain(executor, CONFIG);
      const storage = fragile(chain, chain.codeHash(BAD_ADDRESS), isSlow);
      storage.fail = "lie";
      const block = await openBlock(open(executor, chain, storage.port));
      for (const [index, tx] of KEPT.entries()) {
        if (index === place) {
          const before = { counters: block.counters(), gasLeft: block.gasLeft() };
          await assertTraps(() => block.run(bad(3, 0n)));
          await assertTraps(() => block.run(bad(0, index > 2 ? 2n : index > 0 ? 1n : 0n)));
          assertEquals({ counters: block.counters(), gasLeft: block.gasLeft() }, before);
        }
        await block.run(tx);
      }
      if (place === KEPT.length) await assertTraps(() => block.run(bad(0, 2n)));
      assertEquals(await block.close(), expected, `place ${place}`);
    }
  });

  Deno.test(`executePlannedBlock() skips what traps, ${speed} storage`, async () => {
    const executor = createWasmExecutor();
    const expected = await expectedBlock(CONFIG, KEPT);
    for (let place = 0; place <= KEPT.length; place++) {
      for (const operationCount of [0, 2, KEPT.length]) {
        const chain = createTestChain(executor, CONFIG);
        const storage = fragile(chain, chain.codeHash(BAD_ADDRESS), isSlow);
        storage.fail = "lie";
        const { timestampSec, ...start } = open(executor, chain, storage.port);
        const traps = [bad(3, 0n), bad(3, 0n)];
        const offered = [...KEPT.slice(0, place), ...traps, ...KEPT.slice(place)];
        const planned = {
          timestampSec,
          operations: offered.slice(0, operationCount),
          transactions: offered.slice(operationCount),
        };
        const { result, included, operationTxCount } = await executePlannedBlock({
          ...start,
          block: planned,
        });
        const what = `place ${place}, ${operationCount} operations`;
        assertEquals(result, expected, what);
        assertEquals(included, KEPT, what);
        const kept = planned.operations.filter((tx) => !traps.includes(tx));
        assertEquals(operationTxCount, kept.length, what);
      }
    }
  });

  Deno.test(`executePlannedBlock() does not skip over a storage that fails, ${speed} storage`, async () => {
    const executor = createWasmExecutor();
    for (const fail of ["throw", "reject"] as const) {
      const chain = createTestChain(executor, CONFIG);
      const storage = fragile(chain, chain.codeHash(BAD_ADDRESS), isSlow);
      storage.fail = fail;
      const { timestampSec, ...start } = open(executor, chain, storage.port);
      const block = { timestampSec, operations: [bad(3, 0n)], transactions: KEPT };
      const run = () => executePlannedBlock({ ...start, block });
      await assertRejects(run, Error, "the disk is gone");
    }
  });

  Deno.test(`run() goes on when the storage works again, ${speed} storage`, async () => {
    const executor = createWasmExecutor();
    const expected = await expectedBlock(CONFIG, [testTx(0, 0n), bad(3, 0n), testTx(0, 1n)]);
    for (const fail of ["lie", "throw", "reject"] as const) {
      const chain = createTestChain(executor, CONFIG);
      const storage = fragile(chain, chain.codeHash(BAD_ADDRESS), isSlow);
      const block = await openBlock(open(executor, chain, storage.port));
      await block.run(testTx(0, 0n));
      storage.fail = fail;
      // The same instance may know the code of an earlier round; a fresh one asks.
      const known = createWasmExecutor();
      const other = await openBlock(open(known, chain, storage.port));
      if (fail === "lie") await assertTraps(() => other.run(bad(3, 0n)));
      else await assertRejects(() => other.run(bad(3, 0n)), Error, "the disk is gone");
      storage.fail = "no";
      await block.run(bad(3, 0n));
      await block.run(testTx(0, 1n));
      assertEquals(await block.close(), expected);
      await other.run(testTx(0, 0n));
      await other.run(bad(3, 0n));
      await other.run(testTx(0, 1n));
      assertEquals(await other.close(), expected);
    }
  });

  Deno.test(`run() lets a storage's own error pass and goes on, ${speed} storage`, async () => {
    const expected = await expectedBlock(CONFIG, KEPT);
    for (const fail of ["throw", "reject"] as const) {
      const executor = createWasmExecutor();
      const chain = createTestChain(executor, CONFIG);
      const storage = fragile(chain, chain.codeHash(BAD_ADDRESS), isSlow);
      storage.fail = fail;
      const block = await openBlock(open(executor, chain, storage.port));
      for (const tx of KEPT) {
        const error = await assertRejects(() => block.run(bad(3, 0n)), Error, "the disk is gone");
        assertEquals(error instanceof RollupError, false);
        await block.run(tx);
      }
      assertEquals(await block.close(), expected);
    }
  });

  Deno.test(`call() traps with the code and the next one is right, ${speed} storage`, async () => {
    const executor = createWasmExecutor();
    const chain = createTestChain(executor, CONFIG);
    const storage = fragile(chain, chain.codeHash(BAD_ADDRESS), isSlow);
    const parent = chain.head();
    const environment = nextEnvironment({
      config: chain.config,
      parent,
      parentHash: headerHash(parent),
      timestampSec: parent.timestampSec + 1n,
    });
    const request = (to: Address) => testCall({ to, from: testAddress(4) });
    const call = (to: Address) => executor.call(environment, storage.port, request(to));
    const block = await openBlock(open(executor, chain, storage.port));
    await block.run(testTx(0, 0n));
    for (let round = 0; round < 6; round++) {
      storage.fail = "lie";
      await assertTraps(() => call(BAD_ADDRESS));
      storage.fail = "reject";
      await assertRejects(() => call(BAD_ADDRESS), Error, "the disk is gone");
      const good = await call(TARGET);
      assertEquals([good.success, good.logs().length], [true, 1]);
    }
    storage.fail = "no";
    assertEquals((await call(BAD_ADDRESS)).success, true);
    // A block that was open meanwhile is not touched.
    assertEquals(await block.close(), await expectedBlock(CONFIG, [testTx(0, 0n)]));
  });
}

Deno.test("run() after a trap takes back what came last before it no more, but later ones", async () => {
  const executor = createWasmExecutor();
  const chain = createTestChain(executor, CONFIG);
  const storage = fragile(chain, chain.codeHash(BAD_ADDRESS), true);
  storage.fail = "lie";
  const block = await openBlock(open(executor, chain, storage.port));
  await block.run(testTx(0, 0n));
  await block.run(testTx(1, 0n, create));
  block.undoLast();
  await assertTraps(() => block.run(bad(3, 0n)));
  await block.run(testTx(1, 0n, { valueWei: 5n }));
  block.undoLast();
  await assertTraps(() => block.run(bad(1, 0n)));
  await block.run(testTx(2, 0n));
  const expected = await expectedBlock(CONFIG, [testTx(0, 0n), testTx(2, 0n)]);
  assertEquals(await block.close(), expected);
});

const SEED_COUNT = 60;

Deno.test(`run() sets random traps aside, seeds 0 to ${SEED_COUNT - 1}`, async () => {
  let traps = 0;
  let kept = 0;
  for (let seed = 0; seed < SEED_COUNT; seed++) {
    const draw = createDraw(seed + 9_000);
    const config = testConfig(randomContracts(draw), { gasPerPubdata: BigInt(draw.below(3)) });
    // Instances that know the contracts already would not ask.
    const executor = createWasmExecutor();
    const chain = createTestChain(executor, config);
    const hash = chain.codeHash(contractAddress(1 + draw.below(3)));
    const storage = fragile(chain, hash, draw.chance(50));
    storage.fail = "lie";
    const block = await openBlock(open(executor, chain, storage.port));
    const nonces = [0n, 0n, 0n];
    const offered: ExecutableTx[] = [];
    for (let count = 0; count < 8; count++) {
      const from = draw.below(nonces.length);
      const tx = randomTransaction(draw, from, nonces[from] ?? 0n);
      try {
        const outcome = await block.run(tx);
        offered.push(tx);
        if (outcome.kind === "included") nonces[from] = (nonces[from] ?? 0n) + 1n;
      } catch (error) {
        assert(error instanceof RollupError && error.code === "PROGRAM_TRAPPED", String(error));
        traps++;
      }
    }
    kept += offered.length;
    assertEquals(await block.close(), await expectedBlock(config, offered), `seed ${seed}`);
  }
  assertGreater(traps, 20);
  assertGreater(kept, SEED_COUNT);
});
