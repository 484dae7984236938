/**
 * A transaction or call around its message: deposit, nonce, warm set, authorizations, pubdata,
 * refunds, payment, result.
 *
 * Whatever a transaction does goes through the undo log; what must outlive a suspension or a trap
 * is in the interface page. The globals here live as long as one transaction.
 */
import { applyAuthorizations, MAX_NONCE } from "./authorizations";
import { ACCOUNT_ADDRESS, ACCOUNT_NONCE } from "./cells";
import {
  callDeposit,
  deposit,
  gasPrice,
  giveBack,
  operatorAddress,
  payOperator,
  priceGas,
} from "./fees";
import { setTxContext } from "./frames";
import { hook } from "./host";
import {
  createdCell,
  messageException,
  messageGasLeft,
  returnLength,
  returnPtr,
  runMessage,
} from "./interpreter";
import { floorGas, intrinsicGas, minimumGas, priceMessage, priceNothing } from "./intrinsic";
import {
  ACCESS_ENTRY_ADDRESS,
  ACCESS_ENTRY_BYTES,
  ACCESS_ENTRY_KEYS_COUNT,
  ACCESS_ENTRY_KEYS_PTR,
  COUNTER_GAS_USED,
  COUNTER_PUBDATA_BYTES,
  COUNTER_TXS,
  EXCEPTION_NONE,
  EXCEPTION_OUT_OF_GAS_FOR_PUBDATA,
  HOOK_ASK_OPERATOR_FOR_REFUND,
  HOOK_NOTIFY_ABOUT_REFUND,
  HOOK_POST_RESULT,
  INVALID_BALANCE_OVERFLOW,
  SLOT_GAS_PER_PUBDATA,
  SLOT_HOOK_PARAM_0,
  SLOT_HOOK_PARAM_1,
  SLOT_HOOK_PARAM_2,
  SLOT_OPERATOR_REFUND,
  SLOT_RESULT_CREATED,
  SLOT_RESULT_EVM_GAS_USED,
  SLOT_RESULT_EXCEPTION,
  SLOT_RESULT_GAS_PRICE,
  SLOT_RESULT_GAS_USED,
  SLOT_RESULT_HAS_CREATED,
  SLOT_RESULT_LOGS_COUNT,
  SLOT_RESULT_LOGS_PTR,
  SLOT_RESULT_PUBDATA_BYTES,
  SLOT_RESULT_PUBDATA_GAS,
  SLOT_RESULT_REFUND,
  SLOT_RESULT_RETURN_LENGTH,
  SLOT_RESULT_RETURN_PTR,
  SLOT_RESULT_STORAGE_REFUND,
  TX_ACCESS_LIST_COUNT,
  TX_ACCESS_LIST_PTR,
  TX_BLOB_HASHES_COUNT,
  TX_BLOB_HASHES_PTR,
  TX_DATA_LENGTH,
  TX_DATA_PTR,
  TX_FLAG_AS_TRANSACTION,
  TX_FLAG_CREATE,
  TX_GAS_LIMIT,
  TX_SENDER,
  TX_TO,
  TX_VALUE,
  WORD_BYTES,
} from "./layout";
import { count, counterPtr, getNumber, setNumber, slotPtr } from "./memory";
import { clearResult, refuseAccount } from "./results";
import {
  account,
  bareAccount,
  beginTx,
  destroyScheduled,
  logsCount,
  logsEnd,
  refundCounter,
  setNonce,
  slot,
  subBalance,
  txStorageRefund,
  undoMark,
  undoTo,
  warmAccount,
  warmSlot,
} from "./state";
import { hasFlag, loadAddress } from "./tx_frame";
import { findCallInvalidity, findStateInvalidity, findStaticInvalidity } from "./validity";
import { isZero, loadBE, storeBE } from "./words";

/** EIP-3529: at most one part in this many of the gas comes back. */
const MAX_REFUND_QUOTIENT: u64 = 5;
/**
 * The most bytes that paying adds for the sender's balance: key of a known slot, metadata, a whole
 * value. A call that is charged as a transaction bears them all: an estimate made from it has to
 * hold when the transaction pays another price than the call, or the call none.
 */
const PAYMENT_PUBDATA_BYTES: i64 = 4 + 33;

const address: usize = memory.data(WORD_BYTES, 16);
const amount: usize = memory.data(WORD_BYTES, 16);
const value: usize = memory.data(WORD_BYTES, 16);

let undoStart: u32 = 0;
let messageStart: u32 = 0;
let logsStart: u32 = 0;
let firstLog: u32 = 0;
let pubdataStart: i64 = 0;

let exception: i32 = 0;
let evmGas: u64 = 0;
let evmRefund: u64 = 0;
let pubdataGas: u64 = 0;
let pubdataBytes: i64 = 0;
let output: u32 = 0;

