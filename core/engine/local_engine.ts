/**
 * The engine in this process: each verb steps the stages of the pipeline, one verb at a time.
 *
 * Owns the queue that keeps verbs apart and the answers. Does not own any step
 * (`pipeline/stages`) or opening the node (`create_engine.ts`).
 * @module
 */
import { callAt } from "../pipeline/call.ts";
import { readHeads } from "../pipeline/heads.ts";
import { admitTransaction, latestNonce, poolContext, readSender } from "../pipeline/inlet.ts";
import { type Node, readCheckpoint, type StageId } from "../pipeline/node.ts";
import type { Stage, StepOutcome, StepWish } from "../pipeline/stage.ts";
import { buildBlock } from "../pipeline/stages/build_block.ts";
import { acceptProof, nextProofJob, proveBatch } from "../pipeline/stages/prove_batch.ts";
import { sealBatch } from "../pipeline/stages/seal_batch.ts";
import { sequenceBatch } from "../pipeline/stages/sequence_batch.ts";
import { syncL1 } from "../pipeline/stages/sync_l1.ts";
import { verifyBatch } from "../pipeline/stages/verify_batch.ts";
import { programTrapped } from "../pipeline/trapped_tx.ts";
import type { PoolEntry } from "../pool/pool.ts";
import { assert, RollupError } from "../primitives/errors.ts";
import { address, bytesToHex, hash32, type Hex, hexToBytes } from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import {
  decodePublicInputs,
  encodePublicInputs,
  hashPublicInputs,
} from "../proving/public_inputs.ts";
import { PROVERS } from "../proving/registry.ts";
import { requireBatch } from "../store/batches.ts";
import { readBlob } from "../store/blob.ts";
import { requireBlock } from "../store/blocks.ts";
import { L1_TXS, PROOFS, TRAPPED_TXS, TX_POSITIONS } from "../store/schema.ts";
import { readRow, requireRow } from "../store/table.ts";
import { TRUSTED_BY_PROOF_KIND } from "../types/proof.ts";
import type { CallOutcome, CallRequest } from "../vm/executor.ts";
import { estimateGasLimit } from "../vm/gas_estimate.ts";
import type { SealReason } from "../types/batch.ts";
import type {
  Engine,
  InspectQuery,
  L1TransactionView,
  Progress,
  ProveView,
  SealView,
  SendView,
  SyncView,
} from "./engine.ts";
import { inspectNode } from "./inspect.ts";
import { headsToView, toNumber } from "./views.ts";

/** Codes of this file. */
export type EngineErrorCode =
  | "NOTHING_TO_SEAL"
  | "EXECUTION_REVERTED"
  | "INSUFFICIENT_FUNDS"
  | "ENGINE_CLOSED";

/** How a local engine behaves beyond its verbs. */
export interface LocalEngineOptions {
  /** A sent transaction goes into a block at once. */
  readonly automine: boolean;
  /** Called after each new block, outside of any step. */
  readonly onBlock?: (blockNumber: bigint) => void;
}

/** An engine whose node is in reach, for the devnet's RPC and driver. */
export interface LocalEngine extends Engine {
  readonly node: Node;
  /** Closes a block now, an empty one if nothing waits; its number. */
  mineBlock(): Promise<bigint>;
  /** Closes blocks over what waits and is ready; none when there is nothing. */
  buildBlocks(): Promise<void>;
  /** Seals what is there for `reason`, or by the limits alone when none is given. */
  sealIfDue(reason?: SealReason): Promise<boolean>;
  /** Runs a message on the state after block `number`. */
  call(request: CallRequest, number: bigint): Promise<CallOutcome>;
}

