/**
 * Snapshots and what takes blocks back, on a real devnet: both layers, one clock, one history.
 *
 * Owns what is there again afterwards. Does not own the other commands (`dev_methods_test.ts`).
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { field } from "../../../devnet/rpc/testing/method_cases.ts";
import {
  ALICE,
  balanceOf,
  BOB,
  NOBODY,
  numberOf,
  refusalOf,
  seal,
  send,
  timeOf,
  withDevnet,
} from "./dev_steps.ts";
import { copyDuring } from "./folder_copies.ts";
import { openDevnet, type Port } from "./open_devnet.ts";

Deno.test("evm_revert takes both layers, the clock and the pools back, and ends later ids", async () => {
  await withDevnet({}, async ({ l1, l2 }) => {
    await send(l2, NOBODY, "0x5");
    // The driver has nothing left to send then, before the snapshot and after it.
    await bringHome(l2);
    await l1("anvil_setBalance", [NOBODY, "0x9"]);
    await l1("evm_setAutomine", [false]);
    const waiting = await send(l1, BOB, "0x3");
    const present = async () => ({
      numbers: [await numberOf(l1), await numberOf(l2)],
      hashes: [
        field(await l1("eth_getBlockByNumber", ["latest", false]), "hash"),
        field(await l2("eth_getBlockByNumber", ["latest", false]), "hash"),
      ],
      balances: [await balanceOf(l1, NOBODY), await balanceOf(l2, NOBODY)],
      pool: await l1("txpool_status"),
      isAutomine: await l1("anvil_getAutomine"),
    });
    const id = await l1("evm_snapshot");
    const then = await present();
    const laterId = await l2("evm_snapshot");
    await l1("evm_increaseTime", [86_400]);
    await l1("evm_setAutomine", [true]);
    await send(l2, NOBODY, "0x7");
    await seal(l2);
    await l2("varve_submit");
    await l1("anvil_setBalance", [NOBODY, "0x0"]);
    assertNotEquals(await present(), then);
    assertEquals(await l2("evm_revert", [id]), true);
    assertEquals(await present(), then);
    for (const used of [id, laterId, "0x63"]) assertEquals(await l1("evm_revert", [used]), false);
    await l1("evm_mine");
    assertNotEquals(await l1("eth_getTransactionReceipt", [waiting]), null);
    assert(await timeOf(l1) < 1_767_300_000, "the day that was reverted did not pass");
    // The devnet goes on from there.
    await l1("evm_setAutomine", [true]);
    await send(l2, NOBODY, "0x1");
    await l2("varve_submit");
    assertEquals(await balanceOf(l2, NOBODY), 6n);
  });
});

Deno.test("anvil_reset goes back to the first start, also in a later process", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "varve-dev-" });
  try {
    let first: readonly unknown[];
    {
      await using open = await openDevnet(dataDir);
      first = [await open.l1("eth_getBlockByNumber", ["latest", false]), 0];
      await send(open.l2, NOBODY);
      await open.l2("varve_submit");
    }
    await using open = await openDevnet(dataDir);
    assertEquals(await numberOf(open.l2) > 0, true);
    await open.l1("anvil_reset");
    assertEquals([
      await open.l1("eth_getBlockByNumber", ["latest", false]),
      await numberOf(open.l2),
    ], first);
    assertEquals(await balanceOf(open.l2, NOBODY), 0n);
    await send(open.l2, NOBODY);
    assertEquals(await balanceOf(open.l2, NOBODY), 1n);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

/** Submits and proves beside the devnet's own driver until L1 has all of it, or for long enough. */
async function bringHome(l2: Port): Promise<unknown> {
  let heads: unknown;
  for (let round = 0; round < 50; round++) {
    await l2("varve_sync");
    // What the driver has just done, or L1 has just taken back, is refused; the end is what counts.
    for (const verb of ["varve_sealBatch", "varve_submit", "varve_prove", "varve_submit"]) {
      await l2(verb).catch(() => {});
    }
    await l2("varve_sync");
    heads = await l2("varve_heads");
    if (field(heads, "verified") === field(heads, "sealed")) break;
  }
  return heads;
}

