/** Rebuilding a node from L1: what is compared, what is left alone, which folders are taken. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { LocalEngine } from "../../../core/engine/local_engine.ts";
import { createRebuilder } from "../../../core/engine/rebuild.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { address } from "../../../core/primitives/hex.ts";
import { silentLog } from "../../../core/primitives/ports.ts";
import { BATCHES, BLOCKS } from "../../../core/store/schema.ts";
import { requireRow } from "../../../core/store/table.ts";
import { createWriteSet } from "../../../core/store/write_set.ts";
import { openRollup } from "../../../devnet/rollup.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import {
  copyStores,
  openMemoryRollup,
  openStores,
  type Stores,
} from "../proving/rollup_in_memory.ts";

const RECIPIENT = address(`0x${"42".repeat(20)}`);

/** Makes batch `number` of one transfer, and proves and submits all. */
async function makeBatch(engine: LocalEngine, number: number): Promise<void> {
  const nonce = BigInt(number - 1);
  await engine.sendTransaction(signedBy(user(0), { nonce, to: RECIPIENT, valueWei: 1n }));
  await engine.sealBatch();
  await engine.submit();
  await engine.prove();
  await engine.submit();
  await engine.sync();
}

/** Stores of a rollup with `batchCount` verified batches. */
async function livedIn(batchCount: number): Promise<Stores & Disposable> {
  const stores = await openStores();
  const { engine } = await openMemoryRollup(stores);
  await using _closing = engine;
  for (let number = 1; number <= batchCount; number++) await makeBatch(engine, number);
  return stores;
}

/** Every row of a store as text. */
async function dump(kv: Deno.Kv): Promise<string[]> {
  const rows: string[] = [];
  for await (const { key, value } of kv.list({ prefix: [] })) rows.push(Deno.inspect([key, value]));
  return rows;
}

const THREE = await livedIn(3);

async function refusalOf(task: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => task, RollupError)).code;
}

Deno.test("rebuild() finds every batch and block as the node has them, and changes nothing", async () => {
  using stores = await copyStores(THREE);
  const { engine } = await openMemoryRollup(stores);
  await using _closing = engine;
  const before = await dump(stores.node);
  const told: string[] = [];
  const { sealed, block, l1Block } = await engine.heads();
  const view = await engine.rebuild({}, (text) => told.push(text));
  const { stateRoot } = engine.node.tip.get().header;
  assertEquals(view, {
    batches: sealed,
    blocks: block,
    l1Block,
    lastStateRoot: stateRoot,
    compared: 3,
    matches: true,
    difference: null,
    folder: null,
  });
  assertEquals(told, [1, 2, 3].map((number) => `executed batch ${number} of L1`));
  assertEquals(await dump(stores.node), before);
});

Deno.test("rebuild() compares what both have: the node may be behind L1", async () => {
  using behind = await livedIn(1);
  // The same transactions give the same L1, so this one is the other's future.
  using stores = await copyStores({ l1: THREE.l1, node: behind.node });
  const { engine } = await openMemoryRollup(stores);
  await using _closing = engine;
  const view = await engine.rebuild({});
  assertEquals([view.batches, view.compared, view.matches], [3, 1, true]);
  await engine.sync();
  assertEquals((await engine.rebuild({})).compared, 3);
});

Deno.test("rebuild() leaves alone what is sealed here and not on L1 yet", async () => {
  using stores = await copyStores(THREE);
  const { engine } = await openMemoryRollup(stores);
  await using _closing = engine;
  await engine.sendTransaction(signedBy(user(0), { nonce: 3n, to: RECIPIENT }));
  await engine.sealBatch();
  const view = await engine.rebuild({});
  assertEquals([view.batches, view.compared, view.matches], [3, 3, true]);
});

Deno.test("rebuild() names the first field of a batch that differs", async () => {
  using stores = await copyStores(THREE);
  const { engine } = await openMemoryRollup(stores);
  await using _closing = engine;
  const right = await engine.rebuild({});
  const row = await requireRow(stores.node, BATCHES, [2n]);
  const wrongRoot = `0x${"ab".repeat(32)}`;
  const writes = createWriteSet(stores.node);
  writes.set(BATCHES, [2n], { ...row, newStateRoot: wrongRoot });
  await writes.commit();
  const view = await engine.rebuild({});
  assertEquals(view, {
    ...right,
    matches: false,
    difference: { batch: 2, field: "newStateRoot", here: wrongRoot, fromL1: row.newStateRoot },
  });
});

