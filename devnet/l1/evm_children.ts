/**
 * The call or creation that an opcode is about to make, read off the stack as geth's hooks tell it.
 *
 * Owns which words of the stack mean what. Does not own running it.
 * @module
 */
import { keccak256Bytes } from "../../core/crypto/keccak.ts";
import { bigintToBytes, concatBytes } from "../../core/primitives/bytes.ts";
import { type Address, bytesToAddress, hexToBytes } from "../../core/primitives/hex.ts";
import { createdAddress } from "../../core/types/tx.ts";
import type { FrameKind, FrameStart } from "../../core/vm/trace.ts";
import { OPCODES } from "../opcodes.ts";
import type { LibraryRunState } from "./evm_faults.ts";

/** A frame that is about to begin, and the gas that it is to get. */
export interface ChildCall {
  readonly frame: Omit<FrameStart, "gas">;
  readonly gas: bigint;
}

/** Frames may lie this deep. */
export const MAX_CALL_DEPTH = 1_024;
const CALL_STIPEND = 2_300n;
const ADDRESS_MASK = (1n << 160n) - 1n;

/** Kinds of calls, and whether they have a value among their words. */
const CALLS: ReadonlyMap<number, { readonly kind: FrameKind; readonly hasValue: boolean }> =
  new Map([
    [OPCODES.call, { kind: "CALL", hasValue: true }],
    [OPCODES.callcode, { kind: "CALLCODE", hasValue: true }],
    [OPCODES.delegatecall, { kind: "DELEGATECALL", hasValue: false }],
    [OPCODES.staticcall, { kind: "STATICCALL", hasValue: false }],
  ]);

/** Whether `op` calls an account. */
export function isCallOpcode(op: number): boolean {
  return CALLS.has(op);
}

/** What `op` is about to call or create; `undefined` for other opcodes. */
export function describeChild(runState: LibraryRunState, op: number): ChildCall | undefined {
  const call = CALLS.get(op);
  if (call !== undefined) return describeCall(runState, call);
  return op === OPCODES.create || op === OPCODES.create2
    ? describeCreation(runState, op)
    : undefined;
}

/** The account in the lower 160 bits of a word. */
export function wordToAddress(word: bigint): Address {
  return bytesToAddress(bigintToBytes(word & ADDRESS_MASK, 20));
}

function describeCall(
  { stack, memory, env, messageGasLimit = 0n }: LibraryRunState,
  { kind, hasValue }: { readonly kind: FrameKind; readonly hasValue: boolean },
): ChildCall {
  const words = stack.peek(hasValue ? 5 : 4);
  const [, target = 0n] = words;
  const [offset = 0n, length = 0n] = words.slice(hasValue ? 3 : 2);
  const sentWei = hasValue ? words[2] ?? 0n : 0n;
  return {
    frame: {
      kind,
      depth: env.depth + 1,
      from: bytesToAddress(env.address.bytes),
      to: wordToAddress(target),
      input: copyMemory(memory._store, offset, length),
      valueWei: valueOf(kind, sentWei, env.callValue),
    },
    gas: messageGasLimit + (sentWei > 0n ? CALL_STIPEND : 0n),
  };
}

/** A DELEGATECALL shows its caller's value, a STATICCALL has none. */
function valueOf(kind: FrameKind, sentWei: bigint, callerWei: bigint): bigint | undefined {
  if (kind === "STATICCALL") return undefined;
  return kind === "DELEGATECALL" ? callerWei : sentWei;
}

function describeCreation(
  { stack, memory, env, messageGasLimit = 0n }: LibraryRunState,
  op: number,
): ChildCall {
  const [valueWei = 0n, offset = 0n, length = 0n, salt = 0n] = stack.peek(
    op === OPCODES.create2 ? 4 : 3,
  );
  const from = bytesToAddress(env.address.bytes);
  const input = copyMemory(memory._store, offset, length);
  return {
    frame: {
      kind: op === OPCODES.create2 ? "CREATE2" : "CREATE",
      depth: env.depth + 1,
      from,
      to: op === OPCODES.create2
        ? saltedAddress(from, salt, input)
        : createdAddress(from, env.contract.nonce),
      input,
      valueWei,
    },
    gas: messageGasLimit,
  };
}

/** EIP-1014. */
function saltedAddress(creator: Address, salt: bigint, initCode: Uint8Array): Address {
  const preimage = concatBytes(
    Uint8Array.of(0xff),
    hexToBytes(creator),
    bigintToBytes(salt, 32),
    keccak256Bytes(initCode),
  );
  return bytesToAddress(keccak256Bytes(preimage).subarray(12));
}

/** Its gas has been paid, so the range is one that fits; what was never written is zero. */
function copyMemory(store: Uint8Array, offset: bigint, length: bigint): Uint8Array {
  const copy = new Uint8Array(Number(length));
  if (length > 0n) copy.set(store.subarray(Number(offset), Number(offset + length)));
  return copy;
}
