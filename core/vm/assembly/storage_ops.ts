/**
 * SLOAD, SSTORE, TLOAD, TSTORE and SELFDESTRUCT.
 *
 * Each takes its frame, the biased stack pointer before it pops, and the gas that is there; answers
 * the gas that is left, negative when the frame halts (`takeHaltReason` says why).
 */
import { accountOf, useAccount } from "./account_ops";
import { FRAME_ACCOUNT, FRAME_STATIC, getField, halt, T0, T1 } from "./frames";
import {
  GAS_COLD_ACCOUNT,
  GAS_COLD_SLOT,
  GAS_NEW_ACCOUNT,
  GAS_SELFDESTRUCT,
  GAS_SSTORE_RESET,
  GAS_SSTORE_SENTRY,
  GAS_SSTORE_SET,
  GAS_WARM,
  REFUND_SSTORE_CLEAR,
} from "./gas";
import { EXCEPTION_STATIC, EXCEPTION_VALUE_OVERFLOW } from "./layout";
import {
  ACCOUNT_BALANCE,
  addBalance,
  addRefund,
  isCreated,
  isEmpty,
  readSlot,
  scheduleDestroy,
  slot,
  slotOriginal,
  slotValue,
  subBalance,
  touch,
  transientGet,
  transientSet,
  warmSlot,
  writeSlot,
} from "./state";
import { copy, equal, isZero } from "./words";
import { traceCost, traceSelfdestruct } from "./trace";

/** A balance on its way. */
const AMOUNT = memory.data(32, 16);

export function opSload(frame: usize, s: usize, gas: i64): i64 {
  const cell = slot(getField(frame, FRAME_ACCOUNT), s + T0);
  gas -= warmSlot(cell) ? GAS_WARM : GAS_COLD_SLOT;
  if (gas < 0) return gas;
  readSlot(cell);
  copy(s + T0, slotValue(cell));
  return gas;
}

export function opSstore(frame: usize, s: usize, gas: i64): i64 {
  if (getField(frame, FRAME_STATIC) != 0) return halt(EXCEPTION_STATIC);
  if (gas <= GAS_SSTORE_SENTRY) return -1;
  const cell = slot(getField(frame, FRAME_ACCOUNT), s + T0);
  if (!warmSlot(cell)) gas -= GAS_COLD_SLOT;
  const value = s + T1;
  const current = slotValue(cell);
  const original = slotOriginal(cell);
  if (equal(current, value)) gas -= GAS_WARM;
  else if (equal(original, current)) {
    gas -= isZero(original) ? GAS_SSTORE_SET : GAS_SSTORE_RESET;
    if (gas >= 0 && !isZero(original) && isZero(value)) addRefund(REFUND_SSTORE_CLEAR);
  } else {
    gas -= GAS_WARM;
    if (gas >= 0) refundDirty(original, current, value);
  }
  if (gas < 0) return gas;
  if (TRACE) traceCost(gas);
  writeSlot(cell, value);
  return gas;
}

/** EIP-2200 for a slot that this transaction has changed before. */
function refundDirty(original: usize, current: usize, value: usize): void {
  if (!isZero(original)) {
    if (isZero(current)) addRefund(-REFUND_SSTORE_CLEAR);
    else if (isZero(value)) addRefund(REFUND_SSTORE_CLEAR);
  }
  if (!equal(original, value)) return;
  addRefund((isZero(original) ? GAS_SSTORE_SET : GAS_SSTORE_RESET) - GAS_WARM);
}

export function opTload(frame: usize, s: usize, gas: i64): i64 {
  gas -= GAS_WARM;
  if (gas >= 0) transientGet(s + T0, getField(frame, FRAME_ACCOUNT), s + T0);
  return gas;
}

export function opTstore(frame: usize, s: usize, gas: i64): i64 {
  if (getField(frame, FRAME_STATIC) != 0) return halt(EXCEPTION_STATIC);
  gas -= GAS_WARM;
  if (gas >= 0) transientSet(getField(frame, FRAME_ACCOUNT), s + T0, s + T1);
  return gas;
}

export function opSelfdestruct(frame: usize, s: usize, gas: i64): i64 {
  if (getField(frame, FRAME_STATIC) != 0) return halt(EXCEPTION_STATIC);
  const self = <usize> getField(frame, FRAME_ACCOUNT);
  gas -= GAS_SELFDESTRUCT;
  if (gas < 0) return gas;
  const heir = accountOf(s + T0);
  if (!useAccount(heir)) gas -= GAS_COLD_ACCOUNT;
  copy(AMOUNT, self + ACCOUNT_BALANCE);
  const hasBalance = !isZero(AMOUNT);
  if (hasBalance && isEmpty(heir)) gas -= GAS_NEW_ACCOUNT;
  if (gas < 0) return gas;
  if (TRACE) traceSelfdestruct(gas, self, heir, AMOUNT);
  touch(heir);
  const isNew = isCreated(self);
  // What an account of this transaction leaves to itself is burned (EIP-6780).
  if (hasBalance && (heir != self || isNew)) {
    subBalance(self, AMOUNT);
    if (heir != self && !addBalance(heir, AMOUNT)) return halt(EXCEPTION_VALUE_OVERFLOW);
  }
  if (isNew) scheduleDestroy(self);
  return gas;
}
