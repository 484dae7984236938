/**
 * Batches, blocks and transactions as the `zks_` methods detail them.
 *
 * Owns the ZK Stack's names for what this rollup has: a batch is committed by `sequenceBatches`, and
 * proven and executed by the one `verifyBatches`, so both have the same L1 transaction. Does not own
 * the batch store.
 * @module
 */
import { ZERO_ADDRESS } from "../../core/primitives/hex.ts";
import {
  type BatchFacts,
  type ChainFacts,
  findBatchOfBlock,
  inspectRecord,
  type L1Carrier,
  readBatchFacts,
  readChainFacts,
  readL1Block,
} from "./batch_facts.ts";
import type { ChainHeader, ChainTransaction } from "./chain.ts";
import { formatQuantity, type JsonObject } from "./format.ts";
import {
  ADDRESS_JSON,
  BOOLEAN_JSON,
  HASH_JSON,
  type JsonSchema,
  NULL_JSON,
  nullableJson,
  objectJson,
  QUANTITY_JSON,
  TEXT_JSON,
} from "./json_schema.ts";
import type { RollupContext } from "./method.ts";
import { COUNT_JSON } from "./rollup_json.ts";

/** Name of the rules of this program, in the ZK Stack's form. */
export const PROTOCOL_VERSION = "Version0";

const NULLABLE_HASH = nullableJson(HASH_JSON);
const NULLABLE_TIME = nullableJson(TEXT_JSON);

const DETAIL_FIELDS = {
  number: COUNT_JSON,
  timestamp: COUNT_JSON,
  l1TxCount: COUNT_JSON,
  l2TxCount: COUNT_JSON,
  rootHash: NULLABLE_HASH,
  status: { type: "string", enum: ["sealed", "verified"] },
  commitTxHash: NULLABLE_HASH,
  committedAt: NULLABLE_TIME,
  commitTxFinality: NULLABLE_TIME,
  commitChainId: nullableJson(COUNT_JSON),
  proveTxHash: NULLABLE_HASH,
  provenAt: NULLABLE_TIME,
  proveTxFinality: NULLABLE_TIME,
  proveChainId: nullableJson(COUNT_JSON),
  executeTxHash: NULLABLE_HASH,
  executedAt: NULLABLE_TIME,
  executeTxFinality: NULLABLE_TIME,
  executeChainId: nullableJson(COUNT_JSON),
  precommitTxHash: NULL_JSON,
  precommittedAt: NULL_JSON,
  precommitTxFinality: NULL_JSON,
  precommitChainId: NULL_JSON,
  l1GasPrice: COUNT_JSON,
  l2FairGasPrice: COUNT_JSON,
  fairPubdataPrice: nullableJson(COUNT_JSON),
  baseSystemContractsHashes: objectJson({
    bootloader: HASH_JSON,
    default_aa: HASH_JSON,
    evm_emulator: NULL_JSON,
  }),
} as const satisfies Readonly<Record<string, JsonSchema>>;

/** What `zks_getL1BatchDetails` answers; `commitment` is the batch's accInputHash. */
export const BATCH_DETAILS_JSON: JsonSchema = objectJson({
  ...DETAIL_FIELDS,
  commitment: HASH_JSON,
});

/** What `zks_getBlockDetails` answers. */
export const BLOCK_DETAILS_JSON: JsonSchema = objectJson({
  ...DETAIL_FIELDS,
  l1BatchNumber: COUNT_JSON,
  operatorAddress: ADDRESS_JSON,
  protocolVersion: TEXT_JSON,
});

/** What `zks_getTransactionDetails` answers. */
export const TRANSACTION_DETAILS_JSON: JsonSchema = objectJson({
  isL1Originated: BOOLEAN_JSON,
  status: { type: "string", enum: ["pending", "included", "verified", "failed"] },
  fee: QUANTITY_JSON,
  gasPerPubdata: QUANTITY_JSON,
  initiatorAddress: ADDRESS_JSON,
  receivedAt: NULLABLE_TIME,
  ethCommitTxHash: NULLABLE_HASH,
  ethProveTxHash: NULLABLE_HASH,
  ethExecuteTxHash: NULLABLE_HASH,
  ethPrecommitTxHash: NULL_JSON,
});