/** Runs the transaction of the frame; an invalid one changes nothing and says why. */
export function runTransaction(frame: usize): void {
  open();
  priceMessage(frame);
  priceGas(frame);
  if (findStaticInvalidity(frame) != 0) return;
  const sender = cellAt(frame + TX_SENDER);
  if (findStateInvalidity(frame, sender) != 0) return;

  deposit(amount, frame);
  take(sender, amount);
  setNonce(sender, load<u64>(sender + ACCOUNT_NONCE) + 1);
  execute(frame, sender);
  const gasLimit = load<u64>(frame + TX_GAS_LIMIT);
  charge(gasLimit, 0);
  const refund = settleRefund(gasLimit);
  const gasUsed = gasLimit - refund;
  if (!pay(sender, refund, gasUsed)) return;
  destroyScheduled();
  count(COUNTER_GAS_USED, gasUsed);
  count(COUNTER_TXS, 1);
  writeResult(gasUsed);
  postResult();
}

/** Runs the frame as a call; the operator drops the state after. */
export function runCall(frame: usize): void {
  open();
  const asTransaction = hasFlag(frame, TX_FLAG_AS_TRANSACTION);
  if (asTransaction) priceMessage(frame);
  else priceNothing();
  priceGas(frame);
  const sender = cellAt(frame + TX_SENDER);
  if (findCallInvalidity(frame, sender) != 0) return;

  const gasLimit = load<u64>(frame + TX_GAS_LIMIT);
  callDeposit(amount, asTransaction ? gasLimit : 0);
  take(sender, amount);
  const margin = max<i64>(PAYMENT_PUBDATA_BYTES - (pubdataTotal() - pubdataStart), 0);
  const nonce = load<u64>(sender + ACCOUNT_NONCE);
  if (nonce != MAX_NONCE) setNonce(sender, nonce + 1);
  execute(frame, sender);
  if (asTransaction) charge(gasLimit, margin);
  else chargeMessage(gasLimit);
  writeResult(evmGas + pubdataGas);
  postResult();
}

function open(): void {
  clearResult();
  beginTx();
  undoStart = undoMark();
  logsStart = logsEnd();
  firstLog = logsCount();
  pubdataStart = pubdataTotal();
}

function execute(frame: usize, sender: usize): void {
  const isCreate = hasFlag(frame, TX_FLAG_CREATE);
  const recipient: usize = isCreate ? 0 : cellAt(frame + TX_TO);
  warmUp(frame, sender, recipient);
  messageStart = undoMark();
  applyAuthorizations(frame);
  setTxContext(
    sender + ACCOUNT_ADDRESS,
    gasPrice,
    load<u32>(frame + TX_BLOB_HASHES_PTR),
    load<u32>(frame + TX_BLOB_HASHES_COUNT),
  );
  loadBE(value, frame + TX_VALUE);
  const data = <usize> load<u32>(frame + TX_DATA_PTR);
  const gas = <i64> (load<u64>(frame + TX_GAS_LIMIT) - intrinsicGas);
  runMessage(isCreate, sender, recipient, value, data, load<u32>(frame + TX_DATA_LENGTH), gas);
  exception = messageException;
  output = returnLength;
}

/** EIP-2929, EIP-2930, EIP-3651; the interpreter holds precompiles for always warm. */
function warmUp(frame: usize, sender: usize, recipient: usize): void {
  warmAccount(sender);
  if (recipient != 0) warmAccount(recipient);
  warmAccount(bareAccount(operatorAddress()));
  const entries = load<u32>(frame + TX_ACCESS_LIST_COUNT);
  let entry = <usize> load<u32>(frame + TX_ACCESS_LIST_PTR);
  for (let i: u32 = 0; i < entries; i++, entry += ACCESS_ENTRY_BYTES) {
    loadAddress(address, entry + ACCESS_ENTRY_ADDRESS);
    const cell = bareAccount(address);
    warmAccount(cell);
    const keys = load<u32>(entry + ACCESS_ENTRY_KEYS_COUNT);
    let key = <usize> load<u32>(entry + ACCESS_ENTRY_KEYS_PTR);
    for (let k: u32 = 0; k < keys; k++, key += WORD_BYTES) {
      loadBE(amount, key);
      warmSlot(slot(cell, amount));
    }
  }
}

/**
 * Gas of the EVM and of pubdata. What cannot pay for its pubdata loses its changes, authorizations
 * included, and pays for the rest with what is left; a message that had succeeded until then loses
 * all gas. `marginBytes` are charged on top.
 */
