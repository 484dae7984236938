/**
 * Runs blocks of the L2 once more, and lets visitors watch.
 *
 * Owns on which state a block is repeated, and that it comes to what its receipts say. Does not own
 * execution (the executor's tracing build of the program) or tracers.
 * @module
 */
import {
  type CallPlace,
  environmentAfter,
  environmentOf,
  seenBy,
  stageCall,
} from "../core/pipeline/call.ts";
import type { Node } from "../core/pipeline/node.ts";
import { assert, RollupError } from "../core/primitives/errors.ts";
import {
  type BlockSummary,
  readBlock,
  readBlockSummary,
  type StoredBlock,
  type StoredTx,
} from "../core/store/blocks.ts";
import { decodeTransaction } from "../core/types/tx.ts";
import type {
  BlockEnvironment,
  ExecutableTx,
  StoragePort,
  TraceStep,
  TraceStepEnd,
} from "../core/vm/executor.ts";
import { createOverlay } from "../core/vm/overlay_storage.ts";
import { callBounds } from "./call_bounds.ts";
import { L2_RULES, toAccountPatches, toEnvironmentOverrides } from "./l2_overrides.ts";
import { refusalWords, toRefused } from "./l2_refusals.ts";
import type {
  ChainBlock,
  ChainTracing,
  ChainTransaction,
  TraceTarget,
  TraceVisitor,
} from "./rpc/chain.ts";

/** Codes that this file throws. */
export type L2TraceErrorCode = "TRACE_BLOCK_UNKNOWN" | "TRACE_GENESIS" | "TRACE_FAILED";

type Visit = Parameters<ChainTracing["trace"]>[1];
type CallTarget = Extract<TraceTarget, { kind: "call" }>;

/** Tracing of `node`; `readChainBlock` shows its blocks as JSON-RPC has them. */
export function createL2Tracing(
  node: Node,
  readChainBlock: (number: bigint) => Promise<ChainBlock | undefined>,
): ChainTracing {
  return {
    trace: async (target, visit) => {
      if (target.kind === "call") return await traceCall(node, target, visit);
      const number = target.kind === "block" ? target.number : target.blockNumber;
      const shown = await readChainBlock(number);
      if (shown === undefined) throw unknownBlock(number);
      await traceBlock(node, { target, shown }, visit);
    },
  };
}

/** The block of `number` has what was included only: what was skipped had changed nothing. */
async function traceBlock(
  node: Node,
  { target, shown }: {
    readonly target: Exclude<TraceTarget, CallTarget>;
    readonly shown: ChainBlock;
  },
  visit: Visit,
): Promise<void> {
  const block = await requireStored(node, shown.header.number);
  const environment = environmentOf(node, block.header);
  const only = target.kind === "transaction" ? target.index : undefined;
  if (only !== undefined && shown.transactions[only] === undefined) {
    throw failed(`block ${block.header.number} has no transaction ${only}`);
  }
  const last = only ?? block.transactions.length - 1;
  const steps = block.transactions.slice(0, last + 1).map((stored, index) => {
    const transaction = shown.transactions[index];
    const isWatched = only === undefined || index === only;
    const visitor = isWatched && transaction !== undefined ? visit(transaction) : undefined;
    return repeatStep(stored, {
      block,
      index,
      watch: visitor === undefined ? undefined : { environment, transaction, visitor },
    });
  });
  await node.executor.trace(environment, stateBefore(node, block), steps);
}

interface Watch {
  readonly environment: BlockEnvironment;
  readonly transaction: ChainTransaction | undefined;
  readonly visitor: TraceVisitor;
}

/** The transaction again; it must come to what its receipt says. */
function repeatStep(
  stored: StoredTx,
  { block, index, watch }: {
    readonly block: StoredBlock;
    readonly index: number;
    readonly watch: Watch | undefined;
  },
): TraceStep {
  const receipt = block.receipts[index];
  assert(receipt !== undefined, "each transaction of a block has a receipt");
  return {
    run: { kind: "transaction", tx: toExecutable(stored) },
    ...(watch === undefined ? {} : { hooks: watch.visitor.hooks }),
    onEnd: async ({ outcome, before, after }) => {
      assert(
        outcome.kind === "included" && outcome.receipt.gasUsed === receipt.gasUsed &&
          outcome.receipt.success === receipt.success,
        "a transaction that runs again comes to its receipt",
      );
      if (watch === undefined) return;
      await watch.visitor.onEnd({
        transaction: watch.transaction,
        environment: watch.environment,
        rules: L2_RULES,
        gasUsed: receipt.gasUsed,
        success: receipt.success,
        returnData: outcome.returnData,
        before,
        after,
      });
    },
  };
}

