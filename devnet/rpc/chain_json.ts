/**
 * JSON Schemas of blocks, transactions, receipts and logs.
 *
 * Owns what `format.ts` writes, as the OpenRPC document tells it and tests check it. Fields that only
 * some forks or types have are not required. Does not own the values.
 * @module
 */
import {
  ADDRESS_JSON,
  ANY_JSON,
  BOOLEAN_JSON,
  BYTES_JSON,
  HASH_JSON,
  type JsonSchema,
  listJson,
  NULL_JSON,
  nullableJson,
  objectJson,
  QUANTITY_JSON,
  titledJson,
} from "./json_schema.ts";

/** A block number of what is in a block, `null` of what waits. */
const PLACE_JSON = {
  blockHash: nullableJson(HASH_JSON),
  blockNumber: nullableJson(QUANTITY_JSON),
};

/** The batch of what stands on the L2, in the ZK Stack's names; `null` until it is sealed. */
const BATCH_PLACE_JSON = {
  l1BatchNumber: nullableJson(QUANTITY_JSON),
  l1BatchTxIndex: nullableJson(QUANTITY_JSON),
};

const HEADER_FIELDS = {
  number: nullableJson(QUANTITY_JSON),
  hash: nullableJson(HASH_JSON),
  parentHash: HASH_JSON,
  sha3Uncles: HASH_JSON,
  miner: nullableJson(ADDRESS_JSON),
  stateRoot: HASH_JSON,
  transactionsRoot: HASH_JSON,
  receiptsRoot: HASH_JSON,
  logsBloom: BYTES_JSON,
  difficulty: QUANTITY_JSON,
  gasLimit: QUANTITY_JSON,
  gasUsed: QUANTITY_JSON,
  timestamp: QUANTITY_JSON,
  extraData: BYTES_JSON,
  mixHash: HASH_JSON,
  nonce: nullableJson({ type: "string", pattern: "^0x[0-9a-f]{16}$" }),
};

const FORK_HEADER_FIELDS = {
  baseFeePerGas: QUANTITY_JSON,
  withdrawalsRoot: HASH_JSON,
  blobGasUsed: QUANTITY_JSON,
  excessBlobGas: QUANTITY_JSON,
  parentBeaconBlockRoot: HASH_JSON,
  requestsHash: HASH_JSON,
};

/** A header. */
export const HEADER_JSON: JsonSchema = titledJson(
  "Header",
  objectJson(HEADER_FIELDS, FORK_HEADER_FIELDS),
);

/** An entry of an access list. */
export const ACCESS_LIST_JSON: JsonSchema = titledJson(
  "AccessList",
  listJson(
    objectJson({ address: ADDRESS_JSON, storageKeys: listJson(HASH_JSON) }),
  ),
);

/** A transaction, in a block or waiting. */
export const TRANSACTION_JSON: JsonSchema = titledJson(
  "Transaction",
  objectJson({
    ...PLACE_JSON,
    transactionIndex: nullableJson(QUANTITY_JSON),
    from: ADDRESS_JSON,
    to: nullableJson(ADDRESS_JSON),
    gas: QUANTITY_JSON,
    gasPrice: nullableJson(QUANTITY_JSON),
    hash: HASH_JSON,
    input: BYTES_JSON,
    nonce: QUANTITY_JSON,
    value: QUANTITY_JSON,
    type: QUANTITY_JSON,
    v: QUANTITY_JSON,
    r: QUANTITY_JSON,
    s: QUANTITY_JSON,
  }, {
    chainId: QUANTITY_JSON,
    yParity: QUANTITY_JSON,
    maxFeePerGas: QUANTITY_JSON,
    maxPriorityFeePerGas: QUANTITY_JSON,
    accessList: ACCESS_LIST_JSON,
    authorizationList: listJson(objectJson({
      chainId: QUANTITY_JSON,
      address: ADDRESS_JSON,
      nonce: QUANTITY_JSON,
      yParity: QUANTITY_JSON,
      r: QUANTITY_JSON,
      s: QUANTITY_JSON,
    })),
    maxFeePerBlobGas: QUANTITY_JSON,
    blobVersionedHashes: listJson(HASH_JSON),
    ...BATCH_PLACE_JSON,
  }),
);