function charge(gasLimit: u64, marginBytes: i64): void {
  const gasLeft = <u64> messageGasLeft;
  const spent = gasLimit - gasLeft;
  evmRefund = min<u64>(<u64> max<i64>(refundCounter(), 0), spent / MAX_REFUND_QUOTIENT);
  evmGas = max<u64>(spent - evmRefund, floorGas);
  pubdataBytes = pubdataTotal() - pubdataStart;
  pubdataGas = costOfPubdata(pubdataBytes + marginBytes);
  const most = min<u64>(gasLimit - evmGas, exception == EXCEPTION_NONE ? gasLeft : gasLimit);
  if (pubdataGas <= most) return;
  undoTo(messageStart);
  pubdataBytes = pubdataTotal() - pubdataStart;
  evmRefund = 0;
  evmGas = max<u64>(spent, floorGas);
  pubdataGas = min<u64>(costOfPubdata(pubdataBytes + marginBytes), gasLimit - evmGas);
  if (exception != EXCEPTION_NONE) return;
  exception = EXCEPTION_OUT_OF_GAS_FOR_PUBDATA;
  output = 0;
  evmGas = gasLimit - pubdataGas;
}

/** What a call used that is not charged as a transaction. */
function chargeMessage(gasLimit: u64): void {
  evmGas = gasLimit - <u64> messageGasLeft;
  evmRefund = 0;
  pubdataGas = 0;
  pubdataBytes = pubdataTotal() - pubdataStart;
}

/** A negative total is not credited (zk-stack, section 2.3). */
function costOfPubdata(bytes: i64): u64 {
  const price = getNumber(SLOT_GAS_PER_PUBDATA);
  if (bytes <= 0 || price == 0) return 0;
  const most = u64.MAX_VALUE / price;
  return <u64> bytes > most ? u64.MAX_VALUE : <u64> bytes * price;
}

/** Gas that goes back to the sender: the operator may give more than is left over, never less. */
function settleRefund(gasLimit: u64): u64 {
  const leftOver = gasLimit - evmGas - pubdataGas;
  setNumber(SLOT_HOOK_PARAM_0, leftOver);
  setNumber(SLOT_HOOK_PARAM_1, pubdataGas);
  setNumber(SLOT_HOOK_PARAM_2, getNumber(SLOT_GAS_PER_PUBDATA));
  setNumber(SLOT_OPERATOR_REFUND, 0);
  hook(HOOK_ASK_OPERATOR_FOR_REFUND);
  const offered = getNumber(SLOT_OPERATOR_REFUND);
  const isAcceptable = offered <= gasLimit - minimumGas();
  const refund = isAcceptable ? max<u64>(offered, leftOver) : leftOver;
  setNumber(SLOT_HOOK_PARAM_0, refund);
  hook(HOOK_NOTIFY_ABOUT_REFUND);
  return refund;
}

/** `false` when a balance would overflow: then nothing of the transaction is left. */
function pay(sender: usize, refund: u64, gasUsed: u64): bool {
  if (!giveBack(sender, refund)) return undoOverflow(sender);
  const operator = account(operatorAddress());
  if (!payOperator(operator, gasUsed)) return undoOverflow(operator);
  return true;
}

function undoOverflow(cell: usize): bool {
  undoTo(undoStart);
  refuseAccount(INVALID_BALANCE_OVERFLOW, cell + ACCOUNT_ADDRESS);
  return false;
}

function writeResult(gasUsed: u64): void {
  setNumber(SLOT_RESULT_EXCEPTION, exception);
  setNumber(SLOT_RESULT_GAS_USED, gasUsed);
  setNumber(SLOT_RESULT_EVM_GAS_USED, evmGas);
  setNumber(SLOT_RESULT_PUBDATA_BYTES, pubdataBytes);
  setNumber(SLOT_RESULT_PUBDATA_GAS, pubdataGas);
  setNumber(SLOT_RESULT_REFUND, evmRefund);
  setNumber(SLOT_RESULT_STORAGE_REFUND, txStorageRefund());
  setNumber(SLOT_RESULT_RETURN_PTR, returnPtr);
  setNumber(SLOT_RESULT_RETURN_LENGTH, output);
  setNumber(SLOT_RESULT_LOGS_PTR, logsStart);
  setNumber(SLOT_RESULT_LOGS_COUNT, logsCount() - firstLog);
  if (createdCell != 0 && exception == EXCEPTION_NONE) {
    storeBE(slotPtr(SLOT_RESULT_CREATED), createdCell + ACCOUNT_ADDRESS);
    setNumber(SLOT_RESULT_HAS_CREATED, 1);
  }
  storeBE(slotPtr(SLOT_RESULT_GAS_PRICE), gasPrice);
}

function postResult(): void {
  setNumber(SLOT_HOOK_PARAM_0, exception == EXCEPTION_NONE ? 1 : 0);
  setNumber(SLOT_HOOK_PARAM_1, returnPtr);
  setNumber(SLOT_HOOK_PARAM_2, output);
  hook(HOOK_POST_RESULT);
}

function take(cell: usize, wei: usize): void {
  if (!isZero(wei)) subBalance(cell, wei);
}

function cellAt(addressBE: usize): usize {
  loadAddress(address, addressBE);
  return account(address);
}

function pubdataTotal(): i64 {
  return <i64> load<u64>(counterPtr(COUNTER_PUBDATA_BYTES));
}
