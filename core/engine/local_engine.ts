/**
 * The engine in this process: each verb steps the stages of the pipeline, one verb at a time.
 *
 * Owns the queue that keeps verbs apart and the answers. Does not own any step
 * (`pipeline/stages`) or opening the node (`create_engine.ts`).
 * @module
 */
import { callAt } from "../pipeline/call.ts";
import { readHeads } from "../pipeline/heads.ts";
import { admitCandidate, findSender } from "../pipeline/inlet.ts";
import { type Node, readCheckpoint, type Role } from "../pipeline/node.ts";
import {
  dropPooled,
  hasRestorePoint,
  type RestorePoint,
  restorePoint,
  takeBackBlocks,
  takeRestorePoint,
} from "../pipeline/restore_point.ts";
import { createPoolRows } from "../pipeline/pool_rows.ts";
import type { StepWish } from "../pipeline/stage.ts";
import { buildBlock } from "../pipeline/stages/build_block.ts";
import { acceptProof, nextProofJob } from "../pipeline/stages/prove_batch.ts";
import { sealBatch } from "../pipeline/stages/seal_batch.ts";
import { syncL1 } from "../pipeline/stages/sync_l1.ts";
import { assert, isRollupError, RollupError } from "../primitives/errors.ts";
import { bytesToHex, type Hash32, hexToBytes } from "../primitives/hex.ts";
import type { PoolEntry } from "../pool/pool.ts";
import { encodePublicInputs } from "../proving/public_inputs.ts";
import type { StoredBlock } from "../store/blocks.ts";
import type { CallOutcome, CallRequest } from "../vm/executor.ts";
import type { SealReason } from "../types/batch.ts";
import type {
  Engine,
  InspectQuery,
  L1TransactionView,
  Progress,
  ProveView,
  SyncView,
} from "./engine.ts";
import { proofToView, refuseTrapped, sealToView, senderToView, sentToView } from "./answers.ts";
import { estimateGas } from "./estimate.ts";
import { inspectNode } from "./inspect.ts";
import { planL1Call, sendL1Call } from "./l1_calls.ts";
import { createQueue, type Queue, type QueueErrorCode } from "./queue.ts";
import { createRebuilder, type OpenFollower } from "./rebuild.ts";
import { prove, type StageVerbErrorCode, type StepOnce, submit, sync } from "./stage_verbs.ts";
import { headsToView, toNumber } from "./views.ts";

/** Codes of this file. */
export type EngineErrorCode =
  | "NOTHING_TO_SEAL"
  | "ROLE_MISSING"
  | "SYNC_NEEDED"
  | QueueErrorCode
  | StageVerbErrorCode;

/** How a local engine behaves beyond its verbs. */
export interface LocalEngineOptions {
  /** A sent transaction goes into a block at once. */
  readonly automine: boolean;
  /** Called after each new block, outside of any step. */
  readonly onBlock?: (blockNumber: bigint) => void;
  /** Told when batches or blocks begin to be taken back; settles when that is over. */
  readonly onUnwind?: (unwinding: Promise<void>) => void;
  /** Called after each block that was taken back, the latest first. */
  readonly onBlockDropped?: (block: StoredBlock) => void;
  /** Called after each admission to the pool, before any block takes the transaction. */
  readonly onPending?: (entry: PoolEntry) => void;
}

