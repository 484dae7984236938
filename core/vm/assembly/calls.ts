/**
 * CALL and its kin: what a call costs, what it moves, and the frame that runs it.
 *
 * Owns how frames begin and end; the interpreter's loop goes on with whatever frame is on top then.
 */
import { accountOf, payAccess } from "./account_ops";
import {
  depth,
  FRAME_ACCOUNT,
  FRAME_CALLER,
  FRAME_CODE,
  FRAME_CODE_LENGTH,
  FRAME_CREATES,
  FRAME_DATA,
  FRAME_DATA_LENGTH,
  FRAME_ENTRY,
  FRAME_GAS,
  FRAME_JUMPDESTS,
  FRAME_MEMORY,
  FRAME_MEMORY_BYTES,
  FRAME_OUT,
  FRAME_OUT_LENGTH,
  FRAME_PC,
  FRAME_REFUND,
  FRAME_SP,
  FRAME_STACK,
  FRAME_STATIC,
  FRAME_UNDO,
  FRAME_VALUE,
  frameAt,
  getField,
  returnDataLength,
  setDepth,
  setField,
  setReturnDataLength,
  STACK_BIAS,
  T0,
  T1,
  T2,
  T3,
} from "./frames";
import {
  GAS_CALL_STIPEND,
  GAS_CALL_VALUE,
  GAS_CODE_BYTE,
  GAS_NEW_ACCOUNT,
  MAX_CODE_SIZE,
  MAX_DEPTH,
} from "./gas";
import {
  EVM_MEMORY_BASE,
  EXCEPTION_CALL_DEPTH,
  EXCEPTION_CODE_DEPOSIT_GAS,
  EXCEPTION_CODE_PREFIX,
  EXCEPTION_CODE_SIZE,
  EXCEPTION_INSUFFICIENT_BALANCE,
  EXCEPTION_NONE,
  EXCEPTION_OUT_OF_GAS,
  EXCEPTION_PRECOMPILE,
  EXCEPTION_REVERT,
  EXCEPTION_STATIC,
  EXCEPTION_VALUE_OVERFLOW,
  FAULT_RETURN_DATA_FULL,
  FORK_PRAGUE,
  RETURN_DATA_BASE,
  RETURN_DATA_END,
  SLOT_FORK,
  STACKS_BASE,
  WORD_BYTES,
} from "./layout";
import { fault, getNumber } from "./memory";
import { rangeLength, rangePtr, useRange } from "./memory_gas";
import { OP_CALL, OP_CALLCODE, OP_DELEGATECALL, OP_STATICCALL } from "./opcodes";
import { isPrecompile, precompileOutputLength, runPrecompile } from "./precompiles";
import {
  account,
  ACCOUNT_ADDRESS,
  ACCOUNT_BALANCE,
  addBalance,
  analyse,
  CODE_JUMPDESTS,
  CODE_LENGTH,
  CODE_PTR,
  codeOf,
  isEmpty,
  refundCounter,
  releaseTemporaryCode,
  setCode,
  setRefundCounter,
  subBalance,
  touch,
  undoMark,
  undoTo,
  warmAccount,
} from "./state";
import { copy, fitsU64, isZero, less, loadBytesBE, low, setU64 } from "./words";
import { traceCost, traceEnter, traceExit } from "./trace";

/** EIP-7702: 0xef0100 and the address. */
const DELEGATION_BYTES: u32 = 23;
const DELEGATION_PREFIX: u32 = 0x0001ef;

const ZERO_WORD = memory.data(32, 16);
const DELEGATE = memory.data(32, 16);

/** Result of the message that ended last. */
export let messageException: i32 = EXCEPTION_NONE;
export let messageGasLeft: i64 = 0;
export let returnPtr: usize = RETURN_DATA_BASE;
export let returnLength: u32 = 0;
/** Cell of the account that the message created; 0 when it created none. */
export let createdCell: usize = 0;

/** What `codeToRun` found: an entry of the code, 0 for none. */
let foundEntry: usize = 0;

/** The account whose code stands in for that of `entry` (EIP-7702), as a word; 0 for none. */
export function delegateOf(entry: usize): usize {
  if (entry == 0 || load<u32>(entry + CODE_LENGTH) != DELEGATION_BYTES) return 0;
  const code = <usize> load<u32>(entry + CODE_PTR);
  if ((load<u32>(code) & 0xffffff) != DELEGATION_PREFIX) return 0;
  if (<i32> getNumber(SLOT_FORK) < FORK_PRAGUE) return 0;
  loadBytesBE(DELEGATE, code + 3, 20);
  return DELEGATE;
}

/**
 * Finds what a call of `target` runs in `foundEntry`; pays for a delegate when `isPaid`, which is
 * warm without payment for the recipient of a transaction.
 */
