/** Several transactions on their way to L1 at once: one is lost, taken over, or void. */
import { assertEquals } from "@std/assert";
import { readRollupState } from "../../../core/l1/rollup_views.ts";
import { signL1Transaction } from "../../../core/l1/transaction.ts";
import { unwindTrusted } from "../../../core/pipeline/unwind_trusted.ts";
import { assert, isRollupError } from "../../../core/primitives/errors.ts";
import { hexToBytes } from "../../../core/primitives/hex.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld, type World } from "../../simulation/world.ts";
import {
  finish,
  minedOf,
  sealBatches,
  signedAttempts,
  submitLines,
  txLines,
  txRows,
} from "./l1_attempts.ts";

const { sequencer } = DEVNET_ROLES;
/** One batch in each transaction. */
const ONE_EACH = { submitPolicy: { maxBatchesPerSequence: 1, bumpAfterL1Blocks: 50n } };
/** The rows of void nonces. */
const VOID = sequencer.address;

/** `count` batches whose transactions wait in L1's pool. */
async function worldInFlight(count: number): Promise<World> {
  const world = await openWorld(ONE_EACH);
  await sealBatches(world, count);
  await world.setL1Mining("manual");
  await submitLines(world);
  return world;
}

/** Steps and mines until nothing is left, with an L1 that mines when it is told to. */
async function settle(world: World): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await submitLines(world);
    await (await world.l1()).mine();
  }
  await world.setL1Mining("automine");
  await finish(world);
}

async function send(world: World, raw: string | undefined): Promise<void> {
  await (await world.l1()).sendRawTransaction(hexToBytes(raw ?? "0x"));
}

function transfer(nonce: bigint, chainId: bigint): Uint8Array {
  return signL1Transaction({
    chainId,
    nonce,
    to: user(3).address,
    data: new Uint8Array(0),
    valueWei: 1n,
    gasLimit: 21_000n,
    maxFeePerGasWei: 10n ** 11n,
    maxPriorityFeePerGasWei: 10n ** 9n,
  }, sequencer.privateKey).raw;
}

/** L1 has what was sealed here, batch by batch, and no nonce twice. */
async function assertVerified(world: World, batch: bigint): Promise<void> {
  const { node } = await world.engine();
  const state = await readRollupState(node.l1.client, node.l1.rollup);
  assertEquals([state.lastBatchSequenced, state.lastVerifiedBatch].map(BigInt), [batch, batch]);
  const nonces = (await minedOf(world, sequencer.address)).map(([nonce]) => nonce);
  assertEquals(nonces, nonces.map((_, index) => index));
}

Deno.test("submit() has as many transactions under way as the policy allows, in order", async () => {
  await using world = await openWorld({
    submitPolicy: { maxBatchesPerSequence: 1, maxInFlight: 3 },
  });
  await sealBatches(world, 5);
  await world.setL1Mining("manual");
  const sent = (batch: number) => `${batch}-${batch} nonce ${batch - 1} sent`;
  const mined = (batch: number) => `${batch}-${batch} nonce ${batch - 1} mined`;
  assertEquals(await submitLines(world), [1, 2, 3].map(sent));
  assertEquals(await submitLines(world), [1, 2, 3].map(sent));
  world.restart();
  assertEquals(await submitLines(world), [1, 2, 3].map(sent));
  await (await world.l1()).mine();
  assertEquals(await submitLines(world), [...[1, 2, 3].map(mined), ...[4, 5].map(sent)]);
  await (await world.l1()).mine();
  assertEquals(await submitLines(world), [4, 5].map(mined));
  // Those that could not be tried out had gas enough, and not wildly more.
  for (const [, { gasLimit, gasUsed }] of await txRows(world)) {
    assert(gasUsed !== undefined && gasUsed <= gasLimit && gasLimit < 10n * gasUsed, `${gasLimit}`);
  }
  await world.setL1Mining("automine");
  await finish(world);
  await assertVerified(world, 5n);
});

for (const lost of [0, 1, 2]) {
  Deno.test(`submit() sends number ${lost} of three again when L1 has lost it`, async () => {
    await using world = await openWorld(ONE_EACH);
    await sealBatches(world, 3);
    await world.setL1Mining("manual");
    const empty = await world.snapshotL1();
    await submitLines(world);
    const raws = Object.values(await signedAttempts(world));
    await world.rewindL1(empty);
    for (const [index, raw] of raws.entries()) {
      if (index !== lost) await send(world, raw);
    }
    await settle(world);
    assertEquals(Object.values(await signedAttempts(world)).slice(0, 3), raws);
    assertEquals((await minedOf(world, sequencer.address)).length, 3);
    await assertVerified(world, 3n);
  });
}

