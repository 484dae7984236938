/**
 * Random sequences of calls against the contract and its model, from seeds.
 *
 * Owns the run: each call goes to both, and afterwards the contract's storage is held against the
 * model and against rules that must hold whatever the model says. Storage is read directly, since
 * views would take most of the time; at the end of some sequences they are all compared as well,
 * which also holds the positions below to what solc lays out. Does not own the choices
 * (`fuzz_actions.ts`).
 * @module
 */
import { assertEquals } from "@std/assert";
import { GENESIS_ACC_INPUT_HASH } from "../../../core/batching/acc_input_hash.ts";
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { encodeDeployMockVerifier } from "../../../core/l1/calls.ts";
import {
  readQueuedOperation,
  readRollupParameters,
  readRollupState,
  readSequencedBatch,
  readVerifiedBatch,
  readVerifier,
} from "../../../core/l1/rollup_views.ts";
import { concatBytes } from "../../../core/primitives/bytes.ts";
import { assert } from "../../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bigintToHash32,
  type Hash32,
  hexToBytes,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { createRandom } from "../../simulation/random.ts";
import { type Attempt, chooseAttempt, chooseDelaySec, encodeAction } from "./fuzz_actions.ts";
import { applyAction, chainBatches, createModel, type Model } from "./fuzz_model.ts";
import type { RollupWorld } from "./scenario.ts";
import { createRollupWorld, START_SEC } from "./world.ts";

const WEEK_SEC = 604_800n;
/** Calls in one sequence. */
const CALLS_PER_SEQUENCE = 25;
/** At the end of each sequence whose seed this divides, all views are compared. */
const VIEWS_EVERY = 50;
/** Calls that wait to be sent after later ones, or again. */
const MAX_POOL = 12;

/** How often what was answered: function names, and names of errors. */
export type FuzzTally = Map<string, number>;

/**
 * Runs `count` sequences of calls, one for each seed from `firstSeed` on, each on a rollup that was
 * just deployed.
 *
 * @throws with the seed and the call when contract and model differ, or a rule is broken.
 */
export async function fuzzContract(firstSeed: number, count: number): Promise<FuzzTally> {
  const world = await createRollupWorld();
  const second = await world.deploy(encodeDeployMockVerifier());
  const verifiers = [world.parameters.verifier, second];
  const tally: FuzzTally = new Map();
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    world.setTime(START_SEC);
    await world.attempt(() => runSequence(world, verifiers, seed, tally));
  }
  return tally;
}

async function runSequence(
  world: RollupWorld,
  verifiers: readonly Address[],
  seed: number,
  tally: FuzzTally,
): Promise<void> {
  const random = createRandom(seed);
  const model = createModel(world.parameters);
  const pool: Attempt[] = [];
  let before = await readHeads(world);
  const marks = new Map<bigint, Heads>([[0n, before]]);
  let where = "at the start";
  try {
    for (let step = 0; step < CALLS_PER_SEQUENCE; step++) {
      const choices = { random, nowSec: world.now(), verifiers };
      world.setTime(world.now() + chooseDelaySec(model, choices));
      const chosen = chooseAttempt(model, { ...choices, nowSec: world.now() });
      if (pool.length < MAX_POOL && random.chance(30)) pool.push(chosen);
      // Replayed, or held back and sent after what was chosen later.
      const attempt = pool.length > 0 && random.chance(25) ? random.pick(pool) : chosen;
      where = `call ${step}, ${attempt.action.kind} by ${attempt.from}`;
      const answer = await sendBoth(world, model, verifiers, attempt);
      const after = await readHeads(world);
      assertSame(after, headsOf(model));
      count(tally, answer ?? attempt.action.kind);
      checkChange(before, after, attempt, answer);
      checkRules(model, after, world.now(), attempt, answer);
      checkRollback(marks, after, attempt, answer);
      if (after.lastSequenced !== before.lastSequenced) marks.set(after.lastSequenced, after);
      before = after;
    }
    where = "the views at the end";
    if (seed % VIEWS_EVERY === 0) await compareViews(world, model);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`seed ${seed}, ${where}: ${reason}`, { cause });
  }
}

/** Makes the call on both sides, which must answer alike. */
async function sendBoth(
  world: RollupWorld,
  model: Model,
  verifiers: readonly Address[],
  { from, isRelayed, action }: Attempt,
): Promise<string | undefined> {
  const outcome = await world.send({
    from,
    origin: isRelayed ? STRANGER_OF_STRANGERS : from,
    to: world.rollup,
    data: encodeAction(action),
  });
  const wanted = applyAction(model, { nowSec: world.now(), from, isRelayed, verifiers }, action);
  const answer = outcome.kind === "reverted" ? outcome.errorName : undefined;
  if (answer !== wanted) assertEquals(answer, wanted, "the contract's answer is not the model's");
  return answer;
}

