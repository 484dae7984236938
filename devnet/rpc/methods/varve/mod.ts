/**
 * The methods `varve_*`, each in a file of its own: the engine's verbs.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { varveAcceptProof } from "./varve_accept_proof.ts";
import { varveEstimateGas } from "./varve_estimate_gas.ts";
import { varveHeads } from "./varve_heads.ts";
import { varveInspect } from "./varve_inspect.ts";
import { varveNextProofJob } from "./varve_next_proof_job.ts";
import { varvePlanL1 } from "./varve_plan_l1.ts";
import { varveProve } from "./varve_prove.ts";
import { varveRebuild } from "./varve_rebuild.ts";
import { varveSealBatch } from "./varve_seal_batch.ts";
import { varveSendL1 } from "./varve_send_l1.ts";
import { varveSendTransaction } from "./varve_send_transaction.ts";
import { varveSender } from "./varve_sender.ts";
import { varveSubmit } from "./varve_submit.ts";
import { varveSync } from "./varve_sync.ts";

/** All methods `varve_*`. */
export const VARVE_METHODS: readonly RpcMethod[] = [
  varveAcceptProof,
  varveEstimateGas,
  varveHeads,
  varveInspect,
  varveNextProofJob,
  varvePlanL1,
  varveProve,
  varveRebuild,
  varveSealBatch,
  varveSendL1,
  varveSendTransaction,
  varveSender,
  varveSubmit,
  varveSync,
];
