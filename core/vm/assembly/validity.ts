/**
 * Which transactions and calls may run.
 *
 * The rules and their order are those of `core/vm/tx_rules.ts`; blobs (EIP-4844) and forks before
 * Osaka come on top for the Ethereum profile. Each function answers 0 or INVALID_…, with what the
 * message needs in the result slots: HAVE is what the state, the block or the transaction has, NEED
 * what was asked for.
 */
import { isDelegated, MAX_NONCE } from "./authorizations";
import { ACCOUNT_BALANCE, ACCOUNT_NONCE } from "./cells";
import { baseFee, callCost, gasPrice, maxCost } from "./fees";
import { MAX_INIT_CODE_BYTES, minimumGas } from "./intrinsic";
import {
  COUNTER_GAS_USED,
  FORK_PRAGUE,
  INVALID_AUTHORIZATIONS,
  INVALID_BLOBS,
  INVALID_BLOCK_GAS,
  INVALID_CHAIN_ID,
  INVALID_FEE_BELOW_BASE_FEE,
  INVALID_GAS_LIMIT_TOO_HIGH,
  INVALID_INIT_CODE_SIZE,
  INVALID_INSUFFICIENT_FUNDS,
  INVALID_INTRINSIC_GAS,
  INVALID_NONCE_TOO_HIGH,
  INVALID_NONCE_TOO_LOW,
  INVALID_PRIORITY_FEE,
  INVALID_SENDER_HAS_CODE,
  INVALID_TX_TYPE,
  PROFILE_ETHEREUM,
  SLOT_BLOB_BASE_FEE,
  SLOT_CHAIN_ID,
  SLOT_FORK,
  SLOT_GAS_LIMIT,
  SLOT_MAX_BLOBS,
  SLOT_MAX_TX_GAS,
  SLOT_PROFILE,
  TX_AUTHORIZATIONS_COUNT,
  TX_BLOB_HASHES_COUNT,
  TX_BLOB_HASHES_PTR,
  TX_CHAIN_ID,
  TX_DATA_LENGTH,
  TX_FLAG_AS_TRANSACTION,
  TX_FLAG_CREATE,
  TX_FLAG_HAS_CHAIN_ID,
  TX_GAS_LIMIT,
  TX_MAX_BLOB_FEE,
  TX_MAX_FEE,
  TX_MAX_PRIORITY_FEE,
  TX_NONCE,
  TX_TYPE,
  WORD_BYTES,
} from "./layout";
import { counterPtr, getNumber, slotPtr } from "./memory";
import { refuse, refuseNumbers, refuseWords } from "./results";
import { hasCode } from "./state";
import { hasFlag } from "./tx_frame";
import { equal, isZero, less, loadBE } from "./words";

const TYPE_BLOB: u32 = 3;
const TYPE_AUTHORIZING: u32 = 4;
/** EIP-4844: first byte of the hash of a blob's KZG commitment. */
const BLOB_HASH_VERSION: u8 = 1;
/** The interpreter counts gas in signed 64 bits. */
const MOST_GAS: u64 = <u64> i64.MAX_VALUE;

const have: usize = memory.data(WORD_BYTES, 16);
const need: usize = memory.data(WORD_BYTES, 16);

/** What no state and no block can make good. */
export function findStaticInvalidity(frame: usize): i32 {
  const type = load<u32>(frame + TX_TYPE);
  if (!isKnownType(type)) return refuseNumbers(INVALID_TX_TYPE, type, 0);
  if (hasFlag(frame, TX_FLAG_HAS_CHAIN_ID)) {
    loadBE(have, frame + TX_CHAIN_ID);
    loadBE(need, slotPtr(SLOT_CHAIN_ID));
    if (!equal(have, need)) return refuseWords(INVALID_CHAIN_ID, have, need);
  }
  loadBE(have, frame + TX_MAX_PRIORITY_FEE);
  loadBE(need, frame + TX_MAX_FEE);
  if (less(need, have)) return refuseWords(INVALID_PRIORITY_FEE, have, need);
  const isCreation = hasFlag(frame, TX_FLAG_CREATE);
  const authorizations = load<u32>(frame + TX_AUTHORIZATIONS_COUNT);
  const hasAuthorizations = authorizations > 0;
  if (hasAuthorizations != (type == TYPE_AUTHORIZING) || (hasAuthorizations && isCreation)) {
    return refuseNumbers(INVALID_AUTHORIZATIONS, authorizations, 1);
  }
  const blobReason = findBlobInvalidity(frame, type, isCreation);
  if (blobReason != 0) return blobReason;
  const gasLimit = load<u64>(frame + TX_GAS_LIMIT);
  const mostGas = mostTxGas();
  if (gasLimit > mostGas) return refuseNumbers(INVALID_GAS_LIMIT_TOO_HIGH, gasLimit, mostGas);
  return findMessageInvalidity(frame);
}