/** As `assertEquals`, which takes its time to find nothing. */
function assertSame(found: Heads, wanted: Heads): void {
  const values = new Map<string, unknown>(Object.entries(wanted));
  const isSame = Object.entries(found).every(([name, value]) => values.get(name) === value);
  if (!isSame) assertEquals(found, wanted);
}

/** Signs the transactions that reach the rollup through a contract. */
const STRANGER_OF_STRANGERS: Address = address(`0x${"88".repeat(20)}`);

/** All of the contract's storage that is not in mappings, and the ends of its chains. */
interface Heads {
  readonly isEmergency: boolean;
  readonly lastDeactivatedSec: bigint;
  readonly trustedSequencer: bigint;
  readonly trustedAggregator: bigint;
  readonly trustedAggregatorTimeoutSec: bigint;
  readonly admin: bigint;
  readonly forceBatchTimeoutSec: bigint;
  readonly pendingAdmin: bigint;
  readonly programHash: Hash32;
  readonly queued: bigint;
  readonly consumed: bigint;
  readonly lastSequenced: bigint;
  readonly lastMaxTimestampSec: bigint;
  readonly lastVerified: bigint;
  readonly lastVerifiedBeforeUpgrade: bigint;
  readonly accInputHash: Hash32;
  /** Rolling hash of the whole queue. */
  readonly rollingHash: Hash32;
  /** Deadline of the last operation in the queue. */
  readonly deadlineSec: bigint;
  /** State root of the last verified batch. */
  readonly stateRoot: Hash32;
}

/** Positions of variables and mappings. */
const SLOTS = {
  sequencer: 0n,
  aggregator: 1n,
  admin: 2n,
  pendingAdmin: 3n,
  programHash: 5n,
  forcedBatches: 6n,
  marks: 7n,
  verified: 8n,
  sequencedBatches: 9n,
  stateRoots: 10n,
} as const;

async function readHeads(world: RollupWorld): Promise<Heads> {
  const slot = async (at: bigint) => BigInt(await world.storage(world.rollup, bigintToHash32(at)));
  const entryAt = (key: bigint, mapping: bigint) =>
    keccak256(concatBytes(hexToBytes(bigintToHash32(key)), hexToBytes(bigintToHash32(mapping))));
  const entry = (key: bigint, mapping: bigint) =>
    world.storage(world.rollup, entryAt(key, mapping));
  const sequencer = await slot(SLOTS.sequencer);
  const aggregator = await slot(SLOTS.aggregator);
  const admin = await slot(SLOTS.admin);
  const marks = await slot(SLOTS.marks);
  const verified = await slot(SLOTS.verified);
  const [queued, lastSequenced] = [uint64(marks, 0n), uint64(marks, 128n)];
  const lastVerified = uint64(verified, 0n);
  return {
    isEmergency: (sequencer & 0xffn) !== 0n,
    lastDeactivatedSec: uint64(sequencer, 8n),
    trustedSequencer: sequencer >> 72n,
    trustedAggregator: BigInt.asUintN(160, aggregator),
    trustedAggregatorTimeoutSec: uint64(aggregator, 160n),
    admin: BigInt.asUintN(160, admin),
    forceBatchTimeoutSec: uint64(admin, 160n),
    pendingAdmin: await slot(SLOTS.pendingAdmin),
    programHash: await world.storage(world.rollup, bigintToHash32(SLOTS.programHash)),
    queued,
    consumed: uint64(marks, 64n),
    lastSequenced,
    lastMaxTimestampSec: uint64(marks, 192n),
    lastVerified,
    lastVerifiedBeforeUpgrade: uint64(verified, 64n),
    accInputHash: await entry(lastSequenced, SLOTS.sequencedBatches),
    rollingHash: await entry(queued, SLOTS.forcedBatches),
    deadlineSec: await slot(BigInt(entryAt(queued, SLOTS.forcedBatches)) + 1n),
    stateRoot: await entry(lastVerified, SLOTS.stateRoots),
  };
}

function uint64(word: bigint, shift: bigint): bigint {
  return BigInt.asUintN(64, word >> shift);
}