function codeToRun(target: usize, gas: i64, isPaid: bool): i64 {
  foundEntry = codeOf(target);
  const delegate = delegateOf(foundEntry);
  if (delegate == 0) return gas;
  const cell = account(delegate);
  if (isPaid) {
    gas = payAccess(cell, gas);
    if (gas < 0) return gas;
  } else warmAccount(cell);
  // A precompile has no code, so that delegating to it does nothing.
  foundEntry = isPrecompile(cell + ACCOUNT_ADDRESS) ? 0 : codeOf(cell);
  return gas;
}

/**
 * Begins the call that stands on the stack of `frame`, whose fields are all up to date. Answers an
 * exception of the calling frame, or 0: then a new frame is on top, or the call is over already.
 */
export function beginCall(frame: usize, opcode: i32): i32 {
  const s = <usize> getField(frame, FRAME_SP);
  const namesValue = opcode == OP_CALL || opcode == OP_CALLCODE;
  const value = s + T2;
  const hasValue = namesValue && !isZero(value);
  const isStatic = getField(frame, FRAME_STATIC) != 0;
  if (hasValue && isStatic && opcode == OP_CALL) return EXCEPTION_STATIC;
  const input = s + (namesValue ? T3 : T2);
  let gas = load<i64>(frame + FRAME_GAS);
  gas = useRange(frame, input, input - WORD_BYTES, gas);
  if (gas < 0) return EXCEPTION_OUT_OF_GAS;
  const data = rangePtr;
  const dataLength = rangeLength;
  gas = useRange(frame, input - 2 * WORD_BYTES, input - 3 * WORD_BYTES, gas);
  if (gas < 0) return EXCEPTION_OUT_OF_GAS;
  setField(frame, FRAME_OUT, <u32> rangePtr);
  setField(frame, FRAME_OUT_LENGTH, rangeLength);

  const target = accountOf(s + T1);
  gas = payAccess(target, gas);
  if (hasValue) gas -= GAS_CALL_VALUE;
  if (hasValue && opcode == OP_CALL && isEmpty(target)) gas -= GAS_NEW_ACCOUNT;
  if (gas < 0) return EXCEPTION_OUT_OF_GAS;
  const runsPrecompile = isPrecompile(target + ACCOUNT_ADDRESS);
  if (!runsPrecompile) gas = codeToRun(target, gas, true);
  if (gas < 0) return EXCEPTION_OUT_OF_GAS;
  const entry = foundEntry;

  const available = gas - gas / 64;
  const isModest = fitsU64(s + T0) && low(s + T0) < <u64> available;
  let childGas = isModest ? <i64> low(s + T0) : available;
  gas -= childGas;
  if (TRACE) traceCost(gas);
  if (hasValue) childGas += GAS_CALL_STIPEND;
  store<i64>(frame + FRAME_GAS, gas);
  // What is left on the stack has the result on top once the call is over.
  setField(frame, FRAME_SP, <u32> (input - 3 * WORD_BYTES - STACK_BIAS));
  setReturnDataLength(0);

  const self = <usize> getField(frame, FRAME_ACCOUNT);
  if (TRACE) {
    const moved: usize = namesValue ? value : opcode == OP_DELEGATECALL ? frame + FRAME_VALUE : 0;
    traceEnter(opcode, self, target, data, dataLength, childGas, moved);
  }
  if (depth > MAX_DEPTH || (hasValue && less(self + ACCOUNT_BALANCE, value))) {
    if (TRACE) {
      const isDeep = depth > MAX_DEPTH;
      traceExit(0, 0, childGas, isDeep ? EXCEPTION_CALL_DEPTH : EXCEPTION_INSUFFICIENT_BALANCE);
    }
    answerCall(frame, childGas, false);
    return EXCEPTION_NONE;
  }
  const mark = undoMark();
  if (hasValue && opcode == OP_CALL) {
    subBalance(self, value);
    if (!addBalance(target, value)) {
      undoTo(mark);
      if (TRACE) traceExit(0, 0, 0, EXCEPTION_VALUE_OVERFLOW);
      answerCall(frame, 0, false);
      return EXCEPTION_NONE;
    }
  }
  if (opcode == OP_CALL || opcode == OP_STATICCALL) touch(target);
  if (runsPrecompile) {
    const used = runPrecompile(
      target + ACCOUNT_ADDRESS,
      data,
      dataLength,
      childGas,
      RETURN_DATA_BASE,
    );
    if (used < 0) undoTo(mark);
    else setReturnDataLength(precompileOutputLength);
    if (TRACE) tracePrecompile(childGas, used);
    answerCall(frame, used < 0 ? 0 : childGas - used, used >= 0);
    return EXCEPTION_NONE;
  }
  if (entry == 0) {
    if (TRACE) traceExit(0, 0, childGas, EXCEPTION_NONE);
    answerCall(frame, childGas, true);
    return EXCEPTION_NONE;
  }

  const isDelegate = opcode == OP_DELEGATECALL;
  const keepsAccount = isDelegate || opcode == OP_CALLCODE;
  const child = pushFrame(keepsAccount ? self : target, entry, childGas, mark);
  setField(child, FRAME_CALLER, isDelegate ? getField(frame, FRAME_CALLER) : <u32> self);
  setField(child, FRAME_DATA, <u32> data);
  setField(child, FRAME_DATA_LENGTH, dataLength);
  setField(child, FRAME_STATIC, isStatic || opcode == OP_STATICCALL ? 1 : 0);
  copy(
    child + FRAME_VALUE,
    isDelegate ? frame + FRAME_VALUE : namesValue ? value : ZERO_WORD,
  );
  return EXCEPTION_NONE;
}

