/**
 * Blocks that never were, on the L2 (`eth_simulateV1`).
 *
 * Owns how such a block is put together: its header is one that the L2 could have, with the root that
 * the state tree would have. Of an account whose whole storage is replaced, the hidden slots stay in
 * that root. Nothing is stored. Does not own what clients may ask for (`rpc/simulate.ts`).
 * @module
 */
import type { Node } from "../core/pipeline/node.ts";
import { assert } from "../core/primitives/errors.ts";
import { type Address, type Hash32, ZERO_ADDRESS, ZERO_HASH } from "../core/primitives/hex.ts";
import { LIMITS } from "../core/primitives/limits.ts";
import { requireBlockSummary } from "../core/store/blocks.ts";
import { type BlockHeader, headerHash } from "../core/types/block.ts";
import type { Receipt } from "../core/types/receipt.ts";
import {
  balanceSlot,
  blockHashSlot,
  HEADER_COMMITMENT_SLOT,
  nonceSlot,
  type SlotId,
  SYSTEM_CONTEXT_ADDRESS,
} from "../core/types/state.ts";
import { createdAddress, type Transaction, transactionHash } from "../core/types/tx.ts";
import { nextBaseFeePerGasWei } from "../core/vm/block_environment.ts";
import { draftHeaderOf, headerCommitment, sealHeader } from "../core/vm/block_transition.ts";
import type {
  BlockEnvironment,
  CallBounds,
  CallOutcome,
  InvalidReason,
  TraceStepEnd,
} from "../core/vm/executor.ts";
import { createOverlay, type OverlayStorage } from "../core/vm/overlay_storage.ts";
import { EMPTY_BODY_REST, type RanBlock, toChainBlock, toChainHeader } from "./chain_block.ts";
import { createFrameLogs, type FrameLogs } from "./l2_frame_logs.ts";
import { callBounds } from "./call_bounds.ts";
import { toAccountPatches, toEnvironmentOverrides } from "./l2_overrides.ts";
import { refusalWords } from "./l2_refusals.ts";
import { createSimulatedRoots, type SimulatedRoots } from "./l2_simulated_roots.ts";
import { RPC_CODES, RpcError } from "./rpc/errors.ts";
import {
  type ChainSimulation,
  encodeUnsigned,
  type SimulatedBlock,
  type SimulatedCall,
  type Simulation,
  SIMULATION_CODES,
  type SimulationBlock,
} from "./rpc/simulate.ts";
import type { TransactionRequest } from "./rpc/transaction_request.ts";

/** What all blocks of one simulation share. */
interface Run {
  readonly node: Node;
  readonly simulation: Simulation;
  readonly bounds: CallBounds;
  readonly overlay: OverlayStorage;
  readonly roots: SimulatedRoots;
  /** Gas that all blocks together may still use. */
  gasLeft: bigint;
}

const COMMITMENT_SLOT: SlotId = {
  address: SYSTEM_CONTEXT_ADDRESS,
  slot: HEADER_COMMITMENT_SLOT,
};

/** Simulation on the states of `node`. */
export function createL2Simulation(node: Node): ChainSimulation {
  return {
    simulate: async (simulation) => {
      const base = await requireBlockSummary(node.kv, simulation.number);
      const run: Run = {
        node,
        simulation,
        bounds: callBounds(),
        overlay: createOverlay(node.state.at(simulation.number)),
        roots: createSimulatedRoots({
          treeHash: node.treeHash,
          readTree: (action) =>
            node.state.withTreeAt(simulation.number, node.tip.get().header.number, action),
        }, [
          COMMITMENT_SLOT,
          ...simulation.blocks.map(({ overrides }) => blockHashSlot(overrides.number - 1n)),
        ]),
        gasLeft: LIMITS.maxCallGas,
      };
      const blocks: SimulatedBlock[] = [];
      let parent: { readonly header: BlockHeader; readonly hash: Hash32 } = base;
      for (const block of simulation.blocks) {
        const simulated = await runBlock(run, block, environmentOn(run, block, parent));
        blocks.push(simulated.block);
        parent = simulated.parent;
      }
      return blocks;
    },
  };
}

/** What is left out follows from the parent; without validation gas has no price. */
function environmentOn(
  { node, simulation }: Run,
  { overrides }: SimulationBlock,
  parent: { readonly header: BlockHeader; readonly hash: Hash32 },
): BlockEnvironment {
  return {
    chainId: node.config.chainId,
    number: overrides.number,
    timestampSec: overrides.timestampSec,
    coinbase: parent.header.coinbase,
    gasLimit: parent.header.gasLimit,
    baseFeePerGasWei: simulation.isValidated ? nextBaseFeePerGasWei(parent.header) : 0n,
    prevRandao: ZERO_HASH,
    parentHash: parent.hash,
    gasPerPubdata: node.config.gasPerPubdata,
    ...toEnvironmentOverrides(overrides),
  };
}

