/**
 * Logs of the run, one after the other in LOGS.
 *
 * Owns their layout in memory and their number; a revert takes them back through the journal. Does
 * not own which transaction has which: its bootloader notes where the first one is.
 */
import {
  COUNTER_LOG_BYTES,
  FAULT_LOGS_FULL,
  LOG_DATA_LENGTH,
  LOG_HEADER_BYTES,
  LOG_TOPIC_COUNT,
  LOGS_BASE,
  LOGS_END,
} from "./layout";
import { count, fault } from "./memory";
import { pushMark, TAG_LOG } from "./undo";
import { storeBE } from "./words";

let end: usize = LOGS_BASE;
let logCount: u32 = 0;

export function resetLogs(): void {
  end = LOGS_BASE;
  logCount = 0;
}

/** Logs of the run so far. */
export function logsCount(): u32 {
  return logCount;
}

/** Where the next log goes. */
export function logsEnd(): u32 {
  return <u32> end;
}

/**
 * Appends a log of the account. `topics` points to the first one; the next lie each 32 bytes lower,
 * as on the operand stack.
 */
export function appendLog(
  accountCell: usize,
  topicCount: u32,
  topics: usize,
  data: usize,
  dataLength: u32,
): void {
  const log = end;
  const dataStart = log + LOG_HEADER_BYTES + (topicCount << 5);
  const padded = (<usize> dataLength + 31) & ~31;
  if (<u64> dataStart + padded > <u64> LOGS_END) fault(FAULT_LOGS_FULL);
  pushMark(log, TAG_LOG);
  storeBE(log, accountCell);
  memory.fill(log + 32, 0, LOG_HEADER_BYTES - 32);
  store<u32>(log, topicCount, LOG_TOPIC_COUNT);
  store<u32>(log, dataLength, LOG_DATA_LENGTH);
  for (let topic: u32 = 0; topic < topicCount; topic++) {
    storeBE(log + LOG_HEADER_BYTES + (topic << 5), topics - (topic << 5));
  }
  memory.copy(dataStart, data, dataLength);
  memory.fill(dataStart + dataLength, 0, padded - dataLength);
  end = dataStart + padded;
  logCount++;
  count(COUNTER_LOG_BYTES, <u64> dataLength + (topicCount << 5));
}

/** The journal's way back: the log at `log` was the last. */
export function undoLog(log: usize): void {
  end = log;
  logCount--;
}
