/**
 * What gas costs: prices, the deposit a sender makes, and who gets it in the end.
 *
 * Rollup profile: base fee and priority fee both go to the operator. Ethereum profile: the base fee
 * and the fee of blobs are burned.
 */
import {
  PROFILE_ETHEREUM,
  SLOT_BASE_FEE,
  SLOT_BLOB_BASE_FEE,
  SLOT_OPERATOR,
  SLOT_PROFILE,
  TX_BLOB_HASHES_COUNT,
  TX_GAS_LIMIT,
  TX_MAX_BLOB_FEE,
  TX_MAX_FEE,
  TX_MAX_PRIORITY_FEE,
  TX_VALUE,
  WORD_BYTES,
} from "./layout";
import { getNumber, slotPtr } from "./memory";
import { addBalance, touch } from "./state";
import { loadAddress } from "./tx_frame";
import { add, copy, isZero, less, loadBE, mulU64, not, sub, zero } from "./words";

/** EIP-4844: gas of one blob. */
const BLOB_GAS: u64 = 131_072;

/** Word: wei for a unit of gas, of the transaction that was priced last. */
export const gasPrice: usize = memory.data(WORD_BYTES, 16);
/** Word: the base fee of the block. */
export const baseFee: usize = memory.data(WORD_BYTES, 16);

const operator: usize = memory.data(WORD_BYTES, 16);
const term: usize = memory.data(WORD_BYTES, 16);
const factor: usize = memory.data(WORD_BYTES, 16);

/** Sets {@link gasPrice} and {@link baseFee} (EIP-1559). */
export function priceGas(frame: usize): void {
  loadBE(baseFee, slotPtr(SLOT_BASE_FEE));
  loadBE(gasPrice, frame + TX_MAX_PRIORITY_FEE);
  loadBE(term, frame + TX_MAX_FEE);
  const overflows = add(gasPrice, gasPrice, baseFee);
  if (overflows || less(term, gasPrice)) copy(gasPrice, term);
}

/** Word: who collects fees. */
export function operatorAddress(): usize {
  loadAddress(operator, slotPtr(SLOT_OPERATOR));
  return operator;
}

/**
 * The most that the transaction can take from its sender; 2^256 - 1 when it is more than a word
 * holds. Answers whether it was more.
 */
export function maxCost(out: usize, frame: usize): bool {
  loadBE(out, frame + TX_VALUE);
  const overflows = addProduct(out, frame + TX_MAX_FEE, load<u64>(frame + TX_GAS_LIMIT)) ||
    addProduct(out, frame + TX_MAX_BLOB_FEE, blobGas(frame));
  if (overflows) saturate(out);
  return overflows;
}

/** What a call needs that pays for its gas at {@link gasPrice}; as {@link maxCost}. */
export function callCost(out: usize, frame: usize, paidGas: u64): bool {
  loadBE(out, frame + TX_VALUE);
  const overflows = mulU64(term, gasPrice, paidGas) || add(out, out, term);
  if (overflows) saturate(out);
  return overflows;
}

/** Word: what the sender deposits before it runs; below {@link maxCost} for a valid one. */
export function deposit(out: usize, frame: usize): void {
  zero(out);
  addProduct(out, slotPtr(SLOT_BLOB_BASE_FEE), blobGas(frame));
  mulU64(term, gasPrice, load<u64>(frame + TX_GAS_LIMIT));
  add(out, out, term);
}

/** Word: what a call deposits that pays for its gas; at most {@link callCost}. */
export function callDeposit(out: usize, paidGas: u64): void {
  mulU64(out, gasPrice, paidGas);
}

/** Gives `gas` at {@link gasPrice} to the account; `false` when its balance would overflow. */
export function giveBack(cell: usize, gas: u64): bool {
  mulU64(term, gasPrice, gas);
  return isZero(term) || addBalance(cell, term);
}

/** Pays who collects fees for `gas`; `false` when the balance would overflow. */
export function payOperator(cell: usize, gas: u64): bool {
  const isEthereum = getNumber(SLOT_PROFILE) == PROFILE_ETHEREUM;
  copy(factor, gasPrice);
  if (isEthereum) {
    // An empty account that gets nothing is removed (EIP-161): it was touched.
    touch(cell);
    sub(factor, factor, baseFee);
  }
  mulU64(term, factor, gas);
  return isZero(term) || addBalance(cell, term);
}

function blobGas(frame: usize): u64 {
  return BLOB_GAS * <u64> load<u32>(frame + TX_BLOB_HASHES_COUNT);
}

/** Adds price times amount to `out`; `true` when that is more than a word holds. */
function addProduct(out: usize, priceBE: usize, amount: u64): bool {
  loadBE(factor, priceBE);
  return mulU64(term, factor, amount) || add(out, out, term);
}

function saturate(out: usize): void {
  zero(out);
  not(out, out);
}
