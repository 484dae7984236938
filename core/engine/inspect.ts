/**
 * `inspect-state`: everything the node knows, as plain JSON.
 *
 * Owns what is shown of heads, blocks, batches, transactions, accounts, slots and tables. Does not
 * own printing for people (`cli/render.ts`) or any row's meaning.
 * @module
 */
import { RESOURCES } from "../batching/seal_policy.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { batchStatus, type Heads, readHeads } from "../pipeline/heads.ts";
import { latestNonce, readSender } from "../pipeline/inlet.ts";
import type { Node } from "../pipeline/node.ts";
import { RollupError } from "../primitives/errors.ts";
import {
  type Address,
  address,
  bytesToHash32,
  bytesToHex,
  type Hash32,
  hash32,
  hexToBytes,
  ZERO_HASH,
} from "../primitives/hex.ts";
import { decodePublicInputs, hashPublicInputs } from "../proving/public_inputs.ts";
import { readBatch, requireBatch } from "../store/batches.ts";
import { readBlob } from "../store/blob.ts";
import { readBlock, requireBlock, type StoredBlock } from "../store/blocks.ts";
import { BLOCK_NUMBERS, PROOFS, TABLES, TRAPPED_TXS, TX_POSITIONS } from "../store/schema.ts";
import { listRows, readRow, showKey, type StoreErrorCode } from "../store/table.ts";
import type { Batch } from "../types/batch.ts";
import { TRUSTED_BY_PROOF_KIND } from "../types/proof.ts";
import { codeHashSlot, flatKey } from "../types/state.ts";
import { decodeTransaction } from "../types/tx.ts";
import type { BatchTag, InspectQuery, JsonValue } from "./engine.ts";
import {
  inspectBatchData,
  inspectChain,
  inspectCode,
  inspectL1Block,
  inspectProof,
  inspectWitness,
} from "./inspect_batch.ts";
import { inspectOperations, l1TxToView, virtualToView } from "./inspect_l1.ts";
import { headsToView, toNumber } from "./views.ts";

/** Codes of this file. */
export type InspectErrorCode = "NOT_FOUND" | "TABLE_UNKNOWN";

/** The answer to `query`. @throws `NOT_FOUND`, `TABLE_UNKNOWN` */
export async function inspectNode(node: Node, query: InspectQuery): Promise<JsonValue> {
  const heads = await readHeads(node);
  switch (query.kind) {
    case "heads":
      return { ...headsToView(heads, node.pool.size()) };
    case "block":
      return await inspectBlock(node, heads, query.block);
    case "batch":
      return await inspectBatch(node, heads, query.batch);
    case "tx":
      return await inspectTx(node, heads, query.hash);
    case "account":
      return await inspectAccount(node, address(query.address));
    case "storage":
      return inspectStorage(node, address(query.address), hash32(query.slot));
    case "proof": {
      const number = numberOfBatch(heads, query.batch);
      const batch = number === 0n ? undefined : await findBatch(node, heads, number);
      return await inspectProof(node, batch, {
        address: address(query.address),
        slots: query.slots,
      });
    }
    case "data":
      return await inspectBatchData(node, await findBatch(node, heads, query.batch));
    case "witness":
      return await inspectWitness(node, await findBatch(node, heads, query.batch));
    case "code":
      return await inspectCode(node, query.hash);
    case "chain":
      return inspectChain(node);
    case "l1":
      return await inspectL1Block(node, query.block);
    case "pool":
      return node.pool.entries().map((entry) => ({
        hash: entry.hash,
        from: entry.sender,
        to: entry.tx.to ?? null,
        nonce: toNumber(entry.tx.nonce),
        valueWei: String(entry.tx.valueWei),
        gasLimit: toNumber(entry.tx.gasLimit),
        maxFeePerGasWei: String(entry.tx.maxFeePerGasWei),
      }));
    case "operations":
      return await inspectOperations(node);
    case "tables":
      return TABLES.map((table) => ({ name: table.name, doc: table.doc }));
    case "table":
      return await inspectTable(node, query.table, query.limit);
  }
}