/** What the calls of a block did so far. */
interface RanCalls {
  readonly transactions: RanBlock["transactions"][number][];
  readonly receipts: Receipt[];
  readonly calls: SimulatedCall[];
  gasUsed: bigint;
}

async function runBlock(
  run: Run,
  block: SimulationBlock,
  environment: BlockEnvironment,
): Promise<{
  readonly block: SimulatedBlock;
  readonly parent: { readonly header: BlockHeader; readonly hash: Hash32 };
}> {
  const { overlay, bounds } = run;
  bounds.checkTime?.();
  await bounds.breathe?.();
  // As each block begins; a run of the program does the same again.
  const ringSlot = blockHashSlot(environment.number - 1n);
  overlay.apply([{ ...ringSlot, newValue: environment.parentHash }], new Map());
  overlay.patch(toAccountPatches(block.state));
  const ran: RanCalls = { transactions: [], receipts: [], calls: [], gasUsed: 0n };
  const logs = createFrameLogs(run.simulation.tracesTransfers);
  for (const request of block.calls) {
    bounds.checkTime?.();
    await bounds.breathe?.();
    await runCall(run, request, { environment, ran, logs });
  }
  const raws = ran.transactions.map(({ raw }) => raw);
  const draft = draftHeaderOf(environment, raws, ran.receipts);
  const { value, ...slot } = headerCommitment(draft);
  overlay.apply([{ ...slot, newValue: value }], new Map());
  const header = sealHeader(draft, await run.roots.rootAfter(overlay.takeWrites()));
  const hash = headerHash(header);
  const shown = toChainBlock({
    header: toChainHeader({ header, hash }),
    ...EMPTY_BODY_REST,
    transactions: ran.transactions,
    receipts: ran.receipts,
  });
  return { block: { block: shown, calls: ran.calls }, parent: { header, hash } };
}

interface CallPlace {
  readonly environment: BlockEnvironment;
  readonly ran: RanCalls;
  readonly logs: FrameLogs;
}

async function runCall(run: Run, request: TransactionRequest, place: CallPlace): Promise<void> {
  const { environment, ran, logs } = place;
  const { tx, isGasCapped } = await toTransaction(run, request, place);
  const sender = request.from ?? ZERO_ADDRESS;
  const outcome = await runOn(run, { tx, sender, environment, hooks: logs.hooks });
  const { gasUsed, success } = outcome;
  ran.gasUsed += gasUsed;
  if (gasUsed > run.gasLeft) {
    throw new RpcError(
      RPC_CODES.serverError,
      `RPC gas cap exhausted: need ${gasUsed}, remaining ${run.gasLeft}`,
    );
  }
  run.gasLeft -= gasUsed;
  const raw = encodeUnsigned(tx);
  ran.transactions.push({ hash: transactionHash(raw), raw, tx, sender });
  ran.receipts.push({
    type: tx.type,
    success,
    gasUsed,
    cumulativeGasUsed: ran.gasUsed,
    effectiveGasPriceWei: 0n,
    logs: outcome.logs(),
    contractAddress: tx.to === undefined ? createdAddress(sender, tx.nonce) : undefined,
  });
  ran.calls.push({
    success,
    returnData: outcome.returnData,
    gasUsed,
    maxGasUsed: gasUsed + (outcome.usage?.refundGas ?? 0n),
    ...logs.take(),
    isGasCapped,
  });
}

/** Runs the call and writes what it changed into the overlay. @throws RpcError when it cannot begin. */
async function runOn(
  run: Run,
  { tx, sender, environment, hooks }: {
    readonly tx: Transaction;
    readonly sender: Address;
    readonly environment: BlockEnvironment;
    readonly hooks: FrameLogs["hooks"];
  },
): Promise<CallOutcome> {
  const { node, simulation, bounds, overlay } = run;
  let outcome: CallOutcome | undefined;
  const onEnd = async (end: TraceStepEnd): Promise<void> => {
    outcome = toOutcome(end.outcome, { tx, sender });
    overlay.apply(end.changes.diffs(), end.changes.newCodes());
    // A call takes what its gas may cost and pays nothing out; a transaction does both.
    if (simulation.isValidated) return;
    const priceWei = effectivePrice(tx, environment.baseFeePerGasWei);
    const { gasUsed } = outcome;
    await credit(overlay, sender, (tx.gasLimit - gasUsed) * priceWei);
    await credit(overlay, environment.coinbase, gasUsed * priceWei);
  };
  const kind = simulation.isValidated ? "transaction" : "call";
  const step = kind === "transaction"
    ? { run: { kind, tx: { tx, sender } } as const, hooks, onEnd }
    : { run: { kind, request: toRequest(tx, sender) } as const, hooks, onEnd };
  await node.executor.trace(environment, overlay, [step], bounds);
  assert(outcome !== undefined, "a step that ran has an outcome");
  return outcome;
}

async function credit(overlay: OverlayStorage, account: Address, wei: bigint): Promise<void> {
  if (wei === 0n) return;
  const balanceWei = BigInt(await readSlot(overlay, balanceSlot(account))) + wei;
  overlay.patch(new Map([[account, { balanceWei }]]));
}