for (const taken of [0, 1, 2]) {
  Deno.test(`submit() goes on when somebody else's transaction takes nonce ${taken} of three`, async () => {
    await using world = await openWorld(ONE_EACH);
    await sealBatches(world, 3);
    await world.setL1Mining("manual");
    const empty = await world.snapshotL1();
    await submitLines(world);
    const raws = Object.values(await signedAttempts(world));
    await world.rewindL1(empty);
    const l1 = await world.l1();
    for (const [index, raw] of raws.entries()) {
      if (index !== taken) await send(world, raw);
      else await l1.sendRawTransaction(transfer(BigInt(index), l1.chainId));
    }
    // Those before it are mined with it; those behind it are still waiting, or already reverted.
    await l1.mine();
    await settle(world).catch(async (error) => {
      assert(String(error).includes("reverted"), String(error));
      await settle(world);
    });
    await assertVerified(world, 3n);
  });
}

Deno.test("submit() fills a nonce that a reorganisation has left to nobody", async () => {
  await using world = await openWorld(ONE_EACH);
  const engine = await world.engine();
  const start = await world.snapshotL1();
  await sealBatches(world, 1);
  const l1 = await world.l1();
  await l1.sendRawTransaction(transfer(0n, l1.chainId));
  assertEquals(await submitLines(world), ["1-1 nonce 1 mined"]);
  await engine.sync();
  await world.rewindL1(start);
  await (await world.l1()).mine();
  await engine.sync();
  await finish(world);
  const mined = await minedOf(world, sequencer.address);
  assertEquals(mined.map(([nonce, , success]) => [nonce, success]), [[0, true], [1, true]]);
  await assertVerified(world, 1n);
});

Deno.test("abandonIntents() makes transactions void, and the next ones take their place", async () => {
  await using world = await worldInFlight(3);
  const engine = await world.engine();
  await unwindTrusted(engine.node, 1n);
  assertEquals(await txLines(world), [
    [`${VOID} 1`, "failed", 2, 1],
    [`${VOID} 2`, "failed", 3, 2],
    ["sequence_batch 1", "sent", 1, 0],
  ]);
  // The dropped blocks' transactions and one more make another batch 2.
  await engine.sendTransaction(signedBy(user(2), { nonce: 0n, to: user(1).address, valueWei: 9n }));
  await engine.sealBatch();
  await submitLines(world);
  assertEquals(await txLines(world), [
    [`${VOID} 2`, "sent", 0, 2],
    ["sequence_batch 1", "sent", 1, 0],
    ["sequence_batch 2", "sent", 2, 1],
  ]);
  await (await world.l1()).mine();
  const mined = await minedOf(world, sequencer.address);
  assertEquals(mined.map(([nonce, , success]) => [nonce, success]), [[0, true], [1, true], [
    2,
    true,
  ]]);
  await world.setL1Mining("automine");
  await finish(world);
  await assertVerified(world, 2n);
});

Deno.test("abandonIntents() takes void transactions off L1 also when nothing follows them", async () => {
  await using world = await worldInFlight(2);
  const engine = await world.engine();
  const { node } = engine;
  await unwindTrusted(node, 0n);
  await submitLines(world);
  await (await world.l1()).mine();
  const state = await readRollupState(node.l1.client, node.l1.rollup);
  assertEquals<bigint>(state.lastBatchSequenced, 0n);
  await engine.sealBatch();
  await world.setL1Mining("automine");
  await finish(world);
  await assertVerified(world, 1n);
  // What is settled is forgotten with the next intent.
  assertEquals((await txLines(world)).filter(([key]) => key.startsWith(VOID)), []);
});

Deno.test("abandonIntents() survives a crash at any commit, and L1 never gets what is void", async () => {
  const run = async (crash?: { commit: number; when: "before" | "after" }) => {
    await using world = await worldInFlight(3);
    const commits = world.fault.commitCount();
    world.fault.crashAt(crash);
    const surviving = async (action: () => Promise<unknown>) => {
      for (;;) {
        try {
          await action();
          // The L1 died with the process: what it answered then is no answer.
          if (!world.crashed()) return;
        } catch (error) {
          if (!world.crashed()) throw error;
        }
        await world.setL1Mining("manual");
      }
    };
    await surviving(async () => await unwindTrusted((await world.engine()).node, 1n));
    await surviving(async () => {
      const engine = await world.engine();
      const raw = signedBy(user(2), { nonce: 0n, to: user(1).address, valueWei: 9n });
      await engine.sendTransaction(raw).catch((error) => {
        // It was admitted before the crash.
        const isRepeated = isRollupError(error, "POOL_ALREADY_KNOWN") ||
          isRollupError(error, "POOL_NONCE_TOO_LOW");
        if (!isRepeated) throw error;
      });
      if ((await engine.heads()).sealed < 2) await engine.sealBatch();
    });
    await surviving(() => submitLines(world));
    await surviving(async () => await (await world.l1()).mine());
    const count = world.fault.commitCount() - commits;
    world.fault.crashAt(undefined);
    await world.setL1Mining("automine");
    await finish(world);
    await assertVerified(world, 2n);
    return count;
  };
  const count = await run();
  for (let commit = 1; commit <= count; commit++) {
    await run({ commit, when: commit % 2 === 0 ? "before" : "after" });
  }
});
