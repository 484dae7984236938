/**
 * Which logs a filter selects, and the search for them.
 *
 * Owns the filter of `eth_getLogs` and its bounds. Does not own filters that are kept
 * (`filters.ts`) or subscriptions.
 * @module
 */
import { bloomBits, bloomHasBits } from "../../core/crypto/bloom.ts";
import { type Address, type Hash32, hexToBytes } from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import type { EventLog } from "../../core/types/receipt.ts";
import { findNumber, resolveNumber } from "./block_reference.ts";
import type { ChainBackend, ChainHeader, ChainReceipt, DroppedBlock } from "./chain.ts";
import { invalidParams, refusal, RPC_CODES, type RpcError } from "./errors.ts";
import { formatLog, type JsonObject } from "./format.ts";
import { ADDRESS_JSON, HASH_JSON, listJson, NULL_JSON, nullableJson } from "./json_schema.ts";
import { MAX_FILTER_ADDRESSES, MAX_FILTER_TOPICS } from "./limits.ts";
import {
  address,
  blockNumberOrTag,
  type BlockReference,
  hash,
  LATEST,
  list,
  object,
  optional,
  type Schema,
  wrong,
} from "./schema.ts";
import { createWeightedMap, type WeightedMap } from "../../core/primitives/weighted_map.ts";

/** What a log must look like; an empty list of alternatives takes anything. */
export interface LogPattern {
  readonly addresses: readonly Address[];
  /** For each topic its alternatives. */
  readonly topics: readonly (readonly Hash32[])[];
}

/** Where to look. */
export type LogRange =
  | { readonly kind: "block"; readonly blockHash: Hash32 }
  | {
    readonly kind: "range";
    readonly from: BlockReference | undefined;
    readonly until: BlockReference | undefined;
  };

/** A whole filter as clients write it. */
export interface LogFilter {
  readonly pattern: LogPattern;
  readonly range: LogRange;
}

/** Takes everything. */
export const ANY_LOG: LogPattern = { addresses: [], topics: [] };

const topicSchema: Schema<readonly Hash32[]> = {
  json: { oneOf: [NULL_JSON, HASH_JSON, listJson(nullableJson(HASH_JSON))] },
  isOptional: true,
  parse(value, path) {
    if (value === null || value === undefined) return [];
    if (typeof value === "string") return [hash.parse(value, path)];
    const alternatives = list(optional(hash), MAX_FILTER_TOPICS).parse(value, path);
    // One `null` among the alternatives takes anything, as in geth.
    const known = alternatives.filter((topic) => topic !== undefined);
    return known.length === alternatives.length ? known : [];
  },
};

const addressesSchema: Schema<readonly Address[]> = {
  json: { oneOf: [NULL_JSON, ADDRESS_JSON, listJson(ADDRESS_JSON)] },
  isOptional: true,
  parse(value, path) {
    if (value === null || value === undefined) return [];
    if (typeof value === "string") return [address.parse(value, path)];
    return list(address, MAX_FILTER_ADDRESSES).parse(value, path);
  },
};

const filterFields = object({
  address: addressesSchema,
  topics: optional(list(topicSchema, 4)),
  fromBlock: optional(blockNumberOrTag),
  toBlock: optional(blockNumberOrTag),
  blockHash: optional(hash),
});

/** The filter object of `eth_getLogs`, `eth_newFilter` and `eth_subscribe`. */
export const logFilter: Schema<LogFilter> = {
  json: { title: "log filter", ...filterFields.json },
  parse(value, path) {
    if (value === undefined || value === null) throw wrong(path, "a filter object", value);
    const fields = filterFields.parse(value, path);
    const pattern = { addresses: fields.address, topics: fields.topics ?? [] };
    const { blockHash, fromBlock, toBlock } = fields;
    if (blockHash === undefined) {
      return { pattern, range: { kind: "range", from: fromBlock, until: toBlock } };
    }
    if (fromBlock !== undefined || toBlock !== undefined) {
      throw invalidParams(
        `invalid ${path}: cannot specify both blockHash and fromBlock/toBlock, choose one`,
      );
    }
    return { pattern, range: { kind: "block", blockHash } };
  },
};

