/**
 * Filters that a client installs and then polls: `eth_newFilter` and its family.
 *
 * Owns what each filter has already told, and forgets a filter that nobody polls. A filter keeps a
 * position, and of results only the bounded number that a reorganisation has made void; what entered
 * the pool is remembered once for all of them, and bounded too. So memory does not grow however long
 * nobody polls. Does not own the search for logs (`logs.ts`).
 * @module
 */
import type { Hash32, Hex } from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import { findNumber } from "./block_reference.ts";
import type { ChainBackend, DroppedBlock } from "./chain.ts";
import { refusal, RPC_CODES, type RpcError } from "./errors.ts";
import { formatTransaction, type JsonObject } from "./format.ts";
import { findLogs, findLogsBetween, type LogFilter, removedLogs } from "./logs.ts";
import { FILTER_TIMEOUT_MS, MAX_FILTERS, MAX_PENDING_CHANGES } from "./limits.ts";
import { drawId } from "./random_id.ts";

/** The filters of one port. */
export interface FilterStore {
  installLogs(filter: LogFilter): Promise<Hex>;
  installBlocks(): Promise<Hex>;
  /** Tells hashes, or with `isFull` whole transactions. */
  installPendingTransactions(isFull?: boolean): Promise<Hex>;
  /** What happened since the last call. @throws RpcError `filter not found` */
  changes(id: string): Promise<readonly unknown[]>;
  /** Everything a log filter selects. @throws RpcError `filter not found` */
  logs(id: string): Promise<readonly unknown[]>;
  /** Whether there was such a filter. */
  uninstall(id: string): boolean;
  /** How many filters there are. */
  size(): number;
}

/** How a store may differ. */
export interface FilterStoreOptions {
  /** Milliseconds, of any beginning; the process's own by default. */
  readonly nowMs?: () => number;
}

interface Filter {
  readonly kind: "logs" | "blocks" | "pending" | "full pending";
  readonly logs: LogFilter | undefined;
  /** Blocks that were told, newest last; several, so that a reorg finds where to go back to. */
  told: readonly ToldBlock[];
  /** How many transactions had entered the pool when it was told of them. */
  toldPendingCount: number;
  /** Logs that were told and are void now. */
  removed: readonly JsonObject[];
  usedMs: number;
}

interface ToldBlock {
  readonly number: bigint;
  readonly hash: Hash32;
}

/** How many told blocks a filter remembers; a deeper reorg starts again at the oldest of them. */
const REMEMBERED_BLOCKS = 64;

/** An empty store over `chain`. */
export function createFilterStore(
  chain: ChainBackend,
  options: FilterStoreOptions = {},
): FilterStore {
  const { nowMs = () => performance.now() } = options;
  // Order of insertion is order of use.
  const filtersById = new Map<string, Filter>();
  let stopListening: (() => void) | undefined;
  const arrivals = createArrivals();

  const remove = (id: string): boolean => {
    const removed = filtersById.delete(id);
    if (filtersById.size === 0) {
      stopListening?.();
      stopListening = undefined;
    }
    return removed;
  };
  const forgetUnused = (): void => {
    const latestMs = nowMs() - FILTER_TIMEOUT_MS;
    for (const [id, { usedMs }] of filtersById) {
      if (usedMs > latestMs) break;
      remove(id);
    }
  };

  const install = async (kind: Filter["kind"], logs?: LogFilter): Promise<Hex> => {
    forgetUnused();
    const told = await headOf(chain);
    const [leastRecent] = filtersById.keys();
    if (filtersById.size >= MAX_FILTERS && leastRecent !== undefined) {
      remove(leastRecent);
    }
    const id = drawId();
    stopListening ??= listen();
    const toldPendingCount = arrivals.count();
    filtersById.set(id, { kind, logs, told, toldPendingCount, removed: [], usedMs: nowMs() });
    return id;
  };
  const listen = (): () => void => {
    const stops = [
      chain.onReorg((dropped) => {
        for (const filter of filtersById.values()) noteDropped(filter, dropped);
      }),
      chain.onPending(({ hash }) => arrivals.add(hash)),
    ];
    return () => {
      for (const stop of stops) stop();
      arrivals.clear();
    };
  };
  const find = (id: string): Filter => {
    forgetUnused();
    const filter = filtersById.get(id);
    if (filter === undefined) throw filterNotFound(id);
    filter.usedMs = nowMs();
    filtersById.delete(id);
    filtersById.set(id, filter);
    return filter;
  };

  return {
    installLogs: (filter) => install("logs", filter),
    installBlocks: () => install("blocks"),
    installPendingTransactions: (isFull = false) => install(isFull ? "full pending" : "pending"),
    changes: async (id) => {
      const filter = find(id);
      return filter.kind === "pending" || filter.kind === "full pending"
        ? await tellPending(chain, filter, arrivals)
        : await tellChanges(chain, filter);
    },
    logs: async (id) => {
      const { logs } = find(id);
      if (logs === undefined) throw filterNotFound(id);
      return await findLogs(chain, logs);
    },
    uninstall: (id) => {
      forgetUnused();
      return remove(id);
    },
    size: () => {
      forgetUnused();
      return filtersById.size;
    },
  };
}