/** Wraps an opened node; `close` is run once, after the verb that is under way. */
export function createLocalEngine(
  node: Node,
  options: LocalEngineOptions,
  close: () => Promise<void>,
): LocalEngine {
  const exclusive = createQueue();
  // Verbs of many steps let others in between: a step is what must not be interrupted.
  const step: StepOnce = (stage) =>
    exclusive(async () => {
      const outcome = await stage.step(node);
      return { outcome, checkpoint: await readCheckpoint(node, stage.id) };
    });
  const buildBlocks = async (): Promise<void> => {
    for (;;) {
      const outcome = await buildBlock.step(node);
      if (outcome.kind !== "done") return;
      options.onBlock?.(outcome.number);
    }
  };
  return {
    node,
    sendTransaction: (raw) =>
      exclusive(async () => {
        const entry = await admitTransaction(node, raw);
        if (options.automine) await buildBlocks();
        return await sentToView(node, entry);
      }),
    sealBatch: () =>
      exclusive(async () => {
        await buildBlocks();
        const outcome = await sealBatch.step(node, { sealReason: "seal-batch command" });
        if (outcome.kind !== "done") throw nothingToSeal();
        return await sealToView(node, outcome.number);
      }),
    sealIfDue: (reason) =>
      exclusive(async () => {
        const wish: StepWish = reason === undefined ? {} : { sealReason: reason };
        return (await sealBatch.step(node, wish)).kind === "done";
      }),
    buildBlocks: () => exclusive(buildBlocks),
    mineBlock: () =>
      exclusive(async () => {
        const outcome = await buildBlock.step(node, { emptyBlock: true });
        assert(outcome.kind === "done", "a block that may be empty can always be built");
        options.onBlock?.(outcome.number);
        return outcome.number;
      }),
    submit: (progress) => submit(node, step, progress),
    prove: (progress) => prove(node, step, progress),
    sync: (progress) => sync(node, step, progress),
    inspect: (query: InspectQuery) => exclusive(() => inspectNode(node, query)),
    heads: () => exclusive(async () => headsToView(await readHeads(node), node.pool.size())),
    sender: (account) => exclusive(() => senderToView(node, account)),
    estimateGas: (request) => exclusive(() => estimateGas(node, request)),
    nextProofJob: () =>
      exclusive(async () => {
        const job = await nextProofJob(node);
        return job === undefined ? null : {
          batchNumber: toNumber(job.batchNumber),
          witness: bytesToHex(job.witness),
          publicInputs: bytesToHex(encodePublicInputs(job.publicInputs)),
        };
      }),
    acceptProof: (number, proof) =>
      exclusive(async () => {
        await acceptProof(node, BigInt(number), hexToBytes(proof));
        return await proofToView(node, BigInt(number));
      }),
    call: (request, number) => callAt(node, request, number),
    [Symbol.asyncDispose]: () => exclusive.close(close),
  };
}

/** One step of a stage, while nothing else is under way, and where its checkpoint stands then. */
type StepOnce = (stage: Stage) => Promise<{ outcome: StepOutcome; checkpoint: bigint }>;

interface Queue {
  <Result>(task: () => Promise<Result>): Promise<Result>;
  /** Runs `task` last: what is asked for later is refused. */
  close(task: () => Promise<void>): Promise<void>;
}

/** Runs tasks one after another; a failed one does not stop the next. */
function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  const append = <Result>(task: () => Promise<Result>): Promise<Result> => {
    const run = last.then(task, task);
    last = run.then(() => undefined, () => undefined);
    return run;
  };
  const enter = <Result>(task: () => Promise<Result>): Promise<Result> =>
    closed ? Promise.reject(engineClosed()) : append(task);
  return Object.assign(enter, {
    close: async (task: () => Promise<void>) => {
      if (closed) return;
      closed = true;
      await append(task);
    },
  });
}

/** Steps `stage` until it is idle or waits; says so after each step. */
async function stepAll(
  step: StepOnce,
  stage: Stage,
  onStep: (outcome: StepOutcome, checkpoint: bigint) => void,
): Promise<void> {
  for (;;) {
    const { outcome, checkpoint } = await step(stage);
    if (outcome.kind === "idle") return;
    onStep(outcome, checkpoint);
    if (outcome.kind === "waiting") return;
  }
}

