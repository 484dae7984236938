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
  /** Bytes of all HTTP bodies that are arriving, but for small ones. */
  readonly maxBodiesBytes: number;
  /** Requests in one batch. */
  readonly maxBatchRequests: number;
  /** Bytes of the answers to one batch; later requests of the batch are refused. */
  readonly maxBatchResponseBytes: number;
  /** Characters of all batches that are being answered, and of their answers so far. */
  readonly maxBatchesChars: number;
  /** Milliseconds after which the rest of a batch is refused. */
  readonly batchTimeoutMs: number;
  /** Open WebSockets. */
  readonly maxSockets: number;
  /** Messages of one WebSocket that are being answered at a time; of batches one after another. */
  readonly maxSocketRequestsInFlight: number;
  /** Bytes that wait for a slow reader before its WebSocket is closed; so many may ask, too. */
  readonly maxSocketBufferedBytes: number;
  /** Bytes that wait for the readers of all WebSockets together; so many may ask, too. */
  readonly maxSocketsBufferedBytes: number;
  /** Subscriptions of all WebSockets together. */
  readonly maxSubscriptions: number;
  /** Characters of HTTP answers that their clients have not read yet, all together. */
  readonly maxHeldAnswerChars: number;
  /** Milliseconds between two reads of a long answer before its connection is closed. */
  readonly answerStallTimeoutMs: number;
  /** Milliseconds that a body may take to arrive. */
  readonly bodyTimeoutMs: number;
  /** Milliseconds that a stopping server waits for clients to read their last answers. */
  readonly drainTimeoutMs: number;
}

/** What a port allows when nothing else is said. */
export const RPC_LIMITS: RpcLimits = {
  maxBodyBytes: LIMITS.maxRpcBodyBytes,
  maxBodiesBytes: 256_000_000,
  maxBatchRequests: LIMITS.maxRpcBatchRequests,
  // geth's `BatchResponseMaxSize`.
  maxBatchResponseBytes: 25_000_000,
  maxBatchesChars: 256_000_000,
  batchTimeoutMs: 60_000,
  maxSockets: 256,
  maxSocketRequestsInFlight: 128,
  maxSocketBufferedBytes: 32_000_000,
  maxSocketsBufferedBytes: 256_000_000,
  maxSubscriptions: 8_192,
  maxHeldAnswerChars: 256_000_000,
  answerStallTimeoutMs: 30_000,
  bodyTimeoutMs: 30_000,
  drainTimeoutMs: 5_000,
};

/** Milliseconds after which a filter that nobody polls is forgotten, as in geth. */
export const FILTER_TIMEOUT_MS = 300_000;
/** Transactions that entered the pool and that filters can still tell of; about 10 MB. */
export const MAX_PENDING_CHANGES = 50_000;
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
/** Blocks that one `anvil_mine` may add: the voting period of a governor is 50,400 of them. */
export const MAX_MINED_BLOCKS = 250_000n;
/** Blocks that one `anvil_mine_detailed` may add, since it shows them all. */
export const MAX_DETAILED_BLOCKS = 10_000n;
/** Transactions that one `anvil_reorg` may name. */
export const MAX_REORG_TXS = 10_000;
/** Bits of a time in seconds: 34,000 years, of which no sum leaves the 64 bits of a header. */
export const MAX_TIME_BITS = 40n;
/** Milliseconds that `eth_call` and its kin may run, as geth's `RPCEVMTimeout`. */
export const CALL_TIMEOUT_MS = 5_000;
/** Blocks of one `eth_simulateV1`, those between the given ones counted too, as geth has it. */
export const MAX_SIMULATED_BLOCKS = 256;
/** Calls of one block of `eth_simulateV1`, as geth has it. */
export const MAX_SIMULATED_CALLS_PER_BLOCK = 5_000;
/** Calls of one `eth_simulateV1`, as geth has it. */
export const MAX_SIMULATED_CALLS = 10_000;
/** Storage keys of one `eth_getProof` or `eth_getStorageValues`, as geth has it. */
export const MAX_STORAGE_KEYS = 1_024;
/** Milliseconds that `eth_sendRawTransactionSync` waits when the client names no time, as geth. */
export const DEFAULT_SYNC_TIMEOUT_MS = 20_000;
/** Milliseconds that `eth_sendRawTransactionSync` waits at most, as geth. */
export const MAX_SYNC_TIMEOUT_MS = 60_000;
/** Accounts that one call may override. */
export const MAX_OVERRIDDEN_ACCOUNTS = 10_000;
/** Slots that one call may override in one account. */
export const MAX_OVERRIDDEN_SLOTS = 100_000;
/** Bytes of one answer with traces, as its tracers count them; geth streams and has no such limit. */
export const MAX_TRACE_BYTES = 64_000_000;
/** Milliseconds that one transaction may be traced for when the client says nothing, as geth has it. */
export const DEFAULT_TRACE_TIMEOUT_MS = 5_000;
/** Milliseconds that one request for traces may take, whatever the client says. */
export const MAX_TRACE_TIMEOUT_MS = 60_000;
/** Blocks that one `ots_searchTransactions*` may look at: there is no index of accounts. */
export const MAX_SEARCHED_BLOCKS = 10_000n;
/** Transactions of one page of `ots_*`, as Erigon has it. */
export const MAX_PAGE_SIZE = 25;