Deno.test("going back again and again costs L1 no more blocks than the first time", async () => {
  await withDevnet({ mode: "manual" }, async ({ l1, l2 }) => {
    const before = await numberOf(l1);
    let heads: unknown;
    for (let round = 0; round < 4; round++) {
      const id = await l2("evm_snapshot");
      await send(l2, NOBODY);
      await l2("evm_mine");
      await seal(l2);
      for (const verb of ["submit", "prove", "submit", "sync"]) await l2(`varve_${verb}`);
      // One for the batch, one for its proof: nothing of an earlier round is on the way any more.
      assertEquals(await numberOf(l1), before + 2, `round ${round}`);
      heads ??= await l2("varve_heads");
      assertEquals(await l2("varve_heads"), heads);
      assertEquals(await l2("evm_revert", [id]), true);
      assertEquals(await numberOf(l1), before);
    }
  });
});

Deno.test("evm_revert restores what was wished of times to come, and the pace", async () => {
  await withDevnet({ mode: "manual" }, async ({ l1, l2 }) => {
    const start = await timeOf(l2);
    for (const port of [l1, l2]) await port("evm_setNextBlockTimestamp", [start + 5_000]);
    await l2("anvil_setBlockTimestampInterval", [7]);
    const id = await l2("evm_snapshot");
    for (const port of [l1, l2]) await port("evm_mine");
    await l2("anvil_removeBlockTimestampInterval");
    await l2("evm_setAutomine", [true]);
    assertEquals(await l2("evm_revert", [id]), true);
    assertEquals(await l2("anvil_getAutomine"), false);
    for (const port of [l1, l2]) {
      await port("evm_mine");
      assertEquals(await timeOf(port), start + 5_000);
    }
    await l2("evm_mine");
    assertEquals(await timeOf(l2), start + 5_007);
  });
});

Deno.test("evm_revert tells filters of both layers which logs are void", async () => {
  await withDevnet({ mode: "manual" }, async ({ l1, l2 }) => {
    for (const port of [l1, l2]) {
      await port("evm_setAutomine", [true]);
      // Logs once in its constructor: LOG0 over nothing.
      const log = () => port("eth_sendTransaction", [{ from: ALICE, data: "0x5f5fa0" }]);
      const [logs, blocks] = [await port("eth_newFilter", [{}]), await port("eth_newBlockFilter")];
      await log();
      const id = await port("evm_snapshot");
      await log();
      const told: readonly unknown[] = Object(await port("eth_getFilterChanges", [logs]));
      assertEquals(told.map((entry) => field(entry, "removed")), [false, false]);
      await port("eth_getFilterChanges", [blocks]);
      await port("evm_revert", [id]);
      await log();
      const head = field(await port("eth_getBlockByNumber", ["latest", false]), "hash");
      const after: readonly unknown[] = Object(await port("eth_getFilterChanges", [logs]));
      assertEquals(after.map((entry) => [field(entry, "removed"), field(entry, "blockHash")]), [
        [true, field(told[1], "blockHash")],
        [false, head],
      ]);
      assertEquals(await port("eth_getFilterChanges", [blocks]), [head]);
    }
  });
});

Deno.test("evm_revert tells subscribers of both layers which logs are void", async () => {
  await withDevnet({ mode: "manual" }, async (open) => {
    for (const layer of ["l1", "l2"] as const) {
      const port = open[layer];
      const socket = new WebSocket(open[`${layer}Url`].replace("http", "ws"));
      const messages = listen(socket);
      await messages.opened;
      socket.send('{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["logs",{}]}');
      await messages.next();
      const id = await port("evm_snapshot");
      await port("evm_setAutomine", [true]);
      await port("eth_sendTransaction", [{ from: ALICE, data: "0x5f5fa0" }]);
      const shown = field(field(await messages.next(), "params"), "result");
      await port("evm_revert", [id]);
      const taken = field(field(await messages.next(), "params"), "result");
      assertEquals(taken, { ...Object(shown), removed: true });
      socket.close();
      await messages.closed;
    }
  });
});