/** An engine whose node is in reach, for the devnet's RPC and driver. */
export interface LocalEngine extends Engine {
  readonly node: Node;
  /** Like `sendTransaction`, and answers with the hash alone. @throws `PROGRAM_TRAPPED` and the pool's. */
  takeTransaction(raw: Uint8Array): Promise<Hash32>;
  /** Closes a block now, an empty one if nothing waits; its number. */
  mineBlock(): Promise<bigint>;
  /**
   * Closes a block now, an empty one if nothing waits, and further ones while more of what waits now
   * is ready than a block takes.
   */
  mineWaiting(): Promise<void>;
  /** Closes blocks over what waits and is ready; none when there is nothing. */
  buildBlocks(): Promise<void>;
  /** Seals what is there for `reason`, or by the limits alone when none is given. */
  sealIfDue(reason?: SealReason): Promise<boolean>;
  /** Sends to L1 what has waited long enough; `submit` sends at once. */
  submitIfDue(): Promise<readonly L1TransactionView[]>;
  /** The verbs of many steps for who has time: each step is followed by what `afterStep` awaits. */
  paced(afterStep: () => Promise<void>): Pick<LocalEngine, "submitIfDue" | "prove" | "sync">;
  /** Whether a sent transaction goes into a block at once; what waits does when it begins to. */
  setAutomine(enabled: boolean): Promise<void>;
  isAutomine(): boolean;
  /** How many of these waiting transactions there were; none of them waits any more. */
  dropTransactions(hashes: readonly Hash32[]): Promise<number>;
  /** The present of the trusted chain, for {@linkcode LocalEngine.restore}. */
  restorePoint(): Promise<RestorePoint>;
  /** Whether the chain still has the block of `point`. */
  hasRestorePoint(point: RestorePoint): Promise<boolean>;
  /**
   * Goes back to `point`, on an L1 that `takeL1Back` has taken back before, or as L1 is now. Nothing
   * reaches L1 from here meanwhile.
   *
   * @throws `RESTORE_BLOCK_SEQUENCED`, `RESTORE_BATCH_SENT`
   */
  restore(point: RestorePoint, takeL1Back?: () => Promise<void>): Promise<void>;
  /**
   * Drops the blocks above `blockNumber`, transactions and all, of which the answer has the hashes.
   *
   * @throws `RESTORE_BLOCK_SEQUENCED`, `RESTORE_BATCH_SENT`
   */
  takeBack(blockNumber: bigint): Promise<readonly Hash32[]>;
  /** Runs a message on the state after block `number`. */
  call(request: CallRequest, number: bigint): Promise<CallOutcome>;
}

/** What lies outside of the node. */
export interface EngineSurroundings {
  /** Run once, after the verb that is under way. */
  readonly close: () => Promise<void>;
  readonly openFollower?: OpenFollower;
}

