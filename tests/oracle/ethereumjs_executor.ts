/**
 * The {@linkcode Executor} on the EVM of ethereumjs, hard fork Osaka.
 *
 * Owns how blocks and calls share machines and what happens when one breaks. Does not own the
 * rules around a message (`tx_execution.ts`) or the state (`world_state.ts`).
 * @module
 */
import { keccak256 } from "../../core/crypto/keccak.ts";
import { assert, AssertionError } from "../../core/primitives/errors.ts";
import { type Hash32, hexToBytes } from "../../core/primitives/hex.ts";
import { NO_COUNTERS } from "../../core/types/counters.ts";
import type { Receipt } from "../../core/types/receipt.ts";
import { BALANCE_ADDRESS, CODE_HASH_ADDRESS, NONCE_ADDRESS } from "../../core/types/state.ts";
import type {
  BlockEnvironment,
  BlockExecution,
  Executor,
  StoragePort,
  SystemWrite,
  TxOutcome,
} from "../../core/vm/executor.ts";
import { recordParentHash } from "./history.ts";
import { executeCall, executeTransaction } from "./tx_execution.ts";
import { createWorldState, type WorldState } from "./world_state.ts";
import { createMachinePool, type MachinePool } from "./ethereumjs_machine.ts";

/**
 * Identifies this program in public inputs: the keccak256 of a name, since the program is a library
 * and not one module. It changes with the library's version and with any rule of ours.
 */
export const ETHEREUMJS_PROGRAM_HASH: Hash32 = keccak256(
  new TextEncoder().encode("varve/program/@ethereumjs/evm@10.1.3/osaka/1"),
);

/** An executor; blocks and calls may run side by side. */
export function createEthereumjsExecutor(): Executor {
  const pool = createMachinePool();
  return {
    programHash: ETHEREUMJS_PROGRAM_HASH,
    begin: (environment, storage) => beginBlock(pool, environment, storage),
    call: async (environment, storage, request) => {
      const state = createWorldState(storage);
      await recordParentHash(state, environment);
      state.beginTransaction();
      const machine = await pool.borrow(environment, state);
      const outcome = await executeCall({ environment, state, machine }, request);
      machine.giveBack();
      return outcome;
    },
    trace: () => Promise.reject(new Error("the oracle runs, and is not watched")),
  };
}

async function beginBlock(
  pool: MachinePool,
  environment: BlockEnvironment,
  storage: StoragePort,
): Promise<BlockExecution> {
  const guard = guardStorage(storage);
  const state = createWorldState(guard.storage);
  await recordParentHash(state, environment);
  let machine = await pool.borrow(environment, state);
  const receipts: Receipt[] = [];
  let gasUsed = 0n;
  let phase: "open" | "running" | "finished" = "open";
  let undoable: { readonly gasUsedBefore: bigint } | undefined;

  return {
    run: async (tx) => {
      assert(phase === "open", "transactions of a block run one after another, before its end");
      phase = "running";
      guard.forget();
      if (undoable !== undefined) state.keep();
      undoable = undefined;
      state.beginTransaction();
      state.checkpoint();
      try {
        const outcome = await executeTransaction({ environment, state, machine }, tx, gasUsed);
        if (outcome.kind === "included") {
          undoable = { gasUsedBefore: gasUsed };
          receipts.push(outcome.receipt);
          gasUsed = outcome.receipt.cumulativeGasUsed;
        } else state.keep();
        return outcome;
      } catch (error) {
        while (state.depth() > 0) state.undo();
        // Its call stack is in the middle of something: the next transaction gets another one.
        machine = await pool.borrow(environment, state);
        if (error instanceof AssertionError || guard.failed()) throw error;
        return toInvalidOutcome(error);
      } finally {
        phase = "open";
      }
    },
    undoLast: () => {
      assert(phase === "open" && undoable !== undefined, "only the last transaction is taken back");
      state.undo();
      receipts.pop();
      gasUsed = undoable.gasUsedBefore;
      undoable = undefined;
    },
    counters: () => ({ ...NO_COUNTERS, gasUsed, txCount: receipts.length }),
    gasLeft: () => environment.gasLimit - gasUsed,
    finish: async (systemWrites) => {
      assert(phase === "open", "a block ends once, after its last transaction");
      phase = "finished";
      if (undoable !== undefined) state.keep();
      await applySystemWrites(state, systemWrites(receipts));
      machine.giveBack();
      const { diffs, newCodes, slotReadCount } = state.changes();
      const counters = {
        ...NO_COUNTERS,
        gasUsed,
        txCount: receipts.length,
        storageReadCount: slotReadCount,
        storageWriteCount: diffs.length,
      };
      return { receipts, diffs, newCodes, counters };
    },
  };
}

async function applySystemWrites(
  state: WorldState,
  writes: readonly SystemWrite[],
): Promise<void> {
  for (const { address, slot, value } of writes) {
    const isAccountTable = address === BALANCE_ADDRESS || address === NONCE_ADDRESS ||
      address === CODE_HASH_ADDRESS;
    assert(!isAccountTable, "the protocol writes accounts through transactions only");
    await state.setSlot(address, slot, hexToBytes(value));
  }
}

/** The library refuses by throwing; what our own checks let through is reported with its words. */
function toInvalidOutcome(error: unknown): TxOutcome {
  const message = error instanceof Error ? error.message : "the EVM refused the transaction";
  return { kind: "invalid", reason: "INVALID", message };
}

/** Tells a storage that cannot answer from an EVM that refuses: the former must not skip a tx. */
function guardStorage(
  storage: StoragePort,
): { readonly storage: StoragePort; failed(): boolean; forget(): void } {
  let failed = false;
  const noteFailure = (error: unknown): never => {
    failed = true;
    throw error;
  };
  const guard = <Value>(read: () => Value | Promise<Value>): Value | Promise<Value> => {
    try {
      const value = read();
      return value instanceof Promise ? value.catch(noteFailure) : value;
    } catch (error) {
      return noteFailure(error);
    }
  };
  return {
    failed: () => failed,
    forget: () => {
      failed = false;
    },
    storage: {
      readSlot: (address, slot) => guard(() => storage.readSlot(address, slot)),
      isWritten: (address, slot) => guard(() => storage.isWritten(address, slot)),
      readCode: (codeHash) => guard(() => storage.readCode(codeHash)),
    },
  };
}
