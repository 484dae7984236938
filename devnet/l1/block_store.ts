/**
 * The rows of the embedded L1: what a block commits, and how it is read back.
 *
 * Owns that a block becomes visible in one commit, whatever its size: content-addressed rows that
 * do not fit go first and mean nothing alone, the head pointer goes last with the rest. A block is
 * taken back in one commit too. A crash at any point leaves the old head or the new one. What is
 * content-addressed stays when its block goes. Does not own execution or the pool's rules.
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bytesToHash32,
  type Hash32,
  hexToBytes,
} from "../../core/primitives/hex.ts";
import { readBlob, writeBlob } from "../../core/store/blob.ts";
import {
  listRows,
  readRow,
  readSchemaVersion,
  requireRow,
  type Table,
} from "../../core/store/table.ts";
import { createWriteSet, type WriteSet } from "../../core/store/write_set.ts";
import type { PoolEntry } from "../../core/pool/pool.ts";
import { decodeHeaderFields, encodeHeaderFields } from "../chain_header.ts";
import {
  decodeBody,
  decodeOutcomes,
  encodeBody,
  encodeOutcomes,
  type L1Block,
} from "./chain_block.ts";
import type { HashedBytes } from "./node_store.ts";
import {
  L1_SCHEMA_VERSION,
  L1CHAIN_BLOCK_NUMBERS,
  L1CHAIN_BLOCKS,
  L1CHAIN_CODES,
  L1CHAIN_DECREED,
  L1CHAIN_FIRST_START,
  L1CHAIN_FORKS,
  L1CHAIN_HEAD,
  L1CHAIN_IDENTITY,
  L1CHAIN_KEYS,
  L1CHAIN_NODES,
  L1CHAIN_POOL,
  L1CHAIN_TX_POSITIONS,
} from "./schema.ts";

/** What tells this chain from another. */
export interface L1Identity {
  readonly schemaVersion: bigint;
  readonly chainId: bigint;
  readonly genesisHash: string;
}

/** Where a transaction is. */
export interface L1TxPosition {
  readonly blockNumber: bigint;
  readonly index: number;
}

/** What a block changes. */
export interface L1Commit {
  readonly block: L1Block;
  readonly state: HashedBytes;
  /** Pooled transactions that the block included or dropped. */
  readonly leftPool: readonly Hash32[];
  /** Written with the genesis block only. */
  readonly identity?: Omit<L1Identity, "schemaVersion">;
}

/** The block that was the head when the chain was first asked. */
export type FirstStart = Pick<L1Block, "hash"> & { readonly number: bigint };

/** A pooled transaction as it is kept. */
export interface StoredPoolEntry {
  readonly arrival: bigint;
  /** Not always who signed: see `impersonation.ts`. */
  readonly sender: Address;
  readonly raw: Uint8Array;
}

/** Reads and writes the tables of `schema.ts`. */
export interface L1BlockStore {
  /** Version of the tables that are there, whatever it is; `undefined` for an empty store. */
  schemaVersion(): Promise<bigint | undefined>;
  identity(): Promise<L1Identity | undefined>;
  headNumber(): Promise<bigint>;
  /** How often the chain has gone back. */
  forkCount(): Promise<bigint>;
  block(number: bigint): Promise<L1Block>;
  header(number: bigint): Promise<Pick<L1Block, "header" | "hash">>;
  numberOfHash(hash: Hash32): Promise<bigint | undefined>;
  position(hash: Hash32): Promise<L1TxPosition | undefined>;
  commit(commit: L1Commit): Promise<void>;
  /**
   * Takes the latest block back, with what was decreed after it: its parent becomes the head of the
   * chain's fork `forkCount`.
   */
  takeBack(block: L1Block, forkCount: bigint): Promise<void>;
  /** Root of the state that was decreed after the block `hash`, if one was. */
  decreed(hash: Hash32): Promise<Hash32 | undefined>;
  /** Keeps a state that follows the block `hash` without being a block's. */
  saveDecreed(hash: Hash32, change: HashedBytes & { readonly stateRoot: Hash32 }): Promise<void>;
  removeDecreed(hash: Hash32): Promise<void>;
  /** The head when this was first asked, of those that the chain still `has`; else `head`. */
  firstStart(
    head: Pick<L1Block, "header" | "hash">,
    has: (block: FirstStart) => Promise<boolean>,
  ): Promise<FirstStart>;
  /** Addresses and slots that were ever written. */
  keys(): AsyncGenerator<Uint8Array>;
  poolEntries(): Promise<readonly StoredPoolEntry[]>;
  savePoolEntry(entry: PoolEntry, replaced: Hash32 | undefined): Promise<void>;
  removePoolEntry(hash: Hash32): Promise<void>;
}