/** A block; its transactions are hashes or whole. */
export const BLOCK_JSON: JsonSchema = titledJson(
  "Block",
  objectJson({
    ...HEADER_FIELDS,
    size: QUANTITY_JSON,
    transactions: listJson({ oneOf: [HASH_JSON, TRANSACTION_JSON] }),
    uncles: listJson(HASH_JSON),
  }, {
    ...FORK_HEADER_FIELDS,
    totalDifficulty: QUANTITY_JSON,
    withdrawals: listJson(objectJson({
      index: QUANTITY_JSON,
      validatorIndex: QUANTITY_JSON,
      address: ADDRESS_JSON,
      amount: QUANTITY_JSON,
    })),
    l1BatchNumber: nullableJson(QUANTITY_JSON),
    l1BatchTimestamp: nullableJson(QUANTITY_JSON),
  }),
);

/** A log with its place. */
export const LOG_JSON: JsonSchema = titledJson(
  "Log",
  objectJson({
    address: ADDRESS_JSON,
    topics: { type: "array", items: HASH_JSON, maxItems: 4 },
    data: BYTES_JSON,
    ...PLACE_JSON,
    transactionHash: HASH_JSON,
    transactionIndex: nullableJson(QUANTITY_JSON),
    logIndex: nullableJson(QUANTITY_JSON),
    removed: BOOLEAN_JSON,
  }, {
    blockTimestamp: QUANTITY_JSON,
    transactionLogIndex: QUANTITY_JSON,
    logType: NULL_JSON,
    l1BatchNumber: nullableJson(QUANTITY_JSON),
  }),
);

/** A receipt. */
export const RECEIPT_JSON: JsonSchema = titledJson(
  "Receipt",
  objectJson({
    ...PLACE_JSON,
    transactionHash: HASH_JSON,
    transactionIndex: nullableJson(QUANTITY_JSON),
    type: QUANTITY_JSON,
    from: ADDRESS_JSON,
    to: nullableJson(ADDRESS_JSON),
    contractAddress: nullableJson(ADDRESS_JSON),
    gasUsed: QUANTITY_JSON,
    cumulativeGasUsed: QUANTITY_JSON,
    effectiveGasPrice: QUANTITY_JSON,
    logs: listJson(LOG_JSON),
    logsBloom: BYTES_JSON,
  }, {
    status: QUANTITY_JSON,
    root: HASH_JSON,
    blobGasUsed: QUANTITY_JSON,
    blobGasPrice: QUANTITY_JSON,
    ...BATCH_PLACE_JSON,
    l2ToL1Logs: listJson(ANY_JSON),
  }),
);

/** Base fees, fullness and tips. */
export const FEE_HISTORY_JSON: JsonSchema = titledJson(
  "FeeHistory",
  objectJson({
    oldestBlock: QUANTITY_JSON,
    baseFeePerGas: listJson(QUANTITY_JSON),
    gasUsedRatio: listJson({ type: "number", minimum: 0 }),
  }, {
    baseFeePerBlobGas: listJson(QUANTITY_JSON),
    blobGasUsedRatio: listJson({ type: "number", minimum: 0 }),
    reward: listJson(listJson(QUANTITY_JSON)),
  }),
);

/** Waiting transactions: by sender, then by nonce in decimal. */
export function poolJson(transaction: JsonSchema): JsonSchema {
  const bySender: JsonSchema = {
    type: "object",
    additionalProperties: { type: "object", additionalProperties: transaction },
  };
  return objectJson({ pending: bySender, queued: bySender });
}
