/**
 * What every stage of the pipeline must do: empty, step, crash, repeat, unwind.
 *
 * Owns the criteria and a script that leads up to any stage. A new stage gets the suite by being in
 * `PIPELINE`; what its unwinding leaves behind on purpose is said in {@linkcode LEFT_BEHIND}.
 * @module
 */
import { assertEquals } from "@std/assert";
import type { LocalEngine } from "../../../core/engine/local_engine.ts";
import { readHeads } from "../../../core/pipeline/heads.ts";
import { admitToPool } from "../../../core/pipeline/inlet.ts";
import { createPoolRows } from "../../../core/pipeline/pool_rows.ts";
import { type Node, readCheckpoint, type StageId } from "../../../core/pipeline/node.ts";
import { PIPELINE } from "../../../core/pipeline/pipeline.ts";
import type { Stage, StepOutcome, StepWish } from "../../../core/pipeline/stage.ts";
import { assert } from "../../../core/primitives/errors.ts";
import { address, hexToBytes } from "../../../core/primitives/hex.ts";
import { BLOB_CHUNKS } from "../../../core/store/blob.ts";
import { CHECKPOINTS, CODES, LEAVES, SLOT_HISTORY } from "../../../core/store/schema.ts";
import type { CommitRecord, CrashPoint } from "../../simulation/fault.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld, type World } from "../../simulation/world.ts";
import { dumpNode, type NodeDump, without } from "./dump.ts";

const RECIPIENT = address(`0x${"42".repeat(20)}`);
/** Stores 7 in slot 0 of the created contract and leaves the code 0x00. */
const INIT_CODE = hexToBytes("0x60075f5560015ff3");

/**
 * What unwinding a stage leaves in other rows on purpose: intents keep their bytes, so that L1 sees
 * the same transactions again, and an L1 that reorganised has lost transactions of ours.
 */
const LEFT_BEHIND: Readonly<Record<StageId, Readonly<Record<string, "all" | readonly string[]>>>> =
  {
    build_block: {},
    seal_batch: {},
    sequence_batch: { l1_txs: "all", l1_attempts: "all" },
    prove_batch: {},
    verify_batch: { l1_txs: "all", l1_attempts: "all" },
    sync_l1: { l1_txs: "all", [CHECKPOINTS.name]: ["[sequence_batch]", "[verify_batch]"] },
  };

/** The one batch that no limit asks for; other stages do not look at it. */
const SEAL_WISH: StepWish = { sealReason: "seal-batch command" };

/** Registers the criteria for `stage`. */
export function testStage(stage: Stage): void {
  const it = (criterion: string, check: () => Promise<void>) =>
    Deno.test(`${stage.id} ${criterion}`, check);

  it("is idle on an empty node and writes nothing", async () => {
    await using world = await openWorld();
    const { node } = await world.engine();
    // Reading the L1 up to its head is the one thing that there is to do at the start.
    await advance(node, PIPELINE.filter(({ id }) => id === "sync_l1"));
    world.fault.drain();
    assertEquals(await stage.step(node), { kind: "idle" });
    assertEquals(world.fault.drain(), []);
  });

  it("makes at most one commit a step and moves no checkpoint but its own", async () => {
    await using world = await worldBefore(stage);
    const { node } = await world.engine();
    const before = await readCheckpoints(node);
    world.fault.drain();
    for (let stepped = 0;; stepped++) {
      const outcome = await stage.step(node, stepped === 0 ? SEAL_WISH : {});
      const commits = world.fault.drain().filter(isStepCommit);
      const after = await readCheckpoints(node);
      assertEquals(exceptOf(after, stage.id), exceptOf(before, stage.id));
      if (outcome.kind === "idle") {
        assert(stepped > 0, "the script leads up to a step");
        assertEquals(commits, []);
        break;
      }
      assertEquals(commits.length, 1, JSON.stringify(commits));
      if (outcome.kind === "done") assertEquals(after[stage.id], outcome.number);
      await readHeads(node);
    }
  });

  it("repeats at most one step after a crash at any commit", async () => {
    const calm = await runToEnd(stage);
    for (const point of crashPoints(calm.commitCount)) {
      await using world = await worldBefore(stage);
      world.fault.crashAt(point);
      await surviving(world, (engine) => advance(engine.node, [stage]));
      const { node } = await world.engine();
      assertEquals(await dumpNode(node), calm.after, JSON.stringify(point));
    }
  });

  it("is idle when it is repeated after its work is done", async () => {
    await using world = await worldBefore(stage);
    const { node } = await world.engine();
    await advance(node, [stage]);
    const done = await dumpNode(node);
    world.fault.drain();
    assertEquals(await stage.step(node), { kind: "idle" });
    assertEquals(world.fault.drain(), []);
    assertEquals(await dumpNode(node), done);
  });

  it("unwinds to exactly what was before, in memory and for who opens the folder", async () => {
    await using world = await worldBefore(stage);
    const { node } = await world.engine();
    const before = await dumpNode(node);
    const target = await readCheckpoint(node, stage.id);
    await advance(node, [stage]);
    const after = await dumpNode(node);
    await stage.unwind(node, target);
    const left = LEFT_BEHIND[stage.id];
    const unwound = await dumpNode(node);
    assertEquals(without(unwound, left), without(before, left));
    // What lay at or below the target already stays where it is.
    await stage.unwind(node, target);
    assertEquals(await dumpNode(node), unwound);
    world.restart();
    const reopened = (await world.engine()).node;
    assertEquals(await dumpNode(reopened), unwound);
    await advance(reopened, PIPELINE.filter(({ id }) => isRedone(stage.id, id)));
    assertEquals(await dumpNode(reopened), after);
  });

  it("unwinds to the same after a crash at any commit of it", async () => {
    const calm = await unwindToZero(stage, undefined);
    for (const point of crashPoints(calm.commitCount)) {
      const crashed = await unwindToZero(stage, point);
      assertEquals(crashed.dump, calm.dump, JSON.stringify(point));
    }
  });
}

