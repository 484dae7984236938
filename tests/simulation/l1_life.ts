/**
 * What an L1 and the people on it do to a rollup, at random.
 *
 * Owns reorganisations, users who force operations, strangers who sequence and prove, an admin with
 * all his powers, thieves of the keys, fees and funds. Does not own what the node does meanwhile.
 * @module
 */
import { createJsonRpcL1Client, type L1Request } from "../../core/l1/backends/json_rpc.ts";
import {
  encodeActivateEmergencyState,
  encodeDeactivateEmergencyState,
  encodeForceBatch,
  encodeRollbackBatches,
  encodeSequenceForceBatches,
  encodeSetTrustedAggregator,
  encodeSetTrustedSequencer,
} from "../../core/l1/calls.ts";
import {
  readRollupParameters,
  readRollupState,
  type RollupState,
} from "../../core/l1/rollup_views.ts";
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import { decodeRollupEvent } from "../../core/l1/events.ts";
import { signL1Transaction } from "../../core/l1/transaction.ts";
import { isRollupError } from "../../core/primitives/errors.ts";
import { type Address, type Hex, hexToBytes } from "../../core/primitives/hex.ts";
import { transactionHash } from "../../core/types/tx.ts";
import { DEVNET_ROLES, type DevnetAccount, INITIAL_BALANCE_WEI } from "../../devnet/accounts.ts";
import {
  FORCE_BATCH_TIMEOUT_SEC,
  TRUSTED_AGGREGATOR_TIMEOUT_SEC,
} from "../../devnet/chain_config.ts";
import type { ReorgTransaction } from "../../devnet/rpc/chain.ts";
import { encodeSequence } from "./l1_actions.ts";
import { type Life, openingOf, remembering, verb } from "./life.ts";
import { user } from "./signing.ts";
import { randomTransaction } from "./users.ts";

/** Forces, sequences and proves what nobody asked him to. */
const STRANGER = user(9);
const ADMIN = DEVNET_ROLES.deployer;
/** Deepest reorganisation. */
const MAX_DEPTH = 64;
/** The contract's `HALT_AGGREGATION_TIMEOUT`: one week. */
const HALT_TIMEOUT_SEC = 604_800n;
/** Gas that every call of these people stays below. */
const CALL_GAS = 3_000_000n;

