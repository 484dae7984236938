/**
 * The main path of a rollup, one line a stage, in the order a transaction meets them.
 *
 * Owns the order. Does not own what a stage does (`stages/`) or when it is stepped: a command steps
 * it by hand, the devnet's driver on a clock, and there is no second way.
 * @module
 */
import type { Stage } from "./stage.ts";
import { buildBlock } from "./stages/build_block.ts";
import { proveBatch } from "./stages/prove_batch.ts";
import { sealBatch } from "./stages/seal_batch.ts";
import { sequenceBatch } from "./stages/sequence_batch.ts";
import { syncL1 } from "./stages/sync_l1.ts";
import { verifyBatch } from "./stages/verify_batch.ts";

/** Before the first stage, `inlet.ts` lets a transaction into the pool. */
export const PIPELINE: readonly Stage[] = [
  buildBlock, // pool -> block: soft confirmation, trusted state
  sealBatch, // blocks -> batch: the unit of proof
  sequenceBatch, // batch data -> L1: the batch is virtual once sync_l1 sees it
  proveBatch, // batch -> proof, from its witness alone
  verifyBatch, // proof -> L1: the batch is consolidated once sync_l1 sees it
  syncL1, // L1 events -> heads: only this moves what the node believes of L1
];
