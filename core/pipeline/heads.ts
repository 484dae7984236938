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
  readonly sequenced: bigint;
  readonly proven: bigint;
  readonly verified: bigint;
  readonly l1Block: bigint;
}

/** The status of a batch, from the heads alone. */
export type BatchStatus = "trusted" | "virtual" | "consolidated";

/** Reads all heads and asserts their order. */
export async function readHeads(node: Node): Promise<Heads> {
  // Stages may step meanwhile: what must be the smaller is read first, as heads only grow.
  const l1Heads = await readL1Heads(node);
  const proven = await readCheckpoint(node, "prove_batch");
  const sealed = await readCheckpoint(node, "seal_batch");
  const block = await readCheckpoint(node, "build_block");
  const l1Block = await readCheckpoint(node, "sync_l1");
  const heads: Heads = { block, sealed, proven, l1Block, ...l1Heads };
  assertHeads(heads);
  return heads;
}

/**
 * What L1 has said so far, as far as it was synchronized: the last event of each kind. With
 * `lastL1Block`, what it had said up to that block.
 */
export async function readL1Heads(
  node: Pick<Node, "kv">,
  lastL1Block?: bigint,
): Promise<Pick<Heads, "sequenced" | "verified">> {
  let sequenced: bigint | undefined;
  let verified: bigint | undefined;
  const until = lastL1Block === undefined ? {} : { until: [lastL1Block + 1n] };
  for await (const { value } of listRows(node.kv, L1_EVENTS, { reverse: true, ...until })) {
    if (value.kind === "sequenced") sequenced ??= value.batchNumber;
    if (value.kind === "verified") verified ??= value.batchNumber;
    if (sequenced !== undefined && verified !== undefined) break;
  }
  return { sequenced: sequenced ?? 0n, verified: verified ?? 0n };
}

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
