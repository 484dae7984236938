import { assertEquals } from "@std/assert";
import type { LocalEngine } from "../core/engine/local_engine.ts";
import { silentLog } from "../core/primitives/ports.ts";
import { startDriver } from "./driver.ts";
import { createBlockFeed } from "./l2_chain.ts";

/** An engine with `batches` full batches to seal, which notes what it was asked. */
function createFakeEngine(batches: number) {
  const asked: string[] = [];
  const { promise: synced, resolve } = Promise.withResolvers<void>();
  let left = batches;
  const note = (verb: string) => {
    asked.push(verb);
    return Promise.resolve([]);
  };
  const engine = {
    buildBlocks: () => note("build"),
    sealIfDue: (reason?: string) => {
      asked.push(`seal ${reason}`);
      // Blocks come all the time: there is always one to close on demand.
      return Promise.resolve(reason === "automine" || left-- > 0);
    },
    submit: () => note("submit"),
    prove: () => note("prove"),
    sync: () => {
      asked.push("sync");
      resolve();
      return Promise.resolve();
    },
  };
  // The driver uses these verbs only; another one would fail as undefined.
  return { engine: engine as unknown as LocalEngine, asked, synced };
}

Deno.test("startDriver() seals full batches, then once what is left, and goes to L1", async () => {
  const { engine, asked, synced } = createFakeEngine(2);
  const driver = startDriver({ engine, feed: createBlockFeed(), log: silentLog });
  await synced;
  await driver.stop();
  assertEquals(asked, [
    "build",
    "seal undefined",
    "seal undefined",
    "seal undefined",
    "seal automine",
    "submit",
    "prove",
    "submit",
    "sync",
  ]);
});

Deno.test("startDriver() runs another round for a block that came during one", async () => {
  const { engine, asked, synced } = createFakeEngine(0);
  const feed = createBlockFeed();
  const rounds = Promise.withResolvers<void>();
  const sync = engine.sync;
  engine.sync = async () => {
    if (asked.filter((verb) => verb === "sync").length === 1) rounds.resolve();
    else feed.publish(1n);
    return await sync();
  };
  const driver = startDriver({ engine, feed, log: silentLog });
  await synced;
  await rounds.promise;
  await driver.stop();
  assertEquals(asked.filter((verb) => verb === "sync").length, 2);
});

Deno.test("startDriver() asks L1 when a stage fails, as what L1 says may explain it", async () => {
  const { engine, asked, synced } = createFakeEngine(0);
  engine.submit = () => Promise.reject(new Error("L1 refused it"));
  const driver = startDriver({ engine, feed: createBlockFeed(), log: silentLog });
  await synced;
  await driver.stop();
  assertEquals(asked.includes("sync"), true);
  assertEquals(asked.includes("prove"), false);
});
