/**
 * Blocks, transactions, receipts and logs as geth writes them in JSON.
 *
 * Owns names and hex forms of the fields. Does not own which block or transaction is shown.
 * @module
 */
import { keccak256 } from "../../core/crypto/keccak.ts";
import { type Address, bytesToHex, type Hash32, type Hex } from "../../core/primitives/hex.ts";
import { logsBloom } from "../../core/types/receipt.ts";
import type { EventLog } from "../../core/types/receipt.ts";
import { effectiveGasPriceWei, type Transaction } from "../../core/types/tx.ts";
import type {
  ChainBlock,
  ChainHeader,
  ChainReceipt,
  ChainTransaction,
  Withdrawal,
} from "./chain.ts";

/** A JSON object of an answer. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** An unsigned integer: hex without leading zeros. */
export function formatQuantity(value: bigint | number): Hex {
  return `0x${value.toString(16)}`;
}

/** A header with the fields that its fork has. */
export function formatHeader(header: ChainHeader): JsonObject {
  return {
    number: formatQuantity(header.number),
    hash: header.hash,
    parentHash: header.parentHash,
    sha3Uncles: header.sha3Uncles,
    miner: header.miner,
    stateRoot: header.stateRoot,
    transactionsRoot: header.transactionsRoot,
    receiptsRoot: header.receiptsRoot,
    logsBloom: bytesToHex(header.logsBloom),
    difficulty: formatQuantity(header.difficulty),
    gasLimit: formatQuantity(header.gasLimit),
    gasUsed: formatQuantity(header.gasUsed),
    timestamp: formatQuantity(header.timestampSec),
    extraData: header.extraData,
    mixHash: header.mixHash,
    nonce: header.nonce,
    ...present("baseFeePerGas", quantityOf(header.baseFeePerGasWei)),
    ...present("withdrawalsRoot", header.withdrawalsRoot),
    ...present("blobGasUsed", quantityOf(header.blobGasUsed)),
    ...present("excessBlobGas", quantityOf(header.excessBlobGas)),
    ...present("parentBeaconBlockRoot", header.parentBeaconBlockRoot),
    ...present("requestsHash", header.requestsHash),
  };
}

/** A block; `transactions` are hashes or whole. */
export function formatBlock(block: ChainBlock, transactions: "hashes" | "full"): JsonObject {
  return {
    ...formatHeader(block.header),
    size: formatQuantity(block.sizeBytes),
    transactions: block.transactions.map((transaction) =>
      transactions === "full" ? formatTransaction(transaction) : transaction.hash
    ),
    uncles: block.uncles.map(({ hash }) => hash),
    ...present("withdrawals", block.withdrawals?.map(formatWithdrawal)),
    ...formatBlockBatch(block),
  };
}

/** A withdrawal of the beacon chain. */
export function formatWithdrawal(withdrawal: Withdrawal): JsonObject {
  return {
    index: formatQuantity(withdrawal.index),
    validatorIndex: formatQuantity(withdrawal.validatorIndex),
    address: withdrawal.address,
    amount: formatQuantity(withdrawal.amountGwei),
  };
}

/** A transaction, included or pending. */
export function formatTransaction(transaction: ChainTransaction): JsonObject {
  const { tx, position } = transaction;
  const gasPriceWei = position === undefined
    ? tx.maxFeePerGasWei
    : effectiveGasPriceWei(tx, position.baseFeePerGasWei);
  return {
    blockHash: position?.blockHash ?? null,
    blockNumber: position === undefined ? null : formatQuantity(position.blockNumber),
    blockTimestamp: position === undefined ? null : formatQuantity(position.timestampSec),
    from: transaction.sender,
    gas: formatQuantity(tx.gasLimit),
    gasPrice: formatQuantity(gasPriceWei),
    ...formatFeeCaps(tx),
    hash: transaction.hash,
    input: bytesToHex(tx.data),
    nonce: formatQuantity(tx.nonce),
    to: tx.to ?? null,
    transactionIndex: position === undefined ? null : formatQuantity(position.index),
    value: formatQuantity(tx.valueWei),
    type: formatQuantity(tx.type),
    ...formatLists(tx),
    ...(tx.chainId === undefined ? {} : { chainId: formatQuantity(tx.chainId) }),
    v: formatQuantity(signatureV(tx)),
    r: formatQuantity(tx.r),
    s: formatQuantity(tx.s),
    ...(tx.type === 0 ? {} : { yParity: formatQuantity(tx.yParity) }),
    ...formatBatchPlace(transaction),
  };
}

