/**
 * geth's `erc7562Tracer`: the tree of calls with what each of them used and looked at, by which a
 * bundler judges user operations (ERC-7562).
 *
 * Owns what is noted of a frame. Does not own the tree itself (`call_tracer.ts`).
 * @module
 */
import { assert } from "../../../core/primitives/errors.ts";
import {
  type Address,
  bigintToHash32,
  bytesToAddress,
  bytesToHex,
  type Hash32,
  hexToBytes,
} from "../../../core/primitives/hex.ts";
import type { FrameEnd, FrameStart, OpcodeStep } from "../../../core/vm/trace.ts";
import { OPCODES } from "../../opcodes.ts";
import type { TracedRun } from "../chain.ts";
import {
  boolean,
  isRecord,
  list,
  object,
  optional,
  quantity,
  wholeNumber,
  withDefault,
} from "../schema.ts";
import { createCallTracer } from "./call_tracer.ts";
import { copyMemory, eachOpcode } from "./geth_opcodes.ts";
import type { Tracer, TracerContext } from "./tracer.ts";

/** What a frame did; counts by opcode or slot. */
interface Notes {
  readonly start: FrameStart;
  readonly usedOpcodes: Map<number, number>;
  /** The value that a slot had when it was first read, unless it was written before. */
  readonly reads: Map<Hash32, Hash32 | undefined>;
  readonly writes: Map<Hash32, number>;
  readonly transientReads: Map<Hash32, number>;
  readonly transientWrites: Map<Hash32, number>;
  readonly codeReads: Address[];
  /** Whose code was looked at or called first by which opcode, and its size once it is known. */
  readonly contracts: Map<Address, { readonly opcode: number; readonly sizeBytes?: number }>;
  isOutOfGas: boolean;
  readonly calls: Notes[];
}

/** A slot that a frame reads for the first time. */
interface FirstRead {
  readonly address: Address;
  readonly slot: Hash32;
  readonly reads: Map<Hash32, Hash32 | undefined>;
}

/** Bytes of JSON that a frame takes besides those of `callTracer`. */
const FRAME_BYTES = 250;
/** Bytes of JSON that an entry of one of its lists takes at most. */
const ENTRY_BYTES = 150;

const CODE_READS: ReadonlySet<number> = new Set([
  OPCODES.extcodesize,
  OPCODES.extcodecopy,
  OPCODES.extcodehash,
]);
const CALLS: ReadonlySet<number> = new Set([
  OPCODES.call,
  OPCODES.callcode,
  OPCODES.delegatecall,
  OPCODES.staticcall,
]);
/** POP, arithmetic, comparisons and shifts, then PUSH0 to SWAP16. */
const IGNORED: readonly number[] = [
  ...[0x50, 0x01, 0x03, 0x02, 0x04, 0x14, 0x10, 0x11, 0x12, 0x13, 0x1b, 0x1c, 0x16, 0x17, 0x19],
  OPCODES.iszero,
  ...Array.from({ length: 0x9f - 0x5f + 1 }, (_, index) => 0x5f + index),
];
const MAX_IGNORED = 256;

const configSchema = object({
  // How much of the stack geth keeps for itself; nothing of it is shown.
  stackTopItemsSize: withDefault(wholeNumber, 0),
  ignoredOpcodes: optional(list(quantity(64), MAX_IGNORED)),
  withLog: withDefault(boolean, false),
});

/** `erc7562Tracer` with `ignoredOpcodes` and `withLog`. */
export function createErc7562Tracer(config: unknown, context: TracerContext): Tracer {
  const { ignoredOpcodes, withLog } = configSchema.parse(config ?? {}, "tracerConfig");
  const ignored = new Set(ignoredOpcodes?.map(Number) ?? IGNORED);
  const tree = createCallTracer({ withLog }, context);
  const { budget } = context;
  const open: Notes[] = [];
  const preimages = new Set<string>();
  /** Codes that creations of this run left behind, in bytes. */
  const createdSizes = new Map<Address, number>();
  const firstReads: FirstRead[] = [];
  let top: Notes | undefined;
  let last: { readonly op: number; readonly word: bigint } | undefined;
  /** An SLOAD whose value is on the stack of the next step of its frame. */
  let loading: FirstRead | undefined;

  const noteStorage = ({ op, stack, address }: OpcodeStep, notes: Notes): void => {
    if (stack.length === 0) return;
    const slot = bigintToHash32(stack.peek(0));
    if (op === OPCODES.sstore) count(notes.writes, slot);
    else if (op === OPCODES.tload) count(notes.transientReads, slot);
    else if (op === OPCODES.tstore) count(notes.transientWrites, slot);
    else if (op !== OPCODES.sload || notes.reads.has(slot) || notes.writes.has(slot)) return;
    else {
      notes.reads.set(slot, undefined);
      loading = { address, slot, reads: notes.reads };
      firstReads.push(loading);
    }
    budget.spend(ENTRY_BYTES);
  };
  const noteContract = ({ op, stack }: OpcodeStep, { contracts }: Notes): void => {
    const isRead = CODE_READS.has(op);
    if (!isRead && !CALLS.has(op)) return;
    const account = wordToAddress(stack.peek(isRead ? 0 : 1));
    if (contracts.has(account)) return;
    const sizeBytes = createdSizes.get(account);
    contracts.set(account, { opcode: op, ...(sizeBytes === undefined ? {} : { sizeBytes }) });
    budget.spend(ENTRY_BYTES);
  };
  const visit = (step: OpcodeStep): void => {
    const { op, stack } = step;
    const notes = open.at(-1);
    assert(notes !== undefined, "opcodes run in a frame");
    loading?.reads.set(loading.slot, bigintToHash32(stack.peek(0)));
    loading = undefined;
    if (op === OPCODES.revert || op === OPCODES.return) last = undefined;
    if (last !== undefined && CODE_READS.has(last.op)) {
      const isEmptinessCheck = last.op === OPCODES.extcodesize && op === OPCODES.iszero;
      if (!isEmptinessCheck) {
        budget.spend(ENTRY_BYTES);
        notes.codeReads.push(wordToAddress(last.word));
      }
    }
    noteContract(step, notes);
    // [OP-012]: GAS is fine right before a call, and counts elsewhere.
    if (last?.op === OPCODES.gas && !CALLS.has(op)) count(notes.usedOpcodes, OPCODES.gas);
    if (op !== OPCODES.gas && !ignored.has(op)) count(notes.usedOpcodes, op);
    noteStorage(step, notes);
    if (op === OPCODES.keccak256 && stack.length >= 2) {
      const preimage = copyMemory(step, stack.peek(0), stack.peek(1));
      if (preimage !== undefined) {
        budget.spend(2 * preimage.length);
        preimages.add(bytesToHex(preimage));
      }
    }
    last = { op, word: stack.peek(0) };
  };
  const { onLog } = tree.hooks;
  return {
    hooks: {
      ...eachOpcode(visit),
      ...(onLog === undefined ? {} : { onLog: (log, index) => onLog(log, index) }),
      onEnter: (start) => {
        budget.spend(FRAME_BYTES);
        const notes = openNotes(start);
        top ??= notes;
        open.at(-1)?.calls.push(notes);
        open.push(notes);
        tree.hooks.onEnter?.(start);
      },
      onExit: (end) => {
        loading = undefined;
        const notes = open.pop();
        assert(notes !== undefined, "a frame ends after it began");
        closeNotes(notes, end, createdSizes);
        tree.hooks.onExit?.(end);
      },
    },
    result: async (run) => {
      assert(top !== undefined, "a run has an outermost frame");
      // Of an SLOAD that could not pay nobody saw what it would have read.
      for (const { address, slot, reads } of firstReads) {
        if (reads.get(slot) === undefined) reads.set(slot, await run.before.storage(address, slot));
      }
      const sizes = await readSizes(top, run, context);
      const frame = showFrame(await tree.result(run), top, sizes);
      const keccak = [...preimages].toSorted();
      return keccak.length === 0 ? frame : { ...frame, keccak };
    },
  };
}

