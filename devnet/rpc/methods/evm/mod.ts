/**
 * The methods `evm_*`, each in a file of its own: developers, as Ganache had them.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { evmIncreaseTime } from "./evm_increase_time.ts";
import { evmMine } from "./evm_mine.ts";
import { evmSetAutomine } from "./evm_set_automine.ts";
import { evmSetNextBlockTimestamp } from "./evm_set_next_block_timestamp.ts";

/** All methods `evm_*`. */
export const EVM_METHODS: readonly RpcMethod[] = [
  evmIncreaseTime,
  evmMine,
  evmSetAutomine,
  evmSetNextBlockTimestamp,
];