/** A sealed batch in detail, or `null`. */
export async function describeBatchDetails(
  context: RollupContext,
  number: number,
): Promise<JsonObject | null> {
  const batch = await readBatchFacts(context.engine, number);
  if (batch === undefined) return null;
  const chain = await readChainFacts(context.engine);
  const last = await context.chain.header(BigInt(batch.lastBlock));
  return {
    number,
    ...await detailsOf(context, batch, {
      chain,
      header: last,
      timestampSec: batch.timestampSec,
      l1TxCount: batch.operationCount,
      // Operations that were invalid are counted with those that are in blocks.
      l2TxCount: Math.max(0, batch.txCount - batch.operationCount),
    }),
    rootHash: number === 0 ? last?.stateRoot ?? null : batch.stateRoot,
    commitment: batch.accInputHash,
  };
}

/** A block in detail, or `null`. */
export async function describeBlockDetails(
  context: RollupContext,
  number: bigint,
): Promise<JsonObject | null> {
  const { engine } = context;
  const block = await context.chain.block(number);
  if (block === undefined) return null;
  const batchNumber = await findBatchOfBlock(engine, number);
  const batch = batchNumber === undefined ? undefined : await readBatchFacts(engine, batchNumber);
  const chain = await readChainFacts(engine);
  const forced = await countForced(context, block.transactions);
  return {
    number: Number(number),
    ...await detailsOf(context, batch, {
      chain,
      header: block.header,
      timestampSec: Number(block.header.timestampSec),
      l1TxCount: forced,
      l2TxCount: block.transactions.length - forced,
    }),
    rootHash: block.header.hash,
    // A block that is not sealed yet goes into the next batch.
    l1BatchNumber: batchNumber ?? (await engine.heads()).sealed + 1,
    operatorAddress: block.header.miner,
    protocolVersion: PROTOCOL_VERSION,
  };
}

/** A transaction in detail, or `null`. */
export async function describeTransactionDetails(
  context: RollupContext,
  hash: ChainTransaction["hash"],
): Promise<JsonObject | null> {
  const { engine, chain } = context;
  const transaction = await chain.transaction(hash);
  if (transaction === undefined) return null;
  const { position } = transaction;
  const number = position === undefined
    ? undefined
    : await findBatchOfBlock(engine, position.blockNumber);
  const batch = number === undefined ? undefined : await readBatchFacts(engine, number);
  const receipt = position === undefined ? undefined : await chain.receipt(hash);
  const header = position === undefined ? undefined : await chain.header(position.blockNumber);
  const { gasUsed = 0n, effectiveGasPriceWei = 0n } = receipt?.receipt ?? {};
  return {
    isL1Originated: await isForced(context, transaction),
    status: receipt === undefined
      ? "pending"
      : !receipt.receipt.success
      ? "failed"
      : batch?.isVerified === true
      ? "verified"
      : "included",
    fee: formatQuantity(gasUsed * effectiveGasPriceWei),
    gasPerPubdata: formatQuantity((await readChainFacts(engine)).gasPerPubdata),
    initiatorAddress: transaction.sender,
    // The pool keeps no time of arrival, so it is that of the block.
    receivedAt: header === undefined ? null : isoTime(Number(header.timestampSec)),
    ethCommitTxHash: batch?.sequenced?.transactionHash ?? null,
    ethProveTxHash: batch?.verified?.transactionHash ?? null,
    ethExecuteTxHash: batch?.verified?.transactionHash ?? null,
    ethPrecommitTxHash: null,
  };
}

interface Detailed {
  readonly chain: ChainFacts;
  readonly header: ChainHeader | undefined;
  readonly timestampSec: number;
  readonly l1TxCount: number;
  readonly l2TxCount: number;
}

