/**
 * Frames of the call stack in memory, and what all frames of a message share.
 *
 * A frame is what the interpreter needs to go on with a call: it keeps its hot fields in locals and
 * writes them here when another frame (or a call of another module that reads them) takes over.
 * Operand stacks follow one another in STACKS_BASE, memories in EVM_MEMORY_BASE: a child starts
 * where its parent's end, and neither moves while the child runs.
 */
import { EXCEPTION_OUT_OF_GAS, FRAMES_BASE } from "./layout";

/** u32: address of the next opcode. */
export const FRAME_PC: usize = 0;
/** u32: stack pointer, biased by STACK_BIAS. */
export const FRAME_SP: usize = 4;
/** i64. */
export const FRAME_GAS: usize = 8;
/** u32: stack pointer of the empty stack, biased. */
export const FRAME_STACK: usize = 16;
/** u32: code, padded with zeros behind its end. */
export const FRAME_CODE: usize = 20;
export const FRAME_CODE_LENGTH: usize = 24;
/** u32: bitmap of jump targets. */
export const FRAME_JUMPDESTS: usize = 28;
/** u32: first byte of the memory. */
export const FRAME_MEMORY: usize = 32;
/** u32: bytes of it that are in use; a multiple of 32. */
export const FRAME_MEMORY_BYTES: usize = 36;
/** u32: cell of the account whose storage and balance the code sees. */
export const FRAME_ACCOUNT: usize = 40;
/** u32: cell of the account that CALLER names. */
export const FRAME_CALLER: usize = 44;
export const FRAME_DATA: usize = 48;
export const FRAME_DATA_LENGTH: usize = 52;
/** u32: 1 when nothing may change. */
export const FRAME_STATIC: usize = 56;
/** u32: 1 when the code is init code. */
export const FRAME_CREATES: usize = 60;
/** u32: state to go back to. */
export const FRAME_UNDO: usize = 64;
/** u32: where the parent wants output, and how much. */
export const FRAME_OUT: usize = 68;
export const FRAME_OUT_LENGTH: usize = 72;
/** u32: the code's entry, for init code to be given back. */
export const FRAME_ENTRY: usize = 76;
/** i64: refund counter to go back to. */
export const FRAME_REFUND: usize = 80;
/** Word. */
export const FRAME_VALUE: usize = 96;
export const FRAME_BYTES: usize = 128;

/**
 * What is added to a stack pointer to get the address of the first free word. It makes the offsets
 * of all words that an opcode reaches positive, so that they fit into the load instruction.
 */
export const STACK_BIAS: usize = 544;
/** Offsets of the topmost words from a biased stack pointer. */
export const T0: usize = 512;
export const T1: usize = 480;
export const T2: usize = 448;
export const T3: usize = 416;
export const T4: usize = 384;
export const T5: usize = 352;
export const T6: usize = 320;
export const STACK_BYTES: usize = 32768;

/** Number of calls above the running one. */
export let depth: u32 = 0;

/** Why the opcode that ran last cannot go on; read when it answers negative gas. */
export let haltReason: i32 = EXCEPTION_OUT_OF_GAS;

/** Bytes of return data of the running frame, at RETURN_DATA_BASE. */
export let returnDataLength: u32 = 0;

/** Words: set by `setTxContext`. */
export let txOrigin: usize = 0;
export let txGasPrice: usize = 0;
/** Big-endian words. */
export let txBlobHashes: usize = 0;
export let txBlobCount: u32 = 0;

/**
 * Names what the opcodes of a transaction ask for: `origin` and `gasPrice` are words, `blobHashes`
 * big-endian words one after the other. What is pointed to must stay.
 */
export function setTxContext(
  origin: usize,
  gasPrice: usize,
  blobHashes: usize,
  blobCount: u32,
): void {
  txOrigin = origin;
  txGasPrice = gasPrice;
  txBlobHashes = blobHashes;
  txBlobCount = blobCount;
}

export function setDepth(value: u32): void {
  depth = value;
}

export function setReturnDataLength(value: u32): void {
  returnDataLength = value;
}

/** The answer of an opcode that fails for another reason than gas. */
export function halt(reason: i32): i64 {
  haltReason = reason;
  return -1;
}

/** Why the running frame halts; asked once, as the usual reason is set again. */
export function takeHaltReason(): i32 {
  const reason = haltReason;
  haltReason = EXCEPTION_OUT_OF_GAS;
  return reason;
}
@inline
export function frameAt(index: u32): usize {
  return <usize> FRAMES_BASE + <usize> index * FRAME_BYTES;
}
@inline
export function getField(frame: usize, field: usize): u32 {
  return load<u32>(frame + field);
}
@inline
export function setField(frame: usize, field: usize, value: u32): void {
  store<u32>(frame + field, value);
}
