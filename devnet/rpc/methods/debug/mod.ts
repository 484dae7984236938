/**
 * The methods `debug_*`, each in a file of its own: bytes and traces.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { debugGetBadBlocks } from "./debug_get_bad_blocks.ts";
import { debugGetRawBlock } from "./debug_get_raw_block.ts";
import { debugGetRawHeader } from "./debug_get_raw_header.ts";
import { debugGetRawReceipts } from "./debug_get_raw_receipts.ts";
import { debugGetRawTransaction } from "./debug_get_raw_transaction.ts";
import { debugGetRawTransactions } from "./debug_get_raw_transactions.ts";
import { debugTraceBatchByNumber } from "./debug_trace_batch_by_number.ts";
import { debugTraceBlock } from "./debug_trace_block.ts";
import { debugTraceBlockByHash } from "./debug_trace_block_by_hash.ts";
import { debugTraceBlockByNumber } from "./debug_trace_block_by_number.ts";
import { debugTraceCall } from "./debug_trace_call.ts";
import { debugTraceTransaction } from "./debug_trace_transaction.ts";

/** All methods `debug_*`. */
export const DEBUG_METHODS: readonly RpcMethod[] = [
  debugGetBadBlocks,
  debugGetRawBlock,
  debugGetRawHeader,
  debugGetRawReceipts,
  debugGetRawTransaction,
  debugGetRawTransactions,
  debugTraceBatchByNumber,
  debugTraceBlock,
  debugTraceBlockByHash,
  debugTraceBlockByNumber,
  debugTraceCall,
  debugTraceTransaction,
];