async function submit(
  node: Node,
  step: StepOnce,
  progress?: Progress,
): Promise<readonly L1TransactionView[]> {
  const views: L1TransactionView[] = [];
  for (const stage of [sequenceBatch, verifyBatch]) {
    const before = await readCheckpoint(node, stage.id);
    await stepAll(step, stage, (outcome) => {
      if (outcome.kind === "done") progress?.(`L1 mined ${stage.id} of batch ${outcome.number}`);
      else if (outcome.kind !== "idle") progress?.(outcome.text);
    });
    for (let number = before + 1n;; number++) {
      const view = await l1TxToView(node, stage.id, number);
      if (view === undefined) break;
      views.push(view);
    }
  }
  return views;
}

async function l1TxToView(
  node: Node,
  stage: StageId,
  number: bigint,
): Promise<L1TransactionView | undefined> {
  const row = await readRow(node.kv, L1_TXS, [stage, number]);
  if (row === undefined) return undefined;
  return {
    purpose: stage === "sequence_batch" ? "sequenceBatches" : "verifyBatches",
    batchNumber: toNumber(number),
    transactionHash: hash32(row.hash),
    nonce: toNumber(row.nonce),
    status: row.status === "mined" ? "mined" : "sent",
    ...(row.l1BlockNumber === undefined ? {} : { l1BlockNumber: toNumber(row.l1BlockNumber) }),
    ...(row.gasUsed === undefined ? {} : { gasUsed: toNumber(row.gasUsed) }),
  };
}

async function prove(
  node: Node,
  step: StepOnce,
  progress?: Progress,
): Promise<readonly ProveView[]> {
  const provenBatches: bigint[] = [];
  await stepAll(step, proveBatch, (outcome, checkpoint) => {
    if (outcome.kind !== "done") return;
    progress?.(`proved batch ${checkpoint}`);
    provenBatches.push(outcome.number);
  });
  return await Promise.all(provenBatches.map((number) => proofToView(node, number)));
}

async function sync(node: Node, step: StepOnce, progress?: Progress): Promise<SyncView> {
  const before = await readHeads(node);
  let unwound = 0n;
  let reached = before.l1Block;
  await stepAll(step, syncL1, (outcome, checkpoint) => {
    if (checkpoint < reached) unwound += reached - checkpoint;
    reached = checkpoint;
    const hasText = outcome.kind === "progress" || outcome.kind === "waiting";
    progress?.(hasText ? outcome.text : `read L1 up to block ${checkpoint}`);
  });
  const after = await readHeads(node);
  return {
    fromL1Block: toNumber(before.l1Block),
    toL1Block: toNumber(after.l1Block),
    sequenced: toNumber(after.sequenced),
    verified: toNumber(after.verified),
    unwoundL1Blocks: toNumber(unwound),
  };
}

async function proofToView(node: Node, number: bigint): Promise<ProveView> {
  const row = await requireRow(node.kv, PROOFS, [number]);
  const inputs = decodePublicInputs(row.publicInputs);
  const kind = PROVERS.mock.kind;
  assert(row.kind === kind, "only mock proofs are accepted so far");
  return {
    batchNumber: toNumber(number),
    kind,
    trusted: TRUSTED_BY_PROOF_KIND[kind],
    publicInputsHash: hashPublicInputs(inputs),
    newStateRoot: inputs.newStateRoot,
    proofBytes: (await readBlob(node.kv, row.proofBlob)).length,
  };
}

async function sealToView(node: Node, number: bigint): Promise<SealView> {
  const batch = await requireBatch(node.kv, number);
  return {
    batchNumber: toNumber(batch.number),
    firstBlock: toNumber(batch.firstBlock),
    lastBlock: toNumber(batch.lastBlock),
    txCount: batch.counters.txCount,
    sealReason: batch.sealReason,
    stateRoot: batch.newStateRoot,
    batchDataHash: batch.batchDataHash,
    accInputHash: batch.newAccInputHash,
  };
}