/** A receipt; `timestampSec` is its block's. */
export function formatReceipt(entry: ChainReceipt, timestampSec: bigint): JsonObject {
  const { transaction, receipt } = entry;
  const { position } = transaction;
  return {
    blockHash: position?.blockHash ?? null,
    blockNumber: position === undefined ? null : formatQuantity(position.blockNumber),
    contractAddress: receipt.contractAddress ?? null,
    cumulativeGasUsed: formatQuantity(receipt.cumulativeGasUsed),
    effectiveGasPrice: formatQuantity(receipt.effectiveGasPriceWei),
    from: transaction.sender,
    gasUsed: formatQuantity(receipt.gasUsed),
    logs: formatLogs(entry, timestampSec),
    logsBloom: bytesToHex(logsBloom(receipt.logs)),
    // Before Byzantium a receipt had the state's root in the place of the status.
    ...(receipt.stateRoot === undefined
      ? { status: receipt.success ? "0x1" : "0x0" }
      : { root: receipt.stateRoot }),
    ...present("blobGasUsed", quantityOf(receipt.blobGasUsed)),
    ...present("blobGasPrice", quantityOf(receipt.blobGasPriceWei)),
    to: transaction.tx.to ?? null,
    transactionHash: transaction.hash,
    transactionIndex: position === undefined ? null : formatQuantity(position.index),
    type: formatQuantity(receipt.type),
    ...formatBatchPlace(transaction),
    // There are no messages to L1 yet; clients of the ZK Stack read the list all the same.
    ...(transaction.batch === undefined ? {} : { l2ToL1Logs: [] }),
  };
}

/** All logs of a receipt, in order. */
export function formatLogs(entry: ChainReceipt, timestampSec: bigint): readonly JsonObject[] {
  return entry.receipt.logs.map((log, index) =>
    formatLog(log, { entry, logIndex: entry.firstLogIndex + index, timestampSec })
  );
}

/** One log with its place. */
export function formatLog(
  log: EventLog,
  place: {
    readonly entry: ChainReceipt;
    readonly logIndex: number;
    readonly timestampSec: bigint;
  },
): JsonObject {
  const { transaction } = place.entry;
  const { position } = transaction;
  return {
    address: log.address,
    topics: log.topics,
    data: bytesToHex(log.data),
    blockNumber: position === undefined ? null : formatQuantity(position.blockNumber),
    transactionHash: transaction.hash,
    transactionIndex: position === undefined ? null : formatQuantity(position.index),
    blockHash: position?.blockHash ?? null,
    blockTimestamp: formatQuantity(place.timestampSec),
    logIndex: formatQuantity(place.logIndex),
    removed: false,
    ...formatLogBatch(place.entry, place.logIndex),
  };
}

/** The ZK Stack's fields of a block; nothing on L1. */
function formatBlockBatch({ batch }: ChainBlock): JsonObject {
  if (batch === undefined) return {};
  return {
    l1BatchNumber: batch === null ? null : formatQuantity(batch.number),
    l1BatchTimestamp: batch === null ? null : formatQuantity(batch.timestampSec),
  };
}

/** The ZK Stack's fields of a transaction and its receipt; nothing on L1. */
function formatBatchPlace({ batch }: ChainTransaction): JsonObject {
  if (batch === undefined) return {};
  return {
    l1BatchNumber: batch === null ? null : formatQuantity(batch.number),
    l1BatchTxIndex: batch === null ? null : formatQuantity(batch.txIndex),
  };
}

/** The ZK Stack's fields of a log; nothing on L1. */
function formatLogBatch({ transaction, firstLogIndex }: ChainReceipt, index: number): JsonObject {
  const { batch } = transaction;
  if (batch === undefined) return {};
  return {
    transactionLogIndex: formatQuantity(index - firstLogIndex),
    logType: null,
    l1BatchNumber: batch === null ? null : formatQuantity(batch.number),
  };
}

/** EIP-55: upper case where the hash of the address says so. */
export function checksumAddress(account: Address): Hex {
  const digits = account.slice(2);
  const hash: Hash32 = keccak256(new TextEncoder().encode(digits));
  const mixed = [...digits].map((digit, index) =>
    Number.parseInt(hash.charAt(2 + index), 16) >= 8 ? digit.toUpperCase() : digit
  );
  return `0x${mixed.join("")}`;
}

function quantityOf(value: bigint | undefined): Hex | undefined {
  return value === undefined ? undefined : formatQuantity(value);
}

/** A field that is left out where there is nothing to say. */
function present(name: string, value: unknown): JsonObject {
  return value === undefined ? {} : { [name]: value };
}

function formatFeeCaps(tx: Transaction): JsonObject {
  if (tx.type === 0 || tx.type === 1) return {};
  return {
    maxFeePerGas: formatQuantity(tx.maxFeePerGasWei),
    maxPriorityFeePerGas: formatQuantity(tx.maxPriorityFeePerGasWei),
    ...present("maxFeePerBlobGas", quantityOf(tx.maxFeePerBlobGasWei)),
    ...present("blobVersionedHashes", tx.blobHashes),
  };
}

function formatLists(tx: Transaction): JsonObject {
  if (tx.type === 0) return {};
  const accessList = tx.accessList.map(({ address, storageKeys }) => ({ address, storageKeys }));
  if (tx.type !== 4) return { accessList };
  const authorizationList = tx.authorizations.map((authorization) => ({
    chainId: formatQuantity(authorization.chainId),
    address: authorization.address,
    nonce: formatQuantity(authorization.nonce),
    yParity: formatQuantity(authorization.yParity),
    r: formatQuantity(authorization.r),
    s: formatQuantity(authorization.s),
  }));
  return { accessList, authorizationList };
}

function signatureV(tx: Transaction): bigint {
  const parity = BigInt(tx.yParity);
  if (tx.type !== 0) return parity;
  return tx.chainId === undefined ? 27n + parity : 35n + 2n * tx.chainId + parity;
}
