/**
 * A life in progress: the rollup, its L1, what goes wrong at present, and what was seen.
 *
 * Owns what every action needs: verbs that may be refused, processes that die, a sequencer that stops
 * and is opened as its mend says. Does not own the actions (`simulate.ts`, `l1_life.ts`).
 * @module
 */
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import type { L1Request } from "../../core/l1/backends/json_rpc.ts";
import { assert, isRollupError } from "../../core/primitives/errors.ts";
import { silentLog } from "../../core/primitives/ports.ts";
import type { Hex } from "../../core/primitives/hex.ts";
import { transactionHash } from "../../core/types/tx.ts";
import { hostileL1, type SeededL1Faults } from "./hostile_l1.ts";
import { createRandom, type RandomChoices } from "./random.ts";
import { checkNow, createSeen, noteDrop, type Seen } from "./watch.ts";
import { type L1Snapshot, openWorld, type World, type WorldOptions } from "./world.ts";

/** A life in progress. */
export interface Life extends AsyncDisposable {
  readonly random: RandomChoices;
  readonly world: World;
  readonly seen: Seen;
  readonly snapshots: L1Snapshot[];
  readonly trouble: Trouble;
  /** The L1 block up to which L1 never reorganises: it has the contracts. */
  readonly firstL1Block: bigint;
  /** Signed transactions that any process has handed to L1; L1 may mine each of them again. */
  readonly sentToL1: Map<Hex, Uint8Array>;
  readonly count: LifeCounts;
}

/** What happened, counted. */
export interface LifeCounts {
  crashes: number;
  reorganisations: number;
  forcedOperations: number;
  forcedBatches: number;
  /** Times that the sequencer stopped and was opened as a follower first. */
  stops: number;
  /** Refusals by code. */
  readonly refusals: Record<string, number>;
  /** Answers of a hostile L1 by fault. */
  readonly faults: Record<string, number>;
}

/** What is wrong with the L1 that the node reaches, and with the node's clock. */
export interface Trouble {
  faults: SeededL1Faults | undefined;
  clockSkewSec: bigint;
}

/** Codes that a user may see in such a life; any other error fails the simulation. */
const EXPECTED_CODES: ReadonlySet<string> = new Set([
  "POOL_NONCE_TOO_LOW",
  "POOL_NONCE_TOO_HIGH",
  "POOL_ALREADY_KNOWN",
  "POOL_REPLACEMENT_UNDERPRICED",
  "POOL_FEE_TOO_LOW",
  "POOL_INSUFFICIENT_FUNDS",
  "POOL_TIP_ABOVE_FEE",
  "POOL_INTRINSIC_GAS",
  "NOTHING_TO_SEAL",
  "SYNC_NEEDED",
  "PROOF_INVALID",
  "PROOF_JOB_UNKNOWN",
  "OPERATION_UNKNOWN",
  "L1_UNAVAILABLE",
  "L1_BAD_RESPONSE",
  "L1_REJECTED",
  "L1_REVERTED",
  "L1_LOG_INVALID",
  "L1_BLOCK_MISSING",
  "L1_CALL_REFUSED",
  "L1_INSUFFICIENT_FUNDS",
  "L1_TRANSACTION_REVERTED",
]);

/** How a life starts. */
export interface LifeOptions extends Omit<WorldOptions, "intercept" | "log"> {
  readonly seed: number;
}

/** A life whose rollup is there, with nothing in it. */
export async function startLife({ seed, ...options }: LifeOptions): Promise<Life> {
  const trouble: Trouble = { faults: undefined, clockSkewSec: 0n };
  const count: LifeCounts = {
    crashes: 0,
    reorganisations: 0,
    forcedOperations: 0,
    forcedBatches: 0,
    stops: 0,
    refusals: {},
    faults: {},
  };
  const sentToL1: Life["sentToL1"] = new Map();
  const seen = createSeen();
  const world = await openWorld({
    ...options,
    intercept: (next) => troubled(remembering(next, { sentToL1 }), { trouble, count }),
    log: { ...silentLog, warn: (text, fields) => noteDrop(seen, text, fields) },
  });
  await world.engine();
  return {
    random: createRandom(seed),
    world,
    seen,
    snapshots: [await world.snapshotL1()],
    trouble,
    firstL1Block: await (await world.l1()).numberOf("latest"),
    sentToL1,
    count,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** `next`, and every transaction that is handed to it is remembered. */
export function remembering(next: L1Request, { sentToL1 }: Pick<Life, "sentToL1">): L1Request {
  return async (method, params) => {
    const [raw] = params;
    if (method === "eth_sendRawTransaction" && typeof raw === "string") {
      const bytes = Uint8Array.fromHex(raw.slice(2));
      sentToL1.set(transactionHash(bytes), bytes);
    }
    return await next(method, params);
  };
}

/** The request through which the node reaches its L1: hostile while there is trouble. */
export function troubled(
  next: L1Request,
  life: Pick<Life, "trouble" | "count">,
): L1Request {
  return async (method, params) => {
    const { faults } = life.trouble;
    if (faults === undefined) return await next(method, params);
    const before = faults.happened.length;
    try {
      return await hostileL1(next, faults)(method, params);
    } finally {
      for (const { fault } of faults.happened.slice(before)) {
        life.count.faults[fault] = (life.count.faults[fault] ?? 0) + 1;
      }
    }
  };
}

/** One verb; it may be refused, and the process may die in it. */
export async function verb(
  life: Life,
  run: (engine: LocalEngine) => Promise<unknown>,
): Promise<void> {
  try {
    await run(await life.world.engine(openingOf(life)));
    if (life.world.fault.isDead()) noteCrash(life);
  } catch (error) {
    if (noteCrash(life)) return;
    if (isRollupError(error, "L1_DIFFERS_FROM_TRUSTED_STATE")) return await openAsFollower(life);
    if (!isRollupError(error) || !EXPECTED_CODES.has(error.code)) throw error;
    life.count.refusals[error.code] = (life.count.refusals[error.code] ?? 0) + 1;
  }
}

/** What the mend of a stopped sequencer says; it may be refused and die like any verb. */
async function openAsFollower(life: Life): Promise<void> {
  const { world, seen, count } = life;
  assert(seen.mayRebuild, "a sequencer stops only when L1 has a batch that is not ours");
  count.stops++;
  world.restart();
  const roles = new Set(["synchronizer"] as const);
  try {
    const follower = await world.engine({ ...openingOf(life), roles });
    await follower.sync();
  } catch (error) {
    if (noteCrash(life)) return;
    if (!isRollupError(error) || !EXPECTED_CODES.has(error.code)) throw error;
  }
  world.restart();
}

/** How the node is opened at present. */
export function openingOf({ trouble }: Pick<Life, "trouble">): WorldOptions {
  const { clockSkewSec } = trouble;
  return clockSkewSec === 0n ? {} : { clockSkewSec };
}

/** Whether the process has died. */
export function noteCrash({ world, count }: Life): boolean {
  if (!world.crashed()) return false;
  count.crashes++;
  return true;
}

/** Runs what must hold, in the next process if this one dies. */
export async function survive(
  life: Life,
  run: (engine: LocalEngine) => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      return await run(await life.world.engine(openingOf(life)));
    } catch (error) {
      if (!noteCrash(life)) throw error;
    }
  }
}

/** What must hold between any two actions. */
export async function watch(life: Life): Promise<void> {
  await survive(life, async (engine) => {
    await checkNow(engine, life.seen, await life.world.request());
  });
}