/** Rules that hold for transactions and for calls that are charged as one; gas is priced. */
function findMessageInvalidity(frame: usize): i32 {
  const length = load<u32>(frame + TX_DATA_LENGTH);
  if (hasFlag(frame, TX_FLAG_CREATE) && length > MAX_INIT_CODE_BYTES) {
    return refuseNumbers(INVALID_INIT_CODE_SIZE, length, MAX_INIT_CODE_BYTES);
  }
  const gasLimit = load<u64>(frame + TX_GAS_LIMIT);
  const least = minimumGas();
  if (gasLimit < least) return refuseNumbers(INVALID_INTRINSIC_GAS, gasLimit, least);
  return 0;
}

/** What another state, another base fee or an emptier block can make good. */
export function findStateInvalidity(frame: usize, sender: usize): i32 {
  if (hasOwnCode(sender)) return refuse(INVALID_SENDER_HAS_CODE);
  const nonce = load<u64>(frame + TX_NONCE);
  const expected = load<u64>(sender + ACCOUNT_NONCE);
  if (nonce < expected) return refuseNumbers(INVALID_NONCE_TOO_LOW, expected, nonce);
  if (nonce > expected || nonce == MAX_NONCE) {
    return refuseNumbers(INVALID_NONCE_TOO_HIGH, expected, nonce);
  }
  loadBE(have, frame + TX_MAX_FEE);
  if (less(have, baseFee)) return refuseWords(INVALID_FEE_BELOW_BASE_FEE, have, baseFee);
  const balance = sender + ACCOUNT_BALANCE;
  if (maxCost(need, frame) || less(balance, need)) {
    return refuseWords(INVALID_INSUFFICIENT_FUNDS, balance, need);
  }
  const gasLimit = load<u64>(frame + TX_GAS_LIMIT);
  const gasLeft = getNumber(SLOT_GAS_LIMIT) - load<u64>(counterPtr(COUNTER_GAS_USED));
  if (gasLimit > gasLeft) return refuseNumbers(INVALID_BLOCK_GAS, gasLeft, gasLimit);
  return 0;
}

/** A call names no nonce; with a gas price of 0 the base fee is not asked for. */
export function findCallInvalidity(frame: usize, sender: usize): i32 {
  const gasLimit = load<u64>(frame + TX_GAS_LIMIT);
  if (gasLimit > MOST_GAS) return refuseNumbers(INVALID_GAS_LIMIT_TOO_HIGH, gasLimit, MOST_GAS);
  const asTransaction = hasFlag(frame, TX_FLAG_AS_TRANSACTION);
  if (asTransaction) {
    const reason = findMessageInvalidity(frame);
    if (reason != 0) return reason;
  }
  if (!isZero(gasPrice) && less(gasPrice, baseFee)) {
    return refuseWords(INVALID_FEE_BELOW_BASE_FEE, gasPrice, baseFee);
  }
  const balance = sender + ACCOUNT_BALANCE;
  if (callCost(need, frame, asTransaction ? gasLimit : 0) || less(balance, need)) {
    return refuseWords(INVALID_INSUFFICIENT_FUNDS, balance, need);
  }
  return 0;
}

function isKnownType(type: u32): bool {
  if (type < TYPE_BLOB) return true;
  if (type == TYPE_AUTHORIZING) return getNumber(SLOT_FORK) >= <u64> FORK_PRAGUE;
  return type == TYPE_BLOB && getNumber(SLOT_PROFILE) == PROFILE_ETHEREUM &&
    getNumber(SLOT_MAX_BLOBS) > 0;
}

function findBlobInvalidity(frame: usize, type: u32, isCreation: bool): i32 {
  const count = load<u32>(frame + TX_BLOB_HASHES_COUNT);
  const most = type == TYPE_BLOB ? getNumber(SLOT_MAX_BLOBS) : 0;
  if (<u64> count > most) return refuseNumbers(INVALID_BLOBS, count, most);
  if (type != TYPE_BLOB) return 0;
  if (count == 0 || isCreation) return refuseNumbers(INVALID_BLOBS, count, most);
  const hashes = <usize> load<u32>(frame + TX_BLOB_HASHES_PTR);
  for (let i: u32 = 0; i < count; i++) {
    const version = load<u8>(hashes + i * WORD_BYTES);
    if (version != BLOB_HASH_VERSION) {
      return refuseNumbers(INVALID_BLOBS, version, BLOB_HASH_VERSION);
    }
  }
  loadBE(have, frame + TX_MAX_BLOB_FEE);
  loadBE(need, slotPtr(SLOT_BLOB_BASE_FEE));
  return less(have, need) ? refuseWords(INVALID_BLOBS, have, need) : 0;
}

/** The block's gas, EIP-7825's bound, and what the interpreter can count. */
function mostTxGas(): u64 {
  const mostOfTx = getNumber(SLOT_MAX_TX_GAS);
  const most = min<u64>(getNumber(SLOT_GAS_LIMIT), MOST_GAS);
  return mostOfTx == 0 ? most : min<u64>(most, mostOfTx);
}

/** EIP-3607: contracts do not send; accounts that delegate do (EIP-7702). */
function hasOwnCode(sender: usize): bool {
  return hasCode(sender) && !isDelegated(sender);
}