/** Everything that may happen on L1 besides what the node does there. */
export const L1_ACTIONS = {
  force: (life: Life) =>
    verb(life, async (engine) => {
      for (let forced = life.random.int(1, 3); forced > 0; forced--) {
        await send(life, user(life.random.int(0, 3)), encodeForceBatch(operation(life, engine)));
        life.count.forcedOperations++;
      }
    }),
  l1Jump: async ({ world, random }: Life) => {
    const seconds = random.pick([
      60n,
      3_600n,
      FORCE_BATCH_TIMEOUT_SEC,
      FORCE_BATCH_TIMEOUT_SEC / 2n,
    ]);
    const clock = await world.clock();
    clock.observe(clock.nowSec() + seconds);
  },
  sequenceForced: (life: Life) => verb(life, (engine) => sequenceForced(life, engine)),
  proveAsStranger: (life: Life) => verb(life, () => proveAsStranger(life)),
  rollBack: (life: Life) => verb(life, (engine) => rollBack(life, engine)),
  emergency: (life: Life) =>
    verb(life, async (engine) => {
      const { isEmergencyState } = await contractState(life, engine);
      const data = isEmergencyState
        ? encodeDeactivateEmergencyState()
        : encodeActivateEmergencyState(0n);
      await send(life, ADMIN, data);
    }),
  otherSequencer: (life: Life) =>
    verb(life, async (engine) => {
      const { trustedSequencer } = await contractParameters(life, engine);
      const { sequencer } = DEVNET_ROLES;
      const isOurs = trustedSequencer === sequencer.address;
      await send(life, ADMIN, encodeSetTrustedSequencer((isOurs ? STRANGER : sequencer).address));
    }),
  otherAggregator: (life: Life) =>
    verb(life, async (engine) => {
      const { trustedAggregator } = await contractParameters(life, engine);
      const { aggregator } = DEVNET_ROLES;
      const isOurs = trustedAggregator === aggregator.address;
      await send(life, ADMIN, encodeSetTrustedAggregator((isOurs ? STRANGER : aggregator).address));
    }),
  hostileSequencer: (life: Life) => verb(life, (engine) => sequenceNonsense(life, engine)),
  twin: (life: Life) => verb(life, () => runTwin(life)),
  spendNonce: (life: Life) =>
    verb(life, async () => {
      const { sequencer, aggregator } = DEVNET_ROLES;
      const thief = life.random.pick([sequencer, aggregator]);
      await send(life, thief, "0x", { to: thief.address, gasLimit: 21_000n });
    }),
  replay: (life: Life) => verb(life, () => replay(life)),
  loseL1Transaction: (life: Life) =>
    verb(life, async () => {
      const l1 = await life.world.l1();
      const waiting = await l1.pendingTransactions();
      if (waiting.length > 0) await l1.controls.dropTransaction(life.random.pick(waiting).hash);
    }),
  feeSpike: (life: Life) =>
    verb(life, async () => {
      const l1 = await life.world.l1();
      await l1.controls.wish({ baseFeePerGasWei: 10n ** 9n * BigInt(life.random.int(1, 300)) });
      await l1.mine();
    }),
  poverty: (life: Life) =>
    verb(life, async () => {
      const l1 = await life.world.l1();
      const { sequencer, aggregator } = DEVNET_ROLES;
      const { address } = life.random.pick([sequencer, aggregator]);
      const balanceWei = life.random.pick([0n, 10n ** 15n, INITIAL_BALANCE_WEI]);
      await l1.controls.decree(new Map([[address, { balanceWei }]]));
      await l1.mine();
    }),
  reorganise: (life: Life) => verb(life, () => reorganise(life)),
  l1Snapshot: async ({ snapshots, world }: Life) => {
    snapshots.push(await world.snapshotL1());
  },
  l1Rewind: async (life: Life) => {
    const { snapshots, world, count } = life;
    // What is before the first snapshot stays: the contracts.
    const snapshot = snapshots.length > 1 ? snapshots.pop() : snapshots[0];
    if (snapshot === undefined) return;
    await noteTakenBack(life, life.firstL1Block);
    const clock = await world.clock();
    clock.observe(clock.nowSec() + 3n);
    await world.rewindL1(snapshot);
    count.reorganisations++;
  },
} as const satisfies Readonly<Record<string, (life: Life) => unknown>>;

/** All that people have changed on L1 is put right again. */
export async function calmL1(life: Life): Promise<void> {
  const { world, trouble } = life;
  trouble.faults = undefined;
  await world.setL1Mining("automine");
  const engine = await world.engine(openingOf(life));
  const l1 = await world.l1();
  const { sequencer, aggregator } = DEVNET_ROLES;
  for (const { hash, sender } of await l1.pendingTransactions()) {
    if (sender === ADMIN.address) await l1.controls.dropTransaction(hash);
  }
  for (const { address } of [sequencer, aggregator, ADMIN]) {
    await l1.controls.decree(new Map([[address, { balanceWei: INITIAL_BALANCE_WEI }]]));
  }
  // Spikes of the fee fade by an eighth a block.
  while (await l1.nextBaseFeePerGasWei() > 2n * 10n ** 9n) await l1.mine();
  const state = await contractState(life, engine);
  if (state.isEmergencyState) await send(life, ADMIN, encodeDeactivateEmergencyState());
  const { trustedSequencer, trustedAggregator } = await contractParameters(life, engine);
  if (trustedSequencer !== sequencer.address) {
    await send(life, ADMIN, encodeSetTrustedSequencer(sequencer.address));
  }
  if (trustedAggregator !== aggregator.address) {
    await send(life, ADMIN, encodeSetTrustedAggregator(aggregator.address));
  }
}

/** What a user may force: also what is invalid, known, doubled or nothing at all. */
function operation({ random, seen, sentToL1 }: Life, engine: LocalEngine): Uint8Array {
  const { node } = engine;
  const kind = random.weighted({ fresh: 6, pooled: 3, included: 1, garbage: 2, foreign: 1 });
  const pooled = node.pool.entries();
  if (kind === "pooled" && pooled.length > 0) return random.pick(pooled).raw;
  if (kind === "garbage") return new Uint8Array(random.int(1, 200)).fill(random.int(0, 255));
  // A signed transaction of L1, of another chain.
  if (kind === "foreign" && sentToL1.size > 0) {
    const raw = random.pick([...sentToL1.values()]);
    if (raw.length <= 5_000) return raw;
  }
  const raw = randomTransaction(random, engine);
  seen.sentHashes.add(transactionHash(raw));
  return raw;
}

