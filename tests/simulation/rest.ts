/**
 * The end of a life: once nothing goes wrong any more, everything comes to be verified.
 *
 * Owns the rounds that it takes, with the mend for each way to be stuck, and asking every check of
 * the end. Does not own what the checks are (`checks.ts`, `watch.ts`).
 * @module
 */
import { assertEquals } from "@std/assert";
import { createJsonRpcL1Client } from "../../core/l1/backends/json_rpc.ts";
import { readRollupState } from "../../core/l1/rollup_views.ts";
import { readBatch } from "../../core/store/batches.ts";
import { checkFollower, checkHistory, checkL1 } from "./checks.ts";
import { calmL1, submitForced } from "./l1_life.ts";
import { type Life, noteCrash, verb, watch } from "./life.ts";
import { checkNothingLost } from "./watch.ts";

/** Rounds that a chain may take to come to rest once nothing goes wrong any more. */
const MAX_LAST_ROUNDS = 16;

/** Nothing goes wrong any more: all that was started must be finished, and all of it be right. */
export async function comeToRest(life: Life): Promise<void> {
  const { world, trouble, seen } = life;
  world.fault.crashAt(undefined);
  noteCrash(life);
  trouble.clockSkewSec = 0n;
  world.restart();
  await calmL1(life);
  for (let round = 0; round < MAX_LAST_ROUNDS; round++) {
    const clock = await world.clock();
    clock.observe(clock.nowSec() + 12n);
    await (await world.l1()).mine();
    await verb(life, (engine) => engine.sync());
    await verb(life, (engine) => engine.sealBatch());
    await verb(life, (engine) => engine.submit());
    await verb(life, (engine) => engine.prove());
    await verb(life, (engine) => engine.submit());
    await verb(life, (engine) => engine.sync());
    await watch(life);
    if (await isAtRest(life)) break;
    // What waits behind too many batches for one call: the mend is a forced batch.
    if (round >= MAX_LAST_ROUNDS / 2) await submitForced(life);
  }
  const engine = await world.engine();
  const heads = await engine.heads();
  assertEquals([heads.sequenced, heads.verified], [heads.sealed, heads.sealed], "all is verified");
  checkNothingLost(engine, seen);
  await checkHistory(engine);
  await checkL1(engine);
  await checkFollower(engine, await world.follower());
}

/** Every block is in a batch that is verified, and no operation waits. */
async function isAtRest({ world }: Life): Promise<boolean> {
  const engine = await world.engine();
  const { sealed, verified } = await engine.heads();
  const client = createJsonRpcL1Client({ request: await world.request() });
  const { lastForceBatch } = await readRollupState(client, engine.node.l1.rollup);
  const tip = engine.node.tip.get();
  const last = await readBatch(engine.node.kv, BigInt(sealed));
  return sealed === verified && lastForceBatch === tip.lastOperation &&
    (last?.lastBlock ?? 0n) === tip.header.number;
}
