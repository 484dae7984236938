/**
 * Instances of the program's module.
 *
 * Owns loading the module and suspending it while storage is fetched. Does not own what it asks its
 * operator (`operator.ts`), its memory's encodings (`environment.ts`, `tx_frame.ts`, `results.ts`) or
 * recovery from a trap (`wasm_executor.ts`).
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { assert, RollupError } from "../../primitives/errors.ts";
import { bytesToHash32, type Hash32 } from "../../primitives/hex.ts";
import * as layout from "../assembly/layout.ts";
import { WASM_BASE64 } from "../generated.ts";
import { WASM_BASE64 as TRACING_BASE64 } from "../generated_tracing.ts";
import type { TraceHooks } from "../trace.ts";
import { isSameEnvironment, writeEnvironment } from "./environment.ts";
import { createTraceRelay, type TraceRelay } from "./trace_imports.ts";
import { createMemoryView, type MemoryView } from "./memory_view.ts";
import type { CallBounds, ProgramErrorCode } from "../executor.ts";
import { createImports, createOperator, type Operator } from "./operator.ts";
import { createSlotMemo } from "./slot_memo.ts";
import type { ExecutionCounters } from "../../types/counters.ts";
import type {
  Program,
  ProgramEnvironment,
  ProgramOutput,
  ProgramResult,
  ProgramWorld,
  StraightProgram,
  TxFrame,
} from "./program.ts";
import {
  readChanges,
  readCodes,
  readCounters,
  readDiffs,
  readResult,
  readTouched,
  readVector,
} from "./results.ts";
import { MAX_FRAME_BYTES, sizeOf, writeTxFrame } from "./tx_frame.ts";

/** What the module exports; `begin` and `run` suspend while an import waits. */
interface ProgramExports {
  readonly memory: WebAssembly.Memory;
  begin(): number;
  run(mode: number): number;
  snapshot(): void;
  rollback(): void;
  popSnapshot(): void;
  collectDiffs(): number;
  collectCodes(): number;
  collectTouched(): number;
  outputPtr(): number;
  refundsLength(): number;
  pubdataCostsLength(): number;
  txDecommitRefund(): bigint;
}

/** JavaScript Promise Integration, which TypeScript's library does not describe yet. */
interface PromiseIntegration {
  readonly Suspending: new (run: (...args: number[]) => unknown) => WebAssembly.ImportValue;
  promising(run: (...args: number[]) => number): (...args: number[]) => Promise<number>;
}

// The runtime has it; only the type is missing.
const integration = WebAssembly as unknown as PromiseIntegration;

let loaded: { readonly bytes: Uint8Array<ArrayBuffer>; readonly hash: Hash32 } | undefined;
let compiled: WebAssembly.Module | undefined;

/** The module's bytes and their hash, of which nothing but the bytes decides. */
function programBytes(): { readonly bytes: Uint8Array<ArrayBuffer>; readonly hash: Hash32 } {
  if (loaded === undefined) {
    const bytes = Uint8Array.fromBase64(WASM_BASE64);
    loaded = { bytes, hash: bytesToHash32(sha256(bytes)) };
  }
  return loaded;
}

/** SHA-256 of the module that runs: what public inputs and L1 know the program by. */
export function programHash(): Hash32 {
  return programBytes().hash;
}

/** Compiles the module at first use: short commands never need it. */
function programModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(programBytes().bytes);
  return compiled;
}

let compiledTracing: WebAssembly.Module | undefined;

/** Few runs are traced; nobody else waits for this one to compile. */
function tracingModule(): WebAssembly.Module {
  compiledTracing ??= new WebAssembly.Module(Uint8Array.fromBase64(TRACING_BASE64));
  return compiledTracing;
}

/** A program that can be watched. */
export interface TracingProgram extends Program {
  /** What runs next is told to `hooks`, to nobody when `undefined`. */
  watch(hooks: TraceHooks | undefined): void;
}

/** A fresh instance. */
export function createProgram(): Program {
  return instantiate(programModule());
}