async function sentToView(node: Node, entry: PoolEntry): Promise<SendView> {
  const sent = {
    transactionHash: entry.hash,
    from: entry.sender,
    to: entry.tx.to ?? null,
    nonce: toNumber(entry.tx.nonce),
  };
  if (node.pool.has(entry.hash)) return { ...sent, status: "pooled" };
  const position = await readRow(node.kv, TX_POSITIONS, [hexToBytes(entry.hash)]);
  if (position === undefined) {
    const trapped = await readRow(node.kv, TRAPPED_TXS, [hexToBytes(entry.hash)]);
    if (trapped !== undefined) throw programTrapped(entry.hash, trapped.fault);
    return { ...sent, status: "pooled" };
  }
  const block = await requireBlock(node.kv, position.blockNumber);
  const receipt = block.receipts[position.index];
  assert(receipt !== undefined, "an included transaction has its receipt");
  return {
    ...sent,
    status: "included",
    blockNumber: toNumber(position.blockNumber),
    success: receipt.success,
    gasUsed: toNumber(receipt.gasUsed),
    ...(receipt.contractAddress === undefined ? {} : { contractAddress: receipt.contractAddress }),
  };
}

async function senderToView(node: Node, account: Hex) {
  const sender = address(account);
  const { balanceWei } = await readSender(node, sender);
  return {
    chainId: toNumber(node.config.chainId),
    nonce: toNumber(node.pool.pendingNonce(sender, latestNonce(node, sender))),
    balanceWei: String(balanceWei),
    baseFeePerGasWei: String(poolContext(node).baseFeePerGasWei),
  };
}

async function estimateGas(
  node: Node,
  request: { from: Hex; to?: Hex; data: Hex; valueWei: string },
): Promise<number> {
  const { baseFeePerGasWei, blockGasLimit } = poolContext(node);
  const allowance = blockGasLimit < LIMITS.maxTxGas ? blockGasLimit : LIMITS.maxTxGas;
  const estimate = await estimateGasLimit((gasLimit) =>
    callAt(node, {
      from: address(request.from),
      to: request.to === undefined ? undefined : address(request.to),
      data: hexToBytes(request.data),
      valueWei: BigInt(request.valueWei),
      gasLimit,
      gasPriceWei: baseFeePerGasWei,
      asTransaction: true,
      accessList: [],
      authorizations: [],
    }, node.tip.get().header.number), allowance);
  if (estimate.kind === "limit") return toNumber(estimate.gasLimit);
  const { exception, returnData, invalid } = estimate.outcome;
  if (invalid?.reason === "INSUFFICIENT_FUNDS") {
    throw new RollupError<EngineErrorCode>(
      "INSUFFICIENT_FUNDS",
      `Cannot estimate gas as the sender must afford the transaction: ${invalid.message}`,
      {
        details: { from: request.from, valueWei: request.valueWei },
        mend: "Send less, or fund the account; `inspect-state account ADDRESS` shows its balance.",
      },
    );
  }
  throw new RollupError<EngineErrorCode>(
    "EXECUTION_REVERTED",
    `Cannot estimate gas as the transaction must succeed: it fails with "${exception}"`,
    {
      details: { exception, returnData: bytesToHex(returnData) },
      mend: "Check recipient, data, value and balance; name a limit with `--gas` to send anyway.",
    },
  );
}

function engineClosed(): RollupError<EngineErrorCode> {
  return new RollupError(
    "ENGINE_CLOSED",
    "Cannot use the engine as it must be open: it is closed",
    {
      mend: "Open the data folder again.",
    },
  );
}

function nothingToSeal(): RollupError<EngineErrorCode> {
  return new RollupError(
    "NOTHING_TO_SEAL",
    "Cannot seal a batch as it must have a block: no transaction waits and no block is unsealed",
    { mend: "Send a transaction first: `send-tx --to ADDRESS --value 1ether`." },
  );
}