/** Wraps an opened node. */
export function createLocalEngine(
  node: Node,
  options: LocalEngineOptions,
  { close, openFollower }: EngineSurroundings,
): LocalEngine {
  const { rebuild, stop } = createRebuilder(node, openFollower);
  // Verbs go one after another, and so do admissions; what touches tip, state or pool waits for both.
  const verbs = createQueue();
  const admissions = createQueue();
  const poolRows = createPoolRows(node);
  // Nothing but admission goes on while rows are being written.
  const exclusive: Queue = Object.assign(
    <Result>(task: () => Promise<Result>): Promise<Result> =>
      verbs(() =>
        admissions(async () => {
          await poolRows.settled();
          return await task();
        })
      ),
    {
      close: (task: () => Promise<void>): Promise<void> =>
        verbs.close(() =>
          admissions.close(async () => {
            await poolRows.spill();
            await task();
          })
        ),
    },
  );
  /** For what removes rows of the pool, or shows them. */
  const onRows = <Result>(task: () => Promise<Result>): Promise<Result> =>
    verbs(() =>
      admissions(async () => {
        await poolRows.spill();
        return await task();
      })
    );
  // Verbs of many steps let others in between: a step is what must not be interrupted.
  // Only following L1 touches what admissions look at: senders wait neither for proofs nor for L1.
  const step: StepOnce = (stage, wish) =>
    (stage === syncL1 ? exclusive : verbs)(() => stepNow(stage, wish));
  const stepNow: StepOnce = async (stage, wish) => {
    const before = node.tip.get().header.number;
    const outcome = await stage.step(node, wish);
    // Following L1 makes blocks too.
    const { number: after } = node.tip.get().header;
    for (let number = before + 1n; number <= after; number++) options.onBlock?.(number);
    return { outcome, checkpoint: await readCheckpoint(node, stage.id) };
  };
  /** Why a sequencer does not go on: L1 has another history than it has promised. */
  let halted: RollupError | undefined;
  const syncL1With = async (step: StepOnce, progress?: Progress): Promise<SyncView> => {
    try {
      const view = await sync(node, step, progress);
      halted = undefined;
      return view;
    } catch (error) {
      if (isRollupError(error, "L1_DIFFERS_FROM_TRUSTED_STATE")) halted = error;
      throw error;
    }
  };
  const proveWith = async (
    step: StepOnce,
    progress?: Progress,
  ): Promise<readonly ProveView[]> => {
    requireRole(node, "prover", "prove a batch");
    return await prove(node, step, progress);
  };
  let { automine } = options;
  const requireSequencer = (action: string) => {
    requireRole(node, "sequencer", action);
    if (halted !== undefined) throw halted;
  };
  const buildBlocks = async (): Promise<void> => {
    for (;;) {
      if (halted !== undefined) throw halted;
      const outcome = await buildBlock.step(node);
      if (outcome.kind === "waiting") throw syncNeeded(outcome.text);
      if (outcome.kind !== "done") return node.state.flushSoon();
      await poolRows.afterBlock();
      options.onBlock?.(outcome.number);
    }
  };
  const take = async (raw: Uint8Array): Promise<PoolEntry> => {
    requireSequencer("take a transaction");
    const isMined = automine;
    const found = findSender(node, raw);
    // Awaited in its turn, which may come later than a refusal.
    found.catch(() => {});
    const { entry, written } = await (isMined ? exclusive : admissions)(async () => {
      const candidate = await found;
      requireSequencer("take a transaction");
      const admission = await admitCandidate(node, candidate);
      options.onPending?.(admission.entry);
      if (isMined && automine) {
        await poolRows.settled();
        await buildBlocks();
      }
      // The block that took it has made it durable.
      const isKept = node.pool.has(admission.entry.hash) || admission.replaced !== undefined;
      return { entry: admission.entry, written: isKept ? poolRows.write(admission) : undefined };
    });
    // Others are admitted meanwhile, and share the next commit.
    await written;
    // Blocks come at once since it was on its way.
    if (automine && !isMined) await exclusive(buildBlocks);
    return entry;
  };
  // What is admitted while a block is being written meets its state, and waits for the next one.
  const admittingWhileWritten = <Result>(
    task: (onExecuted: () => void) => Promise<Result>,
  ): Promise<Result> =>
    verbs(async () => {
      const executed = Promise.withResolvers<void>();
      const working = Promise.withResolvers<Result>();
      // Looked at once the turn of admissions is over.
      working.promise.catch(() => {});
      await admissions(async () => {
        await poolRows.settled();
        task(executed.resolve).then(working.resolve, working.reject).finally(executed.resolve);
        await executed.promise;
      });
      return await working.promise;
    });
  const mineBlock = (wish: StepWish) =>
    admittingWhileWritten(async (onExecuted): Promise<bigint | undefined> => {
      requireSequencer("make a block");
      const outcome = await buildBlock.step(node, { ...wish, onExecuted });
      if (outcome.kind === "waiting") throw syncNeeded(outcome.text);
      if (outcome.kind !== "done") return undefined;
      await admissions(() => poolRows.afterBlock());
      options.onBlock?.(outcome.number);
      return outcome.number;
    });
  return {
    node,
    sendTransaction: async (raw) => {
      const entry = await take(raw);
      return await exclusive(() => sentToView(node, entry));
    },
    takeTransaction: async (raw) => {
      const entry = await take(raw);
      // Not before the block that took it has told what became of it.
      if (!node.pool.has(entry.hash)) await admissions(() => refuseTrapped(node, entry));
      return entry.hash;
    },
    sealBatch: () =>
      exclusive(async () => {
        requireSequencer("seal a batch");
        await buildBlocks();
        const outcome = await sealBatch.step(node, { sealReason: "seal-batch command" });
        if (outcome.kind !== "done") throw nothingToSeal();
        return await sealToView(node, outcome.number);
      }),
    sealIfDue: (reason) =>
      verbs(async () => {
        if (halted !== undefined) return false;
        const wish: StepWish = reason === undefined ? {} : { sealReason: reason };
        return (await sealBatch.step(node, wish)).kind === "done";
      }),
    buildBlocks: () => exclusive(buildBlocks),
    setAutomine: (enabled) =>
      exclusive(async () => {
        if (enabled) requireSequencer("make blocks");
        automine = enabled;
        if (enabled) await buildBlocks();
      }),
    isAutomine: () => automine,
    dropTransactions: (hashes) => onRows(() => dropPooled(node, hashes)),
    restorePoint: () => exclusive(() => takeRestorePoint(node)),
    hasRestorePoint: (point) => exclusive(() => hasRestorePoint(node, point)),
    restore: (point, takeL1Back) =>
      onRows(async () => {
        await takeL1Back?.();
        // What L1 has must be known before anything goes.
        await sync(node, stepNow);
        await restorePoint(node, point, { isAfterL1: takeL1Back !== undefined });
        halted = undefined;
      }),
    takeBack: (blockNumber) =>
      onRows(async () => {
        await sync(node, stepNow);
        return await takeBackBlocks(node, blockNumber);
      }),
    mineBlock: async () => {
      const number = await mineBlock({ emptyBlock: true });
      assert(number !== undefined, "a block that may be empty can always be built");
      node.state.flushSoon();
      return number;
    },
    mineWaiting: async () => {
      // What comes meanwhile waits for the next time, so that this ends.
      let left = node.pool.size();
      let mined = await mineBlock({ emptyBlock: true });
      for (;;) {
        left -= node.tip.get().counters.txCount;
        if (mined === undefined || left <= 0) return node.state.flushSoon();
        mined = await mineBlock({});
      }
    },
    submit: async (progress) => {
      requireRole(node, "submitter", "send to L1");
      return await submit(node, step, { now: true }, progress);
    },
    submitIfDue: () => submit(node, step, {}),
    prove: (progress) => proveWith(step, progress),
    sync: (progress) => syncL1With(step, progress),
    paced: (afterStep) => {
      const pacedStep: StepOnce = async (stage, wish) => {
        const stepped = await step(stage, wish);
        await afterStep();
        return stepped;
      };
      return {
        submitIfDue: () => submit(node, pacedStep, {}),
        prove: (progress) => proveWith(pacedStep, progress),
        sync: (progress) => syncL1With(pacedStep, progress),
      };
    },
    rebuild,
    inspect: (query: InspectQuery) => onRows(() => inspectNode(node, query)),
    heads: () => exclusive(async () => headsToView(await readHeads(node), node.pool.size())),
    sender: (account) => exclusive(() => senderToView(node, account)),
    estimateGas: (request) => exclusive(() => estimateGas(node, request)),
    planL1: (request, from) => exclusive(() => planL1Call(node, request, from)),
    sendL1: (raw) => exclusive(() => sendL1Call(node, raw)),
    nextProofJob: () =>
      verbs(async () => {
        const job = await nextProofJob(node);
        return job === undefined ? null : {
          batchNumber: toNumber(job.batchNumber),
          witness: bytesToHex(job.witness),
          publicInputs: bytesToHex(encodePublicInputs(job.publicInputs)),
        };
      }),
    acceptProof: (number, proof) =>
      verbs(async () => {
        await acceptProof(node, BigInt(number), hexToBytes(proof));
        return await proofToView(node, BigInt(number));
      }),
    call: (request, number) => callAt(node, request, number),
    [Symbol.asyncDispose]: async () => {
      // It works beside the queue of verbs, and on the same L1.
      await stop();
      await exclusive.close(close);
    },
  };
}

/** @throws `ROLE_MISSING` */
function requireRole(node: Node, role: Role, action: string): void {
  if (node.roles.has(role)) return;
  const roles = [...node.roles].join(",");
  throw new RollupError<EngineErrorCode>(
    "ROLE_MISSING",
    `Cannot ${action} as this node must have the role ${role}: it has ${roles || "none"}`,
    {
      details: { role, roles },
      mend: role === "sequencer"
        ? "Send it to the sequencer's RPC, or start this node with `--roles sequencer,...`."
        : `Start this node with \`--roles ${roles === "" ? role : `${roles},${role}`}\`.`,
    },
  );
}

function syncNeeded(text: string): RollupError<EngineErrorCode> {
  return new RollupError("SYNC_NEEDED", `Cannot make a block: ${text}`, {
    mend: "Run `sync`; it executes what L1 has.",
  });
}

function nothingToSeal(): RollupError<EngineErrorCode> {
  return new RollupError(
    "NOTHING_TO_SEAL",
    "Cannot seal a batch as it must have a block: no transaction waits and no block is unsealed",
    { mend: "Send a transaction first: `send-tx --to ADDRESS --value 1ether`." },
  );
}
