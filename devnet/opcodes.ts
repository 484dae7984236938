/**
 * Names of opcodes and what they need on the stack, of every fork.
 *
 * Owns the table that traces are written with. Names are geth's and do not depend on the fork: an
 * opcode that a fork does not have yet is still called by its name. Does not own gas.
 * @module
 */

/** An opcode as a trace shows it. */
export interface OpcodeInfo {
  readonly name: string;
  /** Words that it takes, or reads, from the stack. */
  readonly pops: number;
  /** Words that it leaves in their place. */
  readonly pushes: number;
}

/** Opcodes that are named one by one: code, name, pops, pushes. */
const NAMED: readonly (readonly [number, string, number, number])[] = [
  [0x00, "STOP", 0, 0],
  [0x01, "ADD", 2, 1],
  [0x02, "MUL", 2, 1],
  [0x03, "SUB", 2, 1],
  [0x04, "DIV", 2, 1],
  [0x05, "SDIV", 2, 1],
  [0x06, "MOD", 2, 1],
  [0x07, "SMOD", 2, 1],
  [0x08, "ADDMOD", 3, 1],
  [0x09, "MULMOD", 3, 1],
  [0x0a, "EXP", 2, 1],
  [0x0b, "SIGNEXTEND", 2, 1],
  [0x10, "LT", 2, 1],
  [0x11, "GT", 2, 1],
  [0x12, "SLT", 2, 1],
  [0x13, "SGT", 2, 1],
  [0x14, "EQ", 2, 1],
  [0x15, "ISZERO", 1, 1],
  [0x16, "AND", 2, 1],
  [0x17, "OR", 2, 1],
  [0x18, "XOR", 2, 1],
  [0x19, "NOT", 1, 1],
  [0x1a, "BYTE", 2, 1],
  [0x1b, "SHL", 2, 1],
  [0x1c, "SHR", 2, 1],
  [0x1d, "SAR", 2, 1],
  [0x1e, "CLZ", 1, 1],
  [0x20, "KECCAK256", 2, 1],
  [0x30, "ADDRESS", 0, 1],
  [0x31, "BALANCE", 1, 1],
  [0x32, "ORIGIN", 0, 1],
  [0x33, "CALLER", 0, 1],
  [0x34, "CALLVALUE", 0, 1],
  [0x35, "CALLDATALOAD", 1, 1],
  [0x36, "CALLDATASIZE", 0, 1],
  [0x37, "CALLDATACOPY", 3, 0],
  [0x38, "CODESIZE", 0, 1],
  [0x39, "CODECOPY", 3, 0],
  [0x3a, "GASPRICE", 0, 1],
  [0x3b, "EXTCODESIZE", 1, 1],
  [0x3c, "EXTCODECOPY", 4, 0],
  [0x3d, "RETURNDATASIZE", 0, 1],
  [0x3e, "RETURNDATACOPY", 3, 0],
  [0x3f, "EXTCODEHASH", 1, 1],
  [0x40, "BLOCKHASH", 1, 1],
  [0x41, "COINBASE", 0, 1],
  [0x42, "TIMESTAMP", 0, 1],
  [0x43, "NUMBER", 0, 1],
  [0x44, "DIFFICULTY", 0, 1],
  [0x45, "GASLIMIT", 0, 1],
  [0x46, "CHAINID", 0, 1],
  [0x47, "SELFBALANCE", 0, 1],
  [0x48, "BASEFEE", 0, 1],
  [0x49, "BLOBHASH", 1, 1],
  [0x4a, "BLOBBASEFEE", 0, 1],
  [0x50, "POP", 1, 0],
  [0x51, "MLOAD", 1, 1],
  [0x52, "MSTORE", 2, 0],
  [0x53, "MSTORE8", 2, 0],
  [0x54, "SLOAD", 1, 1],
  [0x55, "SSTORE", 2, 0],
  [0x56, "JUMP", 1, 0],
  [0x57, "JUMPI", 2, 0],
  [0x58, "PC", 0, 1],
  [0x59, "MSIZE", 0, 1],
  [0x5a, "GAS", 0, 1],
  [0x5b, "JUMPDEST", 0, 0],
  [0x5c, "TLOAD", 1, 1],
  [0x5d, "TSTORE", 2, 0],
  [0x5e, "MCOPY", 3, 0],
  [0x5f, "PUSH0", 0, 1],
  [0xf0, "CREATE", 3, 1],
  [0xf1, "CALL", 7, 1],
  [0xf2, "CALLCODE", 7, 1],
  [0xf3, "RETURN", 2, 0],
  [0xf4, "DELEGATECALL", 6, 1],
  [0xf5, "CREATE2", 4, 1],
  [0xfa, "STATICCALL", 6, 1],
  [0xfd, "REVERT", 2, 0],
  [0xfe, "INVALID", 0, 0],
  [0xff, "SELFDESTRUCT", 1, 0],
];

/** Codes that tracers look for. */
export const OPCODES = {
  stop: 0x00,
  iszero: 0x15,
  keccak256: 0x20,
  balance: 0x31,
  extcodesize: 0x3b,
  extcodecopy: 0x3c,
  extcodehash: 0x3f,
  sload: 0x54,
  sstore: 0x55,
  jump: 0x56,
  jumpi: 0x57,
  gas: 0x5a,
  tload: 0x5c,
  tstore: 0x5d,
  log0: 0xa0,
  log4: 0xa4,
  create: 0xf0,
  call: 0xf1,
  callcode: 0xf2,
  return: 0xf3,
  delegatecall: 0xf4,
  create2: 0xf5,
  staticcall: 0xfa,
  revert: 0xfd,
  selfdestruct: 0xff,
} as const;

const TABLE: readonly OpcodeInfo[] = buildTable();

/** What `op`, a byte, is called and needs. */
export function opcodeInfo(op: number): OpcodeInfo {
  return TABLE[op] ?? undefinedOpcode(op);
}

function buildTable(): readonly OpcodeInfo[] {
  const table = Array.from({ length: 256 }, (_, op) => undefinedOpcode(op));
  for (const [op, name, pops, pushes] of NAMED) table[op] = { name, pops, pushes };
  for (let size = 1; size <= 32; size++) {
    table[0x5f + size] = { name: `PUSH${size}`, pops: 0, pushes: 1 };
  }
  for (let place = 1; place <= 16; place++) {
    table[0x7f + place] = { name: `DUP${place}`, pops: place, pushes: place + 1 };
    table[0x8f + place] = { name: `SWAP${place}`, pops: place + 1, pushes: place + 1 };
  }
  for (let topics = 0; topics <= 4; topics++) {
    table[0xa0 + topics] = { name: `LOG${topics}`, pops: topics + 2, pushes: 0 };
  }
  return table;
}

function undefinedOpcode(op: number): OpcodeInfo {
  return { name: `opcode 0x${op.toString(16)} not defined`, pops: 0, pushes: 0 };
}