/** All logs that `filter` selects, oldest first. */
export async function findLogs(
  chain: ChainBackend,
  filter: LogFilter,
): Promise<readonly JsonObject[]> {
  return (await searchLogs(chain, filter)).map(toJson);
}

/** Characters of a part of {@linkcode findLogsText}: as many as are sent at once. */
const PART_CHARS = 60_000;

/** {@linkcode findLogs} as one JSON array, in parts. */
export async function findLogsText(
  chain: ChainBackend,
  filter: LogFilter,
): Promise<readonly string[]> {
  const parts: string[] = [];
  let part = "[";
  let isFirst = true;
  for (const { text } of await searchLogs(chain, filter)) {
    part += isFirst ? text : `,${text}`;
    isFirst = false;
    if (part.length < PART_CHARS) continue;
    parts.push(part);
    part = "";
  }
  parts.push(`${part}]`);
  return parts;
}

async function searchLogs(
  chain: ChainBackend,
  filter: LogFilter,
): Promise<readonly ShownLog[]> {
  if (filter.range.kind === "block") {
    const reference: BlockReference = { kind: "hash", hash: filter.range.blockHash };
    const number = await findNumber(chain, reference);
    if (number === undefined) throw unknownBlock(chain);
    return await searchBetween(chain, filter.pattern, number, number);
  }
  const { from, until } = filter.range;
  const head = await chain.numberOf("latest");
  const first = await clampedNumber(chain, from ?? LATEST, head);
  const last = await clampedNumber(chain, until ?? LATEST, head);
  if (first > last) {
    throw refusal(
      RPC_CODES.invalidParams,
      "LOG_RANGE_INVALID",
      `invalid block range params: fromBlock ${first} is after toBlock ${last}`,
      "Give a fromBlock that is not after toBlock.",
    );
  }
  if (last > head) {
    throw refusal(
      RPC_CODES.invalidParams,
      "LOG_RANGE_IN_FUTURE",
      `block range extends beyond current head block: toBlock ${last}, head ${head}`,
      "Leave toBlock away to search up to the latest block.",
    );
  }
  return await searchBetween(chain, filter.pattern, first, last);
}

/**
 * Logs of the blocks `first` to `last`, both included.
 *
 * @throws RpcError -32602 for too wide a range or too many results.
 */
export async function findLogsBetween(
  chain: ChainBackend,
  pattern: LogPattern,
  first: bigint,
  last: bigint,
): Promise<readonly JsonObject[]> {
  return (await searchBetween(chain, pattern, first, last)).map(toJson);
}

async function searchBetween(
  chain: ChainBackend,
  pattern: LogPattern,
  first: bigint,
  last: bigint,
): Promise<readonly ShownLog[]> {
  if (last - first >= LIMITS.maxLogBlockRange) throw rangeTooWide(first, last);
  const found: ShownLog[] = [];
  const mayMatch = createBloomTest(pattern);
  const cache = cacheOf(chain);
  const sealed = await chain.sealedBatches?.();
  const end = Number(last);
  for (let number = Number(first); number <= end; number++) {
    // There may be thousands: nothing is awaited for a block that is at hand.
    const header = chain.knownHeader?.(number) ?? await chain.header(BigInt(number));
    if (header === undefined) continue;
    let logs = keptLogs(cache, header, sealed);
    if (logs === undefined) {
      if (!mayMatch(header.logsBloom)) continue;
      logs = await readLogs(chain, header, sealed);
    }
    for (const shown of logs) if (logMatches(shown.log, pattern)) found.push(shown);
    if (found.length > LIMITS.maxLogResults) throw tooManyLogs(first, BigInt(number));
  }
  return found;
}

