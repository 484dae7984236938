/**
 * The methods `eth_*`, each in a file of its own: Ethereum itself.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { ethAccounts } from "./eth_accounts.ts";
import { ethBaseFee } from "./eth_base_fee.ts";
import { ethBlobBaseFee } from "./eth_blob_base_fee.ts";
import { ethBlockNumber } from "./eth_block_number.ts";
import { ethCall } from "./eth_call.ts";
import { ethCapabilities } from "./eth_capabilities.ts";
import { ethChainId } from "./eth_chain_id.ts";
import { ethCoinbase } from "./eth_coinbase.ts";
import { ethConfig } from "./eth_config.ts";
import { ethCreateAccessList } from "./eth_create_access_list.ts";
import { ethEstimateGas } from "./eth_estimate_gas.ts";
import { ethFeeHistory } from "./eth_fee_history.ts";
import { ethFillTransaction } from "./eth_fill_transaction.ts";
import { ethGasPrice } from "./eth_gas_price.ts";
import { ethGetAccount } from "./eth_get_account.ts";
import { ethGetAccountInfo } from "./eth_get_account_info.ts";
import { ethGetBalance } from "./eth_get_balance.ts";
import { ethGetBlockAccessList } from "./eth_get_block_access_list.ts";
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
import { ethGetProof } from "./eth_get_proof.ts";
import { ethGetRawTransactionByBlockHashAndIndex } from "./eth_get_raw_transaction_by_block_hash_and_index.ts";
import { ethGetRawTransactionByBlockNumberAndIndex } from "./eth_get_raw_transaction_by_block_number_and_index.ts";
import { ethGetRawTransactionByHash } from "./eth_get_raw_transaction_by_hash.ts";
import { ethGetStorageAt } from "./eth_get_storage_at.ts";
import { ethGetStorageValues } from "./eth_get_storage_values.ts";
import { ethGetTransactionByBlockHashAndIndex } from "./eth_get_transaction_by_block_hash_and_index.ts";
import { ethGetTransactionByBlockNumberAndIndex } from "./eth_get_transaction_by_block_number_and_index.ts";
import { ethGetTransactionByHash } from "./eth_get_transaction_by_hash.ts";
import { ethGetTransactionBySenderAndNonce } from "./eth_get_transaction_by_sender_and_nonce.ts";
import { ethGetTransactionCount } from "./eth_get_transaction_count.ts";
import { ethGetTransactionReceipt } from "./eth_get_transaction_receipt.ts";
import { ethGetUncleByBlockHashAndIndex } from "./eth_get_uncle_by_block_hash_and_index.ts";
import { ethGetUncleByBlockNumberAndIndex } from "./eth_get_uncle_by_block_number_and_index.ts";
import { ethGetUncleCountByBlockHash } from "./eth_get_uncle_count_by_block_hash.ts";
import { ethGetUncleCountByBlockNumber } from "./eth_get_uncle_count_by_block_number.ts";
import { ethHashrate } from "./eth_hashrate.ts";
import { ethMaxPriorityFeePerGas } from "./eth_max_priority_fee_per_gas.ts";
import { ethNewBlockFilter } from "./eth_new_block_filter.ts";
import { ethNewFilter } from "./eth_new_filter.ts";
import { ethNewPendingTransactionFilter } from "./eth_new_pending_transaction_filter.ts";
import { ethPendingTransactions } from "./eth_pending_transactions.ts";
import { ethSendRawTransaction } from "./eth_send_raw_transaction.ts";
import { ethSendRawTransactionSync } from "./eth_send_raw_transaction_sync.ts";
import { ethSendTransaction } from "./eth_send_transaction.ts";
import { ethSendTransactionSync } from "./eth_send_transaction_sync.ts";
import { ethSendUnsignedTransaction } from "./eth_send_unsigned_transaction.ts";
import { ethSign } from "./eth_sign.ts";
import { ethSignTransaction } from "./eth_sign_transaction.ts";
import { ethSignTypedDataV4 } from "./eth_sign_typed_data_v4.ts";
import { ethSimulateV1 } from "./eth_simulate_v1.ts";
import { ethSubscribe } from "./eth_subscribe.ts";
import { ethSyncing } from "./eth_syncing.ts";
import { ethUninstallFilter } from "./eth_uninstall_filter.ts";
import { ethUnsubscribe } from "./eth_unsubscribe.ts";

/** All methods `eth_*`. */
export const ETH_METHODS: readonly RpcMethod[] = [
  ethAccounts,
  ethBaseFee,
  ethBlobBaseFee,
  ethBlockNumber,
  ethCall,
  ethCapabilities,
  ethChainId,
  ethCoinbase,
  ethConfig,
  ethCreateAccessList,
  ethEstimateGas,
  ethFeeHistory,
  ethFillTransaction,
  ethGasPrice,
  ethGetAccount,
  ethGetAccountInfo,
  ethGetBalance,
  ethGetBlockAccessList,
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
  ethGetProof,
  ethGetRawTransactionByBlockHashAndIndex,
  ethGetRawTransactionByBlockNumberAndIndex,
  ethGetRawTransactionByHash,
  ethGetStorageAt,
  ethGetStorageValues,
  ethGetTransactionByBlockHashAndIndex,
  ethGetTransactionByBlockNumberAndIndex,
  ethGetTransactionByHash,
  ethGetTransactionBySenderAndNonce,
  ethGetTransactionCount,
  ethGetTransactionReceipt,
  ethGetUncleByBlockHashAndIndex,
  ethGetUncleByBlockNumberAndIndex,
  ethGetUncleCountByBlockHash,
  ethGetUncleCountByBlockNumber,
  ethHashrate,
  ethMaxPriorityFeePerGas,
  ethNewBlockFilter,
  ethNewFilter,
  ethNewPendingTransactionFilter,
  ethPendingTransactions,
  ethSendRawTransaction,
  ethSendRawTransactionSync,
  ethSendTransaction,
  ethSendTransactionSync,
  ethSendUnsignedTransaction,
  ethSign,
  ethSignTransaction,
  ethSignTypedDataV4,
  ethSimulateV1,
  ethSubscribe,
  ethSyncing,
  ethUninstallFilter,
  ethUnsubscribe,
];
