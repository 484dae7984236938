/**
 * The methods `zks_*`, each in a file of its own: batches and
 * fees, as the ZK Stack has them.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { zksEstimateFee } from "./zks_estimate_fee.ts";
import { zksEstimateGasL1ToL2 } from "./zks_estimate_gas_l1_to_l2.ts";
import { zksGasPerPubdata } from "./zks_gas_per_pubdata.ts";
import { zksGetAllAccountBalances } from "./zks_get_all_account_balances.ts";
import { zksGetBaseTokenL1Address } from "./zks_get_base_token_l1_address.ts";
import { zksGetBatchFeeInput } from "./zks_get_batch_fee_input.ts";
import { zksGetBlockDetails } from "./zks_get_block_details.ts";
import { zksGetBridgeContracts } from "./zks_get_bridge_contracts.ts";
import { zksGetBridgehubContract } from "./zks_get_bridgehub_contract.ts";
import { zksGetBytecodeByHash } from "./zks_get_bytecode_by_hash.ts";
import { zksGetConfirmedTokens } from "./zks_get_confirmed_tokens.ts";
import { zksGetFeeParams } from "./zks_get_fee_params.ts";
import { zksGetL1BatchBlockRange } from "./zks_get_l1_batch_block_range.ts";
import { zksGetL1BatchDetails } from "./zks_get_l1_batch_details.ts";
import { zksGetL1GasPrice } from "./zks_get_l1_gas_price.ts";
import { zksGetL2Multicall3 } from "./zks_get_l2_multicall3.ts";
import { zksGetL2ToL1LogProof } from "./zks_get_l2_to_l1_log_proof.ts";
import { zksGetMainContract } from "./zks_get_main_contract.ts";
import { zksGetProof } from "./zks_get_proof.ts";
import { zksGetProtocolVersion } from "./zks_get_protocol_version.ts";
import { zksGetRawBlockTransactions } from "./zks_get_raw_block_transactions.ts";
import { zksGetTestnetPaymaster } from "./zks_get_testnet_paymaster.ts";
import { zksGetTimestampAsserter } from "./zks_get_timestamp_asserter.ts";
import { zksGetTransactionDetails } from "./zks_get_transaction_details.ts";
import { zksL1BatchNumber } from "./zks_l1_batch_number.ts";
import { zksL1ChainId } from "./zks_l1_chain_id.ts";

/** All methods `zks_*`. */
export const ZKS_METHODS: readonly RpcMethod[] = [
  zksEstimateFee,
  zksEstimateGasL1ToL2,
  zksGasPerPubdata,
  zksGetAllAccountBalances,
  zksGetBaseTokenL1Address,
  zksGetBatchFeeInput,
  zksGetBlockDetails,
  zksGetBridgeContracts,
  zksGetBridgehubContract,
  zksGetBytecodeByHash,
  zksGetConfirmedTokens,
  zksGetFeeParams,
  zksGetL1BatchBlockRange,
  zksGetL1BatchDetails,
  zksGetL1GasPrice,
  zksGetL2Multicall3,
  zksGetL2ToL1LogProof,
  zksGetMainContract,
  zksGetProof,
  zksGetProtocolVersion,
  zksGetRawBlockTransactions,
  zksGetTestnetPaymaster,
  zksGetTimestampAsserter,
  zksGetTransactionDetails,
  zksL1BatchNumber,
  zksL1ChainId,
];