function openNotes(start: FrameStart): Notes {
  return {
    start,
    usedOpcodes: new Map(),
    reads: new Map(),
    writes: new Map(),
    transientReads: new Map(),
    transientWrites: new Map(),
    codeReads: [],
    contracts: new Map(),
    isOutOfGas: false,
    calls: [],
  };
}

const CODE_STORE_OUT_OF_GAS = "contract creation code storage out of gas";

function closeNotes(
  notes: Notes,
  { depth, error, output }: FrameEnd,
  createdSizes: Map<Address, number>,
): void {
  const { kind, to } = notes.start;
  const isCreation = kind === "CREATE" || kind === "CREATE2";
  if (isCreation && error === undefined) createdSizes.set(to, output.length);
  // geth does not say it of the outermost frame.
  if (depth === 0 || error === undefined) return;
  notes.isOutOfGas = error === CODE_STORE_OUT_OF_GAS || /^out of gas\b/.test(error);
}

/** Sizes of the codes whose size was not known during the run, by account. */
async function readSizes(
  top: Notes,
  run: TracedRun,
  { message, budget }: TracerContext,
): Promise<ReadonlyMap<Address, number>> {
  const sizes = new Map<Address, number>();
  for (const notes of walk(top)) {
    for (const [account, { sizeBytes }] of notes.contracts) {
      if (sizeBytes !== undefined || sizes.has(account)) continue;
      budget.checkTime();
      // Authorizations apply before the first opcode.
      const reader = message.authorities.includes(account) ? run.after : run.before;
      sizes.set(account, (await reader.account(account))?.code.length ?? 0);
    }
  }
  return sizes;
}

function* walk(notes: Notes): Iterable<Notes> {
  yield notes;
  for (const call of notes.calls) yield* walk(call);
}

/** The frame of `callTracer` with its notes; its calls are in the same order. */
function showFrame(
  frame: unknown,
  notes: Notes,
  sizes: ReadonlyMap<Address, number>,
): Readonly<Record<string, unknown>> {
  assert(isRecord(frame), "callTracer answers with a frame");
  const { calls, ...fields } = frame;
  const inner = Array.isArray(calls) ? calls : [];
  assert(inner.length === notes.calls.length, "both trees have the same calls");
  const shown = notes.calls.map((call, index) => showFrame(inner[index], call, sizes));
  return {
    ...fields,
    accessedSlots: {
      reads: Object.fromEntries([...notes.reads].map(([slot, value]) => [slot, [value]])),
      writes: Object.fromEntries(notes.writes),
      transientReads: Object.fromEntries(notes.transientReads),
      transientWrites: Object.fromEntries(notes.transientWrites),
    },
    extCodeAccessInfo: notes.codeReads,
    usedOpcodes: Object.fromEntries(
      [...notes.usedOpcodes].map(([op, times]) => [`0x${op.toString(16)}`, times]),
    ),
    contractSize: Object.fromEntries(
      [...notes.contracts].map(([account, { opcode, sizeBytes }]) => [
        account,
        { contractSize: sizeBytes ?? sizes.get(account) ?? 0, opcode },
      ]),
    ),
    outOfGas: notes.isOutOfGas,
    ...(shown.length === 0 ? {} : { calls: shown }),
  };
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function wordToAddress(word: bigint): Address {
  return bytesToAddress(hexToBytes(bigintToHash32(word)).subarray(12));
}