/** Gives a call's result to the frame that made it. */
function answerCall(frame: usize, gasBack: i64, success: bool): void {
  store<i64>(frame + FRAME_GAS, load<i64>(frame + FRAME_GAS) + gasBack);
  const length = min(returnDataLength, getField(frame, FRAME_OUT_LENGTH));
  memory.copy(getField(frame, FRAME_OUT), RETURN_DATA_BASE, length);
  const s = <usize> getField(frame, FRAME_SP);
  setU64(s + STACK_BIAS, success ? 1 : 0);
  setField(frame, FRAME_SP, <u32> (s + WORD_BYTES));
}

/** Gives the result of CREATE: the account in `cell`, or zero when that is 0. */
export function answerCreate(frame: usize, gasBack: i64, cell: usize): void {
  store<i64>(frame + FRAME_GAS, load<i64>(frame + FRAME_GAS) + gasBack);
  const s = <usize> getField(frame, FRAME_SP);
  copy(s + STACK_BIAS, cell == 0 ? ZERO_WORD : cell + ACCOUNT_ADDRESS);
  setField(frame, FRAME_SP, <u32> (s + WORD_BYTES));
}

/**
 * Puts a frame on top that runs the code of `entry` as `account`. Caller, data, static flag and
 * value are left to set; `mark` is what its failure goes back to.
 */
export function pushFrame(self: usize, entry: usize, gas: i64, mark: u32): usize {
  const frame = frameAt(depth);
  let stack: usize = <usize> STACKS_BASE - STACK_BIAS;
  let memoryBase: u32 = <u32> EVM_MEMORY_BASE;
  if (depth != 0) {
    const parent = frameAt(depth - 1);
    stack = getField(parent, FRAME_SP);
    memoryBase = getField(parent, FRAME_MEMORY) + getField(parent, FRAME_MEMORY_BYTES);
  }
  if (load<u32>(entry + CODE_JUMPDESTS) == 0) analyse(entry);
  const code = load<u32>(entry + CODE_PTR);
  setField(frame, FRAME_PC, code);
  setField(frame, FRAME_SP, <u32> stack);
  store<i64>(frame + FRAME_GAS, gas);
  setField(frame, FRAME_STACK, <u32> stack);
  setField(frame, FRAME_CODE, code);
  setField(frame, FRAME_CODE_LENGTH, load<u32>(entry + CODE_LENGTH));
  setField(frame, FRAME_JUMPDESTS, load<u32>(entry + CODE_JUMPDESTS));
  setField(frame, FRAME_MEMORY, memoryBase);
  setField(frame, FRAME_MEMORY_BYTES, 0);
  setField(frame, FRAME_ACCOUNT, <u32> self);
  setField(frame, FRAME_CREATES, 0);
  setField(frame, FRAME_UNDO, mark);
  store<i64>(frame + FRAME_REFUND, refundCounter());
  setDepth(depth + 1);
  return frame;
}

/**
 * Ends the frame on top with `gas` left and output in its memory; true when no frame is left, and
 * the message's result is there.
 */