/** Anyone may sequence what is overdue; too early or too many is refused. */
async function sequenceForced(life: Life, engine: LocalEngine): Promise<void> {
  const { lastForceBatch, lastForceBatchSequenced } = await contractState(life, engine);
  const waiting = Number(lastForceBatch - lastForceBatchSequenced);
  if (waiting === 0) return;
  if (life.random.chance(50)) {
    const clock = await life.world.clock();
    clock.observe(clock.nowSec() + FORCE_BATCH_TIMEOUT_SEC);
  }
  life.seen.mayRebuild = true;
  life.count.forcedBatches++;
  await send(life, STRANGER, encodeSequenceForceBatches(BigInt(life.random.int(1, waiting))));
}

/** Sequences all that is overdue, as `submit --forced` does. */
export async function submitForced(life: Life): Promise<void> {
  const { seen, count, world } = life;
  // After an emergency it is refused for a week.
  const clock = await world.clock();
  clock.observe(clock.nowSec() + HALT_TIMEOUT_SEC);
  await (await world.l1()).mine();
  const plan = await planForced(await world.engine(openingOf(life)));
  if (plan === undefined) return;
  seen.mayRebuild = true;
  count.forcedBatches++;
  await send(life, STRANGER, plan);
}

/** The call that sequences what is overdue; `undefined` when nothing is. */
async function planForced(engine: LocalEngine): Promise<Hex | undefined> {
  try {
    const plan = await engine.planL1({ kind: "sequenceForceBatches" }, STRANGER.address);
    return plan.data;
  } catch (error) {
    if (isRollupError(error)) return undefined;
    throw error;
  }
}

/** After the aggregator's timeout anyone proves what is on L1. */
async function proveAsStranger(life: Life): Promise<void> {
  const clock = await life.world.clock();
  if (life.random.chance(60)) clock.observe(clock.nowSec() + TRUSTED_AGGREGATOR_TIMEOUT_SEC + 1n);
  const prover = await life.world.follower({ roles: PROVER_ROLES, aggregator: STRANGER });
  await prover.sync();
  await prover.prove();
  await prover.submit();
}

const PROVER_ROLES = new Set(["synchronizer", "prover", "submitter"] as const);

async function rollBack(life: Life, engine: LocalEngine): Promise<void> {
  const state = await contractState(life, engine);
  const { lastVerifiedBatch: verified, lastBatchSequenced: sequenced } = state;
  if (sequenced === verified) return;
  const target = BigInt(life.random.int(Number(verified), Number(sequenced) - 1));
  // Batches of others go, too, and what is sequenced in their place may be ours.
  life.seen.mayRebuild = true;
  await send(life, ADMIN, encodeRollbackBatches(target));
}

/** The sequencer's key is in wrong hands. */
async function sequenceNonsense(life: Life, engine: LocalEngine): Promise<void> {
  const { random, world, seen } = life;
  const { sequencer } = DEVNET_ROLES;
  const state = await contractState(life, engine);
  const waiting = Number(state.lastForceBatch - state.lastForceBatchSequenced);
  const clock = await world.clock();
  const batches = Array.from({ length: random.int(1, 3) }, () => ({
    transactions: new Uint8Array(random.int(0, 60)).fill(random.int(0, 3)),
    timestampSec: random.pick([
      clock.nowSec(),
      state.lastMaxSequenceTimestampSec,
      clock.nowSec() + 30n,
      clock.nowSec() + 1_000n,
      0n,
    ]),
    operationCount: BigInt(random.int(0, Math.min(waiting + 1, 4))),
  }));
  seen.mayRebuild = true;
  const call = { batches, initSequencedBatch: state.lastBatchSequenced };
  await send(
    life,
    sequencer,
    await encodeSequence(engine.node.l1, {
      ...call,
      l2Coinbase: random.pick([sequencer, STRANGER]).address,
    }),
  );
}

/** A second process with the same keys, which does some of what the first one does. */
async function runTwin(life: Life): Promise<void> {
  const { random, world, seen } = life;
  const intercept = (next: L1Request) => remembering(next, life);
  const twin = await world.twin({ ...openingOf(life), intercept });
  // What it seals of its own is not what the first one seals.
  if (random.chance(30)) {
    seen.mayRebuild = true;
    await twin.mineBlock();
    await twin.sealBatch();
  }
  for (let count = random.int(1, 4); count > 0; count--) {
    const name = random.pick(["sync", "submit", "prove", "submit"] as const);
    await twin[name]();
  }
}

