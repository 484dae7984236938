/**
 * The methods `zkevm_*`, each in a file of its own: the rollup, as zkevm-node and cdk-erigon have them.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { zkevmBatchNumber } from "./zkevm_batch_number.ts";
import { zkevmBatchNumberByBlockNumber } from "./zkevm_batch_number_by_block_number.ts";
import { zkevmConsolidatedBlockNumber } from "./zkevm_consolidated_block_number.ts";
import { zkevmGetBatchByNumber } from "./zkevm_get_batch_by_number.ts";
import { zkevmIsBlockConsolidated } from "./zkevm_is_block_consolidated.ts";
import { zkevmIsBlockVirtualized } from "./zkevm_is_block_virtualized.ts";
import { zkevmVerifiedBatchNumber } from "./zkevm_verified_batch_number.ts";
import { zkevmVirtualBatchNumber } from "./zkevm_virtual_batch_number.ts";

/** All methods `zkevm_*`. */
export const ZKEVM_METHODS: readonly RpcMethod[] = [
  zkevmBatchNumber,
  zkevmBatchNumberByBlockNumber,
  zkevmConsolidatedBlockNumber,
  zkevmGetBatchByNumber,
  zkevmIsBlockConsolidated,
  zkevmIsBlockVirtualized,
  zkevmVerifiedBatchNumber,
  zkevmVirtualBatchNumber,
];
