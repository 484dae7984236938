/**
 * What the events of one L1 block say, as rows, held against what is here.
 *
 * Owns the meaning of each event for the node: the queue of operations, the batches that L1 has, the
 * roots that it has verified. Writes nothing but content-addressed data. Does not own reading L1 or
 * the commit (`stages/sync_l1.ts`).
 * @module
 */
import {
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
  rollOperation,
} from "../batching/acc_input_hash.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { decodeRollupEvent, type L1Position, type RollupEvent } from "../l1/events.ts";
import type { L1Block, L1ErrorCode, L1Log } from "../l1/l1_client.ts";
import { decodeSequenceBatches } from "../l1/sequence_calldata.ts";
import { RollupError } from "../primitives/errors.ts";
import type { Address, Hash32 } from "../primitives/hex.ts";
import type { LogFields } from "../primitives/ports.ts";
import { readBatch } from "../store/batches.ts";
import { writeBlob } from "../store/blob.ts";
import {
  lastQueuedOperation,
  readOperation,
  readVirtualBatch,
  rowToVirtualBatch,
  type VirtualBatch,
} from "../store/operations.ts";
import { L1_EVENTS, OPERATIONS, VIRTUAL_BATCHES, type VirtualBatchRow } from "../store/schema.ts";
import { readRow } from "../store/table.ts";
import type { WriteSet } from "../store/write_set.ts";
import { type BatchDifference, differs } from "./derive_batch.ts";
import { readL1Heads } from "./heads.ts";
import type { Node } from "./node.ts";

/** Codes of this file. */
export type EventErrorCode = "L1_PROGRAM_CHANGED";

/** Rows that go into a commit together. */
export interface StagedRow {
  readonly sizeBytes: number;
  readonly stage: (writes: WriteSet) => void;
}

/** An L1 block, read. */
export interface ReadBlock {
  readonly block: L1Block;
  readonly rows: readonly StagedRow[];
  readonly warnings: readonly { readonly text: string; readonly fields: LogFields }[];
  /** What is here cannot stay; nothing of the block counts until that is resolved. */
  readonly contradiction:
    | ({ readonly kind: "batch" } & BatchDifference)
    | { readonly kind: "operation"; readonly number: bigint }
    | undefined;
}

/** What the events before have led to. */
interface Reading {
  readonly node: Node;
  readonly block: L1Block;
  readonly rows: StagedRow[];
  readonly warnings: { readonly text: string; readonly fields: LogFields }[];
  lastBatch: Pick<VirtualBatch, "number" | "accInputHash" | "l1ToL2RollingHash" | "lastOperation">;
  queue: { readonly last: bigint; readonly rollingHash: Hash32 };
  /** Of operations in this block, which no row has yet. */
  readonly rollingHashes: Map<bigint, Hash32>;
  /** Batches that this block brings, or takes back, which no row knows yet. */
  readonly batches: Map<bigint, VirtualBatchRow | undefined>;
  contradiction: ReadBlock["contradiction"];
}

/**
 * Reads the rollup's `logs` of `block`, in order.
 *
 * @throws `L1_LOG_INVALID` and `L1_CALLDATA_INVALID` when they are no history of the contract,
 * `L1_DIFFERS_FROM_TRUSTED_STATE` when L1 has verified another root than that of the same batch here.
 */
export async function readEvents(
  node: Node,
  block: L1Block,
  logs: readonly L1Log[],
): Promise<ReadBlock> {
  const { sequenced } = await readL1Heads(node);
  const queued = await lastQueuedOperation(node.kv);
  const reading: Reading = {
    node,
    block,
    rows: [],
    warnings: [],
    lastBatch: await batchBefore(node, sequenced),
    queue: {
      last: queued,
      rollingHash: (await readOperation(node.kv, queued))?.rollingHash ??
        EMPTY_L1_TO_L2_ROLLING_HASH,
    },
    rollingHashes: new Map(),
    batches: new Map(),
    contradiction: undefined,
  };
  for (const log of logs) {
    const event = decodeRollupEvent(log);
    if (event === undefined) continue;
    await readEvent(reading, event, log);
    if (reading.contradiction !== undefined) break;
  }
  stageBatches(reading);
  const { rows, warnings, contradiction } = reading;
  return { block, rows, warnings, contradiction };
}