/** After an L1 reorganisation our transactions are sent again before anything can be read. */
function isRedone(unwound: StageId, stage: StageId): boolean {
  if (unwound !== "sync_l1") return stage === unwound;
  return stage === "sequence_batch" || stage === "verify_batch" || stage === "sync_l1";
}

async function unwindToZero(
  stage: Stage,
  crash: CrashPoint | undefined,
): Promise<{ readonly dump: NodeDump; readonly commitCount: number }> {
  await using world = await openWorld();
  const { node } = await world.engine();
  await admitRound(node, 0n);
  await advance(node, [stageOf("build_block")]);
  await admitRound(node, 2n);
  await advance(node, upTo(stage.id));
  await node.state.flush();
  const commitsBefore = world.fault.commitCount();
  world.fault.crashAt(crash);
  await surviving(world, (engine) => stage.unwind(engine.node, 0n));
  const commitCount = world.fault.commitCount() - commitsBefore;
  return { dump: await dumpNode((await world.engine()).node), commitCount };
}

async function runToEnd(stage: Stage) {
  await using world = await worldBefore(stage);
  const { node } = await world.engine();
  const commitsBefore = world.fault.commitCount();
  await advance(node, [stage]);
  const commitCount = world.fault.commitCount() - commitsBefore;
  return { commitCount, after: await dumpNode(node) };
}

/** A world in which one round is consolidated and a second one waits before `stage`. */
async function worldBefore(stage: Stage): Promise<World> {
  const world = await openWorld();
  const { node } = await world.engine();
  await admitRound(node, 0n);
  await advance(node, PIPELINE);
  await admitRound(node, 2n);
  await advance(node, upTo(stage.id).slice(0, -1));
  await node.state.flush();
  return world;
}

async function admitRound(node: Node, nonce: bigint): Promise<void> {
  const rows = createPoolRows(node);
  const admit = async (raw: Uint8Array) => await rows.write(await admitToPool(node, raw));
  await admit(signedBy(user(0), { nonce, data: INIT_CODE }));
  await admit(signedBy(user(1), { nonce, to: RECIPIENT, valueWei: 5n }));
  await admit(signedBy(user(0), { nonce: nonce + 1n, to: RECIPIENT }));
  await admit(signedBy(user(1), { nonce: nonce + 1n, to: user(0).address }));
}

/** Steps each stage in turn until it has nothing to do. */
async function advance(node: Node, stages: readonly Stage[]): Promise<void> {
  for (const stage of stages) {
    let outcome: StepOutcome;
    let first = true;
    do {
      outcome = await stage.step(node, first ? SEAL_WISH : {});
      first = false;
      assert(outcome.kind !== "waiting", "nothing here has to wait");
    } while (outcome.kind !== "idle");
  }
}

async function surviving(
  world: World,
  action: (engine: LocalEngine) => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      return await action(await world.engine());
    } catch (error) {
      if (!world.crashed()) throw error;
    }
  }
}

function crashPoints(commitCount: number): readonly CrashPoint[] {
  assert(commitCount > 0, "there is a commit to crash at");
  return Array.from({ length: commitCount }, (_, index) => index + 1).flatMap((commit) => [
    { commit, when: "before" as const },
    { commit, when: "after" as const },
  ]);
}

/** Not the L1's own, not rows under their hash that precede a step, not what is written behind it. */
function isStepCommit({ store, tables }: CommitRecord): boolean {
  const derived: readonly string[] = [
    BLOB_CHUNKS.name,
    CODES.name,
    LEAVES.name,
    SLOT_HISTORY.name,
  ];
  return store === "node" && !tables.every((table) => derived.includes(table)) &&
    !tables.includes(SLOT_HISTORY.name);
}

async function readCheckpoints(node: Node): Promise<Readonly<Record<string, bigint>>> {
  const entries = await Promise.all(
    PIPELINE.map(async ({ id }) => [id, await readCheckpoint(node, id)] as const),
  );
  return Object.fromEntries(entries);
}

function exceptOf(checkpoints: Readonly<Record<string, bigint>>, id: StageId) {
  return Object.fromEntries(Object.entries(checkpoints).filter(([name]) => name !== id));
}

function stageOf(id: StageId): Stage {
  const stage = PIPELINE.find((each) => each.id === id);
  assert(stage !== undefined, "the pipeline has every stage");
  return stage;
}

function upTo(id: StageId): readonly Stage[] {
  return PIPELINE.slice(0, PIPELINE.indexOf(stageOf(id)) + 1);
}