/** The same of the model. */
function headsOf(model: Model): Heads {
  const { settings } = model;
  return {
    isEmergency: model.isEmergency,
    lastDeactivatedSec: model.lastDeactivatedSec,
    trustedSequencer: BigInt(settings.trustedSequencer),
    trustedAggregator: BigInt(settings.trustedAggregator),
    trustedAggregatorTimeoutSec: settings.trustedAggregatorTimeoutSec,
    admin: BigInt(settings.admin),
    forceBatchTimeoutSec: settings.forceBatchTimeoutSec,
    pendingAdmin: BigInt(settings.pendingAdmin),
    programHash: settings.programHash,
    queued: BigInt(model.operations.length),
    consumed: model.consumed,
    lastSequenced: model.lastSequenced,
    lastMaxTimestampSec: model.lastMaxTimestampSec,
    lastVerified: model.lastVerified,
    lastVerifiedBeforeUpgrade: model.lastVerifiedBeforeUpgrade,
    accInputHash: model.sequences.get(model.lastSequenced)?.accInputHash ?? ZERO_HASH,
    rollingHash: model.operations.at(-1)?.rollingHash ?? EMPTY_ROLLING_HASH,
    deadlineSec: model.operations.at(-1)?.deadlineSec ?? 0n,
    stateRoot: model.roots.get(model.lastVerified)?.stateRoot ?? ZERO_HASH,
  };
}

const EMPTY_ROLLING_HASH = keccak256(new Uint8Array(0));

/** Calls that may change each part of the storage; the caller is the model's business. */
const CHANGED_BY: Readonly<Record<keyof Heads, readonly string[]>> = {
  isEmergency: ["activateEmergencyState", "deactivateEmergencyState"],
  lastDeactivatedSec: ["deactivateEmergencyState"],
  trustedSequencer: ["setTrustedSequencer"],
  trustedAggregator: ["setTrustedAggregator"],
  trustedAggregatorTimeoutSec: ["setTrustedAggregatorTimeout"],
  admin: ["acceptAdminRole"],
  forceBatchTimeoutSec: ["setForceBatchTimeout"],
  pendingAdmin: ["transferAdminRole", "acceptAdminRole"],
  programHash: ["updateProgram"],
  queued: ["forceBatch"],
  consumed: ["sequenceBatches", "sequenceForceBatches", "rollbackBatches"],
  lastSequenced: ["sequenceBatches", "sequenceForceBatches", "rollbackBatches"],
  lastMaxTimestampSec: ["sequenceBatches", "sequenceForceBatches", "rollbackBatches"],
  lastVerified: ["verifyBatches", "verifyBatchesTrustedAggregator"],
  lastVerifiedBeforeUpgrade: ["updateProgram"],
  accInputHash: ["sequenceBatches", "sequenceForceBatches", "rollbackBatches"],
  rollingHash: ["forceBatch"],
  deadlineSec: ["forceBatch"],
  stateRoot: ["verifyBatches", "verifyBatchesTrustedAggregator"],
};
/** What only the admin of that moment may have changed. */
const ADMINS: readonly (keyof Heads)[] = [
  "trustedSequencer",
  "trustedAggregator",
  "trustedAggregatorTimeoutSec",
  "forceBatchTimeoutSec",
  "programHash",
  "lastDeactivatedSec",
];

/** Nothing changes but by the function that is for it, and settings only by the admin. */
function checkChange(before: Heads, after: Heads, attempt: Attempt, answer?: string): void {
  const old = new Map<string, unknown>(Object.entries(before));
  for (const [name, value] of Object.entries(after)) {
    if (old.get(name) === value) continue;
    assert(answer === undefined, `a refused call changed ${name}`);
    const isAllowed = new Map(Object.entries(CHANGED_BY)).get(name)?.includes(attempt.action.kind);
    assert(isAllowed === true, `${attempt.action.kind} changed ${name}`);
    if (ADMINS.some((each) => each === name)) {
      assert(
        BigInt(attempt.from) === before.admin,
        `${name} was changed by another than the admin`,
      );
    }
  }
  if (after.admin !== before.admin) {
    assert(BigInt(attempt.from) === before.pendingAdmin, "only the successor becomes admin");
  }
  assert(after.lastVerified >= before.lastVerified, "what is verified stays");
  assert(after.queued >= before.queued, "what is queued stays");
  assert(after.deadlineSec >= before.deadlineSec, "deadlines do not fall along the queue");
}

