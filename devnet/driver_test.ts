import { assertEquals } from "@std/assert";
import type { LocalEngine } from "../core/engine/local_engine.ts";
import type { Role } from "../core/pipeline/node.ts";
import { RollupError } from "../core/primitives/errors.ts";
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
    node: { pool: { arrivals: () => 0n } },
    buildBlocks: () => note("build"),
    sealIfDue: (reason?: string) => {
      asked.push(`seal ${reason}`);
      // Blocks come all the time: there is always one to close on demand.
      return Promise.resolve(reason === "automine" || left-- > 0);
    },
    submitIfDue: () => note("submit"),
    prove: () => note("prove"),
    sync: () => {
      asked.push("sync");
      resolve();
      return Promise.resolve();
    },
  };
  Object.assign(engine, { paced: () => engine });
  // The driver uses these only; another one would fail as undefined.
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
  engine.submitIfDue = () => Promise.reject(new Error("L1 refused it"));
  const driver = startDriver({ engine, feed: createBlockFeed(), log: silentLog });
  await synced;
  await driver.stop();
  assertEquals(asked.includes("sync"), true);
  // What is on L1 already wants its proof all the same.
  assertEquals(asked.includes("prove"), true);
});

/** What a driver with `roles` asks for in its first round; stopping waits for its end. */
async function firstRound(roles: readonly Role[]): Promise<string[]> {
  const { engine, asked } = createFakeEngine(0);
  const driver = startDriver({
    engine,
    feed: createBlockFeed(),
    log: silentLog,
    roles: new Set(roles),
  });
  await driver.stop();
  return asked;
}

Deno.test("startDriver() steps only what the node's roles are", async () => {
  assertEquals(await firstRound(["synchronizer"]), ["sync"]);
  assertEquals(await firstRound(["sequencer"]), ["build", "seal undefined", "seal automine"]);
  assertEquals(await firstRound(["prover", "synchronizer"]), ["prove", "sync"]);
  assertEquals(await firstRound(["submitter"]), ["submit"]);
  assertEquals(await firstRound(["prover", "submitter"]), ["submit", "prove", "submit"]);
  assertEquals(await firstRound([]), []);
});

Deno.test("interrupt() ends a round after the stage that is under way", async () => {
  const { engine, asked } = createFakeEngine(0);
  const submitting = Promise.withResolvers<void>();
  const submitted = Promise.withResolvers<void>();
  engine.submitIfDue = async () => {
    submitting.resolve();
    await submitted.promise;
    return [];
  };
  const driver = startDriver({ engine, feed: createBlockFeed(), log: silentLog });
  await submitting.promise;
  const ended = driver.interrupt();
  submitted.resolve();
  await ended;
  assertEquals(asked, ["build", "seal undefined", "seal automine"]);
});

Deno.test("startDriver() reads L1 before all else when L1 has news", async () => {
  const { engine, asked, synced } = createFakeEngine(0);
  let tell = () => {};
  const driver = startDriver({
    engine,
    feed: createBlockFeed(),
    log: silentLog,
    subscribeL1: (listener) => {
      tell = listener;
      return () => {};
    },
  });
  tell();
  await synced;
  await driver.stop();
  assertEquals(asked.slice(0, 2), ["sync", "build"]);
});

Deno.test("startDriver() logs an L1 that is away once, and that it is back", async () => {
  const { engine, asked } = createFakeEngine(0);
  const lines: string[] = [];
  const back = Promise.withResolvers<void>();
  let rounds = 0;
  const away = (method: string) =>
    new RollupError("L1_UNAVAILABLE", `Cannot reach the L1 for ${method}`, { mend: "Start it." });
  engine.submitIfDue = () =>
    ++rounds > 2 ? Promise.resolve([]) : Promise.reject(away(`method ${rounds}`));
  const sync = engine.sync;
  engine.sync = () => rounds > 2 ? sync() : Promise.reject(away("another"));
  const driver = startDriver({
    engine,
    feed: createBlockFeed(),
    retryMs: 1,
    log: {
      ...silentLog,
      warn: (text, fields) => void lines.push(`${text} ${fields?.code}`),
      info: (text) => {
        lines.push(text);
        back.resolve();
      },
    },
  });
  await back.promise;
  await driver.stop();
  assertEquals(driver.failure(), undefined);
  assertEquals(lines, [
    "A stage failed and will be tried again L1_UNAVAILABLE",
    "The stages go on",
  ]);
  assertEquals(asked.includes("prove"), true);
});

Deno.test("failure() tells what keeps the stages from going on", async () => {
  const { engine, synced } = createFakeEngine(0);
  engine.submitIfDue = () =>
    Promise.reject(new RollupError("L1_CALL_REFUSED", "Cannot send it", { mend: "Run `sync`." }));
  const driver = startDriver({ engine, feed: createBlockFeed(), log: silentLog });
  assertEquals(driver.failure(), undefined);
  await synced;
  await driver.stop();
  assertEquals(driver.failure(), {
    code: "L1_CALL_REFUSED",
    message: "Cannot send it",
    mend: "Run `sync`.",
  });
});

for (const isBusy of [true, false]) {
  Deno.test(`startDriver() ${isBusy ? "leaves room" : "goes on"} after a step while ${isBusy ? "many" : "no"} transactions come`, async () => {
    const { engine, synced } = createFakeEngine(0);
    let arrivals = 0n;
    let looks = 0;
    const looksAfterSteps: number[] = [];
    Object.assign(engine, {
      node: {
        pool: {
          arrivals: () => {
            looks++;
            return arrivals += isBusy ? 100_000n : 0n;
          },
        },
      },
      paced: (afterStep: () => Promise<void>) => ({
        ...engine,
        prove: async () => {
          // Long enough that the pause after it has several looks.
          await new Promise((resolve) => setTimeout(resolve, 20));
          const before = looks;
          await afterStep();
          looksAfterSteps.push(looks - before);
          return [];
        },
      }),
    });
    const driver = startDriver({ engine, feed: createBlockFeed(), log: silentLog });
    await synced;
    await driver.stop();
    // One look finds that nobody sends; who waits looks again.
    assertEquals(looksAfterSteps.map((each) => each > 1), [isBusy]);
  });
}
