/**
 * The authenticated map: an append-indexed Merkle tree with sorted linked leaves.
 *
 * Owns the tree's rules, the full tree in memory, proofs, and partial trees for provers. Does not own
 * accounts, storage slots or persistence: keys and values are 32 bytes without meaning here.
 *
 * The rules: depth 32; leaf = (key, value, next index); leaf 0 has the least key and leaf 1 the
 * greatest, both with value 0; a new key takes the next free index and the leaf before it points to
 * it; leaves are never removed but by undoing; a value of 0 reads as absence. Hashing: `tree_hash.ts`.
 * @module
 */
export { DIGEST_BYTES } from "../crypto/poseidon2/poseidon2.ts";
export {
  FIRST_KEY,
  GUARD_COUNT,
  KEY_BYTES,
  LAST_KEY,
  type Leaf,
  type LeafUpdate,
  TREE_DEPTH,
  type TreeErrorCode,
  type TreeWrite,
  ZERO_VALUE,
} from "./leaf.ts";
export { openPartialTree, type PartialTree } from "./partial_tree.ts";
export { createStateTree, openStateTree, type StateTree } from "./state_tree.ts";
export { createPoseidon2TreeHash, LEAF_TAG, type LeafColumns, type TreeHash } from "./tree_hash.ts";
export {
  type AbsenceProof,
  type LeafProof,
  type PresenceProof,
  type ProofClaim,
  type ProvenEntry,
  type TreeProof,
  verifyProof,
} from "./tree_proof.ts";
export {
  decodeTreeWitness,
  encodeTreeWitness,
  type TreeWitness,
  type WitnessErrorCode,
} from "./tree_witness.ts";
