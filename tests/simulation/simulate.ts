/**
 * A random life of a rollup, repeated exactly by its seed.
 *
 * Owns who does what when: users, verbs in any order, provers good and bad, crashes at commits,
 * clock jumps, an L1 that delays, refuses, goes away and reorganises. Does not own what must hold
 * meanwhile (`checks.ts`).
 * @module
 */
import { assertEquals } from "@std/assert";
import type { SealLimits } from "../../core/batching/seal_policy.ts";
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import { proveJob } from "../../core/engine/prove_job.ts";
import type { L1Request } from "../../core/l1/backends/json_rpc.ts";
import { assert, isRollupError } from "../../core/primitives/errors.ts";
import { bytesToHex, hexToBytes } from "../../core/primitives/hex.ts";
import { requireBatch } from "../../core/store/batches.ts";
import { transactionHash } from "../../core/types/tx.ts";
import { RpcError } from "../../devnet/rpc/errors.ts";
import { checkHistory, checkL1, checkNow, createSeen, type Seen } from "./checks.ts";
import { createRandom, type RandomChoices } from "./random.ts";
import { randomTransaction } from "./users.ts";
import { type L1Snapshot, openWorld, type World } from "./world.ts";

/** How long and which life. */
export interface SimulationOptions {
  readonly seed: number;
  readonly steps: number;
}

/** What happened, counted. */
export interface SimulationSummary {
  readonly blocks: number;
  readonly batches: number;
  /** Batches by why they were closed. */
  readonly sealReasons: Readonly<Record<string, number>>;
  readonly includedTxs: number;
  readonly crashes: number;
  readonly reorganisations: number;
  /** Refusals by code. */
  readonly refusals: Readonly<Record<string, number>>;
}

/** A life in progress. */
interface Life {
  readonly random: RandomChoices;
  readonly world: World;
  readonly seen: Seen;
  readonly snapshots: L1Snapshot[];
  /** How many of 100 requests to L1 fail at present. */
  readonly trouble: { percent: number };
  readonly count: { crashes: number; reorganisations: number; refusals: Record<string, number> };
}

/** Low enough that batches close for different reasons and transactions are excluded. */
const SEAL_LIMITS: Partial<SealLimits> = {
  maxTxsPerBlock: 7,
  maxTxsPerBatch: 20,
  maxBatchSteps: 60,
  maxBatchStorageWrites: 70,
  maxBatchLogBytes: 300,
  maxBatchPubdataBytes: 520,
};

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
  "PROOF_INVALID",
  "PROOF_JOB_UNKNOWN",
  "L1_UNAVAILABLE",
  "L1_REJECTED",
  "L1_REVERTED",
  "L1_BLOCK_MISSING",
  "L1_TRANSACTION_REVERTED",
]);

/**
 * Lives `steps` steps of the life of `seed`, then lets everything calm down and come to its end.
 *
 * @throws an error that names the seed and the step when anything does not hold.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationSummary> {
  const random = createRandom(options.seed);
  const trouble = { percent: 0 };
  await using world = await openWorld({
    sealLimits: SEAL_LIMITS,
    intercept: (next) => troubled(next, random, trouble),
  });
  await world.engine();
  const life: Life = {
    random,
    world,
    trouble,
    seen: createSeen(),
    snapshots: [await world.snapshotL1()],
    count: { crashes: 0, reorganisations: 0, refusals: {} },
  };
  let at = "start";
  try {
    for (let step = 1; step <= options.steps; step++) {
      const action = random.weighted(WEIGHTS);
      at = `step ${step}: ${action}`;
      await act(life, action);
      await survive(life, (engine) => checkNow(engine, life.seen));
    }
    at = "the end";
    return await comeToAnEnd(life);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Simulation with seed ${options.seed} failed at ${at}: ${reason}\n` +
        `Repeat it with \`deno task sim --seed ${options.seed} --steps ${options.steps}\``,
      { cause },
    );
  }
}

/** Requests that fail now and then: before they arrive, or after they had their effect. */
function troubled(
  next: L1Request,
  random: RandomChoices,
  trouble: { readonly percent: number },
): L1Request {
  return async (method, params) => {
    if (trouble.percent === 0 || !random.chance(trouble.percent)) return await next(method, params);
    switch (random.weighted({ lost: 4, answerLost: 4, refused: 2 })) {
      case "lost":
        throw new TypeError("connection refused");
      case "answerLost":
        await next(method, params);
        throw new TypeError("connection reset");
      case "refused":
        throw new RpcError(-32005, "too many requests");
    }
  };
}

type Action = keyof typeof ACTIONS;

