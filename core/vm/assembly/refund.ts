/**
 * The EVM's refund counter (EIP-3529) of the running transaction.
 *
 * Owns the number alone: a frame that reverts sets it back to what it was when the frame began.
 */
let counter: i64 = 0;

export function refundCounter(): i64 {
  return counter;
}

export function setRefundCounter(value: i64): void {
  counter = value;
}

/** Adds, or takes where `amount` is negative. */
export function addRefund(amount: i64): void {
  counter += amount;
}
