/**
 * A random life of a rollup, repeated exactly by its seed.
 *
 * Owns who does what when: users, verbs in any order, provers good and bad, crashes at commits,
 * clocks that jump and are wrong, an L1 that answers nonsense. Does not own what L1 and the people
 * there do (`l1_life.ts`), or what must hold meanwhile (`watch.ts`) and at the end (`checks.ts`).
 * @module
 */
import type { SealLimits } from "../../core/batching/seal_policy.ts";
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import { proveJob } from "../../core/engine/prove_job.ts";
import { readHeads } from "../../core/pipeline/heads.ts";
import { assert, isRollupError } from "../../core/primitives/errors.ts";
import { bytesToHex, hexToBytes } from "../../core/primitives/hex.ts";
import { requireBatch } from "../../core/store/batches.ts";
import { lastQueuedOperation } from "../../core/store/operations.ts";
import { transactionHash } from "../../core/types/tx.ts";
import { createL1Faults } from "./hostile_l1.ts";
import { L1_ACTIONS } from "./l1_life.ts";
import { type Life, type LifeCounts, noteCrash, startLife, verb, watch } from "./life.ts";
import { comeToRest } from "./rest.ts";
import { randomTransaction } from "./users.ts";
import { checkNow } from "./watch.ts";

/** How long and which life. */
export interface SimulationOptions {
  readonly seed: number;
  readonly steps: number;
}

/** What happened, counted. */
export interface SimulationSummary extends Readonly<LifeCounts> {
  readonly blocks: number;
  readonly rebuiltBlocks: number;
  readonly batches: number;
  /** Batches by why they were closed. */
  readonly sealReasons: Readonly<Record<string, number>>;
  readonly includedTxs: number;
  /** L1->L2 operations that were consumed. */
  readonly operations: number;
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

/**
 * Lives `steps` steps of the life of `seed`, then lets everything calm down and come to its end.
 *
 * @throws an error that names the seed and the step when anything does not hold.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationSummary> {
  await using life = await startLife({ seed: options.seed, sealLimits: SEAL_LIMITS });
  const { random } = life;
  let at = "start";
  try {
    for (let step = 1; step <= options.steps; step++) {
      const action = random.weighted(WEIGHTS);
      at = `step ${step}: ${action}`;
      await act(life, action);
      await watch(life);
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

type Action = keyof typeof ACTIONS;

/** Everything that can happen. */
const ACTIONS = {
  ...L1_ACTIONS,
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
  sync: (life: Life) => verb(life, (engine) => sync(life, engine)),
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
  clockSkew: ({ world, random, trouble }: Life) => {
    trouble.clockSkewSec = random.pick([0n, 0n, 20n, 1_000n, -20n, -1_000n]);
    world.restart();
  },
  l1Delay: ({ world, random }: Life) =>
    world.setL1Mining(random.pick(["manual", "automine"] as const)),
  l1Mine: async (life: Life) => {
    for (let mined = life.random.int(1, 3); mined > 0; mined--) {
      await verb(life, async () => await (await life.world.l1()).mine());
    }
  },
  l1Trouble: ({ trouble, random }: Life) => {
    const percent = random.pick([0, 0, 5, 20]);
    trouble.faults = percent === 0 ? undefined : createL1Faults(random, { percent });
  },
} as const satisfies Readonly<Record<string, (life: Life) => unknown>>;

const WEIGHTS: Readonly<Record<Action, number>> = {
  send: 34,
  mine: 6,
  seal: 9,
  sealIfDue: 3,
  submit: 14,
  prove: 6,
  sync: 14,
  proveElsewhere: 3,
  crash: 5,
  restart: 2,
  jump: 2,
  clockSkew: 1,
  l1Delay: 3,
  l1Mine: 6,
  l1Trouble: 3,
  l1Snapshot: 2,
  l1Rewind: 1,
  reorganise: 5,
  force: 7,
  l1Jump: 1,
  sequenceForced: 2,
  proveAsStranger: 1,
  rollBack: 2,
  emergency: 1,
  otherSequencer: 1,
  otherAggregator: 1,
  hostileSequencer: 1,
  twin: 2,
  spendNonce: 1,
  replay: 1,
  loseL1Transaction: 1,
  feeSpike: 1,
  poverty: 1,
};

async function act(life: Life, action: Action): Promise<void> {
  try {
    await ACTIONS[action](life);
  } catch (error) {
    if (!noteCrash(life)) throw error;
  }
}

/** Once all of L1 is read and nothing is on its way there, nothing excuses other blocks any more. */
async function sync({ world, seen }: Life, engine: LocalEngine): Promise<void> {
  const { toL1Block } = await engine.sync();
  const l1 = await world.l1();
  if (BigInt(toL1Block) !== await l1.numberOf("latest")) return;
  const queued = await lastQueuedOperation(engine.node.kv);
  // What L1 lost and may bring again still decides about the blocks that have consumed it.
  if (queued < engine.node.tip.get().lastOperation) return;
  if ((await l1.pendingTransactions()).length === 0) {
    await checkNow(engine, seen, await world.request());
    seen.mayRebuild = false;
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

/** Everything goes well again, and what has become of it all. */
async function comeToAnEnd(life: Life): Promise<SimulationSummary> {
  await comeToRest(life);
  const { world, seen, count } = life;
  const { node } = await world.engine();
  const { block, sealed } = await readHeads(node);
  const sealReasons: Record<string, number> = {};
  for (let number = 1n; number <= sealed; number++) {
    const { sealReason } = await requireBatch(node.kv, number);
    sealReasons[sealReason] = (sealReasons[sealReason] ?? 0) + 1;
  }
  return {
    blocks: Number(block),
    rebuiltBlocks: seen.count.rebuiltBlocks,
    batches: Number(sealed),
    sealReasons,
    includedTxs: seen.includedHashes.size,
    operations: Number(node.tip.get().lastOperation),
    ...count,
  };
}
