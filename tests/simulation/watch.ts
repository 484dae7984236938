/**
 * What must hold of a rollup at any time, and what becomes of each transaction.
 *
 * Owns the watcher: it sees every block between any two verbs, and remembers what a user could rely
 * on. Does not own what may excuse a change (`life.ts` says when L1 gave a reason) or the history as
 * a whole (`checks.ts`).
 * @module
 */
import { assertEquals } from "@std/assert";
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import { createJsonRpcL1Client, type L1Request } from "../../core/l1/backends/json_rpc.ts";
import { readRollupState, readSequencedBatch } from "../../core/l1/rollup_views.ts";
import { assertHeads, readHeads } from "../../core/pipeline/heads.ts";
import type { Node } from "../../core/pipeline/node.ts";
import { assert } from "../../core/primitives/errors.ts";
import { bytesToHash32, bytesToHex, hexToBytes } from "../../core/primitives/hex.ts";
import type { LogFields } from "../../core/primitives/ports.ts";
import { readBatch } from "../../core/store/batches.ts";
import { requireBlock, requireBlockSummary } from "../../core/store/blocks.ts";
import { POOL, TX_POSITIONS } from "../../core/store/schema.ts";
import { listRows, requireRow } from "../../core/store/table.ts";
import { headerHash } from "../../core/types/block.ts";
import { BALANCE_ADDRESS } from "../../core/types/state.ts";
import { decodeTransaction } from "../../core/types/tx.ts";

/** A transaction as its user knows it. */
interface SeenTx {
  readonly hash: string;
  readonly sender: string;
  readonly nonce: bigint;
}

/** A block that was there once. */
interface SeenBlock {
  readonly hash: string;
  readonly txs: readonly SeenTx[];
}

/** What a watcher has seen so far. */
export interface Seen {
  /** By number. */
  readonly blocks: SeenBlock[];
  /** Hash of every transaction that users have sent or forced, admitted or not. */
  readonly sentHashes: Set<string>;
  readonly includedHashes: Set<string>;
  /** Every transaction that was in the pool at some time. */
  readonly admittedByHash: Map<string, SeenTx>;
  /** Why the node said it drops a transaction. */
  readonly dropReasonsByHash: Map<string, string>;
  /** Blocks that were seen and are no more. */
  readonly count: { rebuiltBlocks: number };
  /**
   * Whether L1 gave a reason since all was well: it took an operation back, or has a batch that is
   * not ours. Without one no block that was seen may ever change.
   */
  mayRebuild: boolean;
  /** The last block that L1 has verified, until L1 itself reorganises. */
  verifiedBlock: number;
}

/** A watcher that has seen nothing. */
export function createSeen(): Seen {
  return {
    blocks: [],
    sentHashes: new Set(),
    includedHashes: new Set(),
    admittedByHash: new Map(),
    dropReasonsByHash: new Map(),
    count: { rebuiltBlocks: 0 },
    mayRebuild: false,
    verifiedBlock: 0,
  };
}

/** Takes what the node logs about a transaction that leaves the pool without a block. */
export function noteDrop(seen: Seen, text: string, { hash, reason }: LogFields = {}): void {
  if (!text.startsWith("Dropped transaction") || typeof hash !== "string") return;
  seen.dropReasonsByHash.set(hash, typeof reason === "string" ? reason : text);
}

/** What holds between any two verbs. */
export async function checkNow(
  engine: LocalEngine,
  seen: Seen,
  request: L1Request,
): Promise<void> {
  const { node } = engine;
  assertHeads(await readHeads(node));
  const tip = node.tip.get();
  assertEquals(bytesToHash32(node.state.tree.root()), tip.header.stateRoot);
  assertEquals(BigInt(node.state.tree.leafCount()), tip.leafCount);
  await forgetRebuilt(node, seen);
  for (let number = seen.blocks.length; number <= Number(tip.header.number); number++) {
    await checkNewBlock(node, seen, BigInt(number));
  }
  assertEquals(seen.blocks.at(-1)?.hash, tip.hash);
  const rows: string[] = [];
  for await (const { key } of listRows(node.kv, POOL)) {
    if (key[1] instanceof Uint8Array) rows.push(bytesToHex(key[1]));
  }
  const entries = node.pool.entries();
  assertEquals(entries.map((entry): string => entry.hash).toSorted(), rows.toSorted());
  for (const { hash, sender, tx } of entries) {
    assertEquals(seen.sentHashes.has(hash), true, "only what was sent waits");
    assertEquals(seen.includedHashes.has(hash), false, "what is included waits no more");
    seen.admittedByHash.set(hash, { hash, sender, nonce: tx.nonce });
  }
  await noteVerified(node, seen, request);
}

