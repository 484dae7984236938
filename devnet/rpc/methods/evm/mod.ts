/**
 * The methods `evm_*`, each in a file of its own: developers, as Ganache had them.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { evmIncreaseTime } from "./evm_increase_time.ts";
import { evmMine } from "./evm_mine.ts";
import { evmRevert } from "./evm_revert.ts";
import { evmSetAutomine } from "./evm_set_automine.ts";
import { evmSetIntervalMining } from "./evm_set_interval_mining.ts";
import { evmSetNextBlockTimestamp } from "./evm_set_next_block_timestamp.ts";
import { evmSetTime } from "./evm_set_time.ts";
import { evmSnapshot } from "./evm_snapshot.ts";

/** All methods `evm_*`. */
export const EVM_METHODS: readonly RpcMethod[] = [
  evmIncreaseTime,
  evmMine,
  evmRevert,
  evmSetAutomine,
  evmSetIntervalMining,
  evmSetNextBlockTimestamp,
  evmSetTime,
  evmSnapshot,
];