function toRequest(tx: Transaction, sender: Address) {
  return {
    from: sender,
    to: tx.to,
    data: tx.data,
    valueWei: tx.valueWei,
    gasLimit: tx.gasLimit,
    gasPriceWei: tx.maxFeePerGasWei,
    ...(tx.type === 0 ? {} : {
      maxFeePerGasWei: tx.maxFeePerGasWei,
      maxPriorityFeePerGasWei: tx.maxPriorityFeePerGasWei,
    }),
    asTransaction: true,
    accessList: tx.accessList,
    authorizations: tx.authorizations,
  };
}

function effectivePrice(tx: Transaction, baseFeePerGasWei: bigint): bigint {
  const wanted = tx.maxPriorityFeePerGasWei + baseFeePerGasWei;
  return wanted < tx.maxFeePerGasWei ? wanted : tx.maxFeePerGasWei;
}

const REFUSAL_CODES: Readonly<Partial<Record<InvalidReason, number>>> = {
  NONCE_TOO_LOW: SIMULATION_CODES.nonceTooLow,
  NONCE_TOO_HIGH: SIMULATION_CODES.nonceTooHigh,
  FEE_BELOW_BASE_FEE: SIMULATION_CODES.feeBelowBaseFee,
  INSUFFICIENT_FUNDS: SIMULATION_CODES.insufficientFunds,
  INTRINSIC_GAS_TOO_LOW: SIMULATION_CODES.intrinsicGas,
  INIT_CODE_TOO_LARGE: SIMULATION_CODES.initCodeTooLarge,
  SENDER_HAS_CODE: SIMULATION_CODES.senderHasCode,
  BLOCK_GAS_EXHAUSTED: SIMULATION_CODES.blockGasLimit,
};

function toOutcome(
  outcome: TraceStepEnd["outcome"],
  { tx, sender }: { readonly tx: Transaction; readonly sender: Address },
): CallOutcome {
  const invalid = outcome.kind === "invalid"
    ? outcome
    : outcome.kind === "called"
    ? outcome.call.invalid
    : undefined;
  if (invalid !== undefined) {
    const words = refusalWords({ ...tx, from: sender }, invalid);
    throw new RpcError(
      REFUSAL_CODES[invalid.reason] ?? RPC_CODES.internalError,
      `err: ${words} (supplied gas ${tx.gasLimit})`,
    );
  }
  if (outcome.kind === "called") return outcome.call;
  assert(outcome.kind === "included", "what is not invalid is included");
  const { receipt, returnData, exception, usage } = outcome;
  const { success, gasUsed, logs } = receipt;
  return { success, returnData, gasUsed, exception, logs: () => logs, usage };
}

/** The transaction that a call stands for, with everything filled in that the client left out. */
async function toTransaction(
  run: Run,
  request: TransactionRequest,
  { environment, ran }: CallPlace,
): Promise<{ readonly tx: Transaction; readonly isGasCapped: boolean }> {
  const { chainId } = environment;
  if (request.chainId !== undefined && request.chainId !== chainId) {
    throw new RpcError(
      RPC_CODES.serverError,
      `chainId does not match node's (have=${request.chainId}, want=${chainId})`,
    );
  }
  const left = environment.gasLimit - ran.gasUsed;
  const wanted = request.gas ?? left;
  if (wanted > left) {
    throw new RpcError(
      SIMULATION_CODES.blockGasLimit,
      `block gas limit reached: remaining: ${left}, required: ${wanted}`,
    );
  }
  if (request.blobVersionedHashes !== undefined) {
    throw new RpcError(RPC_CODES.invalidParams, "the L2 has no blobs");
  }
  const most = run.simulation.isValidated && LIMITS.maxTxGas < run.gasLeft
    ? LIMITS.maxTxGas
    : run.gasLeft;
  const gasLimit = wanted < most ? wanted : most;
  const type = request.gasPrice !== undefined ? 0 : request.authorizationList !== undefined ? 4 : 2;
  const nonceId = nonceSlot(request.from ?? ZERO_ADDRESS);
  const price = request.gasPrice ?? 0n;
  const tx: Transaction = {
    type,
    chainId,
    nonce: request.nonce ?? BigInt(await readSlot(run.overlay, nonceId)),
    gasLimit,
    maxFeePerGasWei: type === 0 ? price : request.maxFeePerGas ?? 0n,
    maxPriorityFeePerGasWei: type === 0 ? price : request.maxPriorityFeePerGas ?? 0n,
    to: request.to,
    valueWei: request.value,
    data: request.data,
    accessList: type === 0 ? [] : request.accessList ?? [],
    authorizations: type === 4 ? request.authorizationList ?? [] : [],
    yParity: 0,
    r: 0n,
    s: 0n,
  };
  return { tx, isGasCapped: gasLimit < wanted };
}

async function readSlot(overlay: OverlayStorage, { address, slot }: SlotId): Promise<Hash32> {
  return await overlay.readSlot(address, slot);
}