/** A store on `kv`. */
export function createL1BlockStore(kv: Deno.Kv): L1BlockStore {
  // Most blocks write keys that are known; their rows are not written again.
  const known = new Set<string>();
  return {
    schemaVersion: () => readSchemaVersion(kv, L1CHAIN_IDENTITY, ["chain"]),
    identity: async () => {
      const identity = await readRow(kv, L1CHAIN_IDENTITY, ["chain"]);
      // A head without it is damage: genesis must not be written over a chain that is there.
      const isNew = await readRow(kv, L1CHAIN_HEAD, ["head"]) === undefined;
      return identity ?? (isNew ? undefined : await requireRow(kv, L1CHAIN_IDENTITY, ["chain"]));
    },
    headNumber: () => requireRow(kv, L1CHAIN_HEAD, ["head"]),
    forkCount: async () => await readRow(kv, L1CHAIN_FORKS, ["forks"]) ?? 0n,
    block: async (number) => {
      const row = await requireRow(kv, L1CHAIN_BLOCKS, [number]);
      const [body, outcomes] = await Promise.all([
        readBlob(kv, row.bodyBlob),
        readBlob(kv, row.receiptsBlob),
      ]);
      return {
        header: decodeHeaderFields(row.header),
        hash: bytesToHash32(row.hash),
        sizeBytes: row.sizeBytes,
        ...decodeBody(body),
        outcomes: decodeOutcomes(outcomes),
      };
    },
    header: async (number) => {
      const row = await requireRow(kv, L1CHAIN_BLOCKS, [number]);
      return { header: decodeHeaderFields(row.header), hash: bytesToHash32(row.hash) };
    },
    numberOfHash: (hash) => readRow(kv, L1CHAIN_BLOCK_NUMBERS, [hexToBytes(hash)]),
    position: (hash) => readRow(kv, L1CHAIN_TX_POSITIONS, [hexToBytes(hash)]),
    commit: (commit) => commitBlock(kv, commit, known),
    takeBack: (block, forkCount) => takeBlockBack(kv, block, forkCount),
    decreed: async (hash) => {
      const root = await readRow(kv, L1CHAIN_DECREED, [hexToBytes(hash)]);
      return root === undefined ? undefined : bytesToHash32(root);
    },
    saveDecreed: async (hash, change) => {
      const writes = createWriteSet(kv);
      writes.set(L1CHAIN_DECREED, [hexToBytes(hash)], hexToBytes(change.stateRoot));
      await addState(kv, writes, change, known);
      await writes.commit();
    },
    removeDecreed: async (hash) => {
      const writes = createWriteSet(kv);
      writes.delete(L1CHAIN_DECREED, [hexToBytes(hash)]);
      await writes.commit();
    },
    firstStart: async ({ hash, header }, has) => {
      const row = await readRow(kv, L1CHAIN_FIRST_START, ["first"]);
      const first = row && { number: row.number, hash: bytesToHash32(row.hash) };
      if (first !== undefined && await has(first)) return first;
      const writes = createWriteSet(kv);
      const { number } = header;
      writes.set(L1CHAIN_FIRST_START, ["first"], { number, hash: hexToBytes(hash) });
      await writes.commit();
      return { number, hash };
    },
    keys: async function* () {
      for await (const { key } of listRows(kv, L1CHAIN_KEYS)) {
        if (key[1] instanceof Uint8Array) yield key[1];
      }
    },
    poolEntries: async () => {
      const entries: StoredPoolEntry[] = [];
      for await (const { value } of listRows(kv, L1CHAIN_POOL)) {
        const raw = await readBlob(kv, value.rawBlob);
        entries.push({ arrival: value.arrival, sender: address(value.sender), raw });
      }
      return entries.sort((left, right) => left.arrival < right.arrival ? -1 : 1);
    },
    savePoolEntry: async (entry, replaced) => {
      const rawBlob = await writeBlob(kv, entry.raw);
      const writes = createWriteSet(kv);
      if (replaced !== undefined) writes.delete(L1CHAIN_POOL, [hexToBytes(replaced)]);
      const { hash, arrival, sender } = entry;
      writes.set(L1CHAIN_POOL, [hexToBytes(hash)], { arrival, sender, rawBlob });
      await writes.commit();
    },
    removePoolEntry: async (hash) => {
      const writes = createWriteSet(kv);
      writes.delete(L1CHAIN_POOL, [hexToBytes(hash)]);
      await writes.commit();
    },
  };
}