/** Everything that can happen. */
const ACTIONS = {
  send: (life: Life) =>
    verb(life, async (engine) => {
      for (let sent = life.random.int(1, 4); sent > 0; sent--) {
        const raw = randomTransaction(life.random, engine);
        life.seen.sentHashes.add(transactionHash(raw));
        await engine.sendTransaction(raw);
      }
    }),
  mine: (life: Life) => verb(life, (engine) => engine.mineBlock()),
  seal: (life: Life) => verb(life, (engine) => engine.sealBatch()),
  sealIfDue: (life: Life) => verb(life, (engine) => engine.sealIfDue()),
  submit: (life: Life) => verb(life, (engine) => engine.submit()),
  prove: (life: Life) => verb(life, (engine) => engine.prove()),
  sync: (life: Life) => verb(life, (engine) => engine.sync()),
  proveElsewhere: (life: Life) => verb(life, (engine) => proveElsewhere(life, engine)),
  crash: (life: Life) => {
    const when = life.random.pick(["before", "after"] as const);
    life.world.fault.crashAt({ commit: life.random.int(1, 12), when });
  },
  restart: (life: Life) => life.world.restart(),
  jump: async ({ world, random }: Life) => {
    const clock = await world.clock();
    clock.observe(clock.nowSec() + BigInt(random.int(1, 5_000)));
  },
  l1Delay: ({ world, random }: Life) =>
    world.setL1Mining(random.pick(["manual", "automine"] as const)),
  l1Mine: async (life: Life) => {
    for (let mined = life.random.int(1, 3); mined > 0; mined--) {
      await verb(life, async () => await (await life.world.l1()).mine());
    }
  },
  l1Trouble: ({ trouble, random }: Life) => {
    trouble.percent = random.pick([0, 0, 10, 40]);
  },
  l1Snapshot: async ({ snapshots, world }: Life) => {
    snapshots.push(await world.snapshotL1());
  },
  l1Reorganise: async ({ snapshots, world, count }: Life) => {
    // What is before the first snapshot stays: the contracts.
    const snapshot = snapshots.length > 1 ? snapshots.pop() : snapshots[0];
    assert(snapshot !== undefined, "the first snapshot is kept");
    const clock = await world.clock();
    clock.observe(clock.nowSec() + 3n);
    await world.rewindL1(snapshot);
    count.reorganisations++;
  },
} as const satisfies Readonly<Record<string, (life: Life) => unknown>>;

const WEIGHTS: Readonly<Record<Action, number>> = {
  send: 34,
  mine: 8,
  seal: 9,
  sealIfDue: 3,
  submit: 12,
  prove: 4,
  sync: 10,
  proveElsewhere: 5,
  crash: 6,
  restart: 2,
  jump: 2,
  l1Delay: 3,
  l1Mine: 6,
  l1Trouble: 3,
  l1Snapshot: 3,
  l1Reorganise: 2,
};

async function act(life: Life, action: Action): Promise<void> {
  try {
    await ACTIONS[action](life);
  } catch (error) {
    if (!noteCrash(life)) throw error;
  }
}

/** One verb; it may be refused, and the process may die in it. */
async function verb(life: Life, run: (engine: LocalEngine) => Promise<unknown>): Promise<void> {
  try {
    await run(await life.world.engine());
    if (life.world.fault.isDead()) noteCrash(life);
  } catch (error) {
    if (noteCrash(life)) return;
    if (!isRollupError(error) || !EXPECTED_CODES.has(error.code)) throw error;
    life.count.refusals[error.code] = (life.count.refusals[error.code] ?? 0) + 1;
  }
}

function noteCrash({ world, count }: Life): boolean {
  if (!world.crashed()) return false;
  count.crashes++;
  return true;
}

async function survive(
  life: Life,
  run: (engine: LocalEngine) => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      return await run(await life.world.engine());
    } catch (error) {
      if (!noteCrash(life)) throw error;
    }
  }
}

/** A prover elsewhere: honest, or with a damaged witness, or one that makes things up. */
async function proveElsewhere({ random }: Life, engine: LocalEngine): Promise<void> {
  const job = await engine.nextProofJob();
  if (job === null) return;
  const kind = random.weighted({ honest: 5, junk: 2, otherBatch: 1, damaged: 2 });
  if (kind === "junk") {
    const junk = new Uint8Array(random.int(0, 40)).fill(random.int(0, 255));
    await engine.acceptProof(job.batchNumber, bytesToHex(junk));
    throw new Error("a junk proof was taken");
  }
  if (kind === "damaged") {
    const witness = hexToBytes(job.witness);
    const at = random.int(0, witness.length - 1);
    witness[at] = (witness[at] ?? 0) ^ (1 << random.int(0, 7));
    let proof: string | undefined;
    try {
      proof = await proveJob({ ...job, witness: bytesToHex(witness) });
    } catch (error) {
      assert(isRollupError(error), `a damaged witness is refused, not a defect: ${error}`);
    }
    assert(proof === undefined, `a witness damaged at byte ${at} was proven`);
    return;
  }
  const proof = await proveJob(job);
  if (kind === "otherBatch") {
    await engine.acceptProof(job.batchNumber + 1, proof);
    throw new Error("a proof was taken for another batch");
  }
  await engine.acceptProof(job.batchNumber, proof);
}

/** Rounds that a chain may take to come to rest once nothing goes wrong any more. */
const MAX_LAST_ROUNDS = 8;

/** Nothing goes wrong any more: all that was started must be finished, and all of it be right. */
async function comeToAnEnd(life: Life): Promise<SimulationSummary> {
  const { world, trouble, seen, count } = life;
  trouble.percent = 0;
  world.fault.crashAt(undefined);
  noteCrash(life);
  await world.setL1Mining("automine");
  const engine = await world.engine();
  await engine.mineBlock();
  await verb(life, () => engine.sealBatch());
  let heads = await engine.heads();
  for (let round = 0; round < MAX_LAST_ROUNDS; round++) {
    await (await world.l1()).mine();
    await engine.sync();
    await verb(life, () => engine.submit());
    await engine.prove();
    await verb(life, () => engine.submit());
    await engine.sync();
    heads = await engine.heads();
    if (heads.verified === heads.sealed) break;
  }
  assertEquals([heads.sequenced, heads.verified], [heads.sealed, heads.sealed], "all is verified");
  await checkNow(engine, seen);
  await checkHistory(engine);
  await checkL1(engine);
  const sealReasons: Record<string, number> = {};
  for (let number = 1n; number <= heads.sealed; number++) {
    const { sealReason } = await requireBatch(engine.node.kv, number);
    sealReasons[sealReason] = (sealReasons[sealReason] ?? 0) + 1;
  }
  return {
    blocks: heads.block,
    batches: heads.sealed,
    sealReasons,
    includedTxs: seen.includedHashes.size,
    ...count,
  };
}
