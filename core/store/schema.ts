/**
 * Every table of the node on one page.
 *
 * Owns names, keys and row shapes. Does not own the embedded L1's tables (`devnet/l1/schema.ts`),
 * which live in a file of their own as that L1 could be somebody else's. Fields called `…Blob` are
 * written and read with `blob.ts`.
 * @module
 */
import type { BatchCounters } from "../types/batch.ts";
import { BLOB_CHUNKS } from "./blob.ts";
import { type KeyPart, recordTable, type RowOf, type Table, valueTable } from "./table.ts";

/** Version of the tables below; a folder of another version is refused at opening. */
export const SCHEMA_VERSION = 3n;

const chainShape = {
  schemaVersion: "bigint",
  genesisHash: "string",
  programHash: "string",
  genesisStateRoot: "string",
  genesisLeafCount: "bigint",
} as const;
/** What this folder is: one row, key "chain". */
export const CHAIN: Table<["chain"], RowOf<typeof chainShape>> = recordTable(
  "chain",
  'What this folder is, checked at opening. Key: "chain"',
  chainShape,
);

/** How far each stage has come. */
export const CHECKPOINTS: Table<[string], bigint> = valueTable(
  "checkpoints",
  "How far a stage has come: a block or batch number. Key: stage id",
  "bigint",
);

/** The sender is what admission has recovered from the signature. */
const poolShape = { arrival: "bigint", sender: "string", rawBlob: "bytes" } as const;
/** Admitted transactions that are in no block yet. */
export const POOL: Table<[Uint8Array], RowOf<typeof poolShape>> = recordTable(
  "pool",
  "An admitted transaction that is in no block yet. Key: its hash",
  poolShape,
);

const trappedTxShape = {
  sender: "string",
  /** The block in whose construction it was, or would have been. */
  blockNumber: "bigint",
  programHash: "string",
  fault: "string",
  rawBlob: "bytes",
} as const;
/** Transactions that broke the program, for a report. */
export const TRAPPED_TXS: Table<[Uint8Array], RowOf<typeof trappedTxShape>> = recordTable(
  "trapped_txs",
  "A transaction that broke the program and was set aside, for a report. Key: its hash",
  trappedTxShape,
);

/** What execution used: `ExecutionCounters`, field by field. */
const countersShape = {
  gasUsed: "bigint",
  txCount: "number",
  stepCount: "number",
  keccakCount: "number",
  sha256Count: "number",
  ecrecoverCount: "number",
  modexpWork: "number",
  pairingCount: "number",
  curveOperationCount: "number",
  memoryWordCount: "number",
  storageReadCount: "number",
  storageWriteCount: "number",
  logBytes: "number",
  pubdataBytes: "number",
  batchDataBytes: "number",
  operationCount: "number",
} as const satisfies Readonly<Record<Exclude<keyof BatchCounters, "blockCount">, string>>;
/** The part of a row that {@linkcode countersShape} describes. */
export type CountersRow = RowOf<typeof countersShape>;

const blockShape = {
  header: "bytes",
  hash: "bytes",
  leafCount: "bigint",
  ...countersShape,
  /** Number of the last L1->L2 operation that is consumed after the block. */
  lastOperation: "bigint",
  /** How many of its first transactions came as operations. */
  operationTxCount: "number",
  bodyBlob: "bytes",
  receiptsBlob: "bytes",
  usagesBlob: "bytes",
  diffsBlob: "bytes",
} as const;
/** A row of {@linkcode BLOCKS}. */
export type BlockRow = RowOf<typeof blockShape>;
/** Blocks with all that they did. */
export const BLOCKS: Table<[bigint], BlockRow> = recordTable(
  "blocks",
  "A block: header RLP, body with senders, receipts, what it used, state diffs. Key: block number",
  blockShape,
);

/** Block numbers by hash. */
export const BLOCK_NUMBERS: Table<[Uint8Array], bigint> = valueTable(
  "block_numbers",
  "Number of a block. Key: block hash",
  "bigint",
);

const positionShape = { blockNumber: "bigint", index: "number" } as const;
/** Where included transactions are. */
export const TX_POSITIONS: Table<[Uint8Array], RowOf<typeof positionShape>> = recordTable(
  "tx_positions",
  "Block and place of an included transaction. Key: its hash",
  positionShape,
);

/** Deployed codes. */
export const CODES: Table<[Uint8Array], Uint8Array> = valueTable(
  "codes",
  "A deployed code, as blob field. Key: keccak256 of the code",
  "bytes",
);

/** Leaves of the state tree: 32 bytes of key, 32 bytes of value. */
export const LEAVES: Table<[bigint], Uint8Array> = valueTable(
  "leaves",
  "A leaf of the state tree, key then value, as of the state checkpoint. Key: leaf index",
  "bytes",
  // The root of the tree that they give is held against the latest header.
  "content",
);

/** What slots held over time. */
export const SLOT_HISTORY: Table<[Uint8Array, bigint], Uint8Array> = valueTable(
  "slot_history",
  "The value of a slot from a block on. Key: flat key, block number",
  "bytes",
);

const batchShape = {
  firstBlock: "bigint",
  lastBlock: "bigint",
  oldStateRoot: "string",
  oldLeafCount: "bigint",
  newStateRoot: "string",
  newLeafCount: "bigint",
  oldAccInputHash: "string",
  newAccInputHash: "string",
  batchDataHash: "string",
  /** Rolling hash of the L1->L2 operations that are consumed after the batch, and their count. */
  l1ToL2RollingHash: "string",
  lastOperation: "bigint",
  limitTimestampSec: "bigint",
  coinbase: "string",
  sealReason: "string",
  blockCount: "number",
  ...countersShape,
  dataBlob: "bytes",
} as const;
/** A row of {@linkcode BATCHES}. */
export type BatchRow = RowOf<typeof batchShape>;
/** Sealed batches. */
export const BATCHES: Table<[bigint], BatchRow> = recordTable(
  "batches",
  "A sealed batch and its data for L1. Key: batch number",
  batchShape,
);