async function tellChanges(chain: ChainBackend, filter: Filter): Promise<readonly unknown[]> {
  const told = await canonicalPart(chain, filter.told);
  const oldest = filter.told[0]?.number ?? 0n;
  const first = (told.at(-1)?.number ?? oldest - 1n) + 1n;
  const head = await chain.numberOf("latest");
  // A filter that nobody polled for long catches up in steps, so that one poll stays bounded.
  const last = head - first >= LIMITS.maxLogBlockRange
    ? first + LIMITS.maxLogBlockRange - 1n
    : head;
  const fresh = await blocksBetween(chain, first, last);
  const { removed } = filter;
  const answer = filter.kind === "logs"
    ? [...removed, ...await logsOfRange(chain, filter.logs, first, last)]
    : fresh.map(({ hash }) => hash);
  // What came while the logs were being read is for the next poll.
  filter.removed = filter.removed.slice(removed.length);
  // Only now, so that a failed poll is repeated and not lost.
  filter.told = [...told, ...fresh].slice(-REMEMBERED_BLOCKS);
  return answer;
}

/** Blocks that the chain took back are not told any more, nor are their logs. */
function noteDropped(filter: Filter, dropped: readonly DroppedBlock[]): void {
  noteVoidLogs(filter, dropped);
  const hashes = new Set(dropped.map(({ block }) => block.header.hash));
  const kept = filter.told.filter(({ hash }) => !hashes.has(hash));
  if (kept.length === filter.told.length) return;
  const lowest = dropped.at(-1)?.block.header;
  // Where the chain goes on: without any block the filter would begin at genesis.
  filter.told = kept.length > 0 || lowest === undefined || lowest.number === 0n
    ? kept
    : [{ number: lowest.number - 1n, hash: lowest.parentHash }];
}

/** Of the blocks that the chain took back, those count whose logs were told. */
function noteVoidLogs(filter: Filter, dropped: readonly DroppedBlock[]): void {
  const { kind, logs, told } = filter;
  if (kind !== "logs" || logs === undefined || logs.range.kind === "block") return;
  const { from, until } = logs.range;
  const isWanted = ({ block: { header: { number, hash } } }: DroppedBlock): boolean =>
    told.some((block) => block.hash === hash) &&
    !(from?.kind === "number" && number < from.number) &&
    !(until?.kind === "number" && number > until.number);
  const removed = removedLogs(dropped.filter(isWanted), logs.pattern);
  filter.removed = [...filter.removed, ...removed].slice(0, LIMITS.maxLogResults);
}