async function detailsOf(
  { engine }: RollupContext,
  batch: BatchFacts | undefined,
  { chain, header, timestampSec, l1TxCount, l2TxCount }: Detailed,
): Promise<JsonObject> {
  const committed = await carrierFields(engine, batch?.sequenced, chain.l1ChainId);
  const verified = await carrierFields(engine, batch?.verified, chain.l1ChainId);
  const l1 = await readL1Block(engine, "latest");
  const l2GasPriceWei = header?.baseFeePerGasWei ?? 0n;
  return {
    timestamp: timestampSec,
    l1TxCount,
    l2TxCount,
    status: batch?.isVerified === true ? "verified" : "sealed",
    commitTxHash: committed.hash,
    committedAt: committed.at,
    commitTxFinality: committed.finality,
    commitChainId: committed.chainId,
    proveTxHash: verified.hash,
    provenAt: verified.at,
    proveTxFinality: verified.finality,
    proveChainId: verified.chainId,
    executeTxHash: verified.hash,
    executedAt: verified.at,
    executeTxFinality: verified.finality,
    executeChainId: verified.chainId,
    precommitTxHash: null,
    precommittedAt: null,
    precommitTxFinality: null,
    precommitChainId: null,
    l1GasPrice: Number(l1?.baseFeePerGasWei ?? 0n),
    l2FairGasPrice: Number(l2GasPriceWei),
    fairPubdataPrice: Number(l2GasPriceWei) * chain.gasPerPubdata,
    // The bootloader and the EVM are one program here; accounts are Ethereum's.
    baseSystemContractsHashes: {
      bootloader: chain.programHash,
      default_aa: chain.programHash,
      evm_emulator: null,
    },
  };
}

async function carrierFields(
  engine: RollupContext["engine"],
  carrier: L1Carrier | undefined,
  l1ChainId: number,
): Promise<
  {
    readonly hash: string | null;
    readonly at: string | null;
    readonly finality: string | null;
    readonly chainId: number | null;
  }
> {
  if (carrier === undefined) return { hash: null, at: null, finality: null, chainId: null };
  const { transactionHash: hash, l1BlockNumber } = carrier;
  const block = l1BlockNumber === undefined ? undefined : await readL1Block(engine, l1BlockNumber);
  return {
    hash,
    at: block === undefined ? null : isoTime(block.timestampSec),
    finality: block === undefined ? "pending" : "fast_finalized",
    chainId: l1ChainId,
  };
}

async function countForced(
  context: RollupContext,
  transactions: readonly ChainTransaction[],
): Promise<number> {
  let count = 0;
  // Operations come first in a block.
  for (const transaction of transactions) {
    if (!await isForced(context, transaction)) return count;
    count++;
  }
  return count;
}

/** Whether it came over L1's queue. */
async function isForced({ engine }: RollupContext, { hash }: ChainTransaction): Promise<boolean> {
  const fields = await inspectRecord(engine, { kind: "tx", hash });
  return fields?.isForced === true;
}

function isoTime(timestampSec: number): string {
  return new Date(timestampSec * 1_000).toISOString();
}

/** Names of the ZK Stack for types of transactions. */
const TYPE_NAMES: Readonly<Record<number, string>> = {
  0: "LegacyTransaction",
  1: "EIP2930Transaction",
  2: "EIP1559Transaction",
  4: "EIP7702Transaction",
};

/** A transaction as the ZK Stack's server keeps it, of which bytes are arrays of numbers. */
export function describeRawTransaction(
  transaction: ChainTransaction,
  facts: { readonly gasPerPubdata: number; readonly timestampSec: bigint },
): JsonObject {
  const { tx, raw, sender, hash } = transaction;
  return {
    common_data: {
      L2: {
        nonce: Number(tx.nonce),
        fee: {
          gas_limit: formatQuantity(tx.gasLimit),
          max_fee_per_gas: formatQuantity(tx.maxFeePerGasWei),
          max_priority_fee_per_gas: formatQuantity(tx.maxPriorityFeePerGasWei),
          gas_per_pubdata_limit: formatQuantity(facts.gasPerPubdata),
        },
        initiatorAddress: sender,
        signature: signatureBytes(tx),
        transactionType: TYPE_NAMES[tx.type] ?? `Type${tx.type}Transaction`,
        input: { hash, data: [...raw] },
        paymasterParams: { paymaster: ZERO_ADDRESS, paymasterInput: [] },
      },
    },
    execute: {
      contractAddress: tx.to ?? null,
      calldata: `0x${tx.data.toHex()}`,
      value: formatQuantity(tx.valueWei),
      factoryDeps: null,
    },
    received_timestamp_ms: Number(facts.timestampSec) * 1_000,
    raw_bytes: `0x${raw.toHex()}`,
  };
}

/** `r`, `s` and 27 or 28: 65 bytes. */
function signatureBytes(tx: ChainTransaction["tx"]): readonly number[] {
  const word = (value: bigint): Uint8Array =>
    Uint8Array.fromHex(value.toString(16).padStart(64, "0"));
  return [...word(tx.r), ...word(tx.s), 27 + tx.yParity];
}