const proofShape = { kind: "string", proofBlob: "bytes", publicInputs: "bytes" } as const;
/** Proofs that were made or accepted here. */
export const PROOFS: Table<[bigint], RowOf<typeof proofShape>> = recordTable(
  "proofs",
  "A checked proof and the packed public inputs it is for. Key: batch number",
  proofShape,
);

const l1TxShape = {
  /** A `MonitoredStatus` (`core/l1/monitored_tx.ts`). */
  status: "string",
  firstBatch: "bigint",
  from: "string",
  nonce: "bigint",
  to: "string",
  calldataHash: "string",
  gasLimit: "bigint",
  /** Of the attempt that counts: the mined one, else the latest. */
  hash: "string",
  attemptCount: "number",
  l1BlockNumber: "bigint?",
  gasUsed: "bigint?",
  /** Why it failed. */
  reason: "string?",
} as const;
/** A row of {@linkcode L1_TXS}. */
export type L1TxRow = RowOf<typeof l1TxShape>;
/** Our transactions to L1: the intent is written before anything is sent. */
export const L1_TXS: Table<[string, bigint], L1TxRow> = recordTable(
  "l1_txs",
  "A transaction of ours to L1, from intent to done. Key: stage id, last batch number; a void one " +
    "that may still be in L1's pool: sender, nonce",
  l1TxShape,
);

const l1AttemptShape = {
  hash: "string",
  rawBlob: "bytes",
  maxFeePerGasWei: "bigint",
  maxPriorityFeePerGasWei: "bigint",
  /** The L1 head when it was signed. */
  signedAtL1Block: "bigint",
} as const;
/** A row of {@linkcode L1_ATTEMPTS}. */
export type L1AttemptRow = RowOf<typeof l1AttemptShape>;
/** Signed forms of one intent: the same nonce and call, rising fees. */
export const L1_ATTEMPTS: Table<[string, bigint, bigint], L1AttemptRow> = recordTable(
  "l1_attempts",
  "A signed form of a transaction to L1. Key: stage id, last batch number, index",
  l1AttemptShape,
);

const l1BlockShape = { hash: "string" } as const;
/** L1 blocks that were synchronized; the hash chain shows a reorganisation. */
export const L1_BLOCKS: Table<[bigint], RowOf<typeof l1BlockShape>> = recordTable(
  "l1_blocks",
  "An L1 block whose events were read. Key: L1 block number",
  l1BlockShape,
);

const l1EventShape = {
  /** The `kind` of a `RollupEvent` (`core/l1/events.ts`). */
  kind: "string",
  /** The batch or the operation that it is about; 0 for none. */
  number: "bigint",
  /** What else it says: a state root, a rolling hash, a setting. */
  value: "string",
  transactionHash: "string",
} as const;
/** Rollup events of L1; the heads `sequenced` and `verified` follow from them. */
export const L1_EVENTS: Table<[bigint, bigint], RowOf<typeof l1EventShape>> = recordTable(
  "l1_events",
  "An event of the rollup contract. Key: L1 block number, log index",
  l1EventShape,
);

const operationShape = {
  /** Where it is, or was when L1 had it last. */
  l1BlockNumber: "bigint",
  /** L1 took it back after a block here had consumed it. */
  isLost: "boolean",
  sender: "string",
  deadlineSec: "bigint",
  /** keccak256 of the operation. */
  hash: "string",
  /** Rolling hash of all operations up to this one. */
  rollingHash: "string",
  transactionHash: "string",
  rawBlob: "bytes",
} as const;
/** A row of {@linkcode OPERATIONS}. */
export type OperationRow = RowOf<typeof operationShape>;
/** The queue of L1->L2 operations, as L1 has it. */
export const OPERATIONS: Table<[bigint], OperationRow> = recordTable(
  "operations",
  "An L1->L2 operation of the L1 queue. Key: its number, from 1",
  operationShape,
);

const virtualBatchShape = {
  l1BlockNumber: "bigint",
  transactionHash: "string",
  /** `sequenced` by the sequencer, or `forced` by anyone. */
  kind: "string",
  batchDataHash: "string",
  limitTimestampSec: "bigint",
  coinbase: "string",
  /** Number of the last L1->L2 operation that is consumed after the batch. */
  lastOperation: "bigint",
  /** Rolling hash up to that operation. */
  l1ToL2RollingHash: "string",
  accInputHash: "string",
  dataBlob: "bytes",
} as const;
/** A row of {@linkcode VIRTUAL_BATCHES}. */
export type VirtualBatchRow = RowOf<typeof virtualBatchShape>;
/** Batches as L1 has them: what every node must come to. */
export const VIRTUAL_BATCHES: Table<[bigint], VirtualBatchRow> = recordTable(
  "virtual_batches",
  "A batch as it was sequenced on L1. Key: batch number",
  virtualBatchShape,
);

/** Every table, for `inspect-state tables` and the table suite. */
export const TABLES: readonly Table<readonly KeyPart[], unknown>[] = [
  CHAIN,
  CHECKPOINTS,
  POOL,
  TRAPPED_TXS,
  BLOCKS,
  BLOCK_NUMBERS,
  TX_POSITIONS,
  CODES,
  LEAVES,
  SLOT_HISTORY,
  BATCHES,
  PROOFS,
  L1_TXS,
  L1_ATTEMPTS,
  L1_BLOCKS,
  L1_EVENTS,
  OPERATIONS,
  VIRTUAL_BATCHES,
  BLOB_CHUNKS,
];