export function endFrame(exception: i32, gas: i64, output: usize, outputLength: u32): bool {
  const frame = frameAt(depth - 1);
  const creates = getField(frame, FRAME_CREATES) != 0;
  if (creates) {
    releaseTemporaryCode(getField(frame, FRAME_ENTRY));
    if (exception == EXCEPTION_NONE) {
      exception = checkCode(output, outputLength, gas);
      if (exception == EXCEPTION_NONE) {
        gas -= GAS_CODE_BYTE * <i64> outputLength;
        if (outputLength != 0) setCode(getField(frame, FRAME_ACCOUNT), output, outputLength);
      }
    }
  }
  if (exception != EXCEPTION_NONE) {
    undoTo(getField(frame, FRAME_UNDO));
    setRefundCounter(load<i64>(frame + FRAME_REFUND));
    if (exception != EXCEPTION_REVERT) {
      gas = 0;
      outputLength = 0;
    }
  }
  setDepth(depth - 1);
  if (TRACE) traceExit(output, outputLength, gas, exception);
  const isCreated = creates && exception == EXCEPTION_NONE;
  // To the creator the code is no return data; to whoever asked for a message it is the answer.
  if (isCreated && depth != 0) outputLength = 0;
  if (outputLength > <u32> (RETURN_DATA_END - RETURN_DATA_BASE)) fault(FAULT_RETURN_DATA_FULL);
  memory.copy(RETURN_DATA_BASE, output, outputLength);
  setReturnDataLength(outputLength);
  const cell: usize = isCreated ? <usize> getField(frame, FRAME_ACCOUNT) : 0;
  if (depth == 0) {
    endMessage(exception, gas, cell);
    return true;
  }
  const parent = frameAt(depth - 1);
  if (creates) answerCreate(parent, gas, cell);
  else answerCall(parent, gas, exception == EXCEPTION_NONE);
  return false;
}

/** Whether what init code returned can be a code, and can be paid for. */
function checkCode(output: usize, length: u32, gas: i64): i32 {
  if (length > MAX_CODE_SIZE) return EXCEPTION_CODE_SIZE;
  if (length != 0 && load<u8>(output) == 0xef) return EXCEPTION_CODE_PREFIX;
  if (gas < GAS_CODE_BYTE * <i64> length) return EXCEPTION_CODE_DEPOSIT_GAS;
  return EXCEPTION_NONE;
}

/** Sets the result of a message; its return data are those of the frame that ended last. */
export function endMessage(exception: i32, gas: i64, cell: usize): void {
  messageException = exception;
  messageGasLeft = gas;
  returnPtr = RETURN_DATA_BASE;
  returnLength = returnDataLength;
  createdCell = cell;
}

/**
 * Begins a message that is no creation. True when a frame is there to run, false when the result is
 * there already. The bootloader has checked that the sender can pay.
 */
export function beginMessageCall(
  caller: usize,
  target: usize,
  value: usize,
  data: usize,
  dataLength: u32,
  gas: i64,
): bool {
  const mark = undoMark();
  if (TRACE) traceEnter(OP_CALL, caller, target, data, dataLength, gas, value);
  const exception = transfer(caller, target, value);
  if (exception != EXCEPTION_NONE) {
    undoTo(mark);
    if (TRACE) traceExit(0, 0, exception == EXCEPTION_VALUE_OVERFLOW ? 0 : gas, exception);
    endMessage(exception, exception == EXCEPTION_VALUE_OVERFLOW ? 0 : gas, 0);
    return false;
  }
  touch(target);
  if (isPrecompile(target + ACCOUNT_ADDRESS)) {
    const address = target + ACCOUNT_ADDRESS;
    const used = runPrecompile(address, data, dataLength, gas, RETURN_DATA_BASE);
    if (used < 0) undoTo(mark);
    else setReturnDataLength(precompileOutputLength);
    if (TRACE) tracePrecompile(gas, used);
    endMessage(used < 0 ? EXCEPTION_PRECOMPILE : EXCEPTION_NONE, used < 0 ? 0 : gas - used, 0);
    return false;
  }
  codeToRun(target, gas, false);
  if (foundEntry == 0) {
    if (TRACE) traceExit(0, 0, gas, EXCEPTION_NONE);
    endMessage(EXCEPTION_NONE, gas, 0);
    return false;
  }
  const frame = pushFrame(target, foundEntry, gas, mark);
  setField(frame, FRAME_CALLER, <u32> caller);
  setField(frame, FRAME_DATA, <u32> data);
  setField(frame, FRAME_DATA_LENGTH, dataLength);
  setField(frame, FRAME_STATIC, 0);
  copy(frame + FRAME_VALUE, value);
  return true;
}

/** The end of a precompile's frame; `used` is negative when it failed. */
function tracePrecompile(gas: i64, used: i64): void {
  if (used < 0) traceExit(0, 0, 0, EXCEPTION_PRECOMPILE);
  else traceExit(RETURN_DATA_BASE, precompileOutputLength, gas - used, EXCEPTION_NONE);
}

/** Moves wei; answers an exception when that is not possible, and has changed something or not. */
export function transfer(from: usize, to: usize, value: usize): i32 {
  if (isZero(value)) return EXCEPTION_NONE;
  if (!subBalance(from, value)) return EXCEPTION_INSUFFICIENT_BALANCE;
  return addBalance(to, value) ? EXCEPTION_NONE : EXCEPTION_VALUE_OVERFLOW;
}
