/**
 * The list of JSON-RPC methods: one file each, one line here.
 *
 * Owns what is served and on which layer. Does not own what a method does.
 * @module
 */
import type { ChainContext, ControlContext, RollupContext, RpcMethod } from "../method.ts";
import { anvilDropTransaction } from "./anvil_drop_transaction.ts";
import { anvilMine } from "./anvil_mine.ts";
import { anvilReorg } from "./anvil_reorg.ts";
import { anvilRollback } from "./anvil_rollback.ts";
import { anvilSetBalance } from "./anvil_set_balance.ts";
import { anvilSetNextBlockBaseFeePerGas } from "./anvil_set_next_block_base_fee_per_gas.ts";
import { ethAccounts } from "./eth_accounts.ts";
import { ethBlobBaseFee } from "./eth_blob_base_fee.ts";
import { ethBlockNumber } from "./eth_block_number.ts";
import { ethCall } from "./eth_call.ts";
import { ethChainId } from "./eth_chain_id.ts";
import { ethCoinbase } from "./eth_coinbase.ts";
import { ethEstimateGas } from "./eth_estimate_gas.ts";
import { ethFeeHistory } from "./eth_fee_history.ts";
import { ethGasPrice } from "./eth_gas_price.ts";
import { ethGetBalance } from "./eth_get_balance.ts";
import { ethGetBlockByHash } from "./eth_get_block_by_hash.ts";
import { ethGetBlockByNumber } from "./eth_get_block_by_number.ts";
import { ethGetBlockReceipts } from "./eth_get_block_receipts.ts";
import { ethGetBlockTransactionCountByHash } from "./eth_get_block_transaction_count_by_hash.ts";
import { ethGetBlockTransactionCountByNumber } from "./eth_get_block_transaction_count_by_number.ts";
import { ethGetCode } from "./eth_get_code.ts";
import { ethGetFilterChanges } from "./eth_get_filter_changes.ts";
import { ethGetFilterLogs } from "./eth_get_filter_logs.ts";
import { ethGetHeaderByHash } from "./eth_get_header_by_hash.ts";
import { ethGetHeaderByNumber } from "./eth_get_header_by_number.ts";
import { ethGetLogs } from "./eth_get_logs.ts";
import { ethGetRawTransactionByHash } from "./eth_get_raw_transaction_by_hash.ts";
import { ethGetStorageAt } from "./eth_get_storage_at.ts";
import { ethGetTransactionByBlockHashAndIndex } from "./eth_get_transaction_by_block_hash_and_index.ts";
import { ethGetTransactionByBlockNumberAndIndex } from "./eth_get_transaction_by_block_number_and_index.ts";
import { ethGetTransactionByHash } from "./eth_get_transaction_by_hash.ts";
import { ethGetTransactionCount } from "./eth_get_transaction_count.ts";
import { ethGetTransactionReceipt } from "./eth_get_transaction_receipt.ts";
import { ethGetUncleByBlockHashAndIndex } from "./eth_get_uncle_by_block_hash_and_index.ts";
import { ethGetUncleByBlockNumberAndIndex } from "./eth_get_uncle_by_block_number_and_index.ts";
import { ethGetUncleCountByBlockHash } from "./eth_get_uncle_count_by_block_hash.ts";
import { ethGetUncleCountByBlockNumber } from "./eth_get_uncle_count_by_block_number.ts";
import { ethMaxPriorityFeePerGas } from "./eth_max_priority_fee_per_gas.ts";
import { ethNewBlockFilter } from "./eth_new_block_filter.ts";
import { ethNewFilter } from "./eth_new_filter.ts";
import { ethNewPendingTransactionFilter } from "./eth_new_pending_transaction_filter.ts";
import { ethSendRawTransaction } from "./eth_send_raw_transaction.ts";
import { ethSendTransaction } from "./eth_send_transaction.ts";
import { ethSign } from "./eth_sign.ts";
import { ethSignTransaction } from "./eth_sign_transaction.ts";
import { ethSubscribe } from "./eth_subscribe.ts";
import { ethSyncing } from "./eth_syncing.ts";
import { ethUninstallFilter } from "./eth_uninstall_filter.ts";
import { ethUnsubscribe } from "./eth_unsubscribe.ts";
import { evmIncreaseTime } from "./evm_increase_time.ts";
import { evmMine } from "./evm_mine.ts";
import { evmSetAutomine } from "./evm_set_automine.ts";
import { evmSetNextBlockTimestamp } from "./evm_set_next_block_timestamp.ts";
import { hardhatMine } from "./hardhat_mine.ts";
import { netListening } from "./net_listening.ts";
import { netPeerCount } from "./net_peer_count.ts";
import { netVersion } from "./net_version.ts";
import { personalSign } from "./personal_sign.ts";
import { rpcModules } from "./rpc_modules.ts";
import { txpoolContent } from "./txpool_content.ts";
import { txpoolContentFrom } from "./txpool_content_from.ts";
import { txpoolInspect } from "./txpool_inspect.ts";
import { txpoolStatus } from "./txpool_status.ts";
import { varveAcceptProof } from "./varve_accept_proof.ts";
import { varveEstimateGas } from "./varve_estimate_gas.ts";
import { varveHeads } from "./varve_heads.ts";
import { varveInspect } from "./varve_inspect.ts";
import { varveNextProofJob } from "./varve_next_proof_job.ts";
import { varvePlanL1 } from "./varve_plan_l1.ts";
import { varveProve } from "./varve_prove.ts";
import { varveRebuild } from "./varve_rebuild.ts";
import { varveSealBatch } from "./varve_seal_batch.ts";
import { varveSendTransaction } from "./varve_send_transaction.ts";
import { varveSendL1 } from "./varve_send_l1.ts";
import { varveSender } from "./varve_sender.ts";
import { varveSubmit } from "./varve_submit.ts";
import { varveSync } from "./varve_sync.ts";
import { web3ClientVersion } from "./web3_client_version.ts";
import { web3Sha3 } from "./web3_sha3.ts";
import { zkevmBatchNumber } from "./zkevm_batch_number.ts";
import { zkevmBatchNumberByBlockNumber } from "./zkevm_batch_number_by_block_number.ts";
import { zkevmConsolidatedBlockNumber } from "./zkevm_consolidated_block_number.ts";
import { zkevmGetBatchByNumber } from "./zkevm_get_batch_by_number.ts";
import { zkevmIsBlockConsolidated } from "./zkevm_is_block_consolidated.ts";
import { zkevmIsBlockVirtualized } from "./zkevm_is_block_virtualized.ts";
import { zkevmVerifiedBatchNumber } from "./zkevm_verified_batch_number.ts";
import { zkevmVirtualBatchNumber } from "./zkevm_virtual_batch_number.ts";