/**
 * Batches as they are after the whole block. Those that go go last: a step that does not come to its
 * end must not have taken a batch away.
 */
function stageBatches({ rows, batches }: Reading): void {
  const added: StagedRow[] = [];
  for (const [number, row] of batches) {
    if (row === undefined) {
      const stageRow = (writes: WriteSet) => writes.delete(VIRTUAL_BATCHES, [number]);
      rows.push({ sizeBytes: 100, stage: stageRow });
    } else {
      const stageRow = (writes: WriteSet) => writes.set(VIRTUAL_BATCHES, [number], row);
      added.push({ sizeBytes: row.dataBlob.length + 900, stage: stageRow });
    }
  }
  rows.unshift(...added);
}

async function batchBefore(node: Node, number: bigint): Promise<Reading["lastBatch"]> {
  const virtual = number === 0n ? undefined : await readVirtualBatch(node.kv, number);
  return virtual ?? {
    number,
    accInputHash: GENESIS_ACC_INPUT_HASH,
    l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
    lastOperation: 0n,
  };
}

async function readEvent(reading: Reading, event: RollupEvent, log: L1Log): Promise<void> {
  switch (event.kind) {
    case "operation":
      await readQueued(reading, event, log);
      noteEvent(reading, event, { number: event.number, value: event.rollingHash });
      break;
    case "sequenced":
      await readSequence(reading, event, log);
      noteEvent(reading, event, { number: event.lastBatch, value: event.l1InfoRoot });
      break;
    case "forceSequenced":
      await readForced(reading, event, log);
      noteEvent(reading, event, { number: event.lastBatch, value: event.coinbase });
      break;
    case "verified":
      await checkVerified(reading, event);
      noteEvent(reading, event, { number: event.lastBatch, value: event.stateRoot });
      break;
    case "rolledBack":
      await rollBack(reading, event.targetBatch);
      noteEvent(reading, event, { number: event.targetBatch, value: event.accInputHash });
      break;
    case "emergency":
      warn(
        reading,
        event.active ? "L1 entered emergency state" : "L1 left emergency state",
        event.at,
      );
      noteEvent(reading, event, { number: 0n, value: event.active ? "active" : "over" });
      break;
    case "setting":
      refuseOtherProgram(reading, event);
      warn(reading, "L1 changed a setting of the rollup", event.at, {
        setting: event.name,
        value: event.value,
      });
      noteEvent(reading, event, { number: 0n, value: `${event.name} ${event.value}` });
      break;
  }
}

/**
 * From here on L1 takes proofs of another program only, which this node cannot make and whose blocks
 * it cannot execute.
 */
function refuseOtherProgram(
  { node }: Reading,
  { name, value, at }: EventOf<"setting">,
): void {
  const { programHash } = node.executor;
  if (name !== "UpdateProgram" || value.includes(programHash)) return;
  throw new RollupError<EventErrorCode>(
    "L1_PROGRAM_CHANGED",
    `Cannot follow L1 beyond block ${at.blockNumber} as its program must be ${programHash}: ` +
      `it was updated (${value})`,
    {
      details: { programHash, value, transactionHash: at.transactionHash },
      mend: "Use the version of varve with that program, on a data folder of its own.",
    },
  );
}

/** The event itself: the last row of what it brings. */
function noteEvent(
  reading: Reading,
  { kind, at }: RollupEvent,
  said: { readonly number: bigint; readonly value: string },
): void {
  const { blockNumber, logIndex, transactionHash } = at;
  stage(
    reading,
    400,
    (writes) => writes.set(L1_EVENTS, [blockNumber, logIndex], { kind, ...said, transactionHash }),
  );
}

type EventOf<Kind extends RollupEvent["kind"]> = Extract<RollupEvent, { readonly kind: Kind }>;