/** The batch that holds block `number`, found by halving; `undefined` when it is not sealed. */
export async function batchOfBlock(
  node: Node,
  heads: Pick<Heads, "sealed">,
  number: bigint,
): Promise<Batch | undefined> {
  let low = 1n;
  let high = heads.sealed;
  while (low <= high) {
    const middle = (low + high) / 2n;
    const batch = await requireBatch(node.kv, middle);
    if (number < batch.firstBlock) high = middle - 1n;
    else if (number > batch.lastBlock) low = middle + 1n;
    else return batch;
  }
  return undefined;
}

/** The latest block of a tag: `safe` is the latest sequenced, `finalized` the latest verified. */
export async function blockOfTag(
  node: Node,
  heads: Heads,
  tag: "latest" | "safe" | "finalized",
): Promise<bigint> {
  if (tag === "latest") return heads.block;
  const batch = await readBatch(node.kv, tag === "safe" ? heads.sequenced : heads.verified);
  return batch?.lastBlock ?? 0n;
}

async function inspectBlock(
  node: Node,
  heads: Heads,
  which: number | string,
): Promise<JsonValue> {
  const number = await resolveBlock(node, heads, which);
  const block = number === undefined ? undefined : await readBlock(node.kv, number);
  if (block === undefined) throw notFound(`block ${which}`, { block: which });
  const batch = await batchOfBlock(node, heads, block.header.number);
  return { ...blockToView(block), batch: batch === undefined ? null : toNumber(batch.number) };
}

async function resolveBlock(
  node: Node,
  heads: Heads,
  which: number | string,
): Promise<bigint | undefined> {
  if (typeof which === "number") return BigInt(which);
  if (which === "latest" || which === "safe" || which === "finalized") {
    return await blockOfTag(node, heads, which);
  }
  return await readRow(node.kv, BLOCK_NUMBERS, [hexToBytes(hash32(which))]);
}

function blockToView(block: StoredBlock): { readonly [key: string]: JsonValue } {
  const { header } = block;
  return {
    number: toNumber(header.number),
    hash: block.hash,
    parentHash: header.parentHash,
    timestampSec: toNumber(header.timestampSec),
    stateRoot: header.stateRoot,
    leafCount: toNumber(block.leafCount),
    transactionsRoot: header.transactionsRoot,
    receiptsRoot: header.receiptsRoot,
    coinbase: header.coinbase,
    gasUsed: toNumber(header.gasUsed),
    gasLimit: toNumber(header.gasLimit),
    baseFeePerGasWei: String(header.baseFeePerGasWei),
    stateDiffCount: block.diffs.length,
    operationCount: block.counters.operationCount,
    lastOperation: toNumber(block.lastOperation),
    transactions: block.transactions.map((tx, index) => ({
      hash: tx.hash,
      from: tx.sender,
      success: block.receipts[index]?.success ?? false,
      gasUsed: toNumber(block.receipts[index]?.gasUsed ?? 0n),
    })),
  };
}

async function inspectBatch(
  node: Node,
  heads: Heads,
  which: number | BatchTag,
): Promise<JsonValue> {
  const batch = await findBatch(node, heads, which);
  return {
    number: toNumber(batch.number),
    status: batchStatus(batch.number, heads),
    sealReason: batch.sealReason,
    firstBlock: toNumber(batch.firstBlock),
    lastBlock: toNumber(batch.lastBlock),
    oldStateRoot: batch.oldStateRoot,
    oldLeafCount: toNumber(batch.oldLeafCount),
    stateRoot: batch.newStateRoot,
    leafCount: toNumber(batch.newLeafCount),
    oldAccInputHash: batch.oldAccInputHash,
    accInputHash: batch.newAccInputHash,
    batchDataHash: batch.batchDataHash,
    l1ToL2RollingHash: batch.l1ToL2RollingHash,
    lastOperation: toNumber(batch.lastOperation),
    limitTimestampSec: toNumber(batch.limitTimestampSec),
    txCount: batch.counters.txCount,
    operationCount: batch.counters.operationCount,
    coinbase: batch.coinbase,
    counters: RESOURCES.map(({ reason, counter, limit }) => ({
      counter: reason,
      used: Number(batch.counters[counter]),
      limit: Number(node.sealLimits[limit]),
    })),
    dataAvailability: node.config.dataAvailability,
    programHash: node.executor.programHash,
    sequenced: await l1TxToView(node, "sequence_batch", batch.number, "sequenced"),
    onL1: await virtualToView(node, batch.number),
    proof: await proofToView(node, batch.number),
    verified: await l1TxToView(node, "verify_batch", batch.number, "verified"),
  };
}