/** A fresh instance of the tracing build, which does the same, more slowly. */
export function createTracingProgram(): TracingProgram {
  let view: MemoryView | undefined;
  const relay = createTraceRelay(() => {
    assert(view !== undefined, "a program tells nothing before it has a memory");
    return view;
  });
  const program = instantiate(tracingModule(), relay, (memory) => {
    view = memory;
  });
  return { ...program, watch: relay.watch };
}

/** A fresh instance that never waits; after an error it is of no use any more. */
export function createStraightProgram(): StraightProgram {
  const operator = createOperator();
  const { exports, memory } = load(programModule(), operator, refusePromise);
  const runs = createRuns(memory, operator);
  const { start, prepare, conclude } = runs;
  const memo = createSlotMemo();
  let moment: object | undefined;
  return {
    ...drive(exports, memory, { operator, runs, enter: exports }),
    callAtOnce: (environment, world, frame) => {
      if (moment !== world.storage.moment) memo.clear();
      moment = world.storage.moment;
      start(environment, { ...world, ...withoutPause(world) });
      operator.memo = moment === undefined ? undefined : memo;
      if (exports.begin() !== 0) throw refused("its environment");
      const before = prepare(frame);
      return conclude(exports.run(layout.MODE_CALL), before);
    },
  };
}

const NOT_AT_HAND = Symbol("not at hand");

/** Whether a {@linkcode StraightProgram} ended because it would have had to wait. */
export function isNotAtHand(error: unknown): boolean {
  return error === NOT_AT_HAND;
}

function refusePromise(run: (...args: number[]) => unknown): WebAssembly.ImportValue {
  return (...args: number[]) => {
    const value = run(...args);
    if (!(value instanceof Promise)) return value;
    // Nobody looks at what becomes of it.
    value.catch(() => {});
    throw NOT_AT_HAND;
  };
}

/** Whoever is to let others have a turn has to be started again, where it can wait. */
function withoutPause({ breathe }: CallBounds): CallBounds {
  if (breathe === undefined) return {};
  return {
    breathe: () => {
      if (breathe() !== undefined) throw NOT_AT_HAND;
      return undefined;
    },
  };
}

function instantiate(
  module: WebAssembly.Module,
  relay?: TraceRelay,
  onMemory?: (memory: MemoryView) => void,
): Program {
  const operator = createOperator();
  const { exports, memory } = load(module, operator, suspend, relay);
  onMemory?.(memory);
  const enter = {
    begin: integration.promising(exports.begin),
    run: integration.promising(exports.run),
  };
  return drive(exports, memory, { operator, runs: createRuns(memory, operator), relay, enter });
}

/** An instance of `module`; `wrap` makes imports of what may have to wait. */
function load(
  module: WebAssembly.Module,
  operator: Operator,
  wrap: (run: (...args: number[]) => unknown) => WebAssembly.ImportValue,
  relay?: TraceRelay,
): { readonly exports: ProgramExports; readonly memory: MemoryView } {
  const instance = new WebAssembly.Instance(module, {
    // Imports are called only after this: then there is a memory.
    env: { ...createImports(operator, () => memory, wrap), ...relay?.imports },
  });
  // The module is built from `assembly/index.ts`, whose exports these are.
  const exports = instance.exports as unknown as ProgramExports;
  const memory: MemoryView = createMemoryView(exports.memory);
  return { exports, memory };
}

/** What is done around `begin` and `run`, whether they may wait or not; one for each memory. */
function createRuns(memory: MemoryView, operator: Operator) {
  /** The program only reads it, and calls mostly run where the one before did. */
  let written: ProgramEnvironment | undefined;
  return {
    start: (environment: ProgramEnvironment, world: ProgramWorld): void => {
      operator.world = world;
      operator.environment = environment;
      operator.memo = undefined;
      memory.setNumber(layout.SLOT_FAULT, 0n);
      if (written === undefined || !isSameEnvironment(written, environment)) {
        writeEnvironment(memory, environment);
      }
      written = environment;
    },
    prepare: (frame: TxFrame): ExecutionCounters => {
      if (sizeOf(frame) > MAX_FRAME_BYTES) throw oversized(sizeOf(frame));
      writeTxFrame(memory, frame);
      // Always description 0: the operator hands in one transaction at a time.
      memory.setNumber(layout.SLOT_TX_INDEX, 0n);
      memory.setU32(layout.TX_DESCRIPTIONS_BASE, 1);
      memory.setU32(layout.TX_DESCRIPTIONS_BASE + 4, layout.TX_REGION_BASE);
      return readCounters(memory);
    },
    conclude: (answer: number, before: ExecutionCounters): ProgramResult => {
      assert(answer === layout.RUN_TX_ENDED, "one transaction runs and comes back");
      return readResult(memory, before);
    },
  };
}

