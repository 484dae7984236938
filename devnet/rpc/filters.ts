/**
 * Filters that a client installs and then polls: `eth_newFilter` and its family.
 *
 * Owns what each filter has already told. A filter keeps a position, not results, so its memory
 * does not grow however long nobody polls it. Does not own the search for logs (`logs.ts`).
 * @module
 */
import type { Hash32, Hex } from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import { findNumber } from "./block_reference.ts";
import type { ChainBackend } from "./chain.ts";
import { refusal, RPC_CODES, type RpcError } from "./errors.ts";
import { formatQuantity } from "./format.ts";
import { findLogs, findLogsBetween, type LogFilter } from "./logs.ts";
import { MAX_FILTERS } from "./limits.ts";

/** The filters of one port. */
export interface FilterStore {
  installLogs(filter: LogFilter): Promise<Hex>;
  installBlocks(): Promise<Hex>;
  installPendingTransactions(): Promise<Hex>;
  /** What happened since the last call. @throws RpcError `filter not found` */
  changes(id: string): Promise<readonly unknown[]>;
  /** Everything a log filter selects. @throws RpcError `filter not found` */
  logs(id: string): Promise<readonly unknown[]>;
  /** Whether there was such a filter. */
  uninstall(id: string): boolean;
}

interface Filter {
  readonly kind: "logs" | "blocks" | "pending";
  readonly logs: LogFilter | undefined;
  /** Blocks that were told, newest last; several, so that a reorg finds where to go back to. */
  told: readonly ToldBlock[];
  /** Waiting transactions that were told. */
  toldPending: ReadonlySet<Hash32>;
}

interface ToldBlock {
  readonly number: bigint;
  readonly hash: Hash32;
}

/** How many told blocks a filter remembers; a deeper reorg starts again at the oldest of them. */
const REMEMBERED_BLOCKS = 64;

/** An empty store over `chain`. */
export function createFilterStore(chain: ChainBackend): FilterStore {
  const filtersById = new Map<string, Filter>();
  let installedCount = 0;

  const install = async (kind: Filter["kind"], logs?: LogFilter): Promise<Hex> => {
    const told = await headOf(chain);
    const toldPending = kind === "pending" ? await pendingHashes(chain) : new Set<Hash32>();
    const [leastRecent] = filtersById.keys();
    if (filtersById.size >= MAX_FILTERS && leastRecent !== undefined) {
      filtersById.delete(leastRecent);
    }
    const id = formatQuantity(++installedCount);
    filtersById.set(id, { kind, logs, told, toldPending });
    return id;
  };
  const find = (id: string): Filter => {
    const filter = filtersById.get(id);
    if (filter === undefined) throw filterNotFound(id);
    // Order of insertion is order of use.
    filtersById.delete(id);
    filtersById.set(id, filter);
    return filter;
  };

  return {
    installLogs: (filter) => install("logs", filter),
    installBlocks: () => install("blocks"),
    installPendingTransactions: () => install("pending"),
    changes: (id) => tellChanges(chain, find(id)),
    logs: async (id) => {
      const { logs } = find(id);
      if (logs === undefined) throw filterNotFound(id);
      return await findLogs(chain, logs);
    },
    uninstall: (id) => filtersById.delete(id),
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
  const answer = filter.kind === "logs"
    ? await logsOfRange(chain, filter.logs, first, last)
    : filter.kind === "blocks"
    ? fresh.map(({ hash }) => hash)
    : await tellPending(chain, filter, fresh);
  // Only now, so that a failed poll is repeated and not lost.
  filter.told = [...told, ...fresh].slice(-REMEMBERED_BLOCKS);
  return answer;
}

async function tellPending(
  chain: ChainBackend,
  filter: Filter,
  fresh: readonly ToldBlock[],
): Promise<readonly Hash32[]> {
  const waiting = await pendingHashes(chain);
  const seen = new Set<Hash32>();
  // Under automine a transaction never waits: what a block brought was pending in between.
  for (const { number } of fresh) {
    const block = await chain.block(number);
    for (const { hash } of block?.transactions ?? []) seen.add(hash);
  }
  for (const hash of waiting) seen.add(hash);
  const untold = [...seen].filter((hash) => !filter.toldPending.has(hash));
  filter.toldPending = waiting;
  return untold;
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

async function pendingHashes(chain: ChainBackend): Promise<ReadonlySet<Hash32>> {
  const pending = await chain.pendingTransactions();
  return new Set(pending.map(({ hash }) => hash));
}

function filterNotFound(id: string): RpcError {
  return refusal(
    RPC_CODES.serverError,
    "FILTER_NOT_FOUND",
    "filter not found",
    `Install the filter again: ${id.slice(0, 40)} was uninstalled, never installed, or made room.`,
  );
}