async function readQueued(
  reading: Reading,
  event: EventOf<"operation">,
  log: L1Log,
): Promise<void> {
  const { node, queue } = reading;
  const { number, transaction, rollingHash } = event;
  if (number !== queue.last + 1n) throw noHistory(log, `operation ${queue.last} is the latest`);
  if (rollOperation(queue.rollingHash, transaction) !== rollingHash) {
    throw noHistory(log, "its rolling hash does not follow");
  }
  const there = await readRow(node.kv, OPERATIONS, [number]);
  const hash = keccak256(transaction);
  if (there !== undefined && there.hash !== hash && number <= node.tip.get().lastOperation) {
    reading.contradiction = { kind: "operation", number };
    return;
  }
  const rawBlob = await writeBlob(node.kv, transaction);
  reading.queue = { last: number, rollingHash };
  reading.rollingHashes.set(number, rollingHash);
  stage(reading, rawBlob.length + 600, (writes) =>
    writes.set(OPERATIONS, [number], {
      l1BlockNumber: event.at.blockNumber,
      isLost: false,
      sender: event.sender,
      deadlineSec: event.deadlineSec,
      hash,
      rollingHash,
      transactionHash: event.at.transactionHash,
      rawBlob,
    }));
}

async function readSequence(
  reading: Reading,
  event: EventOf<"sequenced">,
  log: L1Log,
): Promise<void> {
  const transaction = await reading.node.l1.client.transaction(event.at.transactionHash);
  if (transaction === undefined) throw noHistory(log, "the L1 node lacks its transaction");
  const call = decodeSequenceBatches(transaction.input);
  if (
    call.initSequencedBatch !== reading.lastBatch.number ||
    event.lastBatch !== call.initSequencedBatch + BigInt(call.batches.length)
  ) {
    throw noHistory(log, `batch ${reading.lastBatch.number} is the latest`);
  }
  for (const batch of call.batches) {
    await takeBatch(reading, {
      kind: "sequenced",
      data: batch.transactions,
      limitTimestampSec: batch.timestampSec,
      coinbase: call.l2Coinbase,
      lastOperation: reading.lastBatch.lastOperation + batch.operationCount,
      at: event.at,
    }, log);
    if (reading.contradiction !== undefined) return;
  }
  if (reading.lastBatch.accInputHash !== call.expectedFinalAccInputHash) {
    throw noHistory(log, "L1 has accepted other data than its transaction has");
  }
  if (reading.lastBatch.l1ToL2RollingHash !== event.l1InfoRoot) {
    throw noHistory(log, "its rolling hash is not that of the operations it consumes");
  }
}

async function readForced(
  reading: Reading,
  event: EventOf<"forceSequenced">,
  log: L1Log,
): Promise<void> {
  if (event.lastBatch !== reading.lastBatch.number + 1n) {
    throw noHistory(log, `batch ${reading.lastBatch.number} is the latest`);
  }
  await takeBatch(reading, {
    kind: "forced",
    data: new Uint8Array(0),
    limitTimestampSec: event.timestampSec,
    coinbase: event.coinbase,
    lastOperation: event.lastOperation,
    at: event.at,
  }, log);
}

/** A batch as the call or the event tells it. */
interface ToldBatch {
  readonly kind: "sequenced" | "forced";
  readonly data: Uint8Array;
  readonly limitTimestampSec: bigint;
  readonly coinbase: Address;
  readonly lastOperation: bigint;
  readonly at: L1Position;
}

