/**
 * `eth_simulateV1`: blocks that never were, on the state after one that was.
 *
 * Owns the request, what a client leaves out of it, and the JSON of the answer, in geth's rules.
 * Does not own running the blocks ({@linkcode ChainSimulation}, each chain's).
 * @module
 */
import { bytesToHex, hexToBytes } from "../../core/primitives/hex.ts";
import { encodeRlp, uintToRlp } from "../../core/primitives/rlp.ts";
import { encodeTransaction, type Transaction } from "../../core/types/tx.ts";
import type { Address } from "../../core/primitives/hex.ts";
import type { EventLog } from "../../core/types/receipt.ts";
import type { AccountOverride, BlockOverrides, ChainBlock, ChainHeader } from "./chain.ts";
import { failedCallError, invalidParams, RpcError } from "./errors.ts";
import { formatBlock, formatQuantity, formatTransaction, type JsonObject } from "./format.ts";
import {
  MAX_SIMULATED_BLOCKS,
  MAX_SIMULATED_CALLS,
  MAX_SIMULATED_CALLS_PER_BLOCK,
} from "./limits.ts";
import { blockOverrides, stateOverrides } from "./overrides.ts";
import {
  boolean,
  list,
  object,
  optional,
  type Schema,
  type ValueOf,
  withDefault,
} from "./schema.ts";
import { type TransactionRequest, transactionRequest } from "./transaction_request.ts";

/** Error numbers of `eth_simulateV1` in execution-apis. */
export const SIMULATION_CODES = {
  nonceTooLow: -38010,
  nonceTooHigh: -38011,
  feeBelowBaseFee: -38012,
  intrinsicGas: -38013,
  insufficientFunds: -38014,
  blockGasLimit: -38015,
  blockNumbers: -38020,
  blockTimestamps: -38021,
  senderHasCode: -38024,
  initCodeTooLarge: -38025,
  tooMany: -38026,
  /** The EVM's exceptions, in `calls[].error`. */
  exception: -32015,
} as const;

/** A block to run, with a number and a time. */
export interface SimulationBlock {
  readonly overrides: BlockOverrides & { readonly number: bigint; readonly timestampSec: bigint };
  readonly state: ReadonlyMap<Address, AccountOverride>;
  readonly calls: readonly TransactionRequest[];
}

/** What is to be simulated. */
export interface Simulation {
  /** The blocks stand on the state after this one. */
  readonly number: bigint;
  /** In order, without gaps. */
  readonly blocks: readonly SimulationBlock[];
  /** Whether ether that moves is told as a log of {@linkcode TRANSFER_LOG_ADDRESS}. */
  readonly tracesTransfers: boolean;
  /** Nonces, fees and balances must fit as in a real block. */
  readonly isValidated: boolean;
}

/** What became of one call. */
export interface SimulatedCall {
  readonly success: boolean;
  /** Also what a revert returned. */
  readonly returnData: Uint8Array;
  /** In geth's words; `undefined` for success. */
  readonly exception: string | undefined;
  readonly gasUsed: bigint;
  /** Before refunds. */
  readonly maxGasUsed: bigint;
  readonly logs: readonly { readonly log: EventLog; readonly logIndex: number }[];
  /** The node's bound on gas was below what the call asked for. */
  readonly isGasCapped: boolean;
}

/** A block that ran; it has a transaction for each call. */
export interface SimulatedBlock {
  readonly block: ChainBlock;
  readonly calls: readonly SimulatedCall[];
}

/** A chain that can run blocks that never were. */
export interface ChainSimulation {
  /** @throws RpcError with a code of {@linkcode SIMULATION_CODES} when a call cannot begin. */
  simulate(simulation: Simulation): Promise<readonly SimulatedBlock[]>;
}

/** ERC-7528: stands for ether itself. */
export const TRANSFER_LOG_ADDRESS = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
/** keccak256 of `Transfer(address,address,uint256)`. */
export const TRANSFER_TOPIC = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
/** Seconds between simulated blocks that are given no time. */
const TIMESTAMP_STEP_SEC = 12n;

const requestFields = object({
  blockStateCalls: withDefault(
    list(
      object({
        blockOverrides: optional(blockOverrides),
        stateOverrides: optional(stateOverrides),
        calls: withDefault(list(transactionRequest, Number.MAX_SAFE_INTEGER), []),
      }),
      Number.MAX_SAFE_INTEGER,
    ),
    [],
  ),
  traceTransfers: withDefault(boolean, false),
  validation: withDefault(boolean, false),
  returnFullTransactions: withDefault(boolean, false),
});

/** The request as it was written. */
export type SimulationRequest = ValueOf<typeof requestFields>;

/** The first parameter of `eth_simulateV1`. */
export const simulationRequest: Schema<SimulationRequest> = {
  ...(requestFields.json === undefined ? {} : { json: requestFields.json }),
  parse(value, path) {
    const request = requestFields.parse(value, path);
    const blocks = request.blockStateCalls;
    if (blocks.length === 0) throw invalidParams(`invalid ${path}: empty input`);
    if (blocks.length > MAX_SIMULATED_BLOCKS) throw tooMany("too many blocks");
    let callCount = 0;
    for (const { calls } of blocks) {
      if (calls.length > MAX_SIMULATED_CALLS_PER_BLOCK) {
        throw tooMany(
          `too many calls in block: ${calls.length} > ${MAX_SIMULATED_CALLS_PER_BLOCK}`,
        );
      }
      callCount += calls.length;
      if (callCount > MAX_SIMULATED_CALLS) {
        throw tooMany(`too many calls: ${callCount} > ${MAX_SIMULATED_CALLS}`);
      }
    }
    return request;
  },
};