Deno.test("snapshots end with the process, and a reset begins another instance", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "varve-dev-" });
  try {
    let id: unknown;
    {
      await using open = await openDevnet(dataDir, { mode: "manual" });
      id = await open.l1("evm_snapshot");
      await open.l1("evm_mine");
    }
    await using open = await openDevnet(dataDir, { mode: "manual" });
    const instanceOf = async () => field(await open.l1("anvil_metadata"), "instanceId");
    const before = await instanceOf();
    assertEquals(await open.l1("evm_revert", [id]), false);
    assertEquals(await instanceOf(), before);
    await open.l1("anvil_reset");
    assertNotEquals(await instanceOf(), before);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("anvil_reset leaves a devnet that mines on an interval doing so", async () => {
  await withDevnet({ mode: "interval", blockTimeMs: 100 }, async ({ l2 }) => {
    await send(l2, NOBODY);
    while (await balanceOf(l2, NOBODY) === 0n) await pause();
    await l2("evm_setIntervalMining", [0]);
    await l2("anvil_reset");
    assertEquals(await balanceOf(l2, NOBODY), 0n);
    await send(l2, NOBODY);
    // Settles when the block is there; a devnet without it would wait for ever.
    while (await balanceOf(l2, NOBODY) === 0n) await pause();
  });
});

Deno.test("anvil_rollback on the L2 stops before what L1 has, or may have any time", async () => {
  await withDevnet({ mode: "manual" }, async ({ l1, l2 }) => {
    await send(l2, NOBODY);
    await l2("evm_mine");
    await l2("evm_mine");
    assertEquals(await l2("anvil_rollback", [1]), null);
    assertEquals(await numberOf(l2), 1);
    await l1("evm_setAutomine", [false]);
    await seal(l2);
    await l2("varve_submit");
    const codeOf = async () => field((await refusalOf(l2("anvil_rollback"))).data, "code");
    assertEquals(await codeOf(), "RESTORE_BATCH_SENT");
    await l1("evm_mine");
    assertEquals(await codeOf(), "RESTORE_BLOCK_SEQUENCED");
    assertEquals(await balanceOf(l2, NOBODY), 1n);
  });
});

for (const verb of ["anvil_rollback", "anvil_reorg"] as const) {
  Deno.test(`${verb} on L1 takes proven batches away, and the L2 brings them again`, async () => {
    await withDevnet({}, async ({ l1, l2 }) => {
      const deployed = await numberOf(l1);
      await send(l2, NOBODY, "0x5");
      await bringHome(l2);
      const block = await l2("eth_getBlockByNumber", ["latest", true]);
      const depth = await numberOf(l1) - deployed;
      assert(depth >= 2, "a batch and its proof are on L1");
      await l1(verb, verb === "anvil_reorg" ? [depth, []] : [depth]);
      const heads = await bringHome(l2);
      assertEquals(field(heads, "verified"), field(heads, "sealed"));
      const hash = field(block, "hash");
      assertEquals(field(await l2("eth_getBlockByHash", [hash, false]), "hash"), hash);
      assertEquals(field(await l2("eth_getBlockByNumber", ["finalized", false]), "hash"), hash);
    });
  });
}

Deno.test("evm_revert leaves a consistent devnet wherever its process dies", async () => {
  await withDevnet({}, async ({ l1, l2 }, dataDir) => {
    await send(l2, NOBODY, "0x5");
    const id = await l1("evm_snapshot");
    for (const value of ["0x1", "0x2", "0x3"] as const) {
      await send(l2, NOBODY, value);
      await seal(l2);
      await l2("varve_submit");
    }
    // Every way on from a root is longer than the one before: the first commits matter most.
    const isSquare = (count: number) => Number.isInteger(Math.sqrt(count));
    await using died = await copyDuring(dataDir, isSquare, () => l1("evm_revert", [id]));
    assert(died.copies.length >= 3, `${died.commits} commits`);
    for (const { dataDir: left, commits } of died.copies) {
      await using open = await openDevnet(left);
      await send(open.l2, NOBODY, "0x64");
      const heads = await bringHome(open.l2);
      assertEquals(field(heads, "verified"), field(heads, "sealed"), `after ${commits} commits`);
      assert(Number(field(heads, "verified")) > 0, "the transfer is in a batch");
      const balance = await balanceOf(open.l2, NOBODY);
      assert(balance >= 105n && balance <= 111n, `${balance} wei after ${commits} commits`);
    }
  });
});

const pause = () => new Promise((go) => setTimeout(go, 20));

/** What comes over `socket`, one after another. */
function listen(socket: WebSocket) {
  const waiting: ((message: unknown) => void)[] = [];
  const arrived: unknown[] = [];
  socket.onmessage = ({ data }) => {
    const message: unknown = JSON.parse(String(data));
    const taker = waiting.shift();
    if (taker === undefined) arrived.push(message);
    else taker(message);
  };
  return {
    opened: new Promise<unknown>((go) => socket.onopen = go),
    closed: new Promise<unknown>((go) => socket.onclose = go),
    next: () =>
      arrived.length > 0
        ? Promise.resolve(arrived.shift())
        : new Promise<unknown>((go) => waiting.push(go)),
  };
}