function numberOfBatch(heads: Heads, which: number | bigint | BatchTag): bigint {
  const byTag = { latest: heads.sealed, safe: heads.sequenced, finalized: heads.verified };
  return typeof which === "string" ? byTag[which] : BigInt(which);
}

/** @throws `NOT_FOUND` */
async function findBatch(
  node: Node,
  heads: Heads,
  which: number | bigint | BatchTag,
): Promise<Batch> {
  const number = numberOfBatch(heads, which);
  const batch = await readBatch(node.kv, number);
  if (batch === undefined) throw notFound(`batch ${number}`, { batch: number });
  return batch;
}

async function proofToView(node: Node, number: bigint): Promise<JsonValue> {
  const row = await readRow(node.kv, PROOFS, [number]);
  if (row === undefined) return null;
  const kind = row.kind;
  const proof = await readBlob(node.kv, row.proofBlob);
  return {
    kind,
    trusted: kind === "mock" ? TRUSTED_BY_PROOF_KIND[kind] : "unknown kind",
    publicInputsHash: hashPublicInputs(decodePublicInputs(row.publicInputs)),
    proof: bytesToHex(proof),
  };
}

async function inspectTx(node: Node, heads: Heads, hash: Hash32): Promise<JsonValue> {
  const pooled = node.pool.get(hash);
  const position = await readRow(node.kv, TX_POSITIONS, [hexToBytes(hash)]);
  if (position === undefined) {
    if (pooled === undefined) return await inspectTrappedTx(node, hash);
    return { ...txToView(pooled.raw, pooled.sender), hash, status: "pooled" };
  }
  const block = await requireBlock(node.kv, position.blockNumber);
  const stored = block.transactions[position.index];
  const receipt = block.receipts[position.index];
  const usage = block.usages[position.index];
  if (stored === undefined || receipt === undefined || usage === undefined) {
    throw notFound(`transaction ${hash}`, { hash });
  }
  const batch = await batchOfBlock(node, heads, position.blockNumber);
  return {
    ...txToView(stored.raw, stored.sender),
    hash,
    status: batch === undefined ? "included" : batchStatus(batch.number, heads),
    success: receipt.success,
    blockNumber: toNumber(position.blockNumber),
    index: position.index,
    isForced: position.index < block.operationTxCount,
    batch: batch === undefined ? null : toNumber(batch.number),
    gasUsed: toNumber(receipt.gasUsed),
    evmGasUsed: toNumber(usage.evmGasUsed),
    pubdataGas: toNumber(usage.pubdataGas),
    pubdataBytes: usage.pubdataBytes,
    evmRefundGas: toNumber(usage.refundGas),
    storageRefundGas: usage.storageRefundGas,
    effectiveGasPriceWei: String(receipt.effectiveGasPriceWei),
    contractAddress: receipt.contractAddress ?? null,
    logs: receipt.logs.map((log) => ({
      address: log.address,
      topics: log.topics,
      data: bytesToHex(log.data),
    })),
    counters: RESOURCES.flatMap(({ reason, counter }) =>
      // The others stand above, or are the same for every transaction.
      counter === "gasUsed" || counter === "pubdataBytes" || counter === "txCount" ||
        counter === "blockCount" || counter === "batchDataBytes" || counter === "operationCount"
        ? []
        : [{ counter: reason, used: usage.counters[counter] }]
    ),
  };
}

