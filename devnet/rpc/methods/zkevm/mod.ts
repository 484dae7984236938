/**
 * The methods `zkevm_*`, each in a file of its own: the rollup, as
 * zkevm-node and cdk-erigon have them.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { zkevmBatchNumber } from "./zkevm_batch_number.ts";
import { zkevmBatchNumberByBlockNumber } from "./zkevm_batch_number_by_block_number.ts";
import { zkevmConsolidatedBlockNumber } from "./zkevm_consolidated_block_number.ts";
import { zkevmEstimateCounters } from "./zkevm_estimate_counters.ts";
import { zkevmEstimateFee } from "./zkevm_estimate_fee.ts";
import { zkevmEstimateGasPrice } from "./zkevm_estimate_gas_price.ts";
import { zkevmGetBatchByNumber } from "./zkevm_get_batch_by_number.ts";
import { zkevmGetBatchCountersByNumber } from "./zkevm_get_batch_counters_by_number.ts";
import { zkevmGetBatchWitness } from "./zkevm_get_batch_witness.ts";
import { zkevmGetExitRootsByGer } from "./zkevm_get_exit_roots_by_ger.ts";
import { zkevmGetForkById } from "./zkevm_get_fork_by_id.ts";
import { zkevmGetForkId } from "./zkevm_get_fork_id.ts";
import { zkevmGetForkIdByBatchNumber } from "./zkevm_get_fork_id_by_batch_number.ts";
import { zkevmGetForks } from "./zkevm_get_forks.ts";
import { zkevmGetFullBlockByHash } from "./zkevm_get_full_block_by_hash.ts";
import { zkevmGetFullBlockByNumber } from "./zkevm_get_full_block_by_number.ts";
import { zkevmGetLatestGlobalExitRoot } from "./zkevm_get_latest_global_exit_root.ts";
import { zkevmGetNativeBlockHashesInRange } from "./zkevm_get_native_block_hashes_in_range.ts";
import { zkevmGetProverInput } from "./zkevm_get_prover_input.ts";
import { zkevmGetRollupAddress } from "./zkevm_get_rollup_address.ts";
import { zkevmGetRollupManagerAddress } from "./zkevm_get_rollup_manager_address.ts";
import { zkevmGetTransactionByL2Hash } from "./zkevm_get_transaction_by_l2_hash.ts";
import { zkevmGetTransactionReceiptByL2Hash } from "./zkevm_get_transaction_receipt_by_l2_hash.ts";
import { zkevmGetVersionHistory } from "./zkevm_get_version_history.ts";
import { zkevmIsBlockConsolidated } from "./zkevm_is_block_consolidated.ts";
import { zkevmIsBlockVirtualized } from "./zkevm_is_block_virtualized.ts";
import { zkevmTraceTransactionCounters } from "./zkevm_trace_transaction_counters.ts";
import { zkevmVerifiedBatchNumber } from "./zkevm_verified_batch_number.ts";
import { zkevmVirtualBatchNumber } from "./zkevm_virtual_batch_number.ts";

/** All methods `zkevm_*`. */
export const ZKEVM_METHODS: readonly RpcMethod[] = [
  zkevmBatchNumber,
  zkevmBatchNumberByBlockNumber,
  zkevmConsolidatedBlockNumber,
  zkevmEstimateCounters,
  zkevmEstimateFee,
  zkevmEstimateGasPrice,
  zkevmGetBatchByNumber,
  zkevmGetBatchCountersByNumber,
  zkevmGetBatchWitness,
  zkevmGetExitRootsByGer,
  zkevmGetForkById,
  zkevmGetForkId,
  zkevmGetForkIdByBatchNumber,
  zkevmGetForks,
  zkevmGetFullBlockByHash,
  zkevmGetFullBlockByNumber,
  zkevmGetLatestGlobalExitRoot,
  zkevmGetNativeBlockHashesInRange,
  zkevmGetProverInput,
  zkevmGetRollupAddress,
  zkevmGetRollupManagerAddress,
  zkevmGetTransactionByL2Hash,
  zkevmGetTransactionReceiptByL2Hash,
  zkevmGetVersionHistory,
  zkevmIsBlockConsolidated,
  zkevmIsBlockVirtualized,
  zkevmTraceTransactionCounters,
  zkevmVerifiedBatchNumber,
  zkevmVirtualBatchNumber,
];
