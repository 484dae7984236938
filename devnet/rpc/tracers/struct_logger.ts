/**
 * geth's default tracer: one entry an opcode, with stack, memory and storage.
 *
 * Owns the entries. The options stand beside `tracer` in the request, not in `tracerConfig`.
 * @module
 */
import {
  type Address,
  bigintToHash32,
  bytesToHex,
  type Hash32,
} from "../../../core/primitives/hex.ts";
import type { OpcodeStep, StackView } from "../../../core/vm/trace.ts";
import { opcodeInfo, OPCODES } from "../../opcodes.ts";
import { boolean, object, wholeNumber, withDefault } from "../schema.ts";
import type { Tracer, TracerContext } from "./tracer.ts";

/** An entry in the order of geth's fields. */
interface StructLog {
  readonly pc: number;
  readonly op: string;
  readonly gas: number;
  readonly gasCost: number;
  readonly depth: number;
  readonly error?: string;
  readonly stack?: readonly string[];
  readonly returnData?: string;
  readonly memory?: readonly string[];
  readonly storage?: Readonly<Record<string, string>>;
  readonly refund?: number;
}

/** Bytes of JSON that an entry takes besides its lists. */
const ENTRY_BYTES = 90;
/** Bytes that a word takes as JSON at most, with quotes and comma. */
const WORD_BYTES = 69;
const REVERTED = "execution reverted";

const configSchema = object({
  enableMemory: withDefault(boolean, false),
  disableStack: withDefault(boolean, false),
  disableStorage: withDefault(boolean, false),
  enableReturnData: withDefault(boolean, false),
  limit: withDefault(wholeNumber, 0),
});

/** The struct logger with geth's options. `limit` is in bytes of output; 0 is none. */
export function createStructLogger(config: unknown, { budget }: TracerContext): Tracer {
  const options = configSchema.parse(config ?? {}, "config");
  const storageOf = new Map<Address, Map<Hash32, Hash32>>();
  /** Values that are on their way: what an SLOAD read is on the stack of the step after it. */
  let pendingLoad: PendingLoad | undefined;
  /** SLOADs that could not pay: nobody saw what they would have read. */
  const unread: UnreadLoad[] = [];
  let told: Place | undefined;
  const entries: StructLog[] = [];
  let outputBytes = 0;
  let lastOutput: Uint8Array = new Uint8Array(0);
  let lastError: string | undefined;

  const settleLoad = (stack: StackView): void => {
    if (pendingLoad === undefined) return;
    pendingLoad.settle(bigintToHash32(stack.peek(0)));
    pendingLoad = undefined;
  };
  const noteStorage = (
    step: OpcodeStep,
    hasFailed: boolean,
  ): Record<string, string> | undefined => {
    const { op, stack, address } = step;
    const isLoad = op === OPCODES.sload && stack.length >= 1;
    const isStore = op === OPCODES.sstore && stack.length >= 2;
    if (options.disableStorage || (!isLoad && !isStore)) return undefined;
    const slots = storageOf.get(address) ?? new Map<Hash32, Hash32>();
    storageOf.set(address, slots);
    const slot = bigintToHash32(stack.peek(0));
    if (isStore) {
      slots.set(slot, bigintToHash32(stack.peek(1)));
      return Object.fromEntries(slots);
    }
    const shown: Record<string, string> = { ...Object.fromEntries(slots), [slot]: ZERO_WORD };
    const settle = (value: Hash32): void => {
      slots.set(slot, value);
      shown[slot] = value;
    };
    if (hasFailed) unread.push({ address, slot, settle });
    else pendingLoad = { settle };
    return shown;
  };
  const record = (step: OpcodeStep, error: string | undefined): void => {
    if (options.limit !== 0 && outputBytes > options.limit) return;
    const storage = noteStorage(step, error !== undefined);
    const { entry, sizeBytes } = describeStep(step, options, { error, storage });
    budget.spend(sizeBytes);
    if (options.limit !== 0) outputBytes += JSON.stringify(entry).length;
    entries.push(entry);
  };
  return {
    hooks: {
      onOpcode: (step) => {
        settleLoad(step.stack);
        told = { pc: step.pc, gas: step.gas, depth: step.depth };
        record(step, undefined);
      },
      onFault: (step, error) => {
        const isTold = told?.pc === step.pc && told.gas === step.gas && told.depth === step.depth;
        // An opcode that failed while it ran has its entry; the frame has the error.
        if (isTold) return;
        settleLoad(step.stack);
        record(step, error);
      },
      onExit: ({ depth, output, error }) => {
        pendingLoad = undefined;
        if (depth !== 0) return;
        lastOutput = output;
        lastError = error;
      },
    },
    result: async ({ gasUsed, before }) => {
      for (const { address, slot, settle } of unread) settle(await before.storage(address, slot));
      const isShown = lastError === undefined || lastError === REVERTED;
      return {
        gas: Number(gasUsed),
        failed: lastError !== undefined,
        returnValue: bytesToHex(isShown ? lastOutput : new Uint8Array(0)),
        structLogs: entries,
      };
    },
  };
}

