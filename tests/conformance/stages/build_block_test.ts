/** What is particular to building blocks and taking them back. */
import { assertEquals } from "@std/assert";
import type { Node } from "../../../core/pipeline/node.ts";
import { readCheckpoint } from "../../../core/pipeline/node.ts";
import { admitToPool, stagePoolEntry } from "../../../core/pipeline/inlet.ts";
import { createPoolRows } from "../../../core/pipeline/pool_rows.ts";
import { buildBlock } from "../../../core/pipeline/stages/build_block.ts";
import type { PoolEntry } from "../../../core/pool/pool.ts";
import { address, bytesToHex, hexToBytes } from "../../../core/primitives/hex.ts";
import { requireBlock } from "../../../core/store/blocks.ts";
import { CODES, POOL } from "../../../core/store/schema.ts";
import { listRows } from "../../../core/store/table.ts";
import { createWriteSet, MAX_COMMIT_MUTATIONS } from "../../../core/store/write_set.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld } from "../../simulation/world.ts";
import { dumpNode } from "./dump.ts";

const RECIPIENT = address(`0x${"42".repeat(20)}`);

/** Takes `raw` into the pool, with its row. */
async function admit(node: Node, raw: Uint8Array): Promise<PoolEntry> {
  const admission = await admitToPool(node, raw);
  await createPoolRows(node).write(admission);
  return admission.entry;
}

async function transfer(node: Node, from: number, nonce: bigint, feeGwei = 4n): Promise<string> {
  const raw = signedBy(user(from), {
    nonce,
    to: RECIPIENT,
    valueWei: 1n,
    gasLimit: 25_000n,
    maxFeePerGasWei: feeGwei * 10n ** 9n,
    maxPriorityFeePerGasWei: feeGwei * 10n ** 9n / 4n,
  });
  return (await admit(node, raw)).hash;
}

async function build(node: Node): Promise<readonly string[]> {
  const outcome = await buildBlock.step(node);
  if (outcome.kind !== "done") throw new Error(`no block: ${outcome.kind}`);
  return (await requireBlock(node.kv, outcome.number)).transactions.map(({ hash }) => hash);
}

async function pooled(node: Node): Promise<readonly string[]> {
  const rows: { readonly hash: string; readonly arrival: bigint }[] = [];
  for await (const { key, value } of listRows(node.kv, POOL)) {
    const hash = key[1];
    if (hash instanceof Uint8Array) rows.push({ hash: bytesToHex(hash), arrival: value.arrival });
  }
  assertEquals(new Set(rows.map(({ arrival }) => arrival)).size, rows.length, "arrivals differ");
  rows.sort((left, right) => (left.arrival < right.arrival ? -1 : 1));
  assertEquals(node.pool.entries().map(({ hash }) => hash), rows.map(({ hash }) => hash));
  return rows.map(({ hash }) => hash);
}

Deno.test("buildBlock.unwind() one block after another keeps the order in which they came", async () => {
  await using world = await openWorld();
  const { node } = await world.engine();
  const sent: string[] = [];
  for (let nonce = 0n; nonce < 3n; nonce++) {
    sent.push(await transfer(node, 0, nonce), await transfer(node, 1, nonce));
    await build(node);
  }
  const waiting = await transfer(node, 2, 0n);
  for (const target of [2n, 1n, 0n]) await buildBlock.unwind(node, target);
  assertEquals(await pooled(node), [...sent, waiting]);
  world.restart();
  const reopened = (await world.engine()).node;
  assertEquals(await pooled(reopened), [...sent, waiting]);
  assertEquals((await build(reopened)).toSorted(), [...sent, waiting].toSorted());
});

Deno.test("buildBlock.unwind() leaves a nonce to who holds it now, on disk too", async () => {
  await using world = await openWorld();
  const { node } = await world.engine();
  const old = await transfer(node, 0, 0n);
  await build(node);
  // The pool itself never holds a nonce that the state has passed; whoever puts it there wins.
  const other = signedBy(user(0), { nonce: 0n, to: RECIPIENT, maxFeePerGasWei: 9_000_000_000n });
  await using elsewhere = await openWorld();
  const entry = await admit((await elsewhere.engine()).node, other);
  assertEquals(node.pool.restore(entry), true);
  const writes = createWriteSet(node.kv);
  await stagePoolEntry(node, writes, entry);
  await writes.commit();
  await buildBlock.unwind(node, 0n);
  assertEquals(await pooled(node), [entry.hash]);
  assertEquals(node.pool.get(entry.hash) === undefined, false);
  assertEquals(old === entry.hash, false);
});

Deno.test("buildBlock keeps state, tip and pool when the commit fails and the process lives", async () => {
  await using world = await openWorld();
  const { node } = await world.engine();
  await transfer(node, 0, 0n);
  const before = await dumpNode(node);
  for (const action of ["step", "unwind"] as const) {
    if (action === "unwind") await build(node);
    const started = action === "step" ? before : await dumpNode(node);
    // The block's own commit is the last one.
    world.fault.crashAt({ commit: action === "step" ? 1 : 3, when: "before" });
    let failed = false;
    try {
      if (action === "step") await buildBlock.step(node);
      else await buildBlock.unwind(node, 0n);
    } catch {
      failed = world.fault.isDead();
    }
    assertEquals(failed, true);
    world.fault.revive();
    assertEquals(await dumpNode(node), started, action);
  }
  await buildBlock.unwind(node, 0n);
  assertEquals(await dumpNode(node), before);
});

/**
 * Init code that creates `count` contracts whose codes are `salt` and their number: as cheap as
 * distinct codes can be.
 */
function manyCodes(count: number, salt: number): Uint8Array {
  const hex = (value: number, bytes: number) => value.toString(16).padStart(2 * bytes, "0");
  // PUSH3 salt and number, PUSH0, MSTORE, PUSH1 3, PUSH1 29, RETURN: 11 bytes, number at byte 2.
  const inner = `62${hex(salt, 1)}00005f526003601df3`;
  // PUSH2 count; loop: the number goes into the inner code, which goes to memory, CREATE, count down.
  const loop = `5b8060381b6a${inner}175f52600b60155ff050600190038060035700`;
  return hexToBytes(`0x61${hex(count, 2)}${loop}`);
}

Deno.test("buildBlock takes a block that deploys more codes than one commit has rows", async () => {
  await using world = await openWorld();
  const { node } = await world.engine();
  const fee = { maxFeePerGasWei: 40_000_000_000n, maxPriorityFeePerGasWei: 9_000_000_000n };
  for (const [from, count, gasLimit] of [[8, 400, 15_700_000n], [9, 120, 4_800_000n]] as const) {
    const data = manyCodes(count, from);
    await admit(node, signedBy(user(from), { nonce: 0n, data, gasLimit, ...fee }));
  }
  for (let from = 0; from < 6; from++) {
    for (let nonce = 0n; nonce < 48n; nonce++) await transfer(node, from, nonce);
  }
  const included = await build(node);
  const block = await requireBlock(node.kv, 1n);
  assertEquals(block.receipts.every(({ success }) => success), true);
  let codeCount = 0;
  for await (const _ of listRows(node.kv, CODES)) codeCount++;
  // Two rows leave or come for each transaction.
  assertEquals(codeCount + 2 * included.length > MAX_COMMIT_MUTATIONS, true, `${codeCount}`);
  assertEquals(await readCheckpoint(node, "build_block"), 1n);
  await buildBlock.unwind(node, 0n);
  assertEquals(node.pool.size(), included.length);
});