Deno.test("rebuild() compares the hash of every block of a batch", async () => {
  using stores = await copyStores(THREE);
  const { engine } = await openMemoryRollup(stores);
  await using _closing = engine;
  const [second, third] = [
    await requireRow(stores.node, BLOCKS, [2n]),
    await requireRow(stores.node, BLOCKS, [3n]),
  ];
  const writes = createWriteSet(stores.node);
  writes.set(BLOCKS, [3n], { ...second, lastOperation: third.lastOperation });
  await writes.commit();
  const { difference } = await engine.rebuild({});
  assertEquals([difference?.batch, difference?.field], [3, "hash of block 3"]);
});

Deno.test("rebuild() holds up no other verb, and is one at a time", async () => {
  using stores = await copyStores(THREE);
  const { engine } = await openMemoryRollup(stores);
  await using _closing = engine;
  const rebuilding = engine.rebuild({});
  assertEquals(await refusalOf(engine.rebuild({})), "REBUILD_RUNNING");
  await makeBatch(engine, 4);
  const view = await rebuilding;
  assertEquals([view.matches, view.difference], [true, null]);
  assertEquals((await engine.rebuild({})).compared, 4);
});

Deno.test("rebuild() ends when the engine closes, and later ones are refused", async () => {
  using stores = await copyStores(THREE);
  const { engine } = await openMemoryRollup(stores);
  const rebuilding = refusalOf(engine.rebuild({}));
  await engine[Symbol.asyncDispose]();
  assertEquals(await rebuilding, "REBUILD_STOPPED");
  assertEquals(await refusalOf(engine.rebuild({})), "REBUILD_STOPPED");
});

Deno.test("createRebuilder() refuses where nothing can be opened, and goes on after a failure", async () => {
  using stores = await copyStores(THREE);
  const { engine } = await openMemoryRollup(stores);
  await using _closing = engine;
  const none = createRebuilder(engine.node, undefined);
  assertEquals(await refusalOf(none.rebuild({})), "REBUILD_UNAVAILABLE");
  const failure = new RollupError("DATA_FOLDER_OWNED", "Cannot open", { mend: "Wait." });
  const failing = createRebuilder(engine.node, () => Promise.reject(failure));
  assertEquals(await refusalOf(failing.rebuild({})), "DATA_FOLDER_OWNED");
  assertEquals(await refusalOf(failing.rebuild({})), "DATA_FOLDER_OWNED");
});

Deno.test("rebuild() into a folder goes on there, and takes no folder of others", async (t) => {
  const root = await Deno.makeTempDir();
  try {
    const options = {
      clock: "virtual",
      log: silentLog,
      automine: false,
    } as const;
    const dataDir = `${root}/data`;
    const into = `${root}/rebuilt`;
    const { engine } = await openRollup({ ...options, dataDir });
    await using _closing = engine;
    await makeBatch(engine, 1);
    await t.step("a second run executes only what is new", async () => {
      const first: string[] = [];
      const view = await engine.rebuild({ into }, (text) => first.push(text));
      assertEquals([view.folder, view.matches], [await Deno.realPath(into), true]);
      await makeBatch(engine, 2);
      const second: string[] = [];
      assertEquals((await engine.rebuild({ into }, (text) => second.push(text))).batches, 2);
      assertEquals([first, second], [["executed batch 1 of L1"], ["executed batch 2 of L1"]]);
    });
    await t.step("the folder knows its L1 and its deployment", async () => {
      const files = [...Deno.readDirSync(into)].map(({ name }) => name);
      assertEquals(files.filter((name) => name.endsWith(".json")).toSorted(), [
        "deployment.json",
        "l1.json",
        "lease.json",
      ]);
      assertStringIncludes(await Deno.readTextFile(`${into}/l1.json`), '"external"');
      assertEquals(
        await Deno.readTextFile(`${into}/deployment.json`),
        await Deno.readTextFile(`${dataDir}/deployment.json`),
      );
    });
    await t.step("the node's own folder and foreign ones are refused", async () => {
      assertEquals(await refusalOf(engine.rebuild({ into: dataDir })), "DATA_FOLDER_OWNED");
      assertEquals(await refusalOf(engine.rebuild({ into: "" })), "DATA_FOLDER_UNUSABLE");
      await Deno.mkdir(`${root}/letters`);
      await Deno.writeTextFile(`${root}/letters/dear.txt`, "dear");
      assertEquals(
        await refusalOf(engine.rebuild({ into: `${root}/letters` })),
        "DATA_FOLDER_UNUSABLE",
      );
      assertEquals(
        await refusalOf(engine.rebuild({ into: `${root}/letters/dear.txt` })),
        "DATA_FOLDER_UNUSABLE",
      );
      assertEquals([...Deno.readDirSync(`${root}/letters`)].length, 1);
      const other = await openRollup({ ...options, dataDir: `${root}/other`, gasPerPubdata: 0n });
      await other.engine[Symbol.asyncDispose]();
      assertEquals(await refusalOf(engine.rebuild({ into: `${root}/other` })), "L1_MISMATCH");
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