/** How a program is driven: `enter` has its exports that may wait, or those that do not. */
interface Drive {
  readonly operator: Operator;
  readonly runs: ReturnType<typeof createRuns>;
  readonly relay?: TraceRelay | undefined;
  readonly enter: {
    begin(): number | Promise<number>;
    run(mode: number): number | Promise<number>;
  };
}

function drive(
  exports: ProgramExports,
  memory: MemoryView,
  { operator, runs: { start, prepare, conclude }, relay, enter }: Drive,
): Program {
  const runFrame = async (mode: number, frame: TxFrame): Promise<ProgramResult> => {
    const before = prepare(frame);
    const result = conclude(await enter.run(mode), before);
    if (result.kind === "ran") relay?.end(result.exception);
    return result;
  };

  return {
    begin: async (environment, world) => {
      start(environment, world);
      if (await enter.begin() !== 0) throw refused("its environment");
    },
    runTx: (frame) => runFrame(layout.MODE_ONE_TX, frame),
    call: (frame) => runFrame(layout.MODE_CALL, frame),
    snapshot: () => exports.snapshot(),
    rollback: () => exports.rollback(),
    popSnapshot: () => exports.popSnapshot(),
    counters: () => readCounters(memory),
    vectors: () => ({
      refunds: readVector(memory, layout.REFUNDS_BASE, exports.refundsLength()),
      pubdataCosts: readVector(memory, layout.PUBDATA_COSTS_BASE, exports.pubdataCostsLength()),
      decommitRefundErgs: exports.txDecommitRefund(),
    }),
    fault: () => memory.count(layout.SLOT_FAULT),
    changes: () => {
      const count = exports.collectDiffs();
      const records = memory.read(exports.outputPtr(), count * layout.DIFF_BYTES);
      return readChanges(records, () => {
        exports.collectDiffs();
        // The records are where the collection began, which it says only afterwards.
        const codeCount = exports.collectCodes();
        return readCodes(memory, exports.outputPtr(), codeCount);
      });
    },
    close: async (commitment): Promise<ProgramOutput> => {
      operator.commitment = commitment;
      memory.setNumber(layout.SLOT_TX_INDEX, 0n);
      memory.setU32(layout.TX_DESCRIPTIONS_BASE, 0);
      const answer = await enter.run(layout.MODE_BATCH);
      if (answer !== layout.RUN_CLOSED) throw refused("its fictive block");
      const diffs = readDiffs(memory, operator.diffs.pointer, operator.diffs.count);
      const codeCount = exports.collectCodes();
      const newCodes = readCodes(memory, exports.outputPtr(), codeCount);
      const touchedCount = exports.collectTouched();
      const touched = readTouched(memory, exports.outputPtr(), touchedCount);
      return { diffs, newCodes, touched };
    },
  };
}

/** A promise that `run` gives suspends the program. */
function suspend(run: (...args: number[]) => unknown): WebAssembly.ImportValue {
  return new integration.Suspending(run);
}

function refused(what: string): RollupError<ProgramErrorCode> {
  return new RollupError(
    "PROGRAM_REFUSED",
    `Cannot run the block as the program does not accept ${what}`,
    { mend: "Start from a block whose numbers fit 64 bits and whose gas price is the chain's." },
  );
}

function oversized(size: number): RollupError<ProgramErrorCode> {
  return new RollupError(
    "PROGRAM_TX_OVERSIZED",
    `Cannot run a transaction of ${size} bytes: the program's memory takes ${MAX_FRAME_BYTES}`,
    { details: { size, max: MAX_FRAME_BYTES }, mend: "Send less data in one transaction." },
  );
}
