/**
 * Every bound of the system on one page, each with its reason.
 *
 * Owns default sizes and counts. Does not own protocol constants that a contract enforces; those
 * are named again there and compared by a test.
 * @module
 */

/** Bounds that guard memory, time and what L1 accepts. */
export const LIMITS = {
  /** Polygon's `_MAX_TRANSACTIONS_BYTE_LENGTH`: L1 refuses longer batch data. */
  maxBatchDataBytes: 120_000,
  /** Leaves room for the batch's own framing in {@linkcode LIMITS.maxBatchDataBytes}. */
  maxTxBytes: 100_132,
  /** Polygon's limit of pool calldata. */
  maxTxDataBytes: 100_000,
  /** zkevm-node's `MaxTxsPerBatch`. */
  maxTxsPerBatch: 300,
  /** A block's rows fit one KV commit of 1,000 mutations with room for its own bookkeeping. */
  maxTxsPerBlock: 300,
  /** Blocks in a batch: bounds witness size and re-execution time. */
  maxBlocksPerBatch: 256,
  /**
   * L1->L2 operations that a batch consumes: they are no part of its data, so this is what bounds
   * its witness and its re-execution beside the data. `Rollup.sol` refuses more.
   */
  maxOperationsPerBatch: 50,
  /** Polygon's `_MAX_FORCE_BATCH_BYTE_LENGTH`: bytes of one L1->L2 operation. */
  maxOperationBytes: 5_000,
  /** Gas of an L2 block, as anvil's default. */
  blockGasLimit: 30_000_000n,
  /** EIP-7825: gas of one transaction. */
  maxTxGas: 16_777_216n,
  /** Nonces a sender may queue ahead of the state: load tests sign thousands beforehand. */
  maxPoolNonceAhead: 16_384n,
  /** Some tens of MB of plain transfers; several seconds of the fastest client. */
  maxPoolTxs: 50_000,
  /** Seconds that the timestamp of a sequenced batch may lead the L1 block (elderberry). */
  maxSequenceTimestampLeadSec: 36n,
  /** Depth of the EVM's call stack and of contract creation code are the EVM's own. */
  maxRpcBodyBytes: 5_000_000,
  maxRpcBatchRequests: 1_000,
  /** Results and blocks of one `eth_getLogs`, as zkevm-node has them. */
  maxLogResults: 10_000,
  maxLogBlockRange: 10_000n,
  /** Gas of one `eth_call` or `eth_estimateGas`. */
  maxCallGas: 50_000_000n,
} as const;