/** What must hold in any state, by the contract's own storage and what was sequenced. */
function checkRules(
  model: Model,
  heads: Heads,
  nowSec: bigint,
  attempt: Attempt,
  answer?: string,
): void {
  assert(heads.lastVerified <= heads.lastSequenced, "what is verified is sequenced");
  assert(heads.consumed <= heads.queued, "what is consumed is queued");
  assert(heads.lastVerifiedBeforeUpgrade <= heads.lastVerified, "a program takes over verified");
  const chain = chainBatches(GENESIS_ACC_INPUT_HASH, model.batches);
  assertEquals(BigInt(model.batches.length), heads.lastSequenced);
  assertEquals(heads.accInputHash, chain, "the chain of all sequenced batches is broken");
  assert(heads.stateRoot !== ZERO_HASH, "a verified batch has a state root");
  if (answer !== undefined || attempt.action.kind !== "sequenceBatches") return;
  const { expectedFinalAccInputHash } = attempt.action.call;
  assertEquals(heads.accInputHash, expectedFinalAccInputHash, "the call was for another history");
  const { lastDeactivatedSec } = heads;
  if (lastDeactivatedSec !== 0n && nowSec < lastDeactivatedSec + WEEK_SEC) return;
  const late = model.operations.filter((each, index) =>
    BigInt(index) >= heads.consumed && each.deadlineSec <= nowSec
  );
  assertEquals(late.length, 0, "the sequencer passed by an overdue operation");
}

/** After a rollback everything of sequencing is as it was when its target was sequenced. */
function checkRollback(
  marks: ReadonlyMap<bigint, Heads>,
  after: Heads,
  { action }: Attempt,
  answer?: string,
): void {
  if (action.kind !== "rollbackBatches" || answer !== undefined) return;
  const then = marks.get(action.targetBatch);
  assert(then !== undefined, "a rollback ends where a sequence has ended");
  for (
    const name of ["lastSequenced", "consumed", "lastMaxTimestampSec", "accInputHash"] as const
  ) {
    assertEquals(after[name], then[name], `a rollback did not restore ${name}`);
  }
}

/** Every public view against the model, for every batch and operation and some that do not exist. */
async function compareViews(world: RollupWorld, model: Model): Promise<void> {
  const { client, rollup } = world;
  const { pendingAdmin: _, ...settings } = model.settings;
  const { verifier, ...parameters } = await readRollupParameters(client, rollup);
  const genesis = model.roots.get(0n);
  assertEquals(parameters, {
    ...settings,
    chainId: model.chainId,
    genesisStateRoot: genesis?.stateRoot ?? ZERO_HASH,
    genesisLeafCount: genesis?.leafCount ?? 0n,
  });
  assertEquals(verifier, model.verifiers.get(settings.programHash)?.verifier);
  assertEquals(await readRollupState(client, rollup), {
    lastBatchSequenced: batchNumber(model.lastSequenced),
    lastVerifiedBatch: batchNumber(model.lastVerified),
    lastMaxSequenceTimestampSec: model.lastMaxTimestampSec,
    lastForceBatch: BigInt(model.operations.length),
    lastForceBatchSequenced: model.consumed,
    l1ToL2RollingHash: model.operations[Number(model.consumed) - 1]?.rollingHash ??
      EMPTY_ROLLING_HASH,
    isEmergencyState: model.isEmergency,
  });
  for (const [programHash, { verifier, isObsolete }] of model.verifiers) {
    assertEquals(await readVerifier(client, rollup, programHash), {
      verifier,
      isObsolete,
      proofKind: "mock",
    });
  }
  for (let number = 1n; number <= model.operations.length + 1; number++) {
    const operation = model.operations[Number(number) - 1];
    assertEquals(await readQueuedOperation(client, rollup, number), operation);
  }
  for (let number = 1n; number <= model.lastSequenced + 2n; number++) {
    await compareBatch(world, model, number);
  }
}

async function compareBatch(world: RollupWorld, model: Model, number: bigint): Promise<void> {
  const found = await readSequencedBatch(world.client, world.rollup, batchNumber(number));
  const sequence = model.sequences.get(number);
  assertEquals(
    found,
    sequence === undefined ? undefined : {
      accInputHash: sequence.accInputHash,
      sequencedTimestampSec: sequence.sequencedSec,
      previousLastBatchSequenced: batchNumber(sequence.previous),
      maxSequenceTimestampSec: sequence.maxTimestampSec,
      lastForceBatchSequenced: sequence.consumed,
    },
  );
  const verified = await readVerifiedBatch(world.client, world.rollup, batchNumber(number));
  const root = model.roots.get(number);
  assertEquals([verified?.stateRoot, verified?.leafCount, verified?.proofKind], [
    root?.stateRoot,
    root?.leafCount,
    root === undefined ? undefined : "mock",
  ]);
}

function count(tally: FuzzTally, name: string): void {
  tally.set(name, (tally.get(name) ?? 0) + 1);
}
