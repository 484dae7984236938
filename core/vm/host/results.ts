/**
 * Reads what the program leaves in its memory: results, logs, counters, diffs and codes.
 *
 * Owns decoding. Does not own the meaning of exceptions and refusals (`outcomes.ts`).
 * @module
 */
import { copyBytes } from "../../primitives/bytes.ts";
import { assert } from "../../primitives/errors.ts";
import { type Address, bytesToAddress, bytesToHash32, type Hash32 } from "../../primitives/hex.ts";
import { addCounters, type ExecutionCounters } from "../../types/counters.ts";
import type { EventLog } from "../../types/receipt.ts";
import { compareSlots, type StateDiff } from "../../types/state.ts";
import * as layout from "../assembly/layout.ts";
import type { MemoryView } from "./memory_view.ts";
import type { ProgramChanges, ProgramResult } from "./program.ts";

/** The counters of the run so far. */
export function readCounters(memory: MemoryView): ExecutionCounters {
  const counter = (index: number) => memory.count(layout.SLOT_COUNTERS + index);
  return {
    gasUsed: memory.number(layout.SLOT_COUNTERS + layout.COUNTER_GAS_USED),
    txCount: counter(layout.COUNTER_TXS),
    stepCount: counter(layout.COUNTER_STEPS),
    keccakCount: counter(layout.COUNTER_KECCAK_F),
    sha256Count: counter(layout.COUNTER_SHA256_BLOCKS),
    ecrecoverCount: counter(layout.COUNTER_ECRECOVERS),
    modexpWork: counter(layout.COUNTER_MODEXP_WORK),
    pairingCount: counter(layout.COUNTER_PAIRINGS),
    curveOperationCount: counter(layout.COUNTER_CURVE_OPERATIONS),
    memoryWordCount: counter(layout.COUNTER_MEMORY_WORDS),
    storageReadCount: counter(layout.COUNTER_STORAGE_READS),
    storageWriteCount: counter(layout.COUNTER_STORAGE_WRITES),
    logBytes: counter(layout.COUNTER_LOG_BYTES),
    pubdataBytes: counter(layout.COUNTER_PUBDATA_BYTES),
  };
}

/** The result of the frame that ran last, `before` being the counters from before it. */
export function readResult(memory: MemoryView, before: ExecutionCounters): ProgramResult {
  const at = (slot: number) => slot * layout.WORD_BYTES;
  const reason = memory.count(layout.SLOT_RESULT_INVALID);
  if (reason !== 0) {
    const have = memory.word(at(layout.SLOT_RESULT_HAVE));
    return { kind: "invalid", reason, have, need: memory.word(at(layout.SLOT_RESULT_NEED)) };
  }
  const logs = keepLogs(
    memory,
    memory.count(layout.SLOT_RESULT_LOGS_PTR),
    memory.count(layout.SLOT_RESULT_LOGS_COUNT),
  );
  return {
    kind: "ran",
    exception: memory.count(layout.SLOT_RESULT_EXCEPTION),
    gasUsed: memory.number(layout.SLOT_RESULT_GAS_USED),
    returnData: memory.read(
      memory.count(layout.SLOT_RESULT_RETURN_PTR),
      memory.count(layout.SLOT_RESULT_RETURN_LENGTH),
    ),
    logs,
    gasPriceWei: memory.word(at(layout.SLOT_RESULT_GAS_PRICE)),
    usage: {
      evmGasUsed: memory.number(layout.SLOT_RESULT_EVM_GAS_USED),
      pubdataGas: memory.number(layout.SLOT_RESULT_PUBDATA_GAS),
      pubdataBytes: memory.count(layout.SLOT_RESULT_PUBDATA_BYTES),
      refundGas: memory.number(layout.SLOT_RESULT_REFUND),
      storageRefundGas: memory.count(layout.SLOT_RESULT_STORAGE_REFUND),
      counters: addCounters(readCounters(memory), before, -1),
    },
  };
}

/**
 * Keeps the bytes of logs and decodes them when they are asked for: nobody looks at those of most
 * calls, and decoding takes longer than running the code that emitted them.
 */
function keepLogs(memory: MemoryView, start: number, count: number): () => readonly EventLog[] {
  let end = start;
  for (let index = 0; index < count; index++) {
    end += layout.LOG_HEADER_BYTES +
      memory.u32(end + layout.LOG_TOPIC_COUNT) * layout.WORD_BYTES +
      paddedLength(memory.u32(end + layout.LOG_DATA_LENGTH));
  }
  const bytes = memory.read(start, end - start);
  let logs: readonly EventLog[] | undefined;
  return () => logs ??= decodeLogs(bytes, count);
}

