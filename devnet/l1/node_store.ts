/**
 * Where the tries of the embedded L1 keep their nodes: KV behind a bounded cache, and overlays on
 * top of it that hold what a block or a call writes until it is committed or thrown away.
 *
 * Owns reading nodes and codes and collecting new ones. Does not own the tries (`evm.ts`) or the
 * commit (`block_store.ts`).
 * @module
 */
import type { BatchDBOp, DB } from "@ethereumjs/util";
import { decodeRlp, rlpBytes, type RlpItem, rlpList } from "../../core/primitives/rlp.ts";
import { EMPTY_TRIE_ROOT } from "../../core/types/block.ts";
import { readBlob } from "../../core/store/blob.ts";
import { readRow } from "../../core/store/table.ts";
import { L1CHAIN_CODES, L1CHAIN_NODES } from "./schema.ts";
import { createTurns } from "./turns.ts";

/** Nodes and codes by hash, as unprefixed hex. */
export interface HashedBytes {
  readonly nodes: ReadonlyMap<string, Uint8Array>;
  readonly codes: ReadonlyMap<string, Uint8Array>;
  /** Addresses and slots that were written, themselves, as unprefixed hex. */
  readonly keys: ReadonlySet<string>;
}

/** All nodes and codes that are stored. */
export interface NodeStore {
  /** `key` as the trie library writes it: a hash, or `63` (the letter c) and the hash of a code. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Takes what was just committed into the cache. */
  remember(written: HashedBytes): void;
  /**
   * The result of `work`, or the error of a read that failed meanwhile. The trie library never comes
   * back from a failed read in the middle of a change: it keeps its lock and forgets the error.
   */
  guard<Result>(work: Promise<Result>): Promise<Result>;
}

/** A database for one block or one call. */
export interface NodeOverlay extends Pick<NodeStore, "get"> {
  /** For the trie library; what it writes stays here. */
  readonly db: DB<string, string | Uint8Array>;
  /** Takes the keys that are written (`preimages.ts`). */
  readonly keys: Set<string>;
  /** What was written and is part of the state with root `stateRoot`. */
  reachable(stateRoot: Uint8Array): HashedBytes;
}

/** The root of a trie without nodes, which nobody stores. */
const EMPTY_ROOT_KEY = EMPTY_TRIE_ROOT.slice(2);
const CODE_KEY_PREFIX = "63";
const CODE_KEY_LENGTH = 66;
/** About 10 MB of nodes of 300 bytes in each of two generations. */
const GENERATION_ENTRIES = 16_384;

/** Reads through to `kv`. */
export function createNodeStore(kv: Deno.Kv): NodeStore {
  // Two generations make a bounded cache without bookkeeping on each read: when the young one is
  // full, the old one is dropped and the young one takes its place.
  let young = new Map<string, Uint8Array>();
  let old = new Map<string, Uint8Array>();
  const keep = (key: string, bytes: Uint8Array) => {
    if (young.size >= GENERATION_ENTRIES) {
      old = young;
      young = new Map();
    }
    young.set(key, bytes);
  };
  const waiting = new Set<(error: unknown) => void>();
  return {
    get: async (key) => {
      // The library looks for it at each read of an account that has no storage.
      if (key === EMPTY_ROOT_KEY) return undefined;
      const cached = young.get(key);
      if (cached !== undefined) return cached;
      try {
        const bytes = old.get(key) ?? await readStored(kv, key);
        if (bytes !== undefined) keep(key, bytes);
        return bytes;
      } catch (error) {
        if (waiting.size === 0) throw error;
        for (const reject of waiting) reject(error);
        return await new Promise(() => {});
      }
    },
    guard: async (work) => {
      const { promise: failure, reject } = Promise.withResolvers<never>();
      waiting.add(reject);
      try {
        return await Promise.race([work, failure]);
      } finally {
        waiting.delete(reject);
      }
    },
    remember: ({ nodes, codes }) => {
      for (const [key, bytes] of nodes) keep(key, bytes);
      for (const [hash, bytes] of codes) keep(`${CODE_KEY_PREFIX}${hash}`, bytes);
    },
  };
}