/** Methods of both layers. */
export const CHAIN_METHODS: readonly RpcMethod<ChainContext>[] = [
  anvilMine,
  ethAccounts,
  ethBlobBaseFee,
  ethBlockNumber,
  ethCall,
  ethChainId,
  ethCoinbase,
  ethEstimateGas,
  ethFeeHistory,
  ethGasPrice,
  ethGetBalance,
  ethGetBlockByHash,
  ethGetBlockByNumber,
  ethGetBlockReceipts,
  ethGetBlockTransactionCountByHash,
  ethGetBlockTransactionCountByNumber,
  ethGetCode,
  ethGetFilterChanges,
  ethGetFilterLogs,
  ethGetHeaderByHash,
  ethGetHeaderByNumber,
  ethGetLogs,
  ethGetRawTransactionByHash,
  ethGetStorageAt,
  ethGetTransactionByBlockHashAndIndex,
  ethGetTransactionByBlockNumberAndIndex,
  ethGetTransactionByHash,
  ethGetTransactionCount,
  ethGetTransactionReceipt,
  ethGetUncleByBlockHashAndIndex,
  ethGetUncleByBlockNumberAndIndex,
  ethGetUncleCountByBlockHash,
  ethGetUncleCountByBlockNumber,
  ethMaxPriorityFeePerGas,
  ethNewBlockFilter,
  ethNewFilter,
  ethNewPendingTransactionFilter,
  ethSendRawTransaction,
  ethSendTransaction,
  ethSign,
  ethSignTransaction,
  ethSubscribe,
  ethSyncing,
  ethUninstallFilter,
  ethUnsubscribe,
  evmIncreaseTime,
  evmMine,
  evmSetNextBlockTimestamp,
  hardhatMine,
  netListening,
  netPeerCount,
  netVersion,
  personalSign,
  rpcModules,
  txpoolContent,
  txpoolContentFrom,
  txpoolInspect,
  txpoolStatus,
  web3ClientVersion,
  web3Sha3,
];

/** Methods of a chain with controls: the embedded L1 alone. */
export const CONTROL_METHODS: readonly RpcMethod<ControlContext>[] = [
  anvilDropTransaction,
  anvilReorg,
  anvilRollback,
  anvilSetBalance,
  anvilSetNextBlockBaseFeePerGas,
  evmSetAutomine,
];

/** Methods of the L2 alone. */
export const ROLLUP_METHODS: readonly RpcMethod<RollupContext>[] = [
  varveAcceptProof,
  varveEstimateGas,
  varveHeads,
  varveInspect,
  varveNextProofJob,
  varvePlanL1,
  varveProve,
  varveRebuild,
  varveSealBatch,
  varveSendTransaction,
  varveSendL1,
  varveSender,
  varveSubmit,
  varveSync,
  zkevmBatchNumber,
  zkevmBatchNumberByBlockNumber,
  zkevmConsolidatedBlockNumber,
  zkevmGetBatchByNumber,
  zkevmIsBlockConsolidated,
  zkevmIsBlockVirtualized,
  zkevmVerifiedBatchNumber,
  zkevmVirtualBatchNumber,
];
