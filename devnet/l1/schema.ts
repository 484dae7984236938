/**
 * Every table of the embedded L1 on one page.
 *
 * Owns names, keys and row shapes of that chain. Does not own the node's tables
 * (`core/store/schema.ts`): this L1 could be somebody else's, so nothing of the node may be mixed
 * into it. Names start with `l1chain_`, so both fit one KV file. Fields called `…Blob` are written
 * and read with `core/store/blob.ts`.
 * @module
 */
import {
  type KeyPart,
  recordTable,
  type RowOf,
  type Table,
  valueTable,
} from "../../core/store/table.ts";

/** Version of the tables below; a chain of another version is refused at opening. */
export const L1_SCHEMA_VERSION = 1n;

const identityShape = {
  schemaVersion: "bigint",
  chainId: "bigint",
  genesisHash: "string",
} as const;
/** Which chain this is: one row, key "chain". */
export const L1CHAIN_IDENTITY: Table<["chain"], RowOf<typeof identityShape>> = recordTable(
  "l1chain_identity",
  'Which chain this is, checked at opening. Key: "chain"',
  identityShape,
);

/** The number of the latest block: one row, key "head"; whatever it does not reach is not there. */
export const L1CHAIN_HEAD: Table<["head"], bigint> = valueTable(
  "l1chain_head",
  'Number of the latest block of the embedded L1. Key: "head"',
  "bigint",
);

/** How often the chain has gone back: one row, key "forks", absent while it never did. */
export const L1CHAIN_FORKS: Table<["forks"], bigint> = valueTable(
  "l1chain_forks",
  'How often the embedded L1 has gone back to an earlier block. Key: "forks"',
  "bigint",
);

const blockShape = {
  header: "bytes",
  hash: "bytes",
  sizeBytes: "number",
  bodyBlob: "bytes",
  receiptsBlob: "bytes",
} as const;
/** A row of {@linkcode L1CHAIN_BLOCKS}. */
export type L1ChainBlockRow = RowOf<typeof blockShape>;
/** Blocks with all that they did. */
export const L1CHAIN_BLOCKS: Table<[bigint], L1ChainBlockRow> = recordTable(
  "l1chain_blocks",
  "A block: header RLP, body with senders, receipts with outcomes. Key: block number",
  blockShape,
);

/** Block numbers by hash. */
export const L1CHAIN_BLOCK_NUMBERS: Table<[Uint8Array], bigint> = valueTable(
  "l1chain_block_numbers",
  "Number of a block. Key: block hash",
  "bigint",
);

const positionShape = { blockNumber: "bigint", index: "number" } as const;
/** Where included transactions are. */
export const L1CHAIN_TX_POSITIONS: Table<[Uint8Array], RowOf<typeof positionShape>> = recordTable(
  "l1chain_tx_positions",
  "Block and place of an included transaction. Key: its hash",
  positionShape,
);

const poolShape = { arrival: "bigint", sender: "string", rawBlob: "bytes" } as const;
/** Admitted transactions that are in no block yet. */
export const L1CHAIN_POOL: Table<[Uint8Array], RowOf<typeof poolShape>> = recordTable(
  "l1chain_pool",
  "An admitted transaction that is in no block yet. Key: its hash",
  poolShape,
);

/** Nodes of the state and storage tries of all blocks; never deleted, so old states stay. */
export const L1CHAIN_NODES: Table<[Uint8Array], Uint8Array> = valueTable(
  "l1chain_nodes",
  "A node of a Merkle-Patricia trie. Key: keccak256 of the node",
  "bytes",
);

/** Deployed codes. */
export const L1CHAIN_CODES: Table<[Uint8Array], Uint8Array> = valueTable(
  "l1chain_codes",
  "A deployed code, as blob field. Key: keccak256 of the code",
  "bytes",
);

/** Addresses and slots that were ever written; the tries know them by their hashes only. */
export const L1CHAIN_KEYS: Table<[Uint8Array], bigint> = valueTable(
  "l1chain_keys",
  "An address or a slot that was written, for dumps. Key: itself",
  "bigint",
);

const firstStartShape = { number: "bigint", hash: "bytes" } as const;
/** The head when a devnet was first started on the chain: one row, key "first". */
export const L1CHAIN_FIRST_START: Table<["first"], RowOf<typeof firstStartShape>> = recordTable(
  "l1chain_first_start",
  'The head when a devnet was first started, which a reset goes back to. Key: "first"',
  firstStartShape,
);

/** Roots of states that were decreed between two blocks. */
export const L1CHAIN_DECREED: Table<[Uint8Array], Uint8Array> = valueTable(
  "l1chain_decreed",
  "Root of the state that was decreed after a block. Key: hash of that block",
  "bytes",
);

/** All tables, for listings and for tests that names are unique. */
export const L1CHAIN_TABLES: readonly Table<readonly KeyPart[], unknown>[] = [
  L1CHAIN_IDENTITY,
  L1CHAIN_HEAD,
  L1CHAIN_FORKS,
  L1CHAIN_BLOCKS,
  L1CHAIN_BLOCK_NUMBERS,
  L1CHAIN_TX_POSITIONS,
  L1CHAIN_POOL,
  L1CHAIN_NODES,
  L1CHAIN_CODES,
  L1CHAIN_KEYS,
  L1CHAIN_DECREED,
  L1CHAIN_FIRST_START,
];
