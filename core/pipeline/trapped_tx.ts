/**
 * Transactions that broke the program: they leave the pool, and their bytes are kept for a report.
 *
 * Owns what is kept of them and the words. Does not own noticing a trap (`vm`) or what the block
 * does meanwhile (`stages/build_block.ts`).
 * @module
 */
import type { PoolEntry } from "../pool/pool.ts";
import { RollupError } from "../primitives/errors.ts";
import { type Hash32, hexToBytes } from "../primitives/hex.ts";
import { areaLog } from "../primitives/ports.ts";
import { writeBlob } from "../store/blob.ts";
import { POOL, TRAPPED_TXS } from "../store/schema.ts";
import type { WriteSet } from "../store/write_set.ts";
import type { ProgramErrorCode } from "../vm/executor.ts";
import type { Node } from "./node.ts";

/** A transaction and how it broke the program. */
export interface TrappedTx {
  readonly entry: PoolEntry;
  readonly fault: string;
  /** The block in whose construction it was, or would have been. */
  readonly blockNumber: bigint;
}

/** What broke, as the program's host tells it. */
export function faultOf(error: RollupError<ProgramErrorCode>): string {
  const { fault } = error.details;
  const words = error.cause instanceof Error ? error.cause.message : error.message;
  return fault === undefined ? words : `${words} (fault ${fault})`;
}

/** Moves the transaction from the pool's rows to those that are kept for a report. */
export async function stageTrappedTx(
  node: Node,
  writes: WriteSet,
  { entry, fault, blockNumber }: TrappedTx,
): Promise<void> {
  const key = hexToBytes(entry.hash);
  writes.delete(POOL, [key]);
  writes.set(TRAPPED_TXS, [key], {
    sender: entry.sender,
    blockNumber,
    programHash: node.executor.programHash,
    fault,
    rawBlob: await writeBlob(node.kv, entry.raw),
  });
}

/** Tells the operator of a defect, and where the bytes are. */
export function logTrappedTx(node: Node, { entry, fault }: TrappedTx): void {
  areaLog(node.log, "pool").error("Set aside a transaction that broke the program", {
    hash: entry.hash,
    fault,
    programHash: node.executor.programHash,
    table: TRAPPED_TXS.name,
  });
}

/** What the sender is told. */
export function programTrapped(hash: Hash32, fault: string): RollupError<ProgramErrorCode> {
  return new RollupError(
    "PROGRAM_TRAPPED",
    `Cannot execute transaction ${hash} as the program must answer: it broke with "${fault}"`,
    {
      details: { txHash: hash, fault },
      mend: "This is a defect of varve: report it with the row that " +
        `\`inspect-state table ${TRAPPED_TXS.name}\` shows; the nonce is free for another one.`,
    },
  );
}