/** A fresh overlay on `store`. */
export function createNodeOverlay(store: NodeStore): NodeOverlay {
  const written = new Map<string, Uint8Array>();
  const put = (key: string, value: string | Uint8Array) => {
    written.set(key, typeof value === "string" ? Uint8Array.fromHex(value) : value);
  };
  // A flush reads and writes thousands of nodes with nothing to wait for in between.
  const turns = createTurns();
  const get = async (key: string): Promise<Uint8Array | undefined> => {
    await turns.handOn();
    return written.get(key) ?? await store.get(key);
  };
  const db: DB<string, string | Uint8Array> = {
    get,
    put: async (key, value) => {
      await turns.handOn();
      put(key, value);
    },
    // Nodes are content-addressed and shared between states: none is ever deleted.
    del: () => Promise.resolve(),
    batch: async (operations: BatchDBOp<string, string | Uint8Array>[]) => {
      await turns.handOn();
      for (const operation of operations) {
        if (operation.type === "put") put(operation.key, operation.value);
      }
    },
    shallowCopy: () => db,
    open: () => Promise.resolve(),
  };
  const keys = new Set<string>();
  return {
    get,
    db,
    keys,
    reachable: (stateRoot) => ({ ...collectReachable(written, stateRoot), keys }),
  };
}

async function readStored(kv: Deno.Kv, key: string): Promise<Uint8Array | undefined> {
  if (key.length === CODE_KEY_LENGTH && key.startsWith(CODE_KEY_PREFIX)) {
    const field = await readRow(kv, L1CHAIN_CODES, [Uint8Array.fromHex(key.slice(2))]);
    return field === undefined ? undefined : await readBlob(kv, field);
  }
  return await readRow(kv, L1CHAIN_NODES, [Uint8Array.fromHex(key)]);
}

/**
 * The written nodes under `stateRoot`. Tries write every intermediate root, about four fifths of
 * all nodes of a small block; none of those can be asked for, so none is stored.
 */
function collectReachable(
  written: ReadonlyMap<string, Uint8Array>,
  stateRoot: Uint8Array,
): Omit<HashedBytes, "keys"> {
  const nodes = new Map<string, Uint8Array>();
  const visitHash = (hash: Uint8Array, trie: "accounts" | "storage") => {
    const key = hash.toHex();
    const node = written.get(key);
    // A node that was not written is stored already, and so is everything under it.
    if (node === undefined || nodes.has(key)) return;
    nodes.set(key, node);
    visitNode(rlpList(decodeRlp(node)), trie);
  };
  const visitChild = (child: RlpItem | undefined, trie: "accounts" | "storage") => {
    if (child === undefined) return;
    if (!(child instanceof Uint8Array)) visitNode(child, trie);
    else if (child.length === 32) visitHash(child, trie);
  };
  const visitNode = (node: readonly RlpItem[], trie: "accounts" | "storage") => {
    if (node.length === 17) {
      for (const child of node.slice(0, 16)) visitChild(child, trie);
      return;
    }
    const [path, content] = node;
    const isLeaf = ((rlpBytes(path)[0] ?? 0) & 0x20) !== 0;
    if (!isLeaf) visitChild(content, trie);
    else if (trie === "accounts") visitHash(storageRootOf(rlpBytes(content)), "storage");
  };
  visitHash(stateRoot, "accounts");
  const codes = new Map<string, Uint8Array>();
  for (const [key, bytes] of written) {
    if (key.length === CODE_KEY_LENGTH) codes.set(key.slice(2), bytes);
  }
  return { nodes, codes };
}

/** An account is [nonce, balance, storage root, code hash]. */
function storageRootOf(accountRlp: Uint8Array): Uint8Array {
  return rlpBytes(rlpList(decodeRlp(accountRlp), 4)[2], 32);
}
