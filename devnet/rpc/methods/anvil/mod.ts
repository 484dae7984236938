/**
 * The methods `anvil_*`, each in a file of its own: developers, as anvil and Hardhat have them.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { anvilDropTransaction } from "./anvil_drop_transaction.ts";
import { anvilMine } from "./anvil_mine.ts";
import { anvilReorg } from "./anvil_reorg.ts";
import { anvilRollback } from "./anvil_rollback.ts";
import { anvilSetBalance } from "./anvil_set_balance.ts";
import { anvilSetNextBlockBaseFeePerGas } from "./anvil_set_next_block_base_fee_per_gas.ts";

/** All methods `anvil_*`. */
export const ANVIL_METHODS: readonly RpcMethod[] = [
  anvilDropTransaction,
  anvilMine,
  anvilReorg,
  anvilRollback,
  anvilSetBalance,
  anvilSetNextBlockBaseFeePerGas,
];
