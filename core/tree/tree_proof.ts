/**
 * Proofs that a key has a value, or none, under a root.
 *
 * Owns their shape and how they are checked. Does not own making them, which needs the whole tree
 * (`state_tree.ts`), nor proofs of many keys (`tree_witness.ts`).
 * @module
 */
import { DIGEST_WORDS } from "../crypto/poseidon2/poseidon2.ts";
import { compareBytes, equalBytes } from "../primitives/bytes.ts";
import { RollupError } from "../primitives/errors.ts";
import { KEY_BYTES, type Leaf, MAX_LEAF_COUNT, TREE_DEPTH, type TreeErrorCode } from "./leaf.ts";
import type { TreeHash } from "./tree_hash.ts";

/** A leaf and its way to the root. */
export interface LeafProof {
  /** The leaf with its place. */
  readonly leaf: Leaf;
  /** 32 digests of 32 bytes: the sibling at each level, from the leaf up. */
  readonly siblings: readonly Uint8Array[];
}

/** The key has a leaf. */
export interface PresenceProof {
  /** Tells the two proofs apart. */
  readonly kind: "presence";
  /** The leaf of the key. */
  readonly entry: LeafProof;
}

/** The key has no leaf: it lies between the keys of two leaves that are linked. */
export interface AbsenceProof {
  /** Tells the two proofs apart. */
  readonly kind: "absence";
  /** The leaf with the greatest key before the claimed one. */
  readonly low: LeafProof;
  /** The leaf that `low` points to; its key is after the claimed one. */
  readonly next: LeafProof;
}

/** What is known of one key under one root. */
export type TreeProof = PresenceProof | AbsenceProof;

/** What a proof shows of its key; a value of zero reads as absence too. */
export type ProvenEntry =
  | { readonly kind: "present"; readonly value: Uint8Array }
  | { readonly kind: "absent" };

/** What a proof must be about. */
export interface ProofClaim {
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/**
 * What `proof` shows of the claimed key under the claimed root.
 *
 * @throws `PROOF_INVALID` when it shows nothing about them.
 */
export function verifyProof(hash: TreeHash, proof: TreeProof, claim: ProofClaim): ProvenEntry {
  if (claim.key.length !== KEY_BYTES) throw invalidProof("the key has not 32 bytes");
  if (proof.kind === "presence") {
    const { leaf } = proof.entry;
    if (!equalBytes(leaf.key, claim.key)) throw invalidProof("its leaf has another key");
    assertLeafProof(hash, proof.entry, claim.root);
    return { kind: "present", value: leaf.value };
  }
  const { low, next } = proof;
  if (compareBytes(low.leaf.key, claim.key) >= 0) {
    throw invalidProof("its low leaf is not before the key");
  }
  if (compareBytes(claim.key, next.leaf.key) >= 0) {
    throw invalidProof("its next leaf is not after the key");
  }
  if (low.leaf.nextIndex !== next.leaf.index) throw invalidProof("its leaves are not linked");
  assertLeafProof(hash, low, claim.root);
  assertLeafProof(hash, next, claim.root);
  return { kind: "absent" };
}

function assertLeafProof(hash: TreeHash, { leaf, siblings }: LeafProof, root: Uint8Array): void {
  const { index, key, value, nextIndex } = leaf;
  if (!isIndex(index) || !isIndex(nextIndex)) throw invalidProof("an index is out of range");
  if (key.length !== KEY_BYTES || value.length !== KEY_BYTES) {
    throw invalidProof("a key or a value has not 32 bytes");
  }
  if (siblings.length !== TREE_DEPTH) {
    throw invalidProof(`a leaf has ${siblings.length} siblings where ${TREE_DEPTH} are needed`);
  }
  const digest = new Uint32Array(DIGEST_WORDS);
  hash.hashLeaves({ keys: key, values: value, nexts: Uint32Array.of(nextIndex) }, 1, digest);
  const pair = new Uint32Array(2 * DIGEST_WORDS);
  let path = index;
  for (const sibling of siblings) {
    const words = hash.digestFromBytes(sibling);
    if (words === undefined) throw invalidProof("a sibling is not in canonical form");
    const isRight = path % 2 === 1;
    pair.set(isRight ? words : digest);
    pair.set(isRight ? digest : words, DIGEST_WORDS);
    hash.hashPairs(pair, 1, digest);
    path >>>= 1;
  }
  if (!equalBytes(hash.digestToBytes(digest), root)) throw invalidProof("it gives another root");
}

function isIndex(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < MAX_LEAF_COUNT;
}

function invalidProof(reason: string): RollupError<TreeErrorCode> {
  return new RollupError("PROOF_INVALID", `Cannot accept a tree proof: ${reason}`, {
    details: { reason },
    mend: "Ask for the proof again, of the same key under the same root.",
  });
}