/** A transaction that waits nowhere and is in no block: the program may have broken on it. */
async function inspectTrappedTx(node: Node, hash: Hash32): Promise<JsonValue> {
  const row = await readRow(node.kv, TRAPPED_TXS, [hexToBytes(hash)]);
  if (row === undefined) throw notFound(`transaction ${hash}`, { hash });
  const raw = await readBlob(node.kv, row.rawBlob);
  return {
    ...txToView(raw, address(row.sender)),
    hash,
    status: "set aside",
    fault: row.fault,
    blockNumber: toNumber(row.blockNumber),
    programHash: row.programHash,
    raw: bytesToHex(raw),
  };
}

function txToView(raw: Uint8Array, sender: Address): { readonly [key: string]: JsonValue } {
  const tx = decodeTransaction(raw);
  return {
    type: tx.type,
    from: sender,
    to: tx.to ?? null,
    nonce: toNumber(tx.nonce),
    valueWei: String(tx.valueWei),
    gasLimit: toNumber(tx.gasLimit),
    maxFeePerGasWei: String(tx.maxFeePerGasWei),
    maxPriorityFeePerGasWei: String(tx.maxPriorityFeePerGasWei),
    data: bytesToHex(tx.data),
  };
}

async function inspectAccount(node: Node, account: Address): Promise<JsonValue> {
  const { nonce, balanceWei } = await readSender(node, account);
  const codeHash = await node.state.latest().readSlot(
    codeHashSlot(account).address,
    codeHashSlot(account).slot,
  );
  const codeBytes = codeHash === ZERO_HASH
    ? 0
    : (await node.state.latest().readCode(codeHash)).length;
  return {
    address: account,
    balanceWei: String(balanceWei),
    nonce: toNumber(nonce),
    pendingNonce: toNumber(node.pool.pendingNonce(account, latestNonce(node, account))),
    codeHash: codeHash === ZERO_HASH ? keccak256(new Uint8Array(0)) : codeHash,
    codeBytes,
  };
}

function inspectStorage(node: Node, account: Address, slot: Hash32): JsonValue {
  const key = flatKey({ address: account, slot });
  const { tree } = node.state;
  const value = tree.get(key);
  const proof = tree.prove(key);
  return {
    address: account,
    slot,
    value: value === undefined ? ZERO_HASH : bytesToHash32(value),
    block: toNumber(node.tip.get().header.number),
    stateRoot: bytesToHash32(tree.root()),
    key: bytesToHash32(key),
    proof: proofToJson(proof),
  };
}

/** Any proof as JSON: bytes in hex, structure as it is. */
function proofToJson(value: unknown): JsonValue {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (Array.isArray(value)) return value.map(proofToJson);
  if (typeof value === "bigint") return toNumber(value);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, proofToJson(each)]));
  }
  if (value === undefined || value === null) return null;
  return typeof value === "number" || typeof value === "boolean" ? value : String(value);
}

async function inspectTable(node: Node, name: string, limit: number): Promise<JsonValue> {
  const table = TABLES.find((each) => each.name === name);
  if (table === undefined) {
    throw new RollupError<StoreErrorCode>(
      "TABLE_UNKNOWN",
      `Cannot show table "${name}": there is no such table`,
      {
        details: { table: name },
        mend: `Choose one of: ${TABLES.map((each) => each.name).join(", ")}.`,
      },
    );
  }
  const rows: JsonValue[] = [];
  for await (const { key, value } of listRows(node.kv, table, { limit })) {
    rows.push({ key: showKey(key.slice(1)), value: rowToJson(value) });
  }
  return { table: name, doc: table.doc, rows };
}

function rowToJson(value: unknown): JsonValue {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array || typeof value !== "object" || value === null
    ? proofToJson(value)
    : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rowToJson(each)]));
}

function notFound(what: string, details: Record<string, unknown>): RollupError<InspectErrorCode> {
  return new RollupError("NOT_FOUND", `Cannot show ${what}: it is not in the data folder`, {
    details,
    mend: "Run `inspect-state heads` to see how far the chain has come.",
  });
}
