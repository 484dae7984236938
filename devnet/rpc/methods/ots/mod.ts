/**
 * The methods that the explorer Otterscan asks for, each in a file of its own.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { erigonGetHeaderByNumber } from "./erigon_get_header_by_number.ts";
import { otsGetApiLevel } from "./ots_get_api_level.ts";
import { otsGetBlockDetails } from "./ots_get_block_details.ts";
import { otsGetBlockDetailsByHash } from "./ots_get_block_details_by_hash.ts";
import { otsGetBlockTransactions } from "./ots_get_block_transactions.ts";
import { otsGetContractCreator } from "./ots_get_contract_creator.ts";
import { otsGetInternalOperations } from "./ots_get_internal_operations.ts";
import { otsGetTransactionBySenderAndNonce } from "./ots_get_transaction_by_sender_and_nonce.ts";
import { otsGetTransactionError } from "./ots_get_transaction_error.ts";
import { otsHasCode } from "./ots_has_code.ts";
import { otsSearchTransactionsAfter } from "./ots_search_transactions_after.ts";
import { otsSearchTransactionsBefore } from "./ots_search_transactions_before.ts";
import { otsTraceTransaction } from "./ots_trace_transaction.ts";

/** All methods `ots_*`, and the one of Erigon that goes with them. */
export const OTS_METHODS: readonly RpcMethod[] = [
  erigonGetHeaderByNumber,
  otsGetApiLevel,
  otsGetBlockDetails,
  otsGetBlockDetailsByHash,
  otsGetBlockTransactions,
  otsGetContractCreator,
  otsGetInternalOperations,
  otsGetTransactionBySenderAndNonce,
  otsGetTransactionError,
  otsHasCode,
  otsSearchTransactionsAfter,
  otsSearchTransactionsBefore,
  otsTraceTransaction,
];
