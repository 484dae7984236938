/**
 * Opcodes whose price is always the same: a tracing build tells them before they run.
 */
import { SLOT_WARM_TX } from "./cells";
import { txEpoch } from "./undo";
import { FRAME_ACCOUNT, FRAME_CODE_LENGTH, getField, T0 } from "./frames";
import { GAS_COLD_SLOT, GAS_WARM, STACK_LIMIT } from "./gas";
import * as op from "./opcodes";
import { slot } from "./state";
import { noteStep, stackLength, traceCost } from "./trace";

/** An opcode is next; `s` is the biased stack pointer. The others tell their price themselves. */
export function traceStep(frame: usize, opcode: i32, pc: usize, s: usize, gas: i64): void {
  noteStep(frame, opcode, pc, s, gas);
  // Where there is no code nothing runs, though the program finds a STOP there.
  if (getField(frame, FRAME_CODE_LENGTH) == 0) return;
  const height = stackLength();
  if (height < op.stackNeeds(opcode)) return;
  const price = opcode == op.OP_SLOAD ? priceOfLoad(frame, s) : fixedPrice(opcode);
  if (price < 0 || gas < price) return;
  if (height == STACK_LIMIT && op.growsStack(opcode)) return;
  traceCost(gas - price);
}

/** EIP-2929; told here, as where it is paid a branch that is never taken would change the module. */
function priceOfLoad(frame: usize, s: usize): i64 {
  const cell = slot(getField(frame, FRAME_ACCOUNT), s + T0);
  return load<u32>(cell, SLOT_WARM_TX) == txEpoch ? GAS_WARM : GAS_COLD_SLOT;
}

/** The price of an opcode that always has the same; -1 for the others, which tell it themselves. */
function fixedPrice(opcode: i32): i64 {
  if (opcode >= op.OP_PUSH1 && opcode < op.OP_LOG0) return 3;
  switch (opcode) {
    case op.OP_STOP:
      return 0;
    case op.OP_JUMPDEST:
      return 1;
    case op.OP_ADDRESS: case op.OP_ORIGIN: case op.OP_CALLER: case op.OP_CALLVALUE:
    case op.OP_CALLDATASIZE: case op.OP_CODESIZE: case op.OP_GASPRICE: case op.OP_RETURNDATASIZE:
    case op.OP_COINBASE: case op.OP_TIMESTAMP: case op.OP_NUMBER: case op.OP_PREVRANDAO:
    case op.OP_GASLIMIT: case op.OP_CHAINID: case op.OP_BASEFEE: case op.OP_BLOBBASEFEE:
    case op.OP_POP: case op.OP_PC: case op.OP_MSIZE: case op.OP_GAS: case op.OP_PUSH0:
      return 2;
    case op.OP_ADD: case op.OP_SUB: case op.OP_LT: case op.OP_GT: case op.OP_SLT: case op.OP_SGT:
    case op.OP_EQ: case op.OP_ISZERO: case op.OP_AND: case op.OP_OR: case op.OP_XOR: case op.OP_NOT:
    case op.OP_BYTE: case op.OP_SHL: case op.OP_SHR: case op.OP_SAR: case op.OP_CALLDATALOAD:
    case op.OP_BLOBHASH:
      return 3;
    case op.OP_MUL: case op.OP_DIV: case op.OP_SDIV: case op.OP_MOD: case op.OP_SMOD:
    case op.OP_SIGNEXTEND: case op.OP_SELFBALANCE: case op.OP_CLZ:
      return 5;
    case op.OP_ADDMOD: case op.OP_MULMOD: case op.OP_JUMP:
      return 8;
    case op.OP_JUMPI:
      return 10;
    case op.OP_BLOCKHASH:
      return 20;
    case op.OP_TLOAD: case op.OP_TSTORE:
      return 100;
    default:
      return -1;
  }
}
