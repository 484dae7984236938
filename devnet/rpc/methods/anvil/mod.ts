/**
 * The methods `anvil_*`, each in a file of its own: developers, as anvil and Hardhat have them.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { anvilAddBalance } from "./anvil_add_balance.ts";
import { anvilAutoImpersonateAccount } from "./anvil_auto_impersonate_account.ts";
import { anvilDealERC20 } from "./anvil_deal_erc20.ts";
import { anvilDropAllTransactions } from "./anvil_drop_all_transactions.ts";
import { anvilDropTransaction } from "./anvil_drop_transaction.ts";
import { anvilDumpState } from "./anvil_dump_state.ts";
import { anvilGetAutomine } from "./anvil_get_automine.ts";
import { anvilGetGenesisTime } from "./anvil_get_genesis_time.ts";
import { anvilGetIntervalMining } from "./anvil_get_interval_mining.ts";
import { anvilImpersonateAccount } from "./anvil_impersonate_account.ts";
import { anvilLoadState } from "./anvil_load_state.ts";
import { anvilMetadata } from "./anvil_metadata.ts";
import { anvilMine } from "./anvil_mine.ts";
import { anvilMineDetailed } from "./anvil_mine_detailed.ts";
import { anvilNodeInfo } from "./anvil_node_info.ts";
import { anvilRemoveBlockTimestampInterval } from "./anvil_remove_block_timestamp_interval.ts";
import { anvilRemovePoolTransactions } from "./anvil_remove_pool_transactions.ts";
import { anvilReorg } from "./anvil_reorg.ts";
import { anvilReset } from "./anvil_reset.ts";
import { anvilRollback } from "./anvil_rollback.ts";
import { anvilSetBalance } from "./anvil_set_balance.ts";
import { anvilSetBlockGasLimit } from "./anvil_set_block_gas_limit.ts";
import { anvilSetBlockTimestampInterval } from "./anvil_set_block_timestamp_interval.ts";
import { anvilSetChainId } from "./anvil_set_chain_id.ts";
import { anvilSetCode } from "./anvil_set_code.ts";
import { anvilSetCoinbase } from "./anvil_set_coinbase.ts";
import { anvilSetERC20Allowance } from "./anvil_set_erc20_allowance.ts";
import { anvilSetLoggingEnabled } from "./anvil_set_logging_enabled.ts";
import { anvilSetMinGasPrice } from "./anvil_set_min_gas_price.ts";
import { anvilSetNextBlockBaseFeePerGas } from "./anvil_set_next_block_base_fee_per_gas.ts";
import { anvilSetNextBlockPrevRandao } from "./anvil_set_next_block_prev_randao.ts";
import { anvilSetNonce } from "./anvil_set_nonce.ts";
import { anvilSetRpcUrl } from "./anvil_set_rpc_url.ts";
import { anvilSetStorageAt } from "./anvil_set_storage_at.ts";
import { anvilStopImpersonatingAccount } from "./anvil_stop_impersonating_account.ts";
import { hardhatSetBlockTimestampInterval } from "./hardhat_set_block_timestamp_interval.ts";

/** All methods `anvil_*`. */
export const ANVIL_METHODS: readonly RpcMethod[] = [
  anvilAddBalance,
  anvilAutoImpersonateAccount,
  anvilDealERC20,
  anvilDropAllTransactions,
  anvilDropTransaction,
  anvilDumpState,
  anvilGetAutomine,
  anvilGetGenesisTime,
  anvilGetIntervalMining,
  anvilImpersonateAccount,
  anvilLoadState,
  anvilMetadata,
  anvilMine,
  anvilMineDetailed,
  anvilNodeInfo,
  anvilRemoveBlockTimestampInterval,
  anvilRemovePoolTransactions,
  anvilReorg,
  anvilReset,
  anvilRollback,
  anvilSetBalance,
  anvilSetBlockGasLimit,
  anvilSetBlockTimestampInterval,
  anvilSetChainId,
  anvilSetCode,
  anvilSetCoinbase,
  anvilSetERC20Allowance,
  anvilSetLoggingEnabled,
  anvilSetMinGasPrice,
  anvilSetNextBlockBaseFeePerGas,
  anvilSetNextBlockPrevRandao,
  anvilSetNonce,
  anvilSetRpcUrl,
  anvilSetStorageAt,
  anvilStopImpersonatingAccount,
  hardhatSetBlockTimestampInterval,
];
