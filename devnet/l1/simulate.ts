/**
 * Blocks that never were, on the embedded L1 (`eth_simulateV1`).
 *
 * Owns how such a block is put together, so that its hash is the one that geth gives it. Nothing is
 * stored. Does not own what clients may ask for (`rpc/simulate.ts`) or execution (`message.ts`).
 * @module
 */
import { getActivePrecompiles } from "@ethereumjs/evm";
import { assert } from "../../core/primitives/errors.ts";
import {
  bytesToHash32,
  type Hash32,
  hexToBytes,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import type { Receipt } from "../../core/types/receipt.ts";
import { type Transaction, transactionHash } from "../../core/types/tx.ts";
import { toChainBlock } from "../chain_block.ts";
import type { BlockOverrides, ChainHeader } from "../rpc/chain.ts";
import { RPC_CODES, RpcError } from "../rpc/errors.ts";
import {
  encodeUnsigned,
  type SimulatedBlock,
  type SimulatedCall,
  type Simulation,
  SIMULATION_CODES,
  type SimulationBlock,
} from "../rpc/simulate.ts";
import type { TransactionRequest } from "../rpc/transaction_request.ts";
import { nextBaseFeeWei } from "./base_fee.ts";
import { blobBaseFeeWei, nextExcessBlobGas } from "./blob_fee.ts";
import { beginProtocol, endProtocol } from "./block_protocol.ts";
import { callDeadlineMs } from "./call_time.ts";
import {
  assembleBlock,
  type L1Environment,
  type L1IncludedTx,
  type L1Outcome,
  toRanBlock,
} from "./chain_block.ts";
import { groundAfter } from "./decrees.ts";
import { createLibraryBlock, type L1World, toLibraryAddress } from "./library.ts";
import { type ForkSchedule, rulesAt } from "./forks.ts";
import {
  applyMessage,
  type L1Message,
  type MessageBlock,
  type MessageFault,
  type MessageOutcome,
} from "./message.ts";
import type { OpenChain } from "./open_chain.ts";
import { applyStateOverrides } from "./state_overrides.ts";
import { type TransferLog, watchTransfers } from "./transfer_log.ts";

/** What all blocks of one simulation share. */
interface Run {
  readonly chain: OpenChain;
  readonly simulation: Simulation;
  readonly deadlineMs: number;
  /** Headers that were simulated so far, by number, for BLOCKHASH. */
  readonly hashes: Map<bigint, Hash32>;
  /** Gas that all blocks together may still use. */
  gasLeft: bigint;
}

/**
 * Runs the blocks of `simulation` on the state after the block of `base`.
 *
 * @throws RpcError with a code of `SIMULATION_CODES` for a call that cannot begin.
 */
export async function simulateBlocks(
  chain: OpenChain,
  base: ChainHeader,
  simulation: Simulation,
): Promise<readonly SimulatedBlock[]> {
  const run: Run = {
    chain,
    simulation,
    deadlineMs: callDeadlineMs(),
    hashes: new Map(),
    gasLeft: LIMITS.maxCallGas,
  };
  const done: SimulatedBlock[] = [];
  let parent = base;
  let world: L1World | undefined;
  let stateRoot = await groundAfter(chain, base);
  for (const block of simulation.blocks) {
    const environment = environmentOf(run, block, parent);
    world = await openWorld(run, environment, { world, stateRoot });
    const simulated = await runBlock(run, world, { block, environment });
    done.push(simulated);
    parent = simulated.block.header;
    stateRoot = parent.stateRoot;
    run.hashes.set(parent.number, parent.hash);
  }
  return done;
}

/** What a block of the simulation runs in; what is left out follows from its parent. */
function environmentOf(
  { chain: { forks }, simulation }: Run,
  { overrides }: SimulationBlock,
  parent: ChainHeader,
): L1Environment {
  const { number, timestampSec } = overrides;
  const isMerged = parent.difficulty === 0n || isPostMerge(forks, timestampSec);
  const rules = rulesAt(forks, { number, timestampSec, isMerged });
  const isCancun = rules.isActive("cancun");
  const isParentCancun = parent.excessBlobGas !== undefined;
  return {
    chainId: forks.chainId,
    number,
    timestampSec,
    coinbase: overrides.coinbase ?? parent.miner,
    gasLimit: overrides.gasLimit ?? parent.gasLimit,
    baseFeePerGasWei: baseFeeOf(overrides, parent, {
      isValidated: simulation.isValidated,
      hasBaseFee: rules.isActive("london"),
    }),
    prevRandao: overrides.prevRandao ?? ZERO_HASH,
    parentHash: parent.hash,
    gasPerPubdata: 0n,
    rules,
    difficulty: isMerged ? overrides.difficulty ?? 0n : overrides.difficulty ?? parent.difficulty,
    excessBlobGas: isCancun ? isParentCancun ? nextExcessBlobGas(parent, rules) : 0n : undefined,
    parentBeaconBlockRoot: isCancun ? overrides.beaconRoot ?? ZERO_HASH : undefined,
    uncles: [],
    withdrawals: rules.isActive("shanghai") ? overrides.withdrawals ?? [] : undefined,
  };
}

/** Whether no block has work any more, whatever its parent had. */
function isPostMerge(forks: ForkSchedule, timestampSec: bigint): boolean {
  return forks.terminalTotalDifficulty === 0n ||
    forks.byTime.some((entry) => entry.timestampSec <= timestampSec);
}

/** Without validation gas has no price, unless the client gives it one. */
function baseFeeOf(
  { baseFeePerGasWei }: BlockOverrides,
  parent: ChainHeader,
  { isValidated, hasBaseFee }: { readonly isValidated: boolean; readonly hasBaseFee: boolean },
): bigint {
  if (!hasBaseFee) return 0n;
  return baseFeePerGasWei ?? (isValidated ? nextBaseFeeWei(parent) : 0n);
}

/** The world of the block before, or another one where its rules are others. */
async function openWorld(
  run: Run,
  { rules }: L1Environment,
  before: { readonly world: L1World | undefined; readonly stateRoot: Hash32 },
): Promise<L1World> {
  const world = before.world?.common === rules.common
    ? before.world
    : await run.chain.evm.scratch(before.stateRoot, rules, before.world?.overlay);
  const { precompiles } = world.vm.evm;
  // What a block moved or replaced counts for that block alone.
  precompiles.clear();
  for (const [key, precompile] of getActivePrecompiles(world.common)) {
    precompiles.set(key, precompile);
  }
  showSimulatedHashes(run, world);
  return world;
}

const shown = new WeakSet<L1World>();

/** BLOCKHASH of a simulated block is its own. */
function showSimulatedHashes({ chain: { view }, hashes }: Run, world: L1World): void {
  if (shown.has(world)) return;
  shown.add(world);
  const { blockchain } = world.vm;
  blockchain.getBlock = async (number) => {
    assert(typeof number === "number" || typeof number === "bigint", "BLOCKHASH is by number");
    const key = BigInt(number);
    const hash = hashes.get(key) ?? (await view.header(key))?.hash ?? ZERO_HASH;
    return Object.assign({}, { hash: () => hexToBytes(hash) });
  };
}

async function runBlock(
  run: Run,
  world: L1World,
  { block, environment }: {
    readonly block: SimulationBlock;
    readonly environment: L1Environment;
  },
): Promise<SimulatedBlock> {
  const { forks } = run.chain;
  const { state, common } = world;
  const seen = blockOf(environment, block.overrides);
  await applyStateOverrides(world, block.state);
  await beginProtocol(world, environment, forks);
  const watched = watchTransfers(world, run.simulation.tracesTransfers);
  const ran: RanCalls = { transactions: [], outcomes: [], calls: [], gasUsed: 0n };
  for (const request of block.calls) {
    await runCall(run, world, { request, seen, environment, ran, watched });
  }
  watched.end();
  const requestsHash = await endProtocol(world, environment, {
    forks,
    logs: ran.calls.flatMap(({ success, logs }) => success ? logs.map(({ log }) => log) : []),
    block: createLibraryBlock(environment, common),
  });
  const stateRoot = bytesToHash32(await state.getStateRoot());
  const made = assembleBlock(environment, { stateRoot, requestsHash }, ran);
  return { block: toChainBlock(toRanBlock(made)), calls: ran.calls };
}

/** What the calls of a block did so far. */
interface RanCalls {
  readonly transactions: L1IncludedTx[];
  readonly outcomes: L1Outcome[];
  readonly calls: SimulatedCall[];
  gasUsed: bigint;
}

function blockOf(environment: L1Environment, overrides: BlockOverrides): MessageBlock {
  const { rules, coinbase, prevRandao, excessBlobGas } = environment;
  const { blobs } = rules;
  return {
    number: environment.number,
    timestampSec: environment.timestampSec,
    coinbase,
    gasLimit: environment.gasLimit,
    difficulty: environment.difficulty,
    prevRandao,
    baseFeePerGasWei: rules.isActive("london") ? environment.baseFeePerGasWei : undefined,
    blobBaseFeeWei: blobs === undefined
      ? undefined
      : overrides.blobBaseFeeWei ?? blobBaseFeeWei(excessBlobGas ?? 0n, blobs),
  };
}

async function runCall(
  run: Run,
  world: L1World,
  place: {
    readonly request: TransactionRequest;
    readonly seen: MessageBlock;
    readonly environment: L1Environment;
    readonly ran: RanCalls;
    readonly watched: TransferLog;
  },
): Promise<void> {
  const { request, seen, environment, ran, watched } = place;
  const { isValidated } = run.simulation;
  const left = environment.gasLimit - ran.gasUsed;
  const { tx, isGasCapped } = await toTransaction(run, world, { request, environment, left });
  const raw = encodeUnsigned(tx);
  const hash = transactionHash(raw);
  const sender = request.from ?? ZERO_ADDRESS;
  watched.begin();
  const outcome = await applyMessage(world, toMessage(tx, request, seen), seen, {
    isValidated,
    deadlineMs: run.deadlineMs,
    blockGasLeft: left,
  });
  if (outcome.kind === "refused") throw refused(outcome, tx.gasLimit);
  ran.gasUsed += outcome.gasUsed;
  if (outcome.gasUsed > run.gasLeft) {
    throw new RpcError(
      RPC_CODES.serverError,
      `RPC gas cap exhausted: need ${outcome.gasUsed}, remaining ${run.gasLeft}`,
    );
  }
  run.gasLeft -= outcome.gasUsed;
  ran.transactions.push({ hash, raw, tx, sender });
  ran.outcomes.push(await toOutcome(world, { tx, outcome, ran, seen }));
  ran.calls.push(toSimulatedCall(outcome, { watched, isGasCapped }));
}

type RanMessage = MessageOutcome & { readonly kind: "ran" };

async function toOutcome(
  { state, common }: L1World,
  { tx, outcome, ran, seen }: {
    readonly tx: Transaction;
    readonly outcome: RanMessage;
    readonly ran: RanCalls;
    readonly seen: MessageBlock;
  },
): Promise<L1Outcome> {
  const { exception, gasUsed, logs, createdAddress, returnData } = outcome;
  const receipt: Receipt = {
    type: tx.type,
    success: exception === undefined,
    gasUsed,
    cumulativeGasUsed: ran.gasUsed,
    effectiveGasPriceWei: 0n,
    logs,
    contractAddress: tx.to === undefined ? createdAddress : undefined,
    // EIP-658: before Byzantium a receipt has the state in the place of a status.
    ...(common.gteHardfork("byzantium")
      ? {}
      : { stateRoot: bytesToHash32(await state.getStateRoot()) }),
    ...(tx.type === 3
      ? { blobGasUsed: outcome.blobGasUsed, blobGasPriceWei: seen.blobBaseFeeWei ?? 0n }
      : {}),
  };
  return { receipt, exception, returnData };
}

function toSimulatedCall(
  { exception, returnData, gasUsed, maxGasUsed }: RanMessage,
  { watched, isGasCapped }: { readonly watched: TransferLog; readonly isGasCapped: boolean },
): SimulatedCall {
  return {
    success: exception === undefined,
    returnData,
    exception,
    gasUsed,
    maxGasUsed,
    logs: watched.logs(),
    isGasCapped,
  };
}

/** The transaction that a call stands for, with everything filled in that the client left out. */
async function toTransaction(
  { chain: { forks: { chainId } }, gasLeft }: Run,
  { state }: L1World,
  { request, environment, left }: {
    readonly request: TransactionRequest;
    readonly environment: L1Environment;
    readonly left: bigint;
  },
): Promise<{ readonly tx: Transaction; readonly isGasCapped: boolean }> {
  if (request.chainId !== undefined && request.chainId !== chainId) {
    throw new RpcError(
      RPC_CODES.serverError,
      `chainId does not match node's (have=${request.chainId}, want=${chainId})`,
    );
  }
  const wanted = request.gas ?? left;
  if (wanted > left) {
    throw new RpcError(
      SIMULATION_CODES.blockGasLimit,
      `block gas limit reached: remaining: ${left}, required: ${wanted}`,
    );
  }
  const gasLimit = wanted < gasLeft ? wanted : gasLeft;
  const type = typeOf(request, environment.rules.isActive("london"));
  const account = await state.getAccount(toLibraryAddress(request.from ?? ZERO_ADDRESS));
  const price = request.gasPrice ?? 0n;
  const isLegacy = type === 0;
  const tx: Transaction = {
    type,
    chainId,
    nonce: request.nonce ?? account?.nonce ?? 0n,
    gasLimit,
    maxFeePerGasWei: isLegacy ? price : request.maxFeePerGas ?? 0n,
    maxPriorityFeePerGasWei: isLegacy ? price : request.maxPriorityFeePerGas ?? 0n,
    to: request.to,
    valueWei: request.value,
    data: request.data,
    accessList: isLegacy ? [] : request.accessList ?? [],
    authorizations: type === 4 ? request.authorizationList ?? [] : [],
    ...(type === 3
      ? {
        blobHashes: request.blobVersionedHashes ?? [],
        maxFeePerBlobGasWei: request.maxFeePerBlobGas ?? 0n,
      }
      : {}),
    yParity: 0,
    r: 0n,
    s: 0n,
  };
  return { tx, isGasCapped: gasLimit < wanted };
}

function typeOf(request: TransactionRequest, hasBaseFee: boolean): Transaction["type"] {
  if (request.gasPrice !== undefined || !hasBaseFee) return 0;
  if (request.authorizationList !== undefined) return 4;
  return request.blobVersionedHashes !== undefined ? 3 : 2;
}

function toMessage(tx: Transaction, request: TransactionRequest, seen: MessageBlock): L1Message {
  const { maxFeePerGasWei, maxPriorityFeePerGasWei } = tx;
  const wanted = maxPriorityFeePerGasWei + (seen.baseFeePerGasWei ?? 0n);
  const offered = wanted < maxFeePerGasWei ? wanted : maxFeePerGasWei;
  return {
    from: request.from ?? ZERO_ADDRESS,
    to: tx.to,
    data: tx.data,
    valueWei: tx.valueWei,
    nonce: tx.nonce,
    gasLimit: tx.gasLimit,
    gasPriceWei: tx.type === 0 ? maxFeePerGasWei : offered,
    maxFeePerGasWei,
    maxPriorityFeePerGasWei,
    accessList: request.accessList ?? [],
    authorizations: request.authorizationList,
    blobHashes: request.blobVersionedHashes,
    maxFeePerBlobGasWei: request.maxFeePerBlobGas ??
      (request.blobVersionedHashes === undefined ? undefined : 0n),
  };
}

const FAULT_CODES: Readonly<Partial<Record<MessageFault, number>>> = {
  NONCE_TOO_LOW: SIMULATION_CODES.nonceTooLow,
  NONCE_TOO_HIGH: SIMULATION_CODES.nonceTooHigh,
  TIP_ABOVE_FEE: RPC_CODES.invalidParams,
  FEE_BELOW_BASE_FEE: SIMULATION_CODES.feeBelowBaseFee,
  INSUFFICIENT_FUNDS: SIMULATION_CODES.insufficientFunds,
  INTRINSIC_GAS_TOO_LOW: SIMULATION_CODES.intrinsicGas,
  INIT_CODE_TOO_LARGE: SIMULATION_CODES.initCodeTooLarge,
};

function refused(
  { fault, message }: MessageOutcome & { readonly kind: "refused" },
  gasLimit: bigint,
): RpcError {
  const code = FAULT_CODES[fault] ?? RPC_CODES.internalError;
  return new RpcError(code, `err: ${message} (supplied gas ${gasLimit})`);
}
