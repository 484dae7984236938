/**
 * Opcode numbers up to Osaka, and what each needs of the operand stack.
 */

export const OP_STOP = 0x00;
export const OP_ADD = 0x01;
export const OP_MUL = 0x02;
export const OP_SUB = 0x03;
export const OP_DIV = 0x04;
export const OP_SDIV = 0x05;
export const OP_MOD = 0x06;
export const OP_SMOD = 0x07;
export const OP_ADDMOD = 0x08;
export const OP_MULMOD = 0x09;
export const OP_EXP = 0x0a;
export const OP_SIGNEXTEND = 0x0b;
export const OP_LT = 0x10;
export const OP_GT = 0x11;
export const OP_SLT = 0x12;
export const OP_SGT = 0x13;
export const OP_EQ = 0x14;
export const OP_ISZERO = 0x15;
export const OP_AND = 0x16;
export const OP_OR = 0x17;
export const OP_XOR = 0x18;
export const OP_NOT = 0x19;
export const OP_BYTE = 0x1a;
export const OP_SHL = 0x1b;
export const OP_SHR = 0x1c;
export const OP_SAR = 0x1d;
export const OP_CLZ = 0x1e;
export const OP_KECCAK256 = 0x20;
export const OP_ADDRESS = 0x30;
export const OP_BALANCE = 0x31;
export const OP_ORIGIN = 0x32;
export const OP_CALLER = 0x33;
export const OP_CALLVALUE = 0x34;
export const OP_CALLDATALOAD = 0x35;
export const OP_CALLDATASIZE = 0x36;
export const OP_CALLDATACOPY = 0x37;
export const OP_CODESIZE = 0x38;
export const OP_CODECOPY = 0x39;
export const OP_GASPRICE = 0x3a;
export const OP_EXTCODESIZE = 0x3b;
export const OP_EXTCODECOPY = 0x3c;
export const OP_RETURNDATASIZE = 0x3d;
export const OP_RETURNDATACOPY = 0x3e;
export const OP_EXTCODEHASH = 0x3f;
export const OP_BLOCKHASH = 0x40;
export const OP_COINBASE = 0x41;
export const OP_TIMESTAMP = 0x42;
export const OP_NUMBER = 0x43;
export const OP_PREVRANDAO = 0x44;
export const OP_GASLIMIT = 0x45;
export const OP_CHAINID = 0x46;
export const OP_SELFBALANCE = 0x47;
export const OP_BASEFEE = 0x48;
export const OP_BLOBHASH = 0x49;
export const OP_BLOBBASEFEE = 0x4a;
export const OP_POP = 0x50;
export const OP_MLOAD = 0x51;
export const OP_MSTORE = 0x52;
export const OP_MSTORE8 = 0x53;
export const OP_SLOAD = 0x54;
export const OP_SSTORE = 0x55;
export const OP_JUMP = 0x56;
export const OP_JUMPI = 0x57;
export const OP_PC = 0x58;
export const OP_MSIZE = 0x59;
export const OP_GAS = 0x5a;
export const OP_JUMPDEST = 0x5b;
export const OP_TLOAD = 0x5c;
export const OP_TSTORE = 0x5d;
export const OP_MCOPY = 0x5e;
export const OP_PUSH0 = 0x5f;
export const OP_PUSH1 = 0x60;
export const OP_DUP1 = 0x80;
export const OP_SWAP1 = 0x90;
export const OP_LOG0 = 0xa0;
export const OP_CREATE = 0xf0;
export const OP_CALL = 0xf1;
export const OP_CALLCODE = 0xf2;
export const OP_RETURN = 0xf3;
export const OP_DELEGATECALL = 0xf4;
export const OP_CREATE2 = 0xf5;
export const OP_STATICCALL = 0xfa;
export const OP_REVERT = 0xfd;
export const OP_INVALID = 0xfe;
export const OP_SELFDESTRUCT = 0xff;

/**
 * Words that each opcode takes from the stack (for DUPn and SWAPn: that must be there). Only the
 * naming of a failure reads it: the loop itself knows its numbers.
 */
const STACK_NEEDS = memory.data<u8>([
  // 0x00
  0, 2, 2, 2, 2, 2, 2, 2, 3, 3, 2, 2, 0, 0, 0, 0,
  // 0x10
  2, 2, 2, 2, 2, 1, 2, 2, 2, 1, 2, 2, 2, 2, 1, 0,
  // 0x20
  2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  // 0x30
  0, 1, 0, 0, 0, 1, 0, 3, 0, 3, 0, 1, 4, 0, 3, 1,
  // 0x40
  1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
  // 0x50
  1, 1, 2, 2, 1, 2, 1, 2, 0, 0, 0, 0, 1, 2, 3, 0,
  // 0x60
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  // 0x70
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  // 0x80
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
  // 0x90
  2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
  // 0xa0
  2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  // 0xb0
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  // 0xc0
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  // 0xd0
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  // 0xe0
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  // 0xf0
  3, 7, 7, 2, 6, 4, 0, 0, 0, 0, 6, 0, 0, 2, 0, 1,
]);

export function stackNeeds(opcode: i32): u32 {
  return load<u8>(STACK_NEEDS + opcode);
}

/** Whether the opcode leaves one word more than it takes. */
export function growsStack(opcode: i32): bool {
  if (opcode >= OP_PUSH0 && opcode < OP_SWAP1) return true;
  if (opcode == OP_PC || opcode == OP_MSIZE || opcode == OP_GAS) return true;
  return opcode >= OP_ADDRESS && opcode <= OP_BLOBBASEFEE && stackNeeds(opcode) == 0;
}
