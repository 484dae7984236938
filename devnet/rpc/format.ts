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
import type { ChainBlock, ChainHeader, ChainReceipt, ChainTransaction } from "./chain.ts";

/** A JSON object of an answer. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** An unsigned integer: hex without leading zeros. */
export function formatQuantity(value: bigint | number): Hex {
  return `0x${value.toString(16)}`;
}

/** A header with every field up to Osaka. */
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
    baseFeePerGas: formatQuantity(header.baseFeePerGasWei),
    withdrawalsRoot: header.withdrawalsRoot,
    blobGasUsed: formatQuantity(header.blobGasUsed),
    excessBlobGas: formatQuantity(header.excessBlobGas),
    parentBeaconBlockRoot: header.parentBeaconBlockRoot,
    requestsHash: header.requestsHash,
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
    uncles: [],
    withdrawals: [],
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
    status: receipt.success ? "0x1" : "0x0",
    to: transaction.tx.to ?? null,
    transactionHash: transaction.hash,
    transactionIndex: position === undefined ? null : formatQuantity(position.index),
    type: formatQuantity(receipt.type),
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

function formatFeeCaps(tx: Transaction): JsonObject {
  if (tx.type === 0 || tx.type === 1) return {};
  return {
    maxFeePerGas: formatQuantity(tx.maxFeePerGasWei),
    maxPriorityFeePerGas: formatQuantity(tx.maxPriorityFeePerGasWei),
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