interface PendingLoad {
  settle(value: Hash32): void;
}

interface UnreadLoad extends PendingLoad {
  readonly address: Address;
  readonly slot: Hash32;
}

/** Where an opcode was told. */
interface Place {
  readonly pc: number;
  readonly gas: bigint;
  readonly depth: number;
}

const ZERO_WORD = `0x${"00".repeat(32)}`;

function describeStep(
  step: OpcodeStep,
  options: {
    readonly enableMemory: boolean;
    readonly disableStack: boolean;
    readonly enableReturnData: boolean;
  },
  found: {
    readonly error: string | undefined;
    readonly storage: Record<string, string> | undefined;
  },
): { readonly entry: StructLog; readonly sizeBytes: number } {
  const { error, storage } = found;
  const stack = options.disableStack ? undefined : stackWords(step.stack);
  const memory = options.enableMemory && step.memorySizeBytes > 0
    ? memoryWords(step.memory())
    : undefined;
  const returned = options.enableReturnData ? step.returnData() : undefined;
  const returnData = returned === undefined || returned.length === 0
    ? undefined
    : bytesToHex(returned);
  const entry = {
    pc: step.pc,
    op: opcodeInfo(step.op).name,
    gas: Number(step.gas),
    gasCost: Number(step.cost),
    depth: step.depth,
    ...(error === undefined ? {} : { error }),
    ...(stack === undefined ? {} : { stack }),
    ...(returnData === undefined ? {} : { returnData }),
    ...(memory === undefined ? {} : { memory }),
    ...(storage === undefined ? {} : { storage }),
    ...(step.refund === 0n ? {} : { refund: Number(step.refund) }),
  };
  const sizeBytes = ENTRY_BYTES + stackBytes(stack) + WORD_BYTES * (memory?.length ?? 0) +
    (returnData?.length ?? 0) +
    (storage === undefined ? 0 : 2 * WORD_BYTES * Object.keys(storage).length);
  return { entry, sizeBytes };
}

/** Bottom first, as geth shows it. */
function stackWords(stack: StackView): readonly string[] {
  const words: string[] = [];
  for (let depth = stack.length - 1; depth >= 0; depth--) {
    words.push(`0x${stack.peek(depth).toString(16)}`);
  }
  return words;
}

function stackBytes(words: readonly string[] | undefined): number {
  let sizeBytes = 0;
  for (const word of words ?? []) sizeBytes += word.length + 3;
  return sizeBytes;
}

function memoryWords(memory: Uint8Array): readonly string[] {
  const words: string[] = [];
  for (let offset = 0; offset < memory.length; offset += 32) {
    words.push(`0x${memory.subarray(offset, offset + 32).toHex().padEnd(64, "0")}`);
  }
  return words;
}
