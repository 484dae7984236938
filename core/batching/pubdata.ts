/**
 * What a batch says to L1 beside its transactions: the log tree and pubdata.
 *
 * Owns the two values of a chain whose data are its transactions and whose blocks emit no L2->L1
 * logs yet. Does not own batch data (`batch_data.ts`).
 * @module
 */
import { keccak256Bytes } from "../crypto/keccak.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { bytesToHash32, type Hash32, ZERO_HASH } from "../primitives/hex.ts";

/** Levels of the L2->L1 log tree: 16,384 leaves (zk-stack, section 4.1). */
const LOG_TREE_DEPTH = 14;
/** Bytes of an L2->L1 log (zk-stack, section 4.1). */
const LOG_SIZE_BYTES = 88;

/** Root of a log tree without logs: every leaf is keccak256 of 88 zero bytes. */
export const EMPTY_LOG_ROOT: Hash32 = emptyLogRoot();

/** With data availability `transactions` no pubdata is posted: nothing is hashed. */
export const NO_PUBDATA_HASH: Hash32 = ZERO_HASH;

function emptyLogRoot(): Hash32 {
  let node = keccak256Bytes(new Uint8Array(LOG_SIZE_BYTES));
  for (let level = 0; level < LOG_TREE_DEPTH; level++) {
    node = keccak256Bytes(concatBytes(node, node));
  }
  return bytesToHash32(node);
}
