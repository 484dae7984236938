/**
 * One atomic commit under construction, counted against what KV takes.
 *
 * Owns collecting rows and committing them all or not at all. Does not own retries: there is one
 * writer, so a failed commit is an error, never a race.
 * @module
 */
import { assert } from "../primitives/errors.ts";
import { type KeyPart, rowKey, type Table } from "./table.ts";

/** Deno KV: mutations of one atomic commit. */
export const MAX_COMMIT_MUTATIONS = 1_000;
/** Deno KV: bytes of one value, and of one commit (with room for keys and framing). */
export const MAX_VALUE_BYTES = 65_536;
const MAX_COMMIT_BYTES = 819_200 - 40_000;

/** Rows that become visible together. */
export interface WriteSet {
  set<Key extends readonly KeyPart[], Value>(
    table: Table<Key, Value>,
    key: NoInfer<Key>,
    value: NoInfer<Value>,
  ): void;
  delete<Key extends readonly KeyPart[], Value>(table: Table<Key, Value>, key: NoInfer<Key>): void;
  mutationCount(): number;
  /** Whether `more` further mutations of about `moreBytes` bytes each still fit. */
  hasRoomFor(more: number, moreBytes: number): boolean;
  /** Makes the rows visible; the set must not be used afterwards. */
  commit(): Promise<void>;
}

/** Starts an empty commit on `kv`. */
export function createWriteSet(kv: Deno.Kv): WriteSet {
  const operation = kv.atomic();
  let mutationCount = 0;
  let sizeBytes = 0;
  let committed = false;
  const count = (moreBytes: number) => {
    assert(!committed, "a write set is committed once");
    mutationCount++;
    sizeBytes += moreBytes;
    assert(mutationCount <= MAX_COMMIT_MUTATIONS, "a step writes at most 1,000 rows");
    assert(
      sizeBytes <= MAX_COMMIT_BYTES,
      "a step's rows fit one commit; larger data goes to blobs",
    );
  };
  return {
    set: (table, key, value) => {
      const stored = table.toStored(value);
      count(approximateSizeBytes(stored));
      operation.set(rowKey(table, key), stored);
    },
    delete: (table, key) => {
      count(64);
      operation.delete(rowKey(table, key));
    },
    mutationCount: () => mutationCount,
    hasRoomFor: (more, moreBytes) =>
      mutationCount + more <= MAX_COMMIT_MUTATIONS &&
      sizeBytes + more * moreBytes <= MAX_COMMIT_BYTES,
    commit: async () => {
      assert(!committed, "a write set is committed once");
      committed = true;
      if (mutationCount === 0) return;
      const { ok } = await operation.commit();
      assert(ok, "a commit without checks cannot conflict");
    },
  };
}

/** An upper estimate of what a value takes in KV. */
function approximateSizeBytes(value: unknown): number {
  if (value instanceof Uint8Array) return value.length + 16;
  if (typeof value === "string") return 2 * value.length + 16;
  if (typeof value !== "object" || value === null) return 40;
  let sizeBytes = 32;
  for (const [field, inner] of Object.entries(value)) {
    sizeBytes += field.length + approximateSizeBytes(inner);
  }
  return sizeBytes;
}