async function takeBatch(reading: Reading, told: ToldBatch, log: L1Log): Promise<void> {
  const { node, lastBatch } = reading;
  const { kind, data, limitTimestampSec, coinbase, lastOperation, at } = told;
  const l1ToL2RollingHash = lastOperation === 0n
    ? EMPTY_L1_TO_L2_ROLLING_HASH
    : reading.rollingHashes.get(lastOperation) ??
      (await readOperation(node.kv, lastOperation))?.rollingHash;
  if (l1ToL2RollingHash === undefined) {
    throw noHistory(log, `operation ${lastOperation} is unknown`);
  }
  const number = lastBatch.number + 1n;
  const batchDataHash = keccak256(data);
  const newAccInputHash = accInputHash({
    oldAccInputHash: lastBatch.accInputHash,
    batchDataHash,
    l1ToL2RollingHash,
    limitTimestampSec,
    coinbase,
  });
  const row: VirtualBatchRow = {
    l1BlockNumber: at.blockNumber,
    transactionHash: at.transactionHash,
    kind,
    batchDataHash,
    limitTimestampSec,
    coinbase,
    lastOperation,
    l1ToL2RollingHash,
    accInputHash: newAccInputHash,
    dataBlob: await writeBlob(node.kv, data),
  };
  reading.lastBatch = { number, accInputHash: newAccInputHash, l1ToL2RollingHash, lastOperation };
  reading.batches.set(number, row);
  const difference = await differenceFromSealed(node, number, row);
  if (difference === undefined) return;
  reading.contradiction = { kind: "batch", batch: rowToVirtualBatch(number, row), difference };
}

/** The first field in which a batch of L1 is not the one that is sealed here. */
async function differenceFromSealed(
  node: Node,
  number: bigint,
  row: VirtualBatchRow,
): Promise<string | undefined> {
  const sealed = await readBatch(node.kv, number);
  if (sealed === undefined || sealed.newAccInputHash === row.accInputHash) return undefined;
  const fields = [
    "batchDataHash",
    "limitTimestampSec",
    "coinbase",
    "lastOperation",
    "l1ToL2RollingHash",
  ] as const;
  const field = fields.find((each) => sealed[each] !== row[each]);
  if (field === undefined) return "accInputHash of the batch before";
  return `${field} is ${row[field]} on L1 and ${sealed[field]} here`;
}

/** L1 has verified what is here, or something else, which nobody can mend by going on. */
async function checkVerified(reading: Reading, event: EventOf<"verified">): Promise<void> {
  const { node } = reading;
  const batch = await readBatch(node.kv, event.lastBatch);
  if (batch === undefined || batch.newStateRoot === event.stateRoot) return;
  throw differs(
    { number: event.lastBatch, transactionHash: event.at.transactionHash },
    `its state root is ${event.stateRoot} on L1 and ${batch.newStateRoot} here`,
    "Keep the data folder for a report: L1 has verified another execution of the same data.",
  );
}

async function rollBack(reading: Reading, targetBatch: bigint): Promise<void> {
  const { node, block, lastBatch, batches } = reading;
  for (let number = targetBatch + 1n; number <= lastBatch.number; number++) {
    batches.set(number, undefined);
  }
  warn(reading, "L1 rolled batches back", { transactionHash: block.hash }, { targetBatch });
  const inBlock = batches.get(targetBatch);
  reading.lastBatch = inBlock === undefined
    ? await batchBefore(node, targetBatch)
    : rowToVirtualBatch(targetBatch, inBlock);
}

function stage(reading: Reading, sizeBytes: number, into: (writes: WriteSet) => void): void {
  reading.rows.push({ sizeBytes, stage: into });
}

function warn(
  reading: Reading,
  text: string,
  { transactionHash }: Pick<L1Position, "transactionHash">,
  fields: LogFields = {},
): void {
  reading.warnings.push({
    text,
    fields: { l1BlockNumber: reading.block.number, transactionHash, ...fields },
  });
}

/** What the L1 node answers cannot be the history of the contract. */
function noHistory(log: L1Log, reason: string): RollupError<L1ErrorCode> {
  return new RollupError(
    "L1_LOG_INVALID",
    `Cannot follow log ${log.logIndex} of L1 block ${log.blockNumber}: ${reason}`,
    {
      details: { transactionHash: log.transactionHash, address: log.address, reason },
      mend: "Check that the L1 node is in sync and that it keeps all logs of the rollup, " +
        "then run `sync` again.",
    },
  );
}