/** Blocks change only with a reason, and none that L1 has verified. */
async function forgetRebuilt(node: Node, seen: Seen): Promise<void> {
  const tip = Number(node.tip.get().header.number);
  let kept = Math.min(tip, seen.blocks.length - 1);
  while (kept >= 0) {
    const { hash } = await requireBlockSummary(node.kv, BigInt(kept));
    if (seen.blocks[kept]?.hash === hash) break;
    kept--;
  }
  if (kept === seen.blocks.length - 1) return;
  assert(seen.mayRebuild, `block ${kept + 1} was seen and has changed, and L1 gave no reason`);
  assert(
    kept >= seen.verifiedBlock,
    `block ${kept + 1} has changed, and L1 has verified block ${seen.verifiedBlock}`,
  );
  for (const { txs } of seen.blocks.splice(kept + 1)) {
    seen.count.rebuiltBlocks++;
    for (const { hash } of txs) seen.includedHashes.delete(hash);
  }
}

async function checkNewBlock(node: Node, seen: Seen, number: bigint): Promise<void> {
  const block = await requireBlock(node.kv, number);
  assertEquals(headerHash(block.header), block.hash);
  if (number > 0n) {
    assertEquals<string | undefined>(block.header.parentHash, seen.blocks.at(-1)?.hash);
    const change = block.diffs.filter(({ address }) => address === BALANCE_ADDRESS).reduce(
      (sum, diff) => sum + BigInt(diff.newValue) - BigInt(diff.oldValue),
      0n,
    );
    assertEquals(change, 0n, `block ${number} makes or burns wei`);
  }
  const txs: SeenTx[] = [];
  for (const [index, { hash, raw, sender }] of block.transactions.entries()) {
    assertEquals(seen.sentHashes.has(hash), true, "only what was sent is included");
    assertEquals(seen.includedHashes.has(hash), false, "nothing is included twice");
    seen.includedHashes.add(hash);
    txs.push({ hash, sender, nonce: decodeTransaction(raw).nonce });
    const position = await requireRow(node.kv, TX_POSITIONS, [hexToBytes(hash)]);
    assertEquals(position, { blockNumber: number, index });
  }
  seen.blocks.push({ hash: block.hash, txs });
}

/** Remembers how far L1 has verified what is here. */
async function noteVerified(node: Node, seen: Seen, request: L1Request): Promise<void> {
  const client = createJsonRpcL1Client({ request });
  const { rollup } = node.l1;
  const { lastVerifiedBatch } = await readRollupState(client, rollup);
  if (lastVerifiedBatch === 0n) return;
  const [batch, record] = await Promise.all([
    readBatch(node.kv, lastVerifiedBatch),
    readSequencedBatch(client, rollup, lastVerifiedBatch),
  ]);
  // The node may not have read yet that L1 has another batch of that number.
  if (batch === undefined || batch.newAccInputHash !== record?.accInputHash) return;
  seen.verifiedBlock = Math.max(seen.verifiedBlock, Number(batch.lastBlock));
}

/** Reasons for which a transaction that was admitted may end in no block. */
const EXPECTED_DROPS = /^the sender has \d+ of \d+ wei|^nonce \d+ is below|no batch can hold$/;

/**
 * Every transaction that was admitted is in a block now, waits, was dropped for a good reason, or has
 * lost its nonce to another one of its sender for which that holds.
 */
export function checkNothingLost({ node }: LocalEngine, seen: Seen): void {
  const settled = new Set<string>();
  const keyOf = ({ sender, nonce }: SeenTx) => `${sender} ${nonce}`;
  for (const { txs } of seen.blocks) for (const tx of txs) settled.add(keyOf(tx));
  for (const { hash, sender, tx } of node.pool.entries()) {
    settled.add(keyOf({ hash, sender, nonce: tx.nonce }));
  }
  for (const [hash, reason] of seen.dropReasonsByHash) {
    assert(EXPECTED_DROPS.test(reason), `transaction ${hash} was dropped: ${reason}`);
    const tx = seen.admittedByHash.get(hash);
    if (tx !== undefined) settled.add(keyOf(tx));
  }
  for (const tx of seen.admittedByHash.values()) {
    assert(settled.has(keyOf(tx)), `transaction ${tx.hash}, nonce ${tx.nonce}, was lost`);
  }
}