/** Transactions that have entered the pool, also those that have left it since. */
interface Arrivals {
  add(hash: Hash32): void;
  /** How many there ever were. */
  count(): number;
  /** Those after the first `count`, as far as they are remembered. */
  since(count: number): readonly Hash32[];
  /** Forgets all but how many there were. */
  clear(): void;
}

function createArrivals(): Arrivals {
  let latest: Hash32[] = [];
  let count = 0;
  return {
    add: (hash) => {
      count++;
      latest.push(hash);
      // Twice as many for a while, so that not every arrival moves all others.
      if (latest.length >= 2 * MAX_PENDING_CHANGES) latest = latest.slice(-MAX_PENDING_CHANGES);
    },
    count: () => count,
    since: (known) => count === known ? [] : latest.slice(-Math.min(count - known, latest.length)),
    clear: () => {
      latest = [];
    },
  };
}

async function tellPending(
  chain: ChainBackend,
  filter: Filter,
  arrivals: Arrivals,
): Promise<readonly unknown[]> {
  const count = arrivals.count();
  const untold = arrivals.since(filter.toldPendingCount).slice(-MAX_PENDING_CHANGES);
  const shown = filter.kind === "pending" ? untold : await findTransactions(chain, untold);
  filter.toldPendingCount = count;
  return shown;
}

async function findTransactions(
  chain: ChainBackend,
  hashes: readonly Hash32[],
): Promise<readonly JsonObject[]> {
  const transactions = await Promise.all(hashes.map((hash) => chain.transaction(hash)));
  return transactions.flatMap((found) => found === undefined ? [] : [formatTransaction(found)]);
}

async function logsOfRange(
  chain: ChainBackend,
  filter: LogFilter | undefined,
  first: bigint,
  last: bigint,
): Promise<readonly unknown[]> {
  if (filter === undefined || filter.range.kind === "block") return [];
  const from = await boundOf(chain, filter.range.from, 0n);
  const until = await boundOf(chain, filter.range.until, last);
  const start = from > first ? from : first;
  const end = until < last ? until : last;
  return start > end ? [] : await findLogsBetween(chain, filter.pattern, start, end);
}

/** A number is a bound; `latest` and its like mean the moving end, which is none. */
async function boundOf(
  chain: ChainBackend,
  reference: Parameters<typeof findNumber>[1] | undefined,
  fallback: bigint,
): Promise<bigint> {
  if (reference?.kind === "number") return reference.number;
  if (reference?.kind !== "tag" || reference.tag !== "earliest") return fallback;
  return await findNumber(chain, reference) ?? fallback;
}

/** The told blocks that are still part of the chain. */
async function canonicalPart(
  chain: ChainBackend,
  told: readonly ToldBlock[],
): Promise<readonly ToldBlock[]> {
  for (let length = told.length; length > 0; length--) {
    const candidate = told[length - 1];
    if (candidate === undefined) break;
    const header = await chain.header(candidate.number);
    if (header?.hash === candidate.hash) return told.slice(0, length);
  }
  return [];
}

async function blocksBetween(
  chain: ChainBackend,
  first: bigint,
  last: bigint,
): Promise<readonly ToldBlock[]> {
  const blocks: ToldBlock[] = [];
  for (let number = first; number <= last; number++) {
    const header = await chain.header(number);
    if (header !== undefined) blocks.push({ number, hash: header.hash });
  }
  return blocks;
}

async function headOf(chain: ChainBackend): Promise<readonly ToldBlock[]> {
  const number = await chain.numberOf("latest");
  const first = number >= BigInt(REMEMBERED_BLOCKS) ? number - BigInt(REMEMBERED_BLOCKS) + 1n : 0n;
  return await blocksBetween(chain, first, number);
}

function filterNotFound(id: string): RpcError {
  return refusal(
    RPC_CODES.serverError,
    "FILTER_NOT_FOUND",
    "filter not found",
    `Install the filter again: ${id.slice(0, 40)} was uninstalled, not polled for ` +
      `${FILTER_TIMEOUT_MS / 60_000} minutes, or made room.`,
  );
}
