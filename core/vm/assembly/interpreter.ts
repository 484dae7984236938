/**
 * The interpreter: one loop over the opcodes of whatever frame is on top.
 *
 * The frame's hot fields are locals of the loop: code position, stack pointer, gas, bounds. They go
 * back to the frame only where another frame begins or ends. An opcode that succeeds says
 * `continue`; `break` leaves the switch for the one place that ends frames or takes up another.
 * A failing opcode just breaks: which of stack and gas it was is found out there.
 *
 * The loop owes its speed to what it does not do: no call and no store beside the operand stack in
 * the usual opcodes. The numbers of each opcode (words it takes, its price) stand in its case.
 */
import {
  blobHashWord,
  blockHashWord,
  opBalance,
  opExtCodeHash,
  opExtCodeSize,
} from "./account_ops";
import { beginCall, beginMessageCall, endFrame } from "./calls";
import { beginCreate, beginMessageCreate } from "./creates";
import {
  callDataWord,
  expandForWord,
  opCallDataCopy,
  opCodeCopy,
  opExtCodeCopy,
  opKeccak256,
  opLog,
  opMcopy,
  opMstore8,
  opReturnDataCopy,
} from "./data_ops";
import {
  depth,
  FRAME_ACCOUNT,
  FRAME_CALLER,
  FRAME_CODE,
  FRAME_CODE_LENGTH,
  FRAME_DATA,
  FRAME_DATA_LENGTH,
  FRAME_GAS,
  FRAME_JUMPDESTS,
  FRAME_MEMORY,
  FRAME_MEMORY_BYTES,
  FRAME_PC,
  FRAME_SP,
  FRAME_STACK,
  FRAME_VALUE,
  frameAt,
  getField,
  returnDataLength,
  setDepth,
  setField,
  setReturnDataLength,
  STACK_BIAS,
  STACK_BYTES,
  T0,
  T1,
  T2,
  takeHaltReason,
  txGasPrice,
  txOrigin,
} from "./frames";
import { GAS_EXP, GAS_EXP_BYTE, STACK_LIMIT } from "./gas";
import {
  COUNTER_STEPS,
  EXCEPTION_INVALID_JUMP,
  EXCEPTION_INVALID_OPCODE,
  EXCEPTION_NONE,
  EXCEPTION_OUT_OF_GAS,
  EXCEPTION_REVERT,
  EXCEPTION_STACK_OVERFLOW,
  EXCEPTION_STACK_UNDERFLOW,
  FORK_OSAKA,
  SLOT_BASE_FEE,
  SLOT_BLOB_BASE_FEE,
  SLOT_CHAIN_ID,
  SLOT_FORK,
  SLOT_GAS_LIMIT,
  SLOT_NUMBER,
  SLOT_OPERATOR,
  SLOT_PREV_RANDAO,
  SLOT_TIMESTAMP,
} from "./layout";
import { count, getNumber, slotPtr } from "./memory";
import { rangeLength, rangePtr, useRange } from "./memory_gas";
import * as op from "./opcodes";
import {
  areShort,
  bswap64,
  copyWord,
  dup,
  isShort,
  limbs,
  pushU64,
  putBool,
  reversed,
  swap,
} from "./stack";
import { ACCOUNT_ADDRESS, ACCOUNT_BALANCE } from "./state";
import { opSelfdestruct, opSload, opSstore, opTload, opTstore } from "./storage_ops";
import {
  addMod,
  byteAt,
  byteLength,
  clz as clzWord,
  div,
  exp,
  less,
  loadBE,
  loadBytesBE,
  mod,
  mul,
  mulMod,
  sar,
  sdiv,
  shl,
  shr,
  signedLess,
  signExtend,
  smod,
} from "./words";
import { traceCost, traceFault } from "./trace";
import { traceStep } from "./trace_step";

/** The opcode breaks without a name for it: stack or gas. */
const UNNAMED: i32 = -1;

export {
  createdCell,
  messageException,
  messageGasLeft,
  returnLength,
  returnPtr,
} from "./calls";
export { setTxContext } from "./frames";

/**
 * Runs a message from the account in `callerCell`: value transfer and the code of `toCell` (or of
 * its delegate, or a precompile), or, when `isCreate`, the init code `data`. The sender's nonce was
 * raised before. Results are in the globals above; what a failed message changed is undone.
 */
export function runMessage(
  isCreate: bool,
  callerCell: usize,
  toCell: usize,
  value: usize,
  data: usize,
  dataLength: u32,
  gas: i64,
): void {
  setDepth(0);
  setReturnDataLength(0);
  takeHaltReason();
  const hasFrame = isCreate
    ? beginMessageCreate(callerCell, value, data, dataLength, gas)
    : beginMessageCall(callerCell, toCell, value, data, dataLength, gas);
  if (hasFrame) execute();
}

