/**
 * Bounds of the JSON-RPC layer, each with its reason.
 *
 * Owns what only RPC bounds; those that other rooms share are in `core/primitives/limits.ts`.
 * @module
 */
import { LIMITS } from "../../core/primitives/limits.ts";

/** Bounds that guard a port against its clients. */
export interface RpcLimits {
  /** Bytes of one HTTP body or WebSocket message. */
  readonly maxBodyBytes: number;
  /** Requests in one batch. */
  readonly maxBatchRequests: number;
  /** Bytes of the answers to one batch; later requests of the batch are refused. */
  readonly maxBatchResponseBytes: number;
  /** Open WebSockets. */
  readonly maxSockets: number;
  /** Messages of one WebSocket that are being answered at a time. */
  readonly maxSocketRequestsInFlight: number;
  /** Bytes that wait for a slow reader before its WebSocket is closed. */
  readonly maxSocketBufferedBytes: number;
  /** Milliseconds that a body may take to arrive. */
  readonly bodyTimeoutMs: number;
  /** Milliseconds that a stopping server waits for clients to read their last answers. */
  readonly drainTimeoutMs: number;
}

/** What a port allows when nothing else is said. */
export const RPC_LIMITS: RpcLimits = {
  maxBodyBytes: LIMITS.maxRpcBodyBytes,
  maxBatchRequests: LIMITS.maxRpcBatchRequests,
  // geth's `BatchResponseMaxSize`.
  maxBatchResponseBytes: 25_000_000,
  maxSockets: 256,
  maxSocketRequestsInFlight: 128,
  maxSocketBufferedBytes: 32_000_000,
  bodyTimeoutMs: 30_000,
  drainTimeoutMs: 5_000,
};

/** Installed filters of a port; the one that was asked least recently makes room. */
export const MAX_FILTERS = 1_024;
/** Subscriptions of one WebSocket. */
export const MAX_SUBSCRIPTIONS_PER_SOCKET = 128;
/** Addresses of one log filter, as geth has it. */
export const MAX_FILTER_ADDRESSES = 1_000;
/** Alternatives for one topic of a log filter, as geth has it. */
export const MAX_FILTER_TOPICS = 1_000;
/** Blocks of one `eth_feeHistory`, as geth has it. */
export const MAX_FEE_HISTORY_BLOCKS = 1_024n;
/** Percentiles of one `eth_feeHistory`, as geth has it. */
export const MAX_FEE_HISTORY_PERCENTILES = 100;
/** Blocks that one `anvil_mine` may add. */
export const MAX_MINED_BLOCKS = 10_000n;
/** Transactions that one `anvil_reorg` may name. */
export const MAX_REORG_TXS = 10_000;
/** Bits of a time in seconds: 34,000 years, of which no sum leaves the 64 bits of a header. */
export const MAX_TIME_BITS = 40n;
