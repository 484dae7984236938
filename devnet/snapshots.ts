/**
 * Moments of a whole devnet that tests go back to: both layers, the clock, the pools, the pace.
 *
 * Owns the ids and the order of going back. The layers share a clock, and L1 decides what the L2
 * is, so there is one list of snapshots for both ports. L1 goes back first, then the L2 reads L1 and
 * unwinds to its own block by the pipeline's rules: a process that dies on the way leaves what a
 * reorganisation of L1 leaves, a consistent devnet with a shorter history. Snapshots are kept in
 * memory and end with the process, as with anvil; the one of the first start is found again by its
 * blocks. Who is impersonated stays so. Does not own either way back
 * (`l1/marks.ts`, `core/pipeline/restore_point.ts`).
 * @module
 */
import type { LocalEngine } from "../core/engine/local_engine.ts";
import type { BlockTiming } from "../core/pipeline/node.ts";
import type { RestorePoint } from "../core/pipeline/restore_point.ts";
import { requireBlockSummary } from "../core/store/blocks.ts";
import { RollupError } from "../core/primitives/errors.ts";
import type { Clock, ClockMark } from "../core/primitives/ports.ts";
import type { EmbeddedL1 } from "./l1/embedded_l1.ts";
import type { L1Mark } from "./l1/marks.ts";
import type { L2Pace, PaceMark } from "./l2_pace.ts";
import type { DevnetControls } from "./rpc/chain.ts";

/** Codes that this file throws. */
export type SnapshotErrorCode = "SNAPSHOT_LOST" | "SNAPSHOT_LIMIT";

/** What snapshots are of. */
export interface SnapshotOptions {
  readonly engine: LocalEngine;
  /** Absent when the L1 is somebody else's, which nobody here can take back. */
  readonly l1: EmbeddedL1 | undefined;
  /** The L2's. */
  readonly pace: L2Pace;
}

/** Takes snapshots and goes back to them. */
export type Snapshots = Pick<DevnetControls, "snapshot" | "revert" | "reset" | "snapshots">;

/** A moment. */
interface Moment {
  readonly l1: L1Mark | undefined;
  readonly l2: RestorePoint;
  readonly clock: ClockMark;
  /** What is wished of the times of L2 blocks. */
  readonly timing: BlockTiming;
  readonly pace: PaceMark;
}

/** Far more than a test suite nests; each holds the pools of its time. */
const MAX_SNAPSHOTS = 10_000;
const NO_WISHES: BlockTiming = { intervalSec: undefined, nextSec: undefined };

/** Snapshots of a devnet. */
export async function createSnapshots(options: SnapshotOptions): Promise<Snapshots> {
  const { engine, l1, pace } = options;
  const { clock } = engine.node;
  const moments = new Map<bigint, Moment>();
  let nextId = 0n;
  // Two at once would go back into each other's past.
  let last: Promise<unknown> = Promise.resolve();
  const alone = <Result>(task: () => Promise<Result>): Promise<Result> => {
    const run = last.then(task, task);
    last = run.catch(() => {});
    return run;
  };
  const take = async (): Promise<Moment> => ({
    l1: await l1?.mark(),
    l2: await engine.restorePoint(),
    clock: clock.mark(),
    timing: { ...NO_WISHES, ...engine.node.timing },
    pace: pace.mark(),
  });
  const isThere = async (moment: Moment): Promise<boolean> =>
    await engine.hasRestorePoint(moment.l2) &&
    (moment.l1 === undefined || l1 === undefined || await l1.hasMark(moment.l1));
  const goBack = async (moment: Moment): Promise<void> => {
    if (!await isThere(moment)) throw lost();
    const goOn = await pace.pause();
    let then: PaceMark | undefined;
    try {
      const { l1: mark } = moment;
      const takeL1Back = l1 === undefined || mark === undefined
        ? undefined
        : () => l1.returnTo(mark);
      await engine.restore(moment.l2, takeL1Back);
      restoreTime(clock, moment);
      if (engine.node.timing !== undefined) Object.assign(engine.node.timing, moment.timing);
      then = moment.pace;
    } finally {
      await goOn(then);
    }
  };
  const first = await firstMoment(options, await take());
  return {
    snapshot: () =>
      alone(async () => {
        if (moments.size >= MAX_SNAPSHOTS) throw tooMany();
        const id = nextId++;
        moments.set(id, await take());
        return id;
      }),
    revert: (id) =>
      alone(async () => {
        const moment = moments.get(id);
        if (moment === undefined) return false;
        await goBack(moment);
        for (const other of moments.keys()) if (other >= id) moments.delete(other);
        return true;
      }),
    reset: () =>
      alone(async () => {
        await goBack(first);
        moments.clear();
      }),
    snapshots: (layer) =>
      [...moments].flatMap(([id, { l1: mark, l2 }]) => {
        if (layer === "L2") return [{ id, blockNumber: l2.blockNumber, blockHash: l2.blockHash }];
        return mark === undefined ? [] : [{ id, blockNumber: mark.number, blockHash: mark.hash }];
      }),
  };
}

/**
 * What the devnet was when it was first started: contracts on L1, nothing on L2. Over somebody else's
 * L1 it is what it is now, as what L1 has meanwhile is not ours to take back.
 */
async function firstMoment(
  { engine, l1, pace }: SnapshotOptions,
  now: Moment,
): Promise<Moment> {
  if (l1 === undefined) return { ...now, pace: pace.first };
  const mark = await l1.firstMark();
  const genesis = await requireBlockSummary(engine.node.kv, 0n);
  return {
    ...now,
    l1: mark,
    l2: { blockNumber: 0n, blockHash: genesis.hash, sealed: 0n, pool: [], voids: [] },
    clock: { nowSec: mark.timestampSec, advancedSec: 0n },
    timing: NO_WISHES,
    pace: pace.first,
  };
}

/** The clock stands as it did, also whether the time of day moves it. */
function restoreTime(clock: Clock, { clock: mark, l1, timing }: Moment): void {
  clock.restore(mark);
  clock.hold(timing.intervalSec !== undefined || l1?.standing.intervalSec !== undefined);
}

function lost(): RollupError<SnapshotErrorCode> {
  return new RollupError(
    "SNAPSHOT_LOST",
    "Cannot go back to the snapshot as its blocks must still be there: the chain was rolled back " +
      "or reorganised below them",
    { mend: "Go back to an earlier snapshot, or start a new folder with `--data DIR`." },
  );
}

function tooMany(): RollupError<SnapshotErrorCode> {
  return new RollupError(
    "SNAPSHOT_LIMIT",
    `Cannot take a snapshot as there must be at most ${MAX_SNAPSHOTS}: there are as many`,
    { details: { maxSnapshots: MAX_SNAPSHOTS }, mend: "Go back to an early one with evm_revert." },
  );
}
