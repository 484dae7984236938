/**
 * Which logs a filter selects, and the search for them.
 *
 * Owns the filter of `eth_getLogs` and its bounds. Does not own filters that are kept
 * (`filters.ts`) or subscriptions.
 * @module
 */
import { bloomMayContain } from "../../core/crypto/bloom.ts";
import { type Address, type Hash32, hexToBytes } from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import type { EventLog } from "../../core/types/receipt.ts";
import { resolveNumber } from "./block_reference.ts";
import type { ChainBackend, ChainHeader } from "./chain.ts";
import { invalidParams, refusal, RPC_CODES, type RpcError } from "./errors.ts";
import { formatLog, type JsonObject } from "./format.ts";
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
  if (filter.range.kind === "block") {
    const reference: BlockReference = { kind: "hash", hash: filter.range.blockHash };
    const number = await resolveNumber(chain, reference);
    return await findLogsBetween(chain, filter.pattern, number, number);
  }
  const { from, until } = filter.range;
  const head = await chain.numberOf("latest");
  const first = await clampedNumber(chain, from ?? LATEST, head);
  const last = await clampedNumber(chain, until ?? LATEST, head);
  if (first > last && !(isBeyond(from, head) && until === undefined)) {
    throw refusal(
      RPC_CODES.invalidParams,
      "LOG_RANGE_INVALID",
      `invalid block range params: fromBlock ${first} is after toBlock ${last}`,
      "Give a fromBlock that is not after toBlock.",
    );
  }
  // A range that starts after the head holds nothing yet.
  return first > head
    ? []
    : await findLogsBetween(chain, filter.pattern, first, minimum(last, head));
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
  if (last - first >= LIMITS.maxLogBlockRange) throw rangeTooWide(first, last);
  const found: JsonObject[] = [];
  for (let number = first; number <= last; number++) {
    const header = await chain.header(number);
    if (header === undefined || !bloomMayMatch(header.logsBloom, pattern)) continue;
    found.push(...await findLogsOfBlock(chain, pattern, header));
    if (found.length > LIMITS.maxLogResults) throw tooManyLogs(first, number);
  }
  return found;
}

/** Logs of one block. */
export async function findLogsOfBlock(
  chain: ChainBackend,
  pattern: LogPattern,
  header: ChainHeader,
): Promise<readonly JsonObject[]> {
  const receipts = await chain.receipts(header.number);
  return receipts.flatMap((entry) =>
    entry.receipt.logs.flatMap((log, index) => {
      // Another block may have taken the place of this one meanwhile; its logs are told as its own.
      if (entry.transaction.position?.blockHash !== header.hash) return [];
      if (!logMatches(log, pattern)) return [];
      const logIndex = entry.firstLogIndex + index;
      return [formatLog(log, { entry, logIndex, timestampSec: header.timestampSec })];
    })
  );
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
  const mayHold = (entry: Address | Hash32) => bloomMayContain(bloom, hexToBytes(entry));
  return [pattern.addresses, ...pattern.topics].every((alternatives) =>
    alternatives.length === 0 || alternatives.some(mayHold)
  );
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

function isBeyond(reference: BlockReference | undefined, head: bigint): boolean {
  return reference?.kind === "number" && reference.number > head;
}

function minimum(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
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