/** Logs of one block. */
export async function findLogsOfBlock(
  chain: ChainBackend,
  pattern: LogPattern,
  header: ChainHeader,
): Promise<readonly JsonObject[]> {
  const sealed = await chain.sealedBatches?.();
  const logs = keptLogs(cacheOf(chain), header, sealed) ?? await readLogs(chain, header, sealed);
  return logs.filter(({ log }) => logMatches(log, pattern)).map(toJson);
}

/** A log with its JSON, which is the same whoever asks. */
interface ShownLog {
  readonly log: EventLog;
  readonly text: string;
}

/** The logs of a block as they are shown in its batch. */
interface BlockLogs {
  readonly logs: readonly ShownLog[];
  /** That of the block when they were read, `null` before it was sealed; `undefined` on L1. */
  readonly batchNumber: bigint | null | undefined;
  /** The batch that was sealed last when they were read. */
  readonly sealed: bigint | undefined;
}

/** Characters of the logs that are kept for each chain: a few queries of many results, some 40 MB. */
const MAX_KEPT_LOG_CHARS = 16_000_000;
/** What each block and each log weighs besides. */
const KEPT_ENTRY_CHARS = 200;
const caches = new WeakMap<ChainBackend, WeightedMap<Hash32, BlockLogs>>();

function cacheOf(chain: ChainBackend): WeightedMap<Hash32, BlockLogs> {
  const known = caches.get(chain);
  if (known !== undefined) return known;
  const cache = createWeightedMap<Hash32, BlockLogs>(MAX_KEPT_LOG_CHARS);
  caches.set(chain, cache);
  return cache;
}

/** What is kept of a block's logs, unless the block may have come into a batch since. */
function keptLogs(
  cache: WeightedMap<Hash32, BlockLogs>,
  { hash }: ChainHeader,
  sealed: bigint | undefined,
): readonly ShownLog[] | undefined {
  const kept = cache.get(hash);
  if (kept === undefined) return undefined;
  const { batchNumber } = kept;
  const isCurrent = batchNumber === undefined || kept.sealed === sealed ||
    // A reorganisation of L1 may open batches again.
    (batchNumber !== null && sealed !== undefined && batchNumber <= sealed);
  return isCurrent ? kept.logs : undefined;
}

/** Those that are being read, by the block's hash and the batch that was sealed last. */
const underWay = new WeakMap<ChainBackend, Map<string, Promise<readonly ShownLog[]>>>();

/** Reads logs once for all who ask for them meanwhile. */
function readLogs(
  chain: ChainBackend,
  header: ChainHeader,
  sealed: bigint | undefined,
): Promise<readonly ShownLog[]> {
  let readings = underWay.get(chain);
  if (readings === undefined) underWay.set(chain, readings = new Map());
  const id = `${header.hash} ${sealed}`;
  let reading = readings.get(id);
  if (reading === undefined) {
    reading = readLogsNow(chain, header, sealed).finally(() => readings.delete(id));
    readings.set(id, reading);
  }
  return reading;
}

async function readLogsNow(
  chain: ChainBackend,
  header: ChainHeader,
  sealed: bigint | undefined,
): Promise<readonly ShownLog[]> {
  const receipts = ownReceipts(await chain.receipts(header.number), header);
  const logs = listLogs(receipts, header).map(({ log, json }) => ({
    log,
    text: JSON.stringify(json),
  }));
  const [first] = receipts;
  // Another block had taken its place before its receipts were read.
  if (first === undefined) return logs;
  const { batch } = first.transaction;
  const batchNumber = batch === undefined || batch === null ? batch : batch.number;
  const chars = logs.reduce((sum, { text }) => sum + text.length + KEPT_ENTRY_CHARS, 0);
  cacheOf(chain).set(header.hash, { logs, batchNumber, sealed }, chars + KEPT_ENTRY_CHARS);
  return logs;
}

