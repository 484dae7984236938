/**
 * Proofs of the state tree as `zks_getProof` shows them.
 *
 * Owns the JSON: the ZK Stack's `key`, `value`, `index` and `proof`, and besides what this tree
 * needs, whose leaves are linked by key. Whoever checks one hashes the leaf (key, value, next index)
 * up the siblings to `stateRoot` with `treeHash`; that a key has no leaf is shown by the two linked
 * leaves between which it would lie. Does not own the tree.
 * @module
 */
import type { Address, Hash32 } from "../../core/primitives/hex.ts";
import type { BatchTag } from "../../core/engine/engine.ts";
import { inspectRecord } from "./batch_facts.ts";
import type { JsonObject } from "./format.ts";
import {
  ADDRESS_JSON,
  HASH_JSON,
  type JsonSchema,
  listJson,
  objectJson,
  TEXT_JSON,
} from "./json_schema.ts";
import type { RollupContext } from "./method.ts";
import { COUNT_JSON } from "./rollup_json.ts";
import { isRecord } from "./schema.ts";

const LEAF_JSON = objectJson({
  index: COUNT_JSON,
  key: HASH_JSON,
  value: HASH_JSON,
  nextIndex: COUNT_JSON,
  proof: listJson(HASH_JSON),
});

/** What `zks_getProof` answers. */
export const ZKS_PROOF_JSON: JsonSchema = objectJson({
  address: ADDRESS_JSON,
  l1BatchNumber: COUNT_JSON,
  stateRoot: HASH_JSON,
  treeHash: TEXT_JSON,
  storageProof: listJson(objectJson({
    key: HASH_JSON,
    value: HASH_JSON,
    index: COUNT_JSON,
    proof: listJson(HASH_JSON),
    leafKey: HASH_JSON,
  }, {
    nextIndex: COUNT_JSON,
    absence: objectJson({ low: LEAF_JSON, next: LEAF_JSON }),
  })),
});

/** Proofs of `slots` of `address` under the root of `batch`, or `null` for an unknown batch. */
export async function describeProof(
  { engine }: Pick<RollupContext, "engine">,
  wanted: { readonly address: Address; readonly slots: readonly Hash32[] },
  batch: number | BatchTag,
): Promise<JsonObject | null> {
  const { address, slots } = wanted;
  const fields = await inspectRecord(engine, { kind: "proof", address, slots, batch });
  if (fields === undefined) return null;
  const entries = Array.isArray(fields.slots) ? fields.slots.filter(isRecord) : [];
  return {
    address,
    l1BatchNumber: fields.batch,
    stateRoot: fields.stateRoot,
    treeHash: fields.treeHash,
    storageProof: entries.map(describeSlot),
  };
}

function describeSlot(entry: Readonly<Record<string, unknown>>): JsonObject {
  const { slot, key, value, proof } = entry;
  const shown = { key: slot, value, leafKey: key };
  if (!isRecord(proof)) return { ...shown, index: 0, proof: [] };
  if (proof.kind === "presence") {
    const { index, nextIndex, proof: siblings } = describeLeaf(proof.entry);
    return { ...shown, index, proof: siblings, nextIndex };
  }
  return {
    ...shown,
    // The ZK Stack's index of what has no leaf.
    index: 0,
    proof: [],
    absence: { low: describeLeaf(proof.low), next: describeLeaf(proof.next) },
  };
}

function describeLeaf(entry: unknown): JsonObject {
  if (!isRecord(entry) || !isRecord(entry.leaf)) return {};
  return { ...entry.leaf, proof: entry.siblings };
}
