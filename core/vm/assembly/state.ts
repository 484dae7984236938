/**
 * The state of a run, as interpreter and bootloader use it.
 *
 * Owns the two beginnings, of a run and of a transaction, and names everything else:
 * - cells.ts finds accounts and slots, accounts.ts and slots.ts change them, transient.ts beside;
 * - undo.ts takes back what a frame did, snapshot.ts what the operator does not want;
 * - accounting.ts counts refunds and pubdata, codes.ts and logs.ts keep bytes, output.ts hands out.
 */
import { beginTxAccounting, resetAccounting } from "./accounting";
import { resetCells } from "./cells";
import { beginTxCodes, resetCodes } from "./codes";
import { COUNTER_COUNT, SLOT_COUNTERS } from "./layout";
import { resetLogs } from "./logs";
import { slotPtr } from "./memory";
import { resetOutput } from "./output";
import { setRefundCounter } from "./refund";
import { clearTransient, resetTransient } from "./transient";
import { beginTxUndo, resetUndo } from "./undo";

export {
  pubdataCostsLength,
  refundsLength,
  txDecommitRefund,
  txStorageRefund,
} from "./accounting";
export {
  addBalance,
  destroyScheduled,
  exists,
  hasCode,
  isCreated,
  isDestroyScheduled,
  isEmpty,
  isWarmAccount,
  markCreated,
  nonceOf,
  scheduleDestroy,
  setBalance,
  setNonce,
  subBalance,
  touch,
  warmAccount,
} from "./accounts";
export {
  account,
  ACCOUNT_ADDRESS,
  ACCOUNT_BALANCE,
  ACCOUNT_CODE_HASH,
  ACCOUNT_NONCE,
  bareAccount,
  slot,
} from "./cells";
export {
  analyse,
  CODE_HASH,
  CODE_JUMPDESTS,
  CODE_LENGTH,
  CODE_PTR,
  codeOf,
  forgetCodes,
  releaseTemporaryCode,
  setCode,
  temporaryCode,
  temporaryCodeMark,
} from "./codes";
export { appendLog, logsCount, logsEnd } from "./logs";
export { collectCodes, collectDiffs, collectTouched, outputPtr } from "./output";
export { addRefund, refundCounter, setRefundCounter } from "./refund";
export {
  isWarmSlot,
  readSlot,
  slotOriginal,
  slotValue,
  warmSlot,
  writeSlot,
  writeSlotFree,
} from "./slots";
export { popSnapshot, rollback, snapshot } from "./snapshot";
export { transientGet, transientSet } from "./transient";
export { undoMark, undoTo } from "./undo";

/** A new run, of one block. The batch environment is there already: the profile is read now. */
export function resetState(): void {
  resetCells();
  resetTransient();
  resetUndo();
  resetCodes();
  resetLogs();
  resetOutput();
  resetAccounting();
  setRefundCounter(0);
  memory.fill(slotPtr(SLOT_COUNTERS), 0, COUNTER_COUNT * 32);
}

/** A new transaction: nothing is warm, created, destroyed, transient or refunded. */
export function beginTx(): void {
  beginTxUndo();
  clearTransient();
  beginTxCodes();
  beginTxAccounting();
  setRefundCounter(0);
}
