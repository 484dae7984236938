/**
 * Counters as zkevm-node and cdk-erigon name them.
 *
 * Owns which of this program's counters stands for which of theirs. There is no Poseidon hash while
 * a transaction runs and no memory alignment or binary machine, so those are 0 of 0; counters that
 * only this program has follow under their own names. Does not own counting.
 * @module
 */
import type { ExecutionCounters } from "../../core/types/counters.ts";
import type { CounterFacts, CounterLimit } from "./batch_facts.ts";
import { formatQuantity, type JsonObject } from "./format.ts";
import { type JsonSchema, objectJson, QUANTITY_JSON, TEXT_JSON } from "./json_schema.ts";
import { isRecord } from "./schema.ts";

/** Their name of what is used and of its limit, by our reason to seal. */
const NAMES: readonly (readonly [reason: string, used: string, limit: string])[] = [
  ["gas", "gasUsed", "maxGasUsed"],
  ["keccak-f", "usedKeccakHashes", "maxKeccakHashes"],
  ["", "usedPoseidonHashes", "maxPoseidonHashes"],
  ["", "usedPoseidonPaddings", "maxPoseidonPaddings"],
  ["", "usedMemAligns", "maxMemAligns"],
  ["modexp work", "usedArithmetics", "maxArithmetics"],
  ["", "usedBinaries", "maxBinaries"],
  ["steps", "usedSteps", "maxSteps"],
  ["sha256", "usedSHA256Hashes", "maxSHA256Hashes"],
];

/** Reasons to seal that zkevm-node has no word for, and ours. */
const OWN_NAMES: readonly (readonly [reason: string, name: string])[] = [
  ["ecrecover", "Ecrecovers"],
  ["pairings", "Pairings"],
  ["curve operations", "CurveOperations"],
  ["memory words", "MemoryWords"],
  ["storage reads", "StorageReads"],
  ["storage writes", "StorageWrites"],
  ["log bytes", "LogBytes"],
  ["pubdata bytes", "PubdataBytes"],
];

const ALL_NAMES = [
  ...NAMES,
  ...OWN_NAMES.map(([reason, name]) => [reason, `used${name}`, `max${name}`] as const),
];

/** What `zkevm_estimateCounters` and its like answer. */
export const COUNTERS_JSON: JsonSchema = objectJson({
  countersUsed: { type: "object", additionalProperties: QUANTITY_JSON },
  countersLimits: { type: "object", additionalProperties: QUANTITY_JSON },
}, {
  revertInfo: objectJson({ message: TEXT_JSON, data: TEXT_JSON }),
  oocError: TEXT_JSON,
});

/** What was used of each resource, by reason to seal. */
export type Used = ReadonlyMap<string, number>;

/** What an execution used. */
export function usedByExecution(
  counters: ExecutionCounters,
  limits: readonly CounterLimit[],
): Used {
  const values: Readonly<Record<string, unknown>> = { ...counters };
  return new Map(limits.map(({ reason, counter }) => [reason, Number(values[counter] ?? 0)]));
}

/** What `entries` say was used. */
export function usedByFacts(entries: readonly Pick<CounterFacts, "counter" | "used">[]): Used {
  return new Map(entries.map(({ counter, used }) => [counter, used]));
}

/** Both sides under their names, and which limit a batch of this alone would pass. */
export function describeCounters(used: Used, limits: readonly CounterLimit[]): JsonObject {
  const limitByReason = new Map(limits.map(({ reason, limit }) => [reason, limit]));
  const exceeded = limits.find(({ reason, limit }) => (used.get(reason) ?? 0) > limit);
  return {
    countersUsed: Object.fromEntries(
      // A transaction may take pubdata of its block back.
      ALL_NAMES.map(([reason, name]) => [name, formatQuantity(Math.max(0, used.get(reason) ?? 0))]),
    ),
    countersLimits: Object.fromEntries(
      ALL_NAMES.map(([reason, , name]) => [name, formatQuantity(limitByReason.get(reason) ?? 0)]),
    ),
    ...(exceeded === undefined ? {} : { oocError: `not enough ${exceeded.reason} in a batch` }),
  };
}

/** Name and count of each entry of what the engine tells of a transaction's counters. */
export function counterEntries(value: unknown): readonly (readonly [string, number])[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).flatMap(({ counter, used }) =>
    typeof counter === "string" && typeof used === "number" ? [[counter, used] as const] : []
  );
}