/** Logs of blocks that the chain has taken back, as clients are told that they are void. */
export function removedLogs(
  dropped: readonly DroppedBlock[],
  pattern: LogPattern,
): readonly JsonObject[] {
  return dropped.flatMap(({ block: { header }, receipts }) =>
    bloomMayMatch(header.logsBloom, pattern)
      ? listLogs(ownReceipts(receipts, header), header)
        .filter(({ log }) => logMatches(log, pattern))
        .map(({ json }) => ({ ...json, removed: true }))
      : []
  );
}

function toJson({ text }: ShownLog): JsonObject {
  return JSON.parse(text);
}

function listLogs(
  receipts: readonly ChainReceipt[],
  { timestampSec }: ChainHeader,
): readonly { readonly log: EventLog; readonly json: JsonObject }[] {
  return receipts.flatMap((entry) =>
    entry.receipt.logs.map((log, index) => {
      const logIndex = entry.firstLogIndex + index;
      return { log, json: formatLog(log, { entry, logIndex, timestampSec }) };
    })
  );
}

/** Another block may have taken the place of this one meanwhile; its logs are told as its own. */
function ownReceipts(
  receipts: readonly ChainReceipt[],
  { hash }: ChainHeader,
): readonly ChainReceipt[] {
  return receipts.filter(({ transaction }) => transaction.position?.blockHash === hash);
}

/** Whether `log` is one of those that `pattern` describes. */
export function logMatches(log: EventLog, pattern: LogPattern): boolean {
  const { addresses, topics } = pattern;
  if (addresses.length > 0 && !addresses.includes(log.address)) return false;
  if (topics.length > log.topics.length) return false;
  return topics.every((alternatives, index) => {
    const topic = log.topics[index];
    return alternatives.length === 0 || (topic !== undefined && alternatives.includes(topic));
  });
}

/** Whether a block of this bloom may hold a log of `pattern`; `false` is certain. */
export function bloomMayMatch(bloom: Uint8Array, pattern: LogPattern): boolean {
  return createBloomTest(pattern)(bloom);
}

/** {@linkcode bloomMayMatch} for one pattern and many blooms. */
function createBloomTest(pattern: LogPattern): (bloom: Uint8Array) => boolean {
  const wanted = [pattern.addresses, ...pattern.topics]
    .filter((alternatives) => alternatives.length > 0)
    .map((alternatives) => alternatives.map((entry) => bloomBits(hexToBytes(entry))));
  // A bloom without any bit is that of a block without logs.
  if (wanted.length === 0) return (bloom) => bloom.some((byte) => byte !== 0);
  return (bloom) =>
    wanted.every((alternatives) => alternatives.some((bits) => bloomHasBits(bloom, bits)));
}

/** A number as it was given even beyond the head; tags through the chain. */
async function clampedNumber(
  chain: ChainBackend,
  reference: BlockReference,
  head: bigint,
): Promise<bigint> {
  if (reference.kind === "number" && reference.number > head) return reference.number;
  return await resolveNumber(chain, reference);
}

function unknownBlock({ layer }: ChainBackend): RpcError {
  return refusal(
    RPC_CODES.serverError,
    "BLOCK_NOT_FOUND",
    "unknown block",
    `Name the hash of a block of this ${layer}, or give fromBlock and toBlock.`,
  );
}

function rangeTooWide(first: bigint, last: bigint): RpcError {
  const widest = LIMITS.maxLogBlockRange;
  return refusal(
    RPC_CODES.invalidParams,
    "LOG_RANGE_TOO_WIDE",
    `exceed maximum block range: ${widest} blocks, asked for ${last - first + 1n}`,
    `Ask for at most ${widest} blocks at once, for instance ${first} to ${first + widest - 1n}.`,
  );
}

function tooManyLogs(first: bigint, reached: bigint): RpcError {
  const narrower = reached > first ? reached - 1n : reached;
  return refusal(
    RPC_CODES.invalidParams,
    "LOG_RESULTS_TOO_MANY",
    `query returned more than ${LIMITS.maxLogResults} results`,
    `Narrow the filter by address or topics, or try blocks ${first} to ${narrower}.`,
  );
}
