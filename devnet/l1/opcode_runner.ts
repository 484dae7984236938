/**
 * Opcodes one after another without a promise for each, which in loops cost more than the opcodes.
 *
 * Owns which opcodes of a frame run so, with the library's own handlers but for words of memory.
 * Does not own frames, nor what opcodes cost.
 * @module
 */
import type { EVMInterface } from "@ethereumjs/evm";
import { OPCODES } from "../opcodes.ts";
import { type OpcodeHandler, tableOf } from "./opcodes.ts";

/** Runs opcodes without most of the promises that the library makes of each. */
export interface OpcodeRunner {
  /**
   * Goes on with the frame of `runState` up to a call, a creation, the frame's end or the first
   * JUMPDEST after `count` opcodes; how many ran.
   */
  run(runState: unknown, count: number): number | Promise<number>;
}

/** An entry of the table, as far as it is looked at here. */
interface OpcodeEntry {
  readonly opcodeInfo: {
    readonly feeBigInt: bigint;
    readonly isAsync: boolean;
    readonly dynamicGas: boolean;
    readonly isInvalid: boolean;
  };
  readonly opHandler: OpcodeHandler;
  readonly gasHandler?: (runState: RunState, gas: bigint, common: unknown) => Promise<bigint>;
}

/** A frame of the library, as far as it is looked at here. */
interface RunState {
  readonly code: Uint8Array;
  programCounter: number;
  opCode: number;
  /** Until then nobody knows where a jump may go. */
  readonly shouldDoJumpAnalysis: boolean;
  readonly interpreter: {
    readonly common: unknown;
    useGas(gas: bigint): void;
  };
  readonly stack: {
    readonly length: number;
    peek(count: number): readonly bigint[];
    popN(count: number): readonly bigint[];
    push(word: bigint): void;
  };
  readonly memory: { readonly _store: Uint8Array };
  readonly memoryWordCount: bigint;
}

const MLOAD = 0x51;
const MSTORE = 0x52;
const JUMPDEST = 0x5b;
const JUMPS: ReadonlySet<number> = new Set([OPCODES.jump, OPCODES.jumpi]);
const WORD_BYTES = 32n;
/** What begins or ends a frame, which is the library's. */
const FIRST_FRAME_OPCODE = OPCODES.create;

/** A runner of the opcodes of `evm`; it stands still while somebody watches each of them. */
export function createOpcodeRunner(evm: EVMInterface): OpcodeRunner {
  const table = tableOf(evm);
  // Entries are the library's; `OpcodeEntry` is the part of them that is used here.
  const entries = table as readonly OpcodeEntry[];
  const jumpdestGas = entries[JUMPDEST]?.opcodeInfo.feeBigInt ?? 1n;
  // Who watches every opcode has made all prices of the table that counts dynamic.
  const isWatched = () => {
    const counting: readonly OpcodeEntry[] = Reflect.get(evm, "_opcodeMap");
    return counting[JUMPDEST]?.opcodeInfo.dynamicGas === true;
  };
  /** What comes next, if it may run here. */
  const next = (runState: RunState, opcode: number): OpcodeEntry | undefined => {
    if (opcode >= FIRST_FRAME_OPCODE || opcode === JUMPDEST) return undefined;
    if (runState.shouldDoJumpAnalysis && JUMPS.has(opcode)) return undefined;
    const entry = entries[opcode];
    return entry?.opcodeInfo.isInvalid === true ? undefined : entry;
  };
  /** Runs what has a fixed price and nothing to wait for. */
  const runPlain = (runState: RunState, count: number): number => {
    const { code, interpreter } = runState;
    let ran = 0;
    for (; runState.programCounter < code.length; ran++) {
      const opcode = code[runState.programCounter] ?? 0;
      if (opcode === JUMPDEST) {
        if (ran >= count) break;
        runState.opCode = opcode;
        interpreter.useGas(jumpdestGas);
        runState.programCounter++;
        continue;
      }
      const entry = next(runState, opcode);
      if (entry === undefined) break;
      const { feeBigInt, isAsync, dynamicGas } = entry.opcodeInfo;
      const isWord = (opcode === MLOAD || opcode === MSTORE) && isWithinMemory(runState, opcode);
      if (!isWord && (isAsync || dynamicGas)) break;
      runState.opCode = opcode;
      interpreter.useGas(feeBigInt);
      runState.programCounter++;
      if (isWord) moveWord(runState, opcode);
      else entry.opHandler(runState, interpreter.common);
    }
    return ran;
  };
  const runRest = async (runState: RunState, count: number, first: number): Promise<number> => {
    const { code, interpreter } = runState;
    let ran = first;
    while (runState.programCounter < code.length) {
      const opcode = code[runState.programCounter] ?? 0;
      const entry = next(runState, opcode);
      if (entry === undefined) break;
      const { opcodeInfo: { feeBigInt, isAsync }, gasHandler } = entry;
      runState.opCode = opcode;
      const gas = await gasHandler?.(runState, feeBigInt, interpreter.common) ?? feeBigInt;
      interpreter.useGas(gas);
      runState.programCounter++;
      const done = entry.opHandler(runState, interpreter.common);
      if (isAsync) await done;
      ran += 1 + runPlain(runState, count - ran);
    }
    return ran;
  };
  return {
    run: (state, count) => {
      if (isWatched()) return 0;
      // The library gives each handler its frame, of which `RunState` is a part.
      const runState = state as RunState;
      const ran = runPlain(runState, count);
      const opcode = runState.code[runState.programCounter];
      if (opcode === undefined || next(runState, opcode) === undefined) return ran;
      return runRest(runState, count, ran);
    },
  };
}

/** Whether the word of memory that `opcode` is about is there already: then its price is fixed. */
function isWithinMemory(runState: RunState, opcode: number): boolean {
  const { stack, memory, memoryWordCount } = runState;
  if (stack.length < (opcode === MLOAD ? 1 : 2)) return false;
  const [offset = 0n] = stack.peek(1);
  const end = offset + WORD_BYTES;
  // The library's memory grows only when it is touched.
  return end <= memoryWordCount * WORD_BYTES && end <= BigInt(memory._store.length);
}

/** MLOAD or MSTORE; the library's own go by way of hexadecimal digits. */
function moveWord({ stack, memory: { _store: bytes } }: RunState, opcode: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (opcode === MLOAD) {
    const [offset = 0n] = stack.popN(1);
    const at = Number(offset);
    stack.push(
      view.getBigUint64(at) << 192n | view.getBigUint64(at + 8) << 128n |
        view.getBigUint64(at + 16) << 64n | view.getBigUint64(at + 24),
    );
    return;
  }
  const [offset = 0n, word = 0n] = stack.popN(2);
  const at = Number(offset);
  // Each of them takes the lowest 64 bits.
  view.setBigUint64(at, word >> 192n);
  view.setBigUint64(at + 8, word >> 128n);
  view.setBigUint64(at + 16, word >> 64n);
  view.setBigUint64(at + 24, word);
}
