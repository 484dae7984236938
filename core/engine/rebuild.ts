/**
 * A second node out of L1 alone, held against this one.
 *
 * Owns the order (open, synchronize to L1's head, compare) and what is compared. The second node has
 * a store, a state and a clock of its own; of this one it shares only the L1 and the program, and of
 * this one's queue of verbs it holds nothing. Does not own how its store is opened (`devnet`), nor
 * following L1 (`pipeline/stages/sync_l1.ts`).
 * @module
 */
import { type Node, readCheckpoint } from "../pipeline/node.ts";
import { syncL1 } from "../pipeline/stages/sync_l1.ts";
import { RollupError } from "../primitives/errors.ts";
import { readBatch } from "../store/batches.ts";
import { readBlockSummary } from "../store/blocks.ts";
import type { Batch } from "../types/batch.ts";
import type { Engine, Progress, RebuildDifference, RebuildView } from "./engine.ts";
import type { LocalEngine } from "./local_engine.ts";
import { toNumber } from "./views.ts";

/** Codes of this file. */
export type RebuildErrorCode = "REBUILD_UNAVAILABLE" | "REBUILD_RUNNING" | "REBUILD_STOPPED";

/** A node that only follows L1. */
export interface Follower {
  readonly engine: LocalEngine;
  /** Where its store is; `undefined` in memory. */
  readonly folder: string | undefined;
}

/** Opens a follower of the same rollup, in a folder or in memory. */
export type OpenFollower = (folder: string | undefined) => Promise<Follower>;

/** The verb, one at a time. */
export interface Rebuilder {
  readonly rebuild: Engine["rebuild"];
  /** Ends the one that is under way, after its step; later ones are refused. */
  stop(): Promise<void>;
}

/** Rebuilds beside `node`; without `openFollower` every try is refused. */
export function createRebuilder(node: Node, openFollower: OpenFollower | undefined): Rebuilder {
  const stopping = new AbortController();
  let running: Promise<RebuildView> | undefined;
  return {
    rebuild: async ({ into }, progress) => {
      if (stopping.signal.aborted) throw rebuildStopped();
      if (openFollower === undefined) throw rebuildUnavailable();
      if (running !== undefined) throw rebuildRunning();
      running = rebuild({ node, open: () => openFollower(into), progress, stop: stopping.signal });
      try {
        return await running;
      } finally {
        running = undefined;
      }
    },
    stop: async () => {
      stopping.abort();
      await running?.catch(() => {});
    },
  };
}

interface Rebuilding {
  readonly node: Node;
  readonly open: () => Promise<Follower>;
  readonly progress: Progress | undefined;
  readonly stop: AbortSignal;
}

async function rebuild({ node, open, progress, stop }: Rebuilding): Promise<RebuildView> {
  const { engine, folder } = await open();
  await using _closing = engine;
  const follower = engine.node;
  await follow(follower, progress, stop);
  const batches = await readCheckpoint(follower, "seal_batch");
  const here = await readCheckpoint(node, "seal_batch");
  const compared = here < batches ? here : batches;
  let difference: RebuildDifference | undefined;
  for (let number = 1n; number <= compared && difference === undefined; number++) {
    if (stop.aborted) throw rebuildStopped();
    difference = await compareBatch(node, follower, number);
  }
  const tip = follower.tip.get();
  return {
    batches: toNumber(batches),
    blocks: toNumber(tip.header.number),
    l1Block: toNumber(await readCheckpoint(follower, "sync_l1")),
    lastStateRoot: tip.header.stateRoot,
    compared: toNumber(compared),
    matches: difference === undefined,
    difference: difference ?? null,
    folder: folder ?? null,
  };
}

/** Reads L1 to its head; a folder of an earlier run goes on where that ended. */
async function follow(
  follower: Node,
  progress: Progress | undefined,
  stop: AbortSignal,
): Promise<void> {
  let told = await readCheckpoint(follower, "seal_batch");
  for (;;) {
    if (stop.aborted) throw rebuildStopped();
    const { kind } = await syncL1.step(follower);
    const sealed = await readCheckpoint(follower, "seal_batch");
    if (sealed > told) progress?.(`executed batch ${sealed} of L1`);
    told = sealed;
    if (kind === "idle" || kind === "waiting") return;
  }
}

/** What L1 and execution determine of a batch, causes first. */
const BATCH_FIELDS = [
  "batchDataHash",
  "limitTimestampSec",
  "coinbase",
  "lastOperation",
  "l1ToL2RollingHash",
  "newAccInputHash",
  "firstBlock",
  "lastBlock",
  "newStateRoot",
  "newLeafCount",
] as const satisfies readonly (keyof Batch)[];

async function compareBatch(
  node: Node,
  follower: Node,
  number: bigint,
): Promise<RebuildDifference | undefined> {
  const here = await readBatch(node.kv, number);
  const fromL1 = await readBatch(follower.kv, number);
  const batch = toNumber(number);
  const tell = (field: string, ours: unknown, theirs: unknown): RebuildDifference => ({
    batch,
    field,
    here: String(ours),
    fromL1: String(theirs),
  });
  if (here === undefined || fromL1 === undefined) {
    return tell("presence", here !== undefined, fromL1 !== undefined);
  }
  for (const field of BATCH_FIELDS) {
    if (here[field] !== fromL1[field]) return tell(field, here[field], fromL1[field]);
  }
  for (let block = here.firstBlock; block <= here.lastBlock; block++) {
    const ours = (await readBlockSummary(node.kv, block))?.hash;
    const theirs = (await readBlockSummary(follower.kv, block))?.hash;
    if (ours !== theirs) return tell(`hash of block ${block}`, ours, theirs);
  }
  return undefined;
}

function rebuildUnavailable(): RollupError<RebuildErrorCode> {
  return new RollupError(
    "REBUILD_UNAVAILABLE",
    "Cannot rebuild from L1 as this engine must know how to open a second store: it does not",
    { mend: "Open the data folder with `devnet` or `sync --from-l1`." },
  );
}

function rebuildRunning(): RollupError<RebuildErrorCode> {
  return new RollupError(
    "REBUILD_RUNNING",
    "Cannot rebuild from L1 as one at a time is all: one is under way",
    { mend: "Wait until it has ended." },
  );
}

function rebuildStopped(): RollupError<RebuildErrorCode> {
  return new RollupError(
    "REBUILD_STOPPED",
    "Cannot finish rebuilding from L1 as the engine must stay open: it is being closed",
    { mend: "Start it again; with `--into DIR` it goes on where it ended." },
  );
}
