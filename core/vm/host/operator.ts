/**
 * What the program asks of its operator: storage, codes, arithmetic that is not its own, and its hooks.
 *
 * Owns the module's imports and the operator's answers. Does not own waiting (`instance.ts`).
 * @module
 */
import { keccak256 } from "../../crypto/keccak.ts";
import { assert } from "../../primitives/errors.ts";
import { type Hash32, hexToBytes, ZERO_HASH } from "../../primitives/hex.ts";
import { BALANCE_ADDRESS, SYSTEM_CONTEXT_ADDRESS } from "../../types/state.ts";
import * as layout from "../assembly/layout.ts";
import { createCryptoImport } from "./crypto.ts";
import type { MemoryView } from "./memory_view.ts";
import type { ProgramEnvironment, ProgramWorld } from "./program.ts";
import type { SlotMemo } from "./slot_memo.ts";

/** keccak256(pad32(0x8001) ‖ pad32(0)): the bootloader's balance, which is free (zk-stack, 2.3). */
const BOOTLOADER_BALANCE_SLOT = keccak256(
  hexToBytes(`0x${"8001".padStart(64, "0")}${"00".repeat(32)}`),
);
/** Four bytes of each as a number of the program's memory. */
const BOOTLOADER_SLOT_HEAD = unitOf(BOOTLOADER_BALANCE_SLOT.slice(2, 10));
const SYSTEM_CONTEXT_TAIL = unitOf(SYSTEM_CONTEXT_ADDRESS.slice(-8));
const BALANCE_TAIL = unitOf(BALANCE_ADDRESS.slice(-8));

function unitOf(digits: string): number {
  return new DataView(hexToBytes(`0x${digits}`).slice().buffer).getUint32(0, true);
}

/** Bytes of pubdata that name a slot (zk-stack, section 2.3). */
const INITIAL_KEY_BYTES = 32;
const REPEATED_KEY_BYTES = 4;

/** What the imports work on; it changes with every run. */
export interface Operator {
  world: ProgramWorld;
  environment: ProgramEnvironment | undefined;
  /** What was read of the world's storage, where that may be kept. */
  memo: SlotMemo | undefined;
  commitment: () => Hash32;
  diffs: { readonly count: number; readonly pointer: number };
}

const NO_WORLD: ProgramWorld = {
  storage: {
    readSlot: () => ZERO_HASH,
    isWritten: () => false,
    readCode: () => new Uint8Array(0),
  },
};

/** An operator without a run. */
export function createOperator(): Operator {
  return {
    world: NO_WORLD,
    environment: undefined,
    memo: undefined,
    commitment: () => ZERO_HASH,
    diffs: { count: 0, pointer: 0 },
  };
}

/** The module's imports; `suspending` makes those of what may have to wait. */
export function createImports(
  operator: Operator,
  view: () => MemoryView,
  suspending: (run: (...args: number[]) => unknown) => WebAssembly.ImportValue,
): Record<string, WebAssembly.ImportValue> {
  const crypto = createCryptoImport(() => view().bytes(), () => operator.world);
  return {
    storage_read: suspending((account = 0, slot = 0, out = 0) => {
      const memory = view();
      const { memo } = operator;
      const known = memo?.recall(memory.units(), account, slot, out);
      if (known !== undefined) return known;
      const value = operator.world.storage.readSlot(memory.account(account), memory.hash(slot));
      const keep = (found: Hash32): number => {
        memory.setHash(out, found);
        memo?.keep(memory.units(), account, slot, out);
        return found === ZERO_HASH ? 0 : 1;
      };
      return typeof value === "string" ? keep(value) : value.then(keep);
    }),
    cost_of_writing_storage: suspending((account = 0, slot = 0) => {
      const { storage } = operator.world;
      const isWritten = storage.isWritten(view().account(account), view().hash(slot));
      const cost = (known: boolean) => known ? REPEATED_KEY_BYTES : INITIAL_KEY_BYTES;
      return typeof isWritten === "boolean" ? cost(isWritten) : isWritten.then(cost);
    }),
    is_free_storage_slot: (account: number, slot: number) => {
      const memory = view();
      const tail = memory.u32(account + 28);
      // Few owners end like one of these two, and only then the whole is worth writing as text.
      if (tail === SYSTEM_CONTEXT_TAIL) {
        return memory.account(account) === SYSTEM_CONTEXT_ADDRESS ? 1 : 0;
      }
      if (tail !== BALANCE_TAIL || memory.u32(slot) !== BOOTLOADER_SLOT_HEAD) return 0;
      const isBalance = memory.account(account) === BALANCE_ADDRESS;
      return isBalance && memory.hash(slot) === BOOTLOADER_BALANCE_SLOT ? 1 : 0;
    },
    decommit: suspending((hash = 0, out = 0, limit = 0) => {
      const memory = view();
      if (limit === 0) {
        operator.world.storage.noteCode?.(memory.hash(hash));
        return 0;
      }
      const keep = (found: Uint8Array): number => {
        if (found.length > limit) return -1;
        memory.write(out, found);
        return found.length;
      };
      const code = operator.world.storage.readCode(memory.hash(hash));
      return code instanceof Promise ? code.then(keep) : keep(code);
    }),
    block_hash: (number: bigint, out: number) => {
      const find = operator.world.blockHash;
      view().setHash(out, find === undefined ? ZERO_HASH : find(BigInt.asUintN(64, number)));
    },
    account_has_storage: (account: number) =>
      operator.world.accountHasStorage?.(view().account(account)) === true ? 1 : 0,
    // The operator answers at once here; where it must wait, a promise suspends the program.
    hook: suspending((id = 0) => answerHook(operator, view(), id)),
    crypto: suspending((operation = 0, input = 0, length = 0, out = 0) =>
      crypto(operation, input, length, out)
    ),
  };
}

/** What the operator does at each hook (zk-stack, section 1.3). */
function answerHook(operator: Operator, memory: MemoryView, id: number): void {
  const { environment } = operator;
  assert(environment !== undefined, "hooks are called within a run");
  switch (id) {
    case layout.HOOK_ASK_OPERATOR_FOR_REFUND:
      // A follower must come to the same gas, so the operator adds nothing of its own.
      memory.setNumber(layout.SLOT_OPERATOR_REFUND, memory.number(layout.SLOT_HOOK_PARAM_0));
      return;
    case layout.HOOK_FINAL_BATCH_INFO:
      memory.setNumber(layout.SLOT_FICTIVE_NUMBER, environment.number + 1n);
      memory.setNumber(layout.SLOT_FICTIVE_TIMESTAMP, environment.timestampSec + 1n);
      memory.setHash(
        layout.SLOT_FICTIVE_COMMITMENT * layout.WORD_BYTES,
        operator.commitment(),
      );
      return;
    case layout.HOOK_PUBDATA_REQUESTED:
      operator.diffs = {
        count: memory.count(layout.SLOT_HOOK_PARAM_0),
        pointer: memory.count(layout.SLOT_HOOK_PARAM_1),
      };
      // The data of this chain are its transactions: no pubdata is posted.
      memory.setNumber(layout.SLOT_PUBDATA_LENGTH, 0n);
      return;
    default:
      // TX_HAS_ENDED, NOTIFY_ABOUT_REFUND and POST_RESULT: the result slots say it all.
      return;
  }
}