/**
 * The blocks of `request` on top of `base`, each with a number and a time; where numbers leave a
 * gap, empty blocks are in it.
 *
 * @throws RpcError -38020 or -38021 for numbers or times that do not rise, -38026 for too many.
 */
export function completeBlocks(
  request: SimulationRequest,
  base: Pick<ChainHeader, "number" | "timestampSec">,
): readonly SimulationBlock[] {
  const complete: SimulationBlock[] = [];
  let { number: lastNumber, timestampSec: lastSec } = base;
  for (
    const { blockOverrides: overrides = {}, stateOverrides: state, calls } of request
      .blockStateCalls
  ) {
    const number = overrides.number ?? lastNumber + 1n;
    if (number <= lastNumber) {
      throw new RpcError(
        SIMULATION_CODES.blockNumbers,
        `block numbers must be in order: ${number} <= ${lastNumber}`,
      );
    }
    if (number - base.number > BigInt(MAX_SIMULATED_BLOCKS)) throw tooMany("too many blocks");
    while (lastNumber + 1n < number) {
      lastNumber += 1n;
      lastSec += TIMESTAMP_STEP_SEC;
      const gap = { number: lastNumber, timestampSec: lastSec };
      complete.push({ overrides: gap, state: new Map(), calls: [] });
    }
    const timestampSec = overrides.timestampSec ?? lastSec + TIMESTAMP_STEP_SEC;
    if (timestampSec <= lastSec) {
      throw new RpcError(
        SIMULATION_CODES.blockTimestamps,
        `block timestamps must be in order: ${timestampSec} <= ${lastSec}`,
      );
    }
    lastNumber = number;
    lastSec = timestampSec;
    const numbered = { ...overrides, number, timestampSec };
    complete.push({ overrides: numbered, state: state ?? new Map(), calls });
  }
  return complete;
}

/** A simulated block in the answer. */
export function formatSimulatedBlock(
  { block, calls }: SimulatedBlock,
  transactions: "hashes" | "full",
): JsonObject {
  const shown = formatBlock(block, transactions);
  return {
    ...shown,
    ...(transactions === "full" ? { transactions: block.transactions.map(formatUnsigned) } : {}),
    calls: calls.map((call, index) => formatCall(call, block, index)),
  };
}

/** geth reads an id out of the signature that a legacy transaction does not have. */
const UNSIGNED_LEGACY_CHAIN_ID = "0x7fffffffffffffee";

function formatUnsigned(transaction: ChainBlock["transactions"][number]): JsonObject {
  const shown = formatTransaction(transaction);
  return transaction.tx.type === 0
    ? { ...shown, chainId: UNSIGNED_LEGACY_CHAIN_ID, v: "0x0" }
    : shown;
}

function formatCall(call: SimulatedCall, block: ChainBlock, index: number): JsonObject {
  const { header } = block;
  const logs = call.logs.map(({ log, logIndex }) => ({
    address: log.address,
    topics: log.topics,
    data: bytesToHex(log.data),
    blockNumber: formatQuantity(header.number),
    transactionHash: block.transactions[index]?.hash,
    transactionIndex: formatQuantity(index),
    blockHash: header.hash,
    blockTimestamp: formatQuantity(header.timestampSec),
    logIndex: formatQuantity(logIndex),
    removed: false,
  }));
  const shown = {
    returnData: call.success ? bytesToHex(call.returnData) : "0x",
    logs,
    gasUsed: formatQuantity(call.gasUsed),
    maxUsedGas: formatQuantity(call.maxGasUsed),
    status: call.success ? "0x1" : "0x0",
  };
  return call.success ? shown : { ...shown, error: formatException(call) };
}

function formatException(call: SimulatedCall): JsonObject {
  const { exception = "", returnData, isGasCapped } = call;
  if (/^(execution reverted|revert)$/.test(exception)) {
    const { message, code, data } = failedCallError({
      ...call,
      exception,
      logs: () => [],
    });
    return returnData.length === 0 ? { message, code, data: "0x" } : { message, code, data };
  }
  const suffix = isGasCapped ? " (gas limit was capped by the RPC server's global gas cap)" : "";
  return { message: `${exception}${suffix}`, code: SIMULATION_CODES.exception };
}

function tooMany(message: string): RpcError {
  return new RpcError(SIMULATION_CODES.tooMany, message);
}

/** The bytes of a simulated transaction. Nobody signed it: geth writes zeros in the place of a signature. */
export function encodeUnsigned(tx: Transaction): Uint8Array {
  if (tx.type !== 0) return encodeTransaction(tx);
  return encodeRlp([
    uintToRlp(tx.nonce),
    uintToRlp(tx.maxFeePerGasWei),
    uintToRlp(tx.gasLimit),
    tx.to === undefined ? new Uint8Array(0) : hexToBytes(tx.to),
    uintToRlp(tx.valueWei),
    tx.data,
    ...[0n, 0n, 0n].map(uintToRlp),
  ]);
}