/** The one log that `bytes` hold. */
export function decodeLog(bytes: Uint8Array): EventLog {
  const [log] = decodeLogs(bytes, 1);
  assert(log !== undefined, "one log is decoded");
  return log;
}

function decodeLogs(bytes: Uint8Array, count: number): readonly EventLog[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number) => bytes.subarray(at, at + layout.WORD_BYTES);
  const logs: EventLog[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    const topicCount = view.getUint32(at + layout.LOG_TOPIC_COUNT, true);
    const dataLength = view.getUint32(at + layout.LOG_DATA_LENGTH, true);
    const topics = at + layout.LOG_HEADER_BYTES;
    const data = topics + topicCount * layout.WORD_BYTES;
    logs.push({
      address: bytesToAddress(word(at + layout.LOG_ADDRESS).subarray(12)),
      topics: Array.from(
        { length: topicCount },
        (_, topic) => bytesToHash32(word(topics + topic * layout.WORD_BYTES)),
      ),
      data: copyBytes(bytes, data, data + dataLength),
    });
    at = data + paddedLength(dataLength);
  }
  return logs;
}

function paddedLength(length: number): number {
  return Math.ceil(length / layout.WORD_BYTES) * layout.WORD_BYTES;
}

/** `count` records of state diffs, sorted by (address, slot). */
export function readDiffs(
  memory: MemoryView,
  pointer: number,
  count: number,
): readonly StateDiff[] {
  const diffs = Array.from({ length: count }, (_, index) => {
    const record = pointer + index * layout.DIFF_BYTES;
    return {
      address: memory.account(record + layout.DIFF_ADDRESS),
      slot: memory.hash(record + layout.DIFF_SLOT),
      oldValue: memory.hash(record + layout.DIFF_OLD),
      newValue: memory.hash(record + layout.DIFF_NEW),
    };
  });
  return diffs.sort(compareSlots);
}

/** Records of state diffs, decoded when they are first asked for. */
export function readChanges(
  records: Uint8Array,
  codes: ProgramChanges["codes"],
): ProgramChanges {
  let decoded: readonly StateDiff[] | undefined;
  let values: ReadonlyMap<string, Hash32> | undefined;
  const diffs = (): readonly StateDiff[] => decoded ??= decodeDiffs(records);
  const index = () =>
    new Map(diffs().map(({ address, slot, newValue }) => [address + slot, newValue]));
  return { slot: (owner, slot) => (values ??= index()).get(owner + slot), diffs, codes };
}

function decodeDiffs(records: Uint8Array): readonly StateDiff[] {
  const word = (at: number) => records.subarray(at, at + layout.WORD_BYTES);
  const diffs: StateDiff[] = [];
  for (let record = 0; record < records.length; record += layout.DIFF_BYTES) {
    diffs.push({
      address: bytesToAddress(word(record + layout.DIFF_ADDRESS).subarray(12)),
      slot: bytesToHash32(word(record + layout.DIFF_SLOT)),
      oldValue: bytesToHash32(word(record + layout.DIFF_OLD)),
      newValue: bytesToHash32(word(record + layout.DIFF_NEW)),
    });
  }
  return diffs.sort(compareSlots);
}

/** `count` records of deployed codes, by their keccak256. */
export function readCodes(
  memory: MemoryView,
  pointer: number,
  count: number,
): ReadonlyMap<Hash32, Uint8Array> {
  const codes = new Map<Hash32, Uint8Array>();
  for (let index = 0; index < count; index++) {
    const record = pointer + index * layout.CODE_RECORD_BYTES;
    const code = memory.read(
      memory.u32(record + layout.CODE_RECORD_PTR),
      memory.u32(record + layout.CODE_RECORD_LENGTH),
    );
    codes.set(memory.hash(record + layout.CODE_RECORD_HASH), code);
  }
  return codes;
}

/** `count` records of touched accounts. */
export function readTouched(
  memory: MemoryView,
  pointer: number,
  count: number,
): readonly Address[] {
  return Array.from(
    { length: count },
    (_, index) => memory.account(pointer + index * layout.TOUCHED_RECORD_BYTES),
  );
}

/** `count` entries of one of the accounting's vectors. */
export function readVector(memory: MemoryView, pointer: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => memory.u32(pointer + 4 * index) | 0);
}
