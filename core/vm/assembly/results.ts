/**
 * The result slots of the interface page.
 */
import {
  SLOT_RESULT_HAVE,
  SLOT_RESULT_INVALID,
  SLOT_RESULT_NEED,
  WORD_BYTES,
} from "./layout";
import { setNumber, slotPtr } from "./memory";
import { storeBE } from "./words";

/** Forgets the result before, the reason of an invalid transaction included. */
export function clearResult(): void {
  const start = slotPtr(SLOT_RESULT_INVALID);
  memory.fill(start, 0, slotPtr(SLOT_RESULT_NEED) + WORD_BYTES - start);
}

/** A number in a word slot. */
export function setWordNumber(slot: i32, value: u64): void {
  const pointer = slotPtr(slot);
  memory.fill(pointer, 0, WORD_BYTES - 8);
  store<u64>(pointer + WORD_BYTES - 8, bswap<u64>(value));
}

/** For a reason that compares nothing; answers the reason. */
export function refuse(reason: i32): i32 {
  setNumber(SLOT_RESULT_INVALID, reason);
  return reason;
}

/** For a reason that an account gives: it is what is there. */
export function refuseAccount(reason: i32, address: usize): i32 {
  storeBE(slotPtr(SLOT_RESULT_HAVE), address);
  return refuse(reason);
}

/** Names what is there and what is needed; answers the reason. */
export function refuseNumbers(reason: i32, have: u64, need: u64): i32 {
  setWordNumber(SLOT_RESULT_HAVE, have);
  setWordNumber(SLOT_RESULT_NEED, need);
  return refuse(reason);
}

/** As {@link refuseNumbers}, for words. */
export function refuseWords(reason: i32, have: usize, need: usize): i32 {
  storeBE(slotPtr(SLOT_RESULT_HAVE), have);
  storeBE(slotPtr(SLOT_RESULT_NEED), need);
  return refuse(reason);
}