/** First offset at which no whole word is in use any more. */
@inline
function wordBound(frame: usize): u64 {
  const bytes = <u64> load<u32>(frame, FRAME_MEMORY_BYTES);
  return bytes == 0 ? 0 : bytes - 31;
}

/** Why an opcode broke that gave no reason. */
function nameFailure(opcode: i32, height: u32): i32 {
  if (height < op.stackNeeds(opcode)) return EXCEPTION_STACK_UNDERFLOW;
  if (height == STACK_LIMIT && op.growsStack(opcode)) return EXCEPTION_STACK_OVERFLOW;
  return takeHaltReason();
}

/** Runs the frame on top and all that it calls. */
function execute(): void {
  let steps: u64 = 0;
  const hasClz = <i32> getNumber(SLOT_FORK) >= FORK_OSAKA;
  while (true) {
    const frame = frameAt(depth - 1);
    const base = <usize> getField(frame, FRAME_STACK);
    const code = <usize> getField(frame, FRAME_CODE);
    const codeLength = <u64> getField(frame, FRAME_CODE_LENGTH);
    const jumpdests = <usize> getField(frame, FRAME_JUMPDESTS);
    const mem = <usize> getField(frame, FRAME_MEMORY);
    let bound = wordBound(frame);
    let pc = <usize> getField(frame, FRAME_PC);
    let s = <usize> getField(frame, FRAME_SP);
    let gas = load<i64>(frame, FRAME_GAS);
    while (true) {
      const opcode = <i32> load<u8>(pc);
      let exception = UNNAMED;
      steps++;
      if (TRACE) traceStep(frame, opcode, pc, s, gas);
      switch (opcode) {
        case op.OP_STOP: {
          if (endFrame(EXCEPTION_NONE, gas, 0, 0)) return count(COUNTER_STEPS, steps);
          exception = EXCEPTION_NONE;
          break;
        }
        case op.OP_ADD: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          const a = load<u64>(s, T0);
          const r0 = a + load<u64>(s, T1);
          let carry = <u64> (r0 < a);
          const b = load<u64>(s, T0 + 8);
          let r1 = b + load<u64>(s, T1 + 8);
          const carry1 = <u64> (r1 < b);
          r1 += carry;
          carry = carry1 | <u64> (r1 < carry);
          const c = load<u64>(s, T0 + 16);
          let r2 = c + load<u64>(s, T1 + 16);
          const carry2 = <u64> (r2 < c);
          r2 += carry;
          carry = carry2 | <u64> (r2 < carry);
          const r3 = load<u64>(s, T0 + 24) + load<u64>(s, T1 + 24) + carry;
          store<u64>(s, r0, T1);
          store<u64>(s, r1, T1 + 8);
          store<u64>(s, r2, T1 + 16);
          store<u64>(s, r3, T1 + 24);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_MUL: {
          if (s < base + 64 || gas < 5) break;
          gas -= 5;
          const a = load<u64>(s, T0);
          const b = load<u64>(s, T1);
          if (areShort(s) && ((a | b) >> 32) == 0) {
            store<u64>(s, a * b, T1);
          } else mul(s + T1, s + T0, s + T1);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_SUB: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          const a = load<u64>(s, T0);
          const a1 = load<u64>(s, T1);
          const r0 = a - a1;
          let borrow = <u64> (a < a1);
          const b = load<u64>(s, T0 + 8);
          const b1 = load<u64>(s, T1 + 8);
          const m1 = b - b1;
          const r1 = m1 - borrow;
          borrow = <u64> (b < b1) | <u64> (m1 < borrow);
          const c = load<u64>(s, T0 + 16);
          const c1 = load<u64>(s, T1 + 16);
          const m2 = c - c1;
          const r2 = m2 - borrow;
          borrow = <u64> (c < c1) | <u64> (m2 < borrow);
          const r3 = load<u64>(s, T0 + 24) - load<u64>(s, T1 + 24) - borrow;
          store<u64>(s, r0, T1);
          store<u64>(s, r1, T1 + 8);
          store<u64>(s, r2, T1 + 16);
          store<u64>(s, r3, T1 + 24);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_DIV: {
          if (s < base + 64 || gas < 5) break;
          gas -= 5;
          if (areShort(s)) {
            const b = load<u64>(s, T1);
            store<u64>(s, b == 0 ? 0 : load<u64>(s, T0) / b, T1);
          } else div(s + T1, s + T0, s + T1);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_SDIV: {
          if (s < base + 64 || gas < 5) break;
          gas -= 5;
          sdiv(s + T1, s + T0, s + T1);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_MOD: {
          if (s < base + 64 || gas < 5) break;
          gas -= 5;
          if (areShort(s)) {
            const b = load<u64>(s, T1);
            store<u64>(s, b == 0 ? 0 : load<u64>(s, T0) % b, T1);
          } else mod(s + T1, s + T0, s + T1);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_SMOD: {
          if (s < base + 64 || gas < 5) break;
          gas -= 5;
          smod(s + T1, s + T0, s + T1);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_ADDMOD: {
          if (s < base + 96 || gas < 8) break;
          gas -= 8;
          addMod(s + T2, s + T0, s + T1, s + T2);
          s -= 64;
          pc++;
          continue;
        }
        case op.OP_MULMOD: {
          if (s < base + 96 || gas < 8) break;
          gas -= 8;
          mulMod(s + T2, s + T0, s + T1, s + T2);
          s -= 64;
          pc++;
          continue;
        }
        case op.OP_EXP: {
          if (s < base + 64) break;
          gas -= GAS_EXP + GAS_EXP_BYTE * <i64> byteLength(s + T1);
          if (gas < 0) break;
          if (TRACE) traceCost(gas);
          exp(s + T1, s + T0, s + T1);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_SIGNEXTEND: {
          if (s < base + 64 || gas < 5) break;
          gas -= 5;
          signExtend(s + T1, s + T0, s + T1);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_LT: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          const isLess = areShort(s)
            ? load<u64>(s, T0) < load<u64>(s, T1)
            : less(s + T0, s + T1);
          putBool(s, T1, isLess);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_GT: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          const isLess = areShort(s)
            ? load<u64>(s, T1) < load<u64>(s, T0)
            : less(s + T1, s + T0);
          putBool(s, T1, isLess);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_SLT: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          putBool(s, T1, signedLess(s + T0, s + T1));
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_SGT: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          putBool(s, T1, signedLess(s + T1, s + T0));
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_EQ: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          const difference = (load<u64>(s, T0) ^ load<u64>(s, T1)) |
            (load<u64>(s, T0 + 8) ^ load<u64>(s, T1 + 8)) |
            (load<u64>(s, T0 + 16) ^ load<u64>(s, T1 + 16)) |
            (load<u64>(s, T0 + 24) ^ load<u64>(s, T1 + 24));
          putBool(s, T1, difference == 0);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_ISZERO: {
          if (s < base + 32 || gas < 3) break;
          gas -= 3;
          const any = load<u64>(s, T0) | load<u64>(s, T0 + 8) | load<u64>(s, T0 + 16) |
            load<u64>(s, T0 + 24);
          putBool(s, T0, any == 0);
          pc++;
          continue;
        }
        case op.OP_AND: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          store<u64>(s, load<u64>(s, T0) & load<u64>(s, T1), T1);
          store<u64>(s, load<u64>(s, T0 + 8) & load<u64>(s, T1 + 8), T1 + 8);
          store<u64>(s, load<u64>(s, T0 + 16) & load<u64>(s, T1 + 16), T1 + 16);
          store<u64>(s, load<u64>(s, T0 + 24) & load<u64>(s, T1 + 24), T1 + 24);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_OR: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          store<u64>(s, load<u64>(s, T0) | load<u64>(s, T1), T1);
          store<u64>(s, load<u64>(s, T0 + 8) | load<u64>(s, T1 + 8), T1 + 8);
          store<u64>(s, load<u64>(s, T0 + 16) | load<u64>(s, T1 + 16), T1 + 16);
          store<u64>(s, load<u64>(s, T0 + 24) | load<u64>(s, T1 + 24), T1 + 24);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_XOR: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          store<u64>(s, load<u64>(s, T0) ^ load<u64>(s, T1), T1);
          store<u64>(s, load<u64>(s, T0 + 8) ^ load<u64>(s, T1 + 8), T1 + 8);
          store<u64>(s, load<u64>(s, T0 + 16) ^ load<u64>(s, T1 + 16), T1 + 16);
          store<u64>(s, load<u64>(s, T0 + 24) ^ load<u64>(s, T1 + 24), T1 + 24);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_NOT: {
          if (s < base + 32 || gas < 3) break;
          gas -= 3;
          store<u64>(s, ~load<u64>(s, T0), T0);
          store<u64>(s, ~load<u64>(s, T0 + 8), T0 + 8);
          store<u64>(s, ~load<u64>(s, T0 + 16), T0 + 16);
          store<u64>(s, ~load<u64>(s, T0 + 24), T0 + 24);
          pc++;
          continue;
        }
        case op.OP_BYTE: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          byteAt(s + T1, s + T0, s + T1);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_SHL: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          shl(s + T1, s + T0, s + T1);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_SHR: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          shr(s + T1, s + T0, s + T1);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_SAR: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          sar(s + T1, s + T0, s + T1);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_CLZ: {
          if (!hasClz) {
            exception = EXCEPTION_INVALID_OPCODE;
            break;
          }
          if (s < base + 32 || gas < 5) break;
          gas -= 5;
          clzWord(s + T0, s + T0);
          pc++;
          continue;
        }
        case op.OP_KECCAK256: {
          if (s < base + 64) break;
          gas = opKeccak256(frame, s, gas);
          if (gas < 0) break;
          bound = wordBound(frame);
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_ADDRESS: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          copyWord(s + STACK_BIAS, <usize> getField(frame, FRAME_ACCOUNT) + ACCOUNT_ADDRESS);
          s += 32;
          pc++;
          continue;
        }
        case op.OP_BALANCE: {
          if (s < base + 32) break;
          gas = opBalance(s, gas);
          if (gas < 0) break;
          pc++;
          continue;
        }
        case op.OP_ORIGIN: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          copyWord(s + STACK_BIAS, txOrigin);
          s += 32;
          pc++;
          continue;
        }
        case op.OP_CALLER: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          copyWord(s + STACK_BIAS, <usize> getField(frame, FRAME_CALLER) + ACCOUNT_ADDRESS);
          s += 32;
          pc++;
          continue;
        }
        case op.OP_CALLVALUE: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          copyWord(s + STACK_BIAS, frame + FRAME_VALUE);
          s += 32;
          pc++;
          continue;
        }
        case op.OP_CALLDATALOAD: {
          if (s < base + 32 || gas < 3) break;
          gas -= 3;
          const offset = load<u64>(s, T0);
          const length = <u64> getField(frame, FRAME_DATA_LENGTH);
          if (isShort(s, T0) && offset < length && offset + 32 <= length) {
            const source = <usize> getField(frame, FRAME_DATA) + <usize> offset;
            v128.store(s, reversed(v128.load(source, 16)), T0);
            v128.store(s, reversed(v128.load(source)), T0 + 16);
          } else callDataWord(frame, s);
          pc++;
          continue;
        }
        case op.OP_CALLDATASIZE: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          pushU64(s, getField(frame, FRAME_DATA_LENGTH));
          s += 32;
          pc++;
          continue;
        }
        case op.OP_CALLDATACOPY: {
          if (s < base + 96) break;
          gas = opCallDataCopy(frame, s, gas);
          if (gas < 0) break;
          bound = wordBound(frame);
          s -= 96;
          pc++;
          continue;
        }
        case op.OP_CODESIZE: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          pushU64(s, codeLength);
          s += 32;
          pc++;
          continue;
        }
        case op.OP_CODECOPY: {
          if (s < base + 96) break;
          gas = opCodeCopy(frame, s, gas);
          if (gas < 0) break;
          bound = wordBound(frame);
          s -= 96;
          pc++;
          continue;
        }
        case op.OP_GASPRICE: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          copyWord(s + STACK_BIAS, txGasPrice);
          s += 32;
          pc++;
          continue;
        }
        case op.OP_EXTCODESIZE: {
          if (s < base + 32) break;
          gas = opExtCodeSize(s, gas);
          if (gas < 0) break;
          pc++;
          continue;
        }
        case op.OP_EXTCODECOPY: {
          if (s < base + 128) break;
          gas = opExtCodeCopy(frame, s, gas);
          if (gas < 0) break;
          bound = wordBound(frame);
          s -= 128;
          pc++;
          continue;
        }
        case op.OP_RETURNDATASIZE: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          pushU64(s, returnDataLength);
          s += 32;
          pc++;
          continue;
        }
        case op.OP_RETURNDATACOPY: {
          if (s < base + 96) break;
          gas = opReturnDataCopy(frame, s, gas);
          if (gas < 0) break;
          bound = wordBound(frame);
          s -= 96;
          pc++;
          continue;
        }
        case op.OP_EXTCODEHASH: {
          if (s < base + 32) break;
          gas = opExtCodeHash(s, gas);
          if (gas < 0) break;
          pc++;
          continue;
        }
        case op.OP_BLOCKHASH: {
          if (s < base + 32 || gas < 20) break;
          gas -= 20;
          blockHashWord(s);
          pc++;
          continue;
        }
        case op.OP_COINBASE: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          loadBytesBE(s + STACK_BIAS, slotPtr(SLOT_OPERATOR) + 12, 20);
          s += 32;
          pc++;
          continue;
        }
        case op.OP_TIMESTAMP: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          pushU64(s, getNumber(SLOT_TIMESTAMP));
          s += 32;
          pc++;
          continue;
        }
        case op.OP_NUMBER: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          pushU64(s, getNumber(SLOT_NUMBER));
          s += 32;
          pc++;
          continue;
        }
        case op.OP_PREVRANDAO: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          loadBE(s + STACK_BIAS, slotPtr(SLOT_PREV_RANDAO));
          s += 32;
          pc++;
          continue;
        }
        case op.OP_GASLIMIT: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          pushU64(s, getNumber(SLOT_GAS_LIMIT));
          s += 32;
          pc++;
          continue;
        }
        case op.OP_CHAINID: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          loadBE(s + STACK_BIAS, slotPtr(SLOT_CHAIN_ID));
          s += 32;
          pc++;
          continue;
        }
        case op.OP_SELFBALANCE: {
          if (s >= base + STACK_BYTES || gas < 5) break;
          gas -= 5;
          copyWord(s + STACK_BIAS, <usize> getField(frame, FRAME_ACCOUNT) + ACCOUNT_BALANCE);
          s += 32;
          pc++;
          continue;
        }
        case op.OP_BASEFEE: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          loadBE(s + STACK_BIAS, slotPtr(SLOT_BASE_FEE));
          s += 32;
          pc++;
          continue;
        }
        case op.OP_BLOBHASH: {
          if (s < base + 32 || gas < 3) break;
          gas -= 3;
          blobHashWord(s);
          pc++;
          continue;
        }
        case op.OP_BLOBBASEFEE: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          loadBE(s + STACK_BIAS, slotPtr(SLOT_BLOB_BASE_FEE));
          s += 32;
          pc++;
          continue;
        }
        case op.OP_POP: {
          if (s < base + 32 || gas < 2) break;
          gas -= 2;
          s -= 32;
          pc++;
          continue;
        }
        case op.OP_MLOAD: {
          if (s < base + 32 || gas < 3) break;
          gas -= 3;
          const offset = load<u64>(s, T0);
          if (!isShort(s, T0) || offset >= bound) {
            gas = expandForWord(frame, s + T0, gas);
            if (gas < 0) break;
            bound = wordBound(frame);
          }
          if (TRACE) traceCost(gas);
          const source = mem + <usize> offset;
          const high = reversed(v128.load(source));
          v128.store(s, reversed(v128.load(source, 16)), T0);
          v128.store(s, high, T0 + 16);
          pc++;
          continue;
        }
        case op.OP_MSTORE: {
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          const offset = load<u64>(s, T0);
          if (!isShort(s, T0) || offset >= bound) {
            gas = expandForWord(frame, s + T0, gas);
            if (gas < 0) break;
            bound = wordBound(frame);
          }
          if (TRACE) traceCost(gas);
          const target = mem + <usize> offset;
          v128.store(target, reversed(limbs(s, T1 + 16)));
          v128.store(target, reversed(limbs(s, T1)), 16);
          s -= 64;
          pc++;
          continue;
        }
        case op.OP_MSTORE8: {
          if (s < base + 64) break;
          gas = opMstore8(frame, s, gas);
          if (gas < 0) break;
          bound = wordBound(frame);
          s -= 64;
          pc++;
          continue;
        }
        case op.OP_SLOAD: {
          if (s < base + 32) break;
          gas = opSload(frame, s, gas);
          if (gas < 0) break;
          pc++;
          continue;
        }
        case op.OP_SSTORE: {
          if (s < base + 64) break;
          gas = opSstore(frame, s, gas);
          if (gas < 0) break;
          s -= 64;
          pc++;
          continue;
        }
        case op.OP_JUMP: {
          if (s < base + 32 || gas < 8) break;
          gas -= 8;
          const target = load<u64>(s, T0);
          if (!isShort(s, T0) || !isJumpdest(target, codeLength, jumpdests)) {
            exception = EXCEPTION_INVALID_JUMP;
            break;
          }
          s -= 32;
          if (TRACE) {
            pc = code + <usize> target;
            continue;
          }
          // The JUMPDEST there runs at once. The stack is no longer what a failure's name goes by.
          steps++;
          if (gas < 1) {
            exception = EXCEPTION_OUT_OF_GAS;
            break;
          }
          gas--;
          pc = code + <usize> target + 1;
          continue;
        }
        case op.OP_JUMPI: {
          if (s < base + 64 || gas < 10) break;
          gas -= 10;
          const condition = load<u64>(s, T1) | load<u64>(s, T1 + 8) | load<u64>(s, T1 + 16) |
            load<u64>(s, T1 + 24);
          if (condition == 0) {
            s -= 64;
            pc++;
            continue;
          }
          const target = load<u64>(s, T0);
          if (!isShort(s, T0) || !isJumpdest(target, codeLength, jumpdests)) {
            exception = EXCEPTION_INVALID_JUMP;
            break;
          }
          s -= 64;
          if (TRACE) {
            pc = code + <usize> target;
            continue;
          }
          steps++;
          if (gas < 1) {
            exception = EXCEPTION_OUT_OF_GAS;
            break;
          }
          gas--;
          pc = code + <usize> target + 1;
          continue;
        }
        case op.OP_PC: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          pushU64(s, <u64> (pc - code));
          s += 32;
          pc++;
          continue;
        }
        case op.OP_MSIZE: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          pushU64(s, getField(frame, FRAME_MEMORY_BYTES));
          s += 32;
          pc++;
          continue;
        }
        case op.OP_GAS: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          pushU64(s, gas);
          s += 32;
          pc++;
          continue;
        }
        case op.OP_JUMPDEST: {
          if (gas < 1) break;
          gas -= 1;
          pc++;
          continue;
        }
        case op.OP_TLOAD: {
          if (s < base + 32) break;
          gas = opTload(frame, s, gas);
          if (gas < 0) break;
          pc++;
          continue;
        }
        case op.OP_TSTORE: {
          if (s < base + 64) break;
          gas = opTstore(frame, s, gas);
          if (gas < 0) break;
          s -= 64;
          pc++;
          continue;
        }
        case op.OP_MCOPY: {
          if (s < base + 96) break;
          gas = opMcopy(frame, s, gas);
          if (gas < 0) break;
          bound = wordBound(frame);
          s -= 96;
          pc++;
          continue;
        }
        case op.OP_PUSH0: {
          if (s >= base + STACK_BYTES || gas < 2) break;
          gas -= 2;
          pushU64(s, 0);
          s += 32;
          pc++;
          continue;
        }
        case 0x60: { // PUSH1
          if (s >= base + STACK_BYTES || gas < 3) break;
          gas -= 3;
          const value = <u64> load<u8>(pc, 1);
          if (TRACE) {
            pushU64(s, value);
            s += 32;
            pc += 2;
            continue;
          }
          const next = <i32> load<u8>(pc, 2);
          if (next == op.OP_JUMPI && s >= base + 32 && gas > 10) {
            // The usual way to jump: no need to write the target down.
            steps++;
            gas -= 10;
            const condition = load<u64>(s, T0) | load<u64>(s, T0 + 8) | load<u64>(s, T0 + 16) |
              load<u64>(s, T0 + 24);
            s -= 32;
            if (condition == 0) {
              pc += 3;
              continue;
            }
            if (!isJumpdest(value, codeLength, jumpdests)) {
              exception = EXCEPTION_INVALID_JUMP;
              break;
            }
            steps++;
            gas--;
            pc = code + <usize> value + 1;
            continue;
          }
          if (next == op.OP_JUMP && gas > 8) {
            steps++;
            gas -= 8;
            if (!isJumpdest(value, codeLength, jumpdests)) {
              exception = EXCEPTION_INVALID_JUMP;
              break;
            }
            steps++;
            gas--;
            pc = code + <usize> value + 1;
            continue;
          }
          pushU64(s, value);
          s += 32;
          pc += 2;
          continue;
        }
        case 0x61: { // PUSH2
          if (s >= base + STACK_BYTES || gas < 3) break;
          gas -= 3;
          const value = (<u64> load<u8>(pc, 1) << 8) | <u64> load<u8>(pc, 2);
          if (TRACE) {
            pushU64(s, value);
            s += 32;
            pc += 3;
            continue;
          }
          const next = <i32> load<u8>(pc, 3);
          if (next == op.OP_JUMPI && s >= base + 32 && gas > 10) {
            // The usual way to jump: no need to write the target down.
            steps++;
            gas -= 10;
            const condition = load<u64>(s, T0) | load<u64>(s, T0 + 8) | load<u64>(s, T0 + 16) |
              load<u64>(s, T0 + 24);
            s -= 32;
            if (condition == 0) {
              pc += 4;
              continue;
            }
            if (!isJumpdest(value, codeLength, jumpdests)) {
              exception = EXCEPTION_INVALID_JUMP;
              break;
            }
            steps++;
            gas--;
            pc = code + <usize> value + 1;
            continue;
          }
          if (next == op.OP_JUMP && gas > 8) {
            steps++;
            gas -= 8;
            if (!isJumpdest(value, codeLength, jumpdests)) {
              exception = EXCEPTION_INVALID_JUMP;
              break;
            }
            steps++;
            gas--;
            pc = code + <usize> value + 1;
            continue;
          }
          pushU64(s, value);
          s += 32;
          pc += 3;
          continue;
        }
        case 0x62: { // PUSH3
          if (s >= base + STACK_BYTES || gas < 3) break;
          gas -= 3;
          pushU64(s, bswap64(load<u64>(pc, 1)) >> 40);
          s += 32;
          pc += 4;
          continue;
        }
        case 0x63: { // PUSH4
          if (s >= base + STACK_BYTES || gas < 3) break;
          gas -= 3;
          pushU64(s, bswap64(load<u64>(pc, 1)) >> 32);
          s += 32;
          pc += 5;
          continue;
        }
        case 0x73: { // PUSH20
          if (s >= base + STACK_BYTES || gas < 3) break;
          gas -= 3;
          store<u64>(s, bswap64(load<u64>(pc, 13)), STACK_BIAS);
          store<u64>(s, bswap64(load<u64>(pc, 5)), STACK_BIAS + 8);
          store<u64>(s, bswap64(load<u64>(pc, 1)) >> 32, STACK_BIAS + 16);
          store<u64>(s, 0, STACK_BIAS + 24);
          s += 32;
          pc += 21;
          continue;
        }
        case 0x64: case 0x65: case 0x66: case 0x67: case 0x68: case 0x69: case 0x6a: case 0x6b:
        case 0x6c: case 0x6d: case 0x6e: case 0x6f: case 0x70: case 0x71: case 0x72: case 0x74:
        case 0x75: case 0x76: case 0x77: case 0x78: case 0x79: case 0x7a: case 0x7b: case 0x7c:
        case 0x7d: case 0x7e: { // the other PUSHes
          if (s >= base + STACK_BYTES || gas < 3) break;
          gas -= 3;
          const bytes = opcode - op.OP_PUSH0;
          loadBytesBE(s + STACK_BIAS, pc + 1, bytes);
          s += 32;
          pc += bytes + 1;
          continue;
        }
        case 0x7f: { // PUSH32
          if (s >= base + STACK_BYTES || gas < 3) break;
          gas -= 3;
          v128.store(s, reversed(v128.load(pc, 17)), STACK_BIAS);
          v128.store(s, reversed(v128.load(pc, 1)), STACK_BIAS + 16);
          s += 32;
          pc += 33;
          continue;
        }
        case 0x80: { // DUP1
          if (s < base + 32 || s >= base + STACK_BYTES || gas < 3) break;
          gas -= 3;
          dup(s, T0);
          s += 32;
          pc++;
          continue;
        }
        case 0x81: { // DUP2
          if (s < base + 64 || s >= base + STACK_BYTES || gas < 3) break;
          gas -= 3;
          dup(s, T0 - 32);
          s += 32;
          pc++;
          continue;
        }
        case 0x82: case 0x83: case 0x84: case 0x85: case 0x86: case 0x87: case 0x88: case 0x89:
        case 0x8a: case 0x8b: case 0x8c: case 0x8d: case 0x8e: case 0x8f: { // DUP3 to DUP16
          const source = s + T0 - (<usize> (opcode - op.OP_DUP1) << 5);
          if (source < base + STACK_BIAS || s >= base + STACK_BYTES || gas < 3) break;
          gas -= 3;
          v128.store(s, v128.load(source), STACK_BIAS);
          v128.store(s, v128.load(source, 16), STACK_BIAS + 16);
          s += 32;
          pc++;
          continue;
        }
        case 0x90: { // SWAP1
          if (s < base + 64 || gas < 3) break;
          gas -= 3;
          swap(s, T0 - 32);
          pc++;
          continue;
        }
        case 0x91: { // SWAP2
          if (s < base + 96 || gas < 3) break;
          gas -= 3;
          swap(s, T0 - 64);
          pc++;
          continue;
        }
        case 0x92: case 0x93: case 0x94: case 0x95: case 0x96: case 0x97: case 0x98: case 0x99:
        case 0x9a: case 0x9b: case 0x9c: case 0x9d: case 0x9e: case 0x9f: { // SWAP3 to SWAP16
          const other = s + T1 - (<usize> (opcode - op.OP_SWAP1) << 5);
          if (other < base + STACK_BIAS || gas < 3) break;
          gas -= 3;
          const low = v128.load(s, T0);
          const high = v128.load(s, T0 + 16);
          v128.store(s, v128.load(other), T0);
          v128.store(s, v128.load(other, 16), T0 + 16);
          v128.store(other, low);
          v128.store(other, high, 16);
          pc++;
          continue;
        }
        case 0xa0: { // LOG0
          if (s < base + 64) break;
          gas = opLog(frame, s, gas, 0);
          if (gas < 0) break;
          bound = wordBound(frame);
          s -= 64;
          pc++;
          continue;
        }
        case 0xa1: { // LOG1
          if (s < base + 96) break;
          gas = opLog(frame, s, gas, 1);
          if (gas < 0) break;
          bound = wordBound(frame);
          s -= 96;
          pc++;
          continue;
        }
        case 0xa2: { // LOG2
          if (s < base + 128) break;
          gas = opLog(frame, s, gas, 2);
          if (gas < 0) break;
          bound = wordBound(frame);
          s -= 128;
          pc++;
          continue;
        }
        case 0xa3: { // LOG3
          if (s < base + 160) break;
          gas = opLog(frame, s, gas, 3);
          if (gas < 0) break;
          bound = wordBound(frame);
          s -= 160;
          pc++;
          continue;
        }
        case 0xa4: { // LOG4
          if (s < base + 192) break;
          gas = opLog(frame, s, gas, 4);
          if (gas < 0) break;
          bound = wordBound(frame);
          s -= 192;
          pc++;
          continue;
        }
        case op.OP_CREATE: {
          if (s < base + 96) break;
          setField(frame, FRAME_PC, <u32> (pc + 1));
          setField(frame, FRAME_SP, <u32> s);
          store<i64>(frame, gas, FRAME_GAS);
          exception = beginCreate(frame, opcode);
          break;
        }
        case op.OP_CALL: {
          if (s < base + 224) break;
          setField(frame, FRAME_PC, <u32> (pc + 1));
          setField(frame, FRAME_SP, <u32> s);
          store<i64>(frame, gas, FRAME_GAS);
          exception = beginCall(frame, opcode);
          break;
        }
        case op.OP_CALLCODE: {
          if (s < base + 224) break;
          setField(frame, FRAME_PC, <u32> (pc + 1));
          setField(frame, FRAME_SP, <u32> s);
          store<i64>(frame, gas, FRAME_GAS);
          exception = beginCall(frame, opcode);
          break;
        }
        case op.OP_RETURN: {
          if (s < base + 64) break;
          gas = useRange(frame, s + T0, s + T1, gas);
          if (gas < 0) break;
          if (TRACE) traceCost(gas);
          if (endFrame(EXCEPTION_NONE, gas, rangePtr, rangeLength)) {
            return count(COUNTER_STEPS, steps);
          }
          exception = EXCEPTION_NONE;
          break;
        }
        case op.OP_DELEGATECALL: {
          if (s < base + 192) break;
          setField(frame, FRAME_PC, <u32> (pc + 1));
          setField(frame, FRAME_SP, <u32> s);
          store<i64>(frame, gas, FRAME_GAS);
          exception = beginCall(frame, opcode);
          break;
        }
        case op.OP_CREATE2: {
          if (s < base + 128) break;
          setField(frame, FRAME_PC, <u32> (pc + 1));
          setField(frame, FRAME_SP, <u32> s);
          store<i64>(frame, gas, FRAME_GAS);
          exception = beginCreate(frame, opcode);
          break;
        }
        case op.OP_STATICCALL: {
          if (s < base + 192) break;
          setField(frame, FRAME_PC, <u32> (pc + 1));
          setField(frame, FRAME_SP, <u32> s);
          store<i64>(frame, gas, FRAME_GAS);
          exception = beginCall(frame, opcode);
          break;
        }
        case op.OP_REVERT: {
          if (s < base + 64) break;
          gas = useRange(frame, s + T0, s + T1, gas);
          if (gas < 0) break;
          if (TRACE) traceCost(gas);
          if (endFrame(EXCEPTION_REVERT, gas, rangePtr, rangeLength)) {
            return count(COUNTER_STEPS, steps);
          }
          exception = EXCEPTION_NONE;
          break;
        }
        case op.OP_SELFDESTRUCT: {
          if (s < base + 32) break;
          gas = opSelfdestruct(frame, s, gas);
          if (gas < 0) break;
          if (endFrame(EXCEPTION_NONE, gas, 0, 0)) return count(COUNTER_STEPS, steps);
          exception = EXCEPTION_NONE;
          break;
        }
        // Named one by one, the undefined opcodes keep the jump table in one piece.
        case 0x0c: case 0x0d: case 0x0e: case 0x0f: case 0x1f: case 0x21: case 0x22: case 0x23:
        case 0x24: case 0x25: case 0x26: case 0x27: case 0x28: case 0x29: case 0x2a: case 0x2b:
        case 0x2c: case 0x2d: case 0x2e: case 0x2f: case 0x4b: case 0x4c: case 0x4d: case 0x4e:
        case 0x4f: case 0xa5: case 0xa6: case 0xa7: case 0xa8: case 0xa9: case 0xaa: case 0xab:
        case 0xac: case 0xad: case 0xae: case 0xaf: case 0xb0: case 0xb1: case 0xb2: case 0xb3:
        case 0xb4: case 0xb5: case 0xb6: case 0xb7: case 0xb8: case 0xb9: case 0xba: case 0xbb:
        case 0xbc: case 0xbd: case 0xbe: case 0xbf: case 0xc0: case 0xc1: case 0xc2: case 0xc3:
        case 0xc4: case 0xc5: case 0xc6: case 0xc7: case 0xc8: case 0xc9: case 0xca: case 0xcb:
        case 0xcc: case 0xcd: case 0xce: case 0xcf: case 0xd0: case 0xd1: case 0xd2: case 0xd3:
        case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8: case 0xd9: case 0xda: case 0xdb:
        case 0xdc: case 0xdd: case 0xde: case 0xdf: case 0xe0: case 0xe1: case 0xe2: case 0xe3:
        case 0xe4: case 0xe5: case 0xe6: case 0xe7: case 0xe8: case 0xe9: case 0xea: case 0xeb:
        case 0xec: case 0xed: case 0xee: case 0xef: case 0xf6: case 0xf7: case 0xf8: case 0xf9:
        case 0xfb: case 0xfc: case 0xfe:
        default: {
          exception = EXCEPTION_INVALID_OPCODE;
          break;
        }
      }
      // Another frame is on top, or this one fails.
      if (exception == EXCEPTION_NONE) break;
      if (exception == UNNAMED) exception = nameFailure(opcode, <u32> (s - base) / 32);
      if (TRACE) traceFault(exception);
      if (endFrame(exception, 0, 0, 0)) return count(COUNTER_STEPS, steps);
      break;
    }
  }
}

/** Whether there is a JUMPDEST at the offset `target`. */
@inline
function isJumpdest(target: u64, codeLength: u64, jumpdests: usize): bool {
  if (target >= codeLength) return false;
  return ((load<u8>(jumpdests + <usize> (target >> 3)) >> <u8> (target & 7)) & 1) != 0;
}