async function commitBlock(kv: Deno.Kv, commit: L1Commit, known: Set<string>): Promise<void> {
  const { block, state } = commit;
  const bodyBlob = await writeBlob(kv, encodeBody(block));
  const receiptsBlob = await writeBlob(kv, encodeOutcomes(block.outcomes));
  const writes = createWriteSet(kv);
  const { number } = block.header;
  const hash = hexToBytes(block.hash);
  writes.set(L1CHAIN_BLOCKS, [number], {
    header: encodeHeaderFields(block.header),
    hash,
    sizeBytes: block.sizeBytes,
    bodyBlob,
    receiptsBlob,
  });
  writes.set(L1CHAIN_BLOCK_NUMBERS, [hash], number);
  for (const [index, { hash: txHash }] of block.transactions.entries()) {
    writes.set(L1CHAIN_TX_POSITIONS, [hexToBytes(txHash)], { blockNumber: number, index });
  }
  for (const txHash of commit.leftPool) writes.delete(L1CHAIN_POOL, [hexToBytes(txHash)]);
  if (commit.identity !== undefined) {
    assert(number === 0n, "the identity is written with the genesis block");
    const identity = { schemaVersion: L1_SCHEMA_VERSION, ...commit.identity };
    writes.set(L1CHAIN_IDENTITY, ["chain"], identity);
  }
  writes.set(L1CHAIN_HEAD, ["head"], number);
  await addState(kv, writes, state, known);
  await writes.commit();
}

async function takeBlockBack(kv: Deno.Kv, block: L1Block, forkCount: bigint): Promise<void> {
  const { number } = block.header;
  assert(number > 0n, "genesis stays");
  const writes = createWriteSet(kv);
  writes.delete(L1CHAIN_BLOCKS, [number]);
  writes.delete(L1CHAIN_DECREED, [hexToBytes(block.hash)]);
  writes.delete(L1CHAIN_BLOCK_NUMBERS, [hexToBytes(block.hash)]);
  for (const { hash } of block.transactions) {
    writes.delete(L1CHAIN_TX_POSITIONS, [hexToBytes(hash)]);
  }
  writes.set(L1CHAIN_FORKS, ["forks"], forkCount);
  writes.set(L1CHAIN_HEAD, ["head"], number - 1n);
  await writes.commit();
}

/** Adds nodes and codes to `writes` while there is room; what does not fit is committed before. */
async function addState(
  kv: Deno.Kv,
  writes: WriteSet,
  state: HashedBytes,
  known: Set<string>,
): Promise<void> {
  let early = createWriteSet(kv);
  const add = async <Value extends Uint8Array | bigint>(
    table: Table<[Uint8Array], Value>,
    hash: string,
    bytes: Value,
  ) => {
    const key: [Uint8Array] = [Uint8Array.fromHex(hash)];
    const sizeBytes = (bytes instanceof Uint8Array ? bytes.length : 8) + 64;
    if (writes.hasRoomFor(1, sizeBytes)) return writes.set(table, key, bytes);
    if (!early.hasRoomFor(1, sizeBytes)) {
      await early.commit();
      early = createWriteSet(kv);
    }
    early.set(table, key, bytes);
  };
  for (const [hash, bytes] of state.nodes) await add(L1CHAIN_NODES, hash, bytes);
  for (const [hash, bytes] of state.codes) {
    await add(L1CHAIN_CODES, hash, await writeBlob(kv, bytes));
  }
  const news = [...state.keys].filter((key) => !known.has(key));
  for (const key of news) await add(L1CHAIN_KEYS, key, 1n);
  await early.commit();
  if (known.size > MAX_KNOWN_KEYS) known.clear();
  for (const key of news) known.add(key);
}

/** Keys of which it is remembered that they are stored: some megabytes. */
const MAX_KNOWN_KEYS = 100_000;
