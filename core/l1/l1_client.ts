/**
 * The port to an Ethereum chain: the few things that a rollup asks of its L1.
 *
 * Owns the interface and the error codes of this room. Does not own any connection
 * (`backends/`), the rollup's own calls and events (`calls.ts`, `events.ts`), or retrying: every
 * method either answers in full or throws, and the caller decides what to do next.
 * @module
 */
import type { Address, Hash32, Hex } from "../primitives/hex.ts";

/**
 * Codes that this room throws.
 *
 * - `L1_UNAVAILABLE`: nobody answered, or not in JSON; the same question may work later.
 * - `L1_BAD_RESPONSE`: an answer of a shape that Ethereum's JSON-RPC does not allow.
 * - `L1_REJECTED`: the node refused the question, for example a nonce that is too low.
 * - `L1_REVERTED`: a contract refused the call; `details.errorName` says with which error.
 * - `L1_CALLDATA_INVALID`: input of a transaction that the rollup contract would not accept.
 * - `L1_LOG_INVALID`: a log of the rollup's topic that does not have the event's fields.
 * - `L1_ROLLUP_MISSING`: no rollup contract answers at the address.
 * - `L1_BACKEND_UNKNOWN`: no backend has the given name.
 */
export type L1ErrorCode =
  | "L1_UNAVAILABLE"
  | "L1_BAD_RESPONSE"
  | "L1_REJECTED"
  | "L1_REVERTED"
  | "L1_CALLDATA_INVALID"
  | "L1_LOG_INVALID"
  | "L1_ROLLUP_MISSING"
  | "L1_BACKEND_UNKNOWN";

/** A log of a mined transaction. */
export interface L1Log {
  readonly address: Address;
  readonly topics: readonly Hash32[];
  readonly data: Hex;
  readonly blockNumber: bigint;
  readonly blockHash: Hash32;
  readonly transactionHash: Hash32;
  /** Position in its block. */
  readonly logIndex: bigint;
}

/** What the rollup needs of an L1 block: its place in the chain, its time, its price. */
export interface L1Block {
  readonly number: bigint;
  readonly hash: Hash32;
  readonly parentHash: Hash32;
  readonly timestampSec: bigint;
  readonly baseFeePerGasWei: bigint;
}

/** What became of a mined transaction. */
export interface L1Receipt {
  readonly transactionHash: Hash32;
  readonly blockNumber: bigint;
  readonly blockHash: Hash32;
  readonly success: boolean;
  readonly gasUsed: bigint;
  /** Set by a successful deployment. */
  readonly contractAddress?: Address;
  /** Best knowledge of why it failed: the node's own, or that of a replay on the parent block. */
  readonly revertReason?: string;
}

/** A transaction as its sender signed it. */
export interface L1Transaction {
  readonly input: Hex;
  readonly from: Address;
  /** Absent for a deployment. */
  readonly to?: Address;
  readonly nonce: bigint;
}

/** A message to a contract; without `to`, a deployment. */
export interface L1Call {
  readonly from?: Address;
  readonly to?: Address;
  readonly data: Hex;
}

/** Which logs: of one contract, in blocks `fromBlock` to `toBlock`, both included. */
export interface L1LogFilter {
  readonly address: Address;
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
}

/** Prices for a type-2 transaction sent now. */
export interface L1Fees {
  /** The latest block, whose base fee this is. */
  readonly l1BlockNumber: bigint;
  readonly baseFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
}

/** An Ethereum chain. Every method may throw `L1_UNAVAILABLE` and `L1_BAD_RESPONSE`. */
export interface L1Client {
  chainId(): Promise<bigint>;
  /** The block, or `undefined` when the chain does not have it (yet, or any more). */
  block(at: bigint | "latest"): Promise<L1Block | undefined>;
  /**
   * Logs in order of block and log index. Nodes limit how many blocks and logs one question may
   * span: the caller splits long ranges.
   *
   * @throws `L1_REJECTED` when the node finds the range too long.
   */
  logs(filter: L1LogFilter): Promise<readonly L1Log[]>;
  /** The transaction, pending or mined, or `undefined` when the node does not know it. */
  transaction(hash: Hash32): Promise<L1Transaction | undefined>;
  /** The receipt, or `undefined` while the transaction is not mined. */
  receipt(hash: Hash32): Promise<L1Receipt | undefined>;
  /** How many transactions the account has sent; `pending` counts those that wait. */
  nonce(account: Address, tag: "latest" | "pending"): Promise<bigint>;
  /** Balance in wei at the latest block. */
  balance(account: Address): Promise<bigint>;
  /** @throws `L1_REVERTED` with the decoded error in `details.errorName`. */
  call(call: L1Call): Promise<Hex>;
  /** @throws `L1_REVERTED` with the decoded error in `details.errorName`. */
  estimateGas(call: L1Call): Promise<bigint>;
  fees(): Promise<L1Fees>;
  /**
   * Hands a signed transaction to the node and gives its hash. Idempotent: a transaction that the
   * node already has, waiting or mined, is a success, so sending may be repeated after a crash.
   *
   * @throws `L1_REJECTED` when the node refuses it.
   */
  sendRawTransaction(raw: Uint8Array): Promise<Hash32>;
}
