/**
 * Slots of the interface page, counters, and the one way to trap on purpose.
 */
import { SLOT_COUNTERS, SLOT_FAULT, WORD_BYTES } from "./layout";
@inline
export function slotPtr(slot: i32): usize {
  return <usize> slot * WORD_BYTES;
}
@inline
export function getNumber(slot: i32): u64 {
  return load<u64>(slotPtr(slot));
}
@inline
export function setNumber(slot: i32, value: u64): void {
  store<u64>(slotPtr(slot), value);
}
@inline
export function counterPtr(counter: i32): usize {
  return slotPtr(SLOT_COUNTERS + counter);
}
@inline
export function count(counter: i32, amount: u64): void {
  const pointer = counterPtr(counter);
  store<u64>(pointer, load<u64>(pointer) + amount);
}

/** Ends the run with a code that the operator reports; what is in memory is not trusted after. */
export function fault(code: i32): void {
  setNumber(SLOT_FAULT, code);
  unreachable();
}
