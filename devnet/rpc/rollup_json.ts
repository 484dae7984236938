/**
 * JSON Schemas of what the Engine's verbs answer (`core/engine/engine.ts`).
 *
 * Owns the description that the OpenRPC document gives of them. Does not own the answers.
 * @module
 */
import {
  ADDRESS_JSON,
  BOOLEAN_JSON,
  BYTES_JSON,
  HASH_JSON,
  type JsonSchema,
  nullableJson,
  objectJson,
  TEXT_JSON,
} from "./json_schema.ts";

/** A count, a number of something, or seconds. */
export const COUNT_JSON: JsonSchema = { type: "integer", minimum: 0 };
/** Wei in decimal. */
export const WEI_JSON: JsonSchema = { type: "string", pattern: "^(0|[1-9][0-9]*)$" };

/** `HeadsView`. */
export const HEADS_JSON: JsonSchema = objectJson({
  block: COUNT_JSON,
  sealed: COUNT_JSON,
  sequenced: COUNT_JSON,
  proven: COUNT_JSON,
  verified: COUNT_JSON,
  l1Block: COUNT_JSON,
  pooled: COUNT_JSON,
});

/** `SendView`. */
export const SEND_JSON: JsonSchema = objectJson({
  transactionHash: HASH_JSON,
  from: ADDRESS_JSON,
  to: nullableJson(ADDRESS_JSON),
  nonce: COUNT_JSON,
  status: { type: "string", enum: ["pooled", "included"] },
}, {
  blockNumber: COUNT_JSON,
  success: BOOLEAN_JSON,
  gasUsed: COUNT_JSON,
  contractAddress: ADDRESS_JSON,
});

/** `SealView`. */
export const SEAL_JSON: JsonSchema = objectJson({
  batchNumber: COUNT_JSON,
  firstBlock: COUNT_JSON,
  lastBlock: COUNT_JSON,
  txCount: COUNT_JSON,
  sealReason: TEXT_JSON,
  stateRoot: HASH_JSON,
  batchDataHash: HASH_JSON,
  accInputHash: HASH_JSON,
});

/** `ProveView`. */
export const PROVE_JSON: JsonSchema = objectJson({
  batchNumber: COUNT_JSON,
  kind: TEXT_JSON,
  trusted: TEXT_JSON,
  publicInputsHash: HASH_JSON,
  newStateRoot: HASH_JSON,
  proofBytes: COUNT_JSON,
});

/** `L1TransactionView`. */
export const L1_TRANSACTION_JSON: JsonSchema = objectJson({
  purpose: { type: "string", enum: ["sequenceBatches", "verifyBatches"] },
  firstBatch: COUNT_JSON,
  lastBatch: COUNT_JSON,
  transactionHash: HASH_JSON,
  nonce: COUNT_JSON,
  status: { type: "string", enum: ["sent", "mined"] },
}, { l1BlockNumber: COUNT_JSON, gasUsed: COUNT_JSON });

/** `SyncView`. */
export const SYNC_JSON: JsonSchema = objectJson({
  fromL1Block: COUNT_JSON,
  toL1Block: COUNT_JSON,
  sequenced: COUNT_JSON,
  verified: COUNT_JSON,
  unwoundL1Blocks: COUNT_JSON,
});

/** `RebuildView`. */
export const REBUILD_JSON: JsonSchema = objectJson({
  batches: COUNT_JSON,
  blocks: COUNT_JSON,
  l1Block: COUNT_JSON,
  lastStateRoot: HASH_JSON,
  compared: COUNT_JSON,
  matches: BOOLEAN_JSON,
  difference: nullableJson(
    objectJson({ batch: COUNT_JSON, field: TEXT_JSON, here: TEXT_JSON, fromL1: TEXT_JSON }),
  ),
  folder: nullableJson(TEXT_JSON),
});

/** `SenderView`. */
export const SENDER_JSON: JsonSchema = objectJson({
  chainId: COUNT_JSON,
  nonce: COUNT_JSON,
  balanceWei: WEI_JSON,
  baseFeePerGasWei: WEI_JSON,
});

/** `L1PlanView`. */
export const L1_PLAN_JSON: JsonSchema = objectJson({
  purpose: TEXT_JSON,
  chainId: COUNT_JSON,
  to: ADDRESS_JSON,
  data: BYTES_JSON,
  nonce: COUNT_JSON,
  gasLimit: COUNT_JSON,
  maxFeePerGasWei: WEI_JSON,
  maxPriorityFeePerGasWei: WEI_JSON,
});

/** `L1SentView`. */
export const L1_SENT_JSON: JsonSchema = objectJson({
  transactionHash: HASH_JSON,
  status: { type: "string", enum: ["sent", "mined", "reverted"] },
}, {
  l1BlockNumber: COUNT_JSON,
  gasUsed: COUNT_JSON,
  reason: TEXT_JSON,
  operation: objectJson({ number: COUNT_JSON, deadlineSec: COUNT_JSON }),
});

/** `ProofJobView`, or `null` when no batch wants a proof. */
export const PROOF_JOB_JSON: JsonSchema = nullableJson(
  objectJson({ batchNumber: COUNT_JSON, witness: BYTES_JSON, publicInputs: BYTES_JSON }),
);