async function traceCall(node: Node, target: CallTarget, visit: Visit): Promise<void> {
  const { request, overrides = {} } = target;
  const place = target.index === undefined
    ? await placeAfter(node, target.number)
    : await placeWithin(node, target.number, target.index);
  const stage = await stageCall(node, place, toEnvironmentOverrides(overrides.block ?? {}));
  const environment = seenBy(request, stage.environment);
  const storage = createOverlay(place.storage);
  storage.patch(stage.history);
  if (overrides.state !== undefined) storage.patch(toAccountPatches(overrides.state));
  const visitor = visit(undefined);
  const onEnd = async ({ outcome, before, after }: TraceStepEnd): Promise<void> => {
    assert(outcome.kind === "called", "a call that ran was called");
    const { invalid, gasUsed, success, returnData } = outcome.call;
    if (invalid !== undefined) throw failed(refusalWords(toRefused(request), invalid));
    await visitor.onEnd({
      transaction: undefined,
      environment,
      rules: L2_RULES,
      gasUsed,
      success,
      returnData,
      before,
      after,
    });
  };
  const step: TraceStep = {
    run: { kind: "call", request: { ...request, asTransaction: true } },
    hooks: visitor.hooks,
    onEnd,
  };
  await node.executor.trace(environment, storage, [step], callBounds());
}

interface TracedPlace extends CallPlace {
  readonly storage: StoragePort;
}

async function placeAfter(node: Node, number: bigint): Promise<TracedPlace> {
  const block = await requireSummary(node, number);
  return {
    block,
    environment: environmentOf(node, block.header),
    storage: node.state.at(number),
  };
}

/** Before transaction `index` of the block after `number`. */
async function placeWithin(node: Node, number: bigint, index: number): Promise<TracedPlace> {
  const tip = node.tip.get();
  if (number === tip.header.number) {
    return {
      block: tip,
      environment: environmentAfter(node, tip),
      storage: node.state.at(number),
    };
  }
  const parent = await requireSummary(node, number);
  const block = await requireStored(node, number + 1n);
  const environment = environmentOf(node, block.header);
  const overlay = createOverlay(stateBefore(node, block));
  const steps = block.transactions.slice(0, index).map((stored, position) =>
    repeatStep(stored, { block, index: position, watch: undefined })
  );
  const last = steps.pop();
  if (last === undefined) return { block: parent, environment, storage: overlay };
  const apply: TraceStep = {
    ...last,
    onEnd: async (end) => {
      await last.onEnd?.(end);
      overlay.apply(end.changes.diffs(), end.changes.newCodes());
    },
  };
  await node.executor.trace(environment, stateBefore(node, block), [...steps, apply]);
  return { block: parent, environment, storage: overlay };
}

function stateBefore(node: Node, block: StoredBlock): StoragePort {
  return node.state.at(block.header.number - 1n);
}

async function requireSummary(node: Node, number: bigint): Promise<BlockSummary> {
  const summary = await readBlockSummary(node.kv, number);
  if (summary === undefined) throw unknownBlock(number);
  return summary;
}

async function requireStored(node: Node, number: bigint): Promise<StoredBlock> {
  const block = await readBlock(node.kv, number);
  if (block === undefined) throw unknownBlock(number);
  if (number === 0n) {
    throw new RollupError<L2TraceErrorCode>("TRACE_GENESIS", "genesis is not traceable", {
      mend: "Trace block 1 or a later one.",
    });
  }
  return block;
}

function toExecutable({ raw, sender }: StoredTx): ExecutableTx {
  return { tx: decodeTransaction(raw), sender, raw };
}

function unknownBlock(number: bigint): RollupError<L2TraceErrorCode> {
  return new RollupError("TRACE_BLOCK_UNKNOWN", `block #${number} not found`, {
    details: { number },
    mend: "Name a block that eth_getBlockByNumber finds.",
  });
}

function failed(reason: string): RollupError<L2TraceErrorCode> {
  return new RollupError("TRACE_FAILED", `tracing failed: ${reason}`, {
    details: { reason },
    mend: "Correct the call as the message says.",
  });
}