/** Somebody hands L1 what was signed at some time. */
async function replay({ random, sentToL1, world, seen }: Life): Promise<void> {
  if (sentToL1.size === 0) return;
  // It may be a stranger's.
  seen.mayRebuild = true;
  try {
    await (await world.l1()).sendRawTransaction(random.pick([...sentToL1.values()]));
  } catch (error) {
    if (!isRollupError(error)) throw error;
  }
}

/** Other blocks take the place of the last ones: with all, some or none of what was in them. */
async function reorganise(life: Life): Promise<void> {
  const { random, world, sentToL1, firstL1Block, count } = life;
  const l1 = await world.l1();
  const head = await l1.numberOf("latest");
  const deepest = Math.min(MAX_DEPTH, Number(head - firstL1Block));
  if (deepest < 1) return;
  const depth = random.chance(50) ? random.int(1, Math.min(5, deepest)) : random.int(1, deepest);
  await noteTakenBack(life, head - BigInt(depth));
  count.reorganisations++;
  if (random.chance(30)) {
    await l1.controls.rollback(BigInt(depth));
    return;
  }
  const transactions: ReorgTransaction[] = [];
  const keptPercent = random.pick([0, 50, 100]);
  for (let number = head - BigInt(depth) + 1n; number <= head; number++) {
    for (const { raw } of (await l1.block(number))?.transactions ?? []) {
      if (!random.chance(keptPercent)) continue;
      const blockIndex = random.int(0, depth - 1);
      transactions.push({ raw, blockIndex });
    }
  }
  // Another attempt than the one that was mined.
  if (sentToL1.size > 0 && random.chance(50)) {
    life.seen.mayRebuild = true;
    transactions.push({ raw: random.pick([...sentToL1.values()]), blockIndex: 0 });
  }
  const ordered = random.chance(70)
    ? transactions.toSorted((left, right) => left.blockIndex - right.blockIndex)
    : transactions.toReversed();
  await l1.controls.reorg(BigInt(depth), ordered);
}

/** Whether blocks above `number` have anything that excuses other blocks of L2. */
async function noteTakenBack(life: Life, number: bigint): Promise<void> {
  const { world, seen } = life;
  // What was verified above may be proven anew for other blocks.
  seen.verifiedBlock = 0;
  const { node } = await world.engine(openingOf(life));
  const client = createJsonRpcL1Client({ request: await world.request() });
  const head = await (await world.l1()).numberOf("latest");
  if (head <= number) return;
  const { rollup: address } = node.l1;
  const logs = await client.logs({ address, fromBlock: number + 1n, toBlock: head });
  for (const log of logs) {
    const event = decodeRollupEvent(log);
    const kind = event?.kind;
    if (kind === "operation" || kind === "forceSequenced" || kind === "rolledBack") {
      seen.mayRebuild = true;
    }
  }
}

async function contractState({ world }: Life, { node }: LocalEngine): Promise<RollupState> {
  const client = createJsonRpcL1Client({ request: await world.request() });
  return await readRollupState(client, node.l1.rollup);
}

async function contractParameters({ world }: Life, { node }: LocalEngine) {
  const client = createJsonRpcL1Client({ request: await world.request() });
  return await readRollupParameters(client, node.l1.rollup);
}

/** Hands a transaction to L1 and leaves it there; what L1 does not take is no matter. */
async function send(
  { world, sentToL1 }: Life,
  from: Pick<DevnetAccount, "address" | "privateKey">,
  data: Hex,
  { to, gasLimit = CALL_GAS }: { readonly to?: Address; readonly gasLimit?: bigint } = {},
): Promise<void> {
  const l1 = await world.l1();
  const { node } = await world.engine();
  const { raw, hash } = signL1Transaction({
    chainId: l1.chainId,
    nonce: await l1.pendingNonce(from.address),
    to: to ?? node.l1.rollup,
    data: hexToBytes(data),
    valueWei: 0n,
    gasLimit,
    maxFeePerGasWei: 2n * await l1.nextBaseFeePerGasWei() + 10n ** 9n,
    maxPriorityFeePerGasWei: 10n ** 9n,
  }, from.privateKey);
  sentToL1.set(hash, raw);
  try {
    await l1.sendRawTransaction(raw);
  } catch (error) {
    if (!isRollupError(error)) throw error;
  }
}
