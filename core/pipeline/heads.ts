/**
 * How far the chain has come, and the order that must hold between stages.
 *
 * Owns reading and asserting the heads. A batch's status is never stored: it is the comparison of
 * its number with these. Does not own moving them.
 * @module
 */
import { assert } from "../primitives/errors.ts";
import { L1_EVENTS } from "../store/schema.ts";
import { listRows } from "../store/table.ts";
import { type Node, readCheckpoint } from "./node.ts";

/** Latest numbers: `block` of the L2, `l1Block` of the L1, the others are batches. */
export interface Heads {
  readonly block: bigint;
  readonly sealed: bigint;
  /** L1 has the data of it, and this node has executed them. */
  readonly sequenced: bigint;
  /** A proof of it was made and checked here, or accepted by L1. */
  readonly proven: bigint;
  readonly verified: bigint;
  readonly l1Block: bigint;
}

/** What L1 says, whether it was executed here or not. */
export type L1Heads = Pick<Heads, "sequenced" | "verified">;

/** The status of a batch, from the heads alone. */
export type BatchStatus = "trusted" | "virtual" | "consolidated";

/** Reads all heads and asserts their order. */
export async function readHeads(node: Node): Promise<Heads> {
  // Stages may step meanwhile: what must be the smaller is read first, as heads only grow.
  const onL1 = await readL1Heads(node);
  const proven = await readCheckpoint(node, "prove_batch");
  const sealed = await readCheckpoint(node, "seal_batch");
  const block = await readCheckpoint(node, "build_block");
  const l1Block = await readCheckpoint(node, "sync_l1");
  assert(onL1.verified <= onL1.sequenced, "L1 verifies only what was sequenced");
  const sequenced = onL1.sequenced < sealed ? onL1.sequenced : sealed;
  const verified = onL1.verified < sequenced ? onL1.verified : sequenced;
  const heads: Heads = {
    block,
    sealed,
    sequenced,
    // What L1 has verified was proven, by whomever.
    proven: proven > verified ? proven : verified,
    verified,
    l1Block,
  };
  assertHeads(heads);
  return heads;
}

/**
 * What L1 has said so far, as far as it was synchronized. With `lastL1Block`, what it had said up to
 * that block.
 */
export async function readL1Heads(
  node: Pick<Node, "kv">,
  lastL1Block?: bigint,
): Promise<L1Heads> {
  let sequenced: bigint | undefined;
  let verified: bigint | undefined;
  // Rows above the checkpoint belong to a step that was not finished.
  const last = lastL1Block ?? await readCheckpoint(node, "sync_l1");
  const range = { reverse: true, until: [last + 1n], batchSize: 16 };
  for await (const { value } of listRows(node.kv, L1_EVENTS, range)) {
    if (value.kind === "verified") verified ??= value.number;
    if (SEQUENCING_KINDS.has(value.kind)) sequenced ??= value.number;
    if (sequenced !== undefined && verified !== undefined) break;
  }
  return { sequenced: sequenced ?? 0n, verified: verified ?? 0n };
}

/** Events after which their number is the last sequenced batch. */
const SEQUENCING_KINDS: ReadonlySet<string> = new Set([
  "sequenced",
  "forceSequenced",
  "rolledBack",
]);

/** `verified <= min(proven, sequenced) <= sealed`. */
export function assertHeads(heads: Heads): void {
  assert(heads.verified <= heads.sequenced, "L1 verifies only what was sequenced");
  assert(heads.verified <= heads.proven, "L1 verifies only proofs that this node made or checked");
  assert(heads.sequenced <= heads.sealed, "only sealed batches are sequenced");
  assert(heads.proven <= heads.sealed, "only sealed batches are proven");
}

/** How far batch `number` has come. */
export function batchStatus(number: bigint, heads: Heads): BatchStatus {
  if (number <= heads.verified) return "consolidated";
  return number <= heads.sequenced ? "virtual" : "trusted";
}
