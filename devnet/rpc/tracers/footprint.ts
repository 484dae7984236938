/**
 * Which accounts and slots a run touches, as geth's `prestateTracer` counts them.
 *
 * Owns the hooks that find out. Does not own what is shown of them (`prestate_tracer.ts`).
 * @module
 */
import { type Address, bigintToHash32, bytesToAddress } from "../../../core/primitives/hex.ts";
import type { Hash32 } from "../../../core/primitives/hex.ts";
import { bigintToBytes } from "../../../core/primitives/bytes.ts";
import type { FrameStart, OpcodeStep, TraceHooks } from "../../../core/vm/trace.ts";
import { OPCODES } from "../../opcodes.ts";
import type { TracedMessage } from "./tracer.ts";

/** What a run touched. */
export interface Footprint {
  readonly accounts: ReadonlySet<Address>;
  readonly slots: ReadonlyMap<Address, ReadonlySet<Hash32>>;
  /** Accounts that opcodes called: what they delegate to is touched too. */
  readonly called: ReadonlySet<Address>;
  /** Accounts that ran SELFDESTRUCT. */
  readonly destroyed: ReadonlySet<Address>;
  /** Those of them that were created in the same transaction. */
  readonly destroyedNew: ReadonlySet<Address>;
  /**
   * Accounts that are there afterwards, be it empty: `false` where that is so only for precompiles,
   * or before EIP-158.
   */
  readonly touched: ReadonlyMap<Address, boolean>;
}

const ADDRESS_MASK = (1n << 160n) - 1n;
const ACCOUNT_READS: ReadonlySet<number> = new Set([
  OPCODES.extcodecopy,
  OPCODES.extcodehash,
  OPCODES.extcodesize,
  OPCODES.balance,
]);
const CALLS: ReadonlySet<number> = new Set([
  OPCODES.call,
  OPCODES.callcode,
  OPCODES.delegatecall,
  OPCODES.staticcall,
]);

/** Hooks that fill a footprint for the run of `message`; `onSlot` is called for each new slot. */
export function createFootprint(
  message: TracedMessage,
  { onSlot }: { readonly onSlot: () => void },
): { readonly hooks: TraceHooks; readonly footprint: Footprint } {
  const accounts = new Set([message.from, ...message.authorities]);
  if (message.to !== undefined) accounts.add(message.to);
  const slots = new Map<Address, Set<Hash32>>();
  const called = new Set<Address>();
  const created = new Set<Address>();
  const destroyed = new Set<Address>();
  const destroyedNew = new Set<Address>();
  const touched = new Map<Address, boolean>([[message.from, true]]);
  const touchedByFrame: Map<Address, boolean>[] = [];

  const noteSlot = (account: Address, slot: Hash32): void => {
    const known = slots.get(account) ?? new Set();
    slots.set(account, known);
    if (known.has(slot)) return;
    onSlot();
    known.add(slot);
  };
  const noteOpcode = ({ op, stack, address }: OpcodeStep): void => {
    if (op === OPCODES.sload || op === OPCODES.sstore) {
      if (stack.length >= 1) noteSlot(address, bigintToHash32(stack.peek(0)));
    } else if (ACCOUNT_READS.has(op)) {
      if (stack.length >= 1) accounts.add(wordToAddress(stack.peek(0)));
    } else if (op === OPCODES.selfdestruct) {
      accounts.add(wordToAddress(stack.peek(0)));
      destroyed.add(address);
      if (created.has(address)) destroyedNew.add(address);
    } else if (CALLS.has(op) && stack.length >= 5) {
      const target = wordToAddress(stack.peek(1));
      accounts.add(target);
      called.add(target);
    }
  };
  return {
    hooks: {
      onOpcode: noteOpcode,
      onEnter: (frame) => {
        if (frame.kind === "CREATE" || frame.kind === "CREATE2") {
          accounts.add(frame.to);
          created.add(frame.to);
        }
        const isSure = touchesSurely(frame);
        touchedByFrame.push(new Map(isSure === undefined ? [] : [[frame.to, isSure]]));
      },
      onExit: ({ isReverted }) => {
        const inFrame = touchedByFrame.pop();
        if (isReverted || inFrame === undefined) return;
        const target = touchedByFrame.at(-1) ?? touched;
        for (const [account, isSure] of inFrame) {
          target.set(account, isSure || target.get(account) === true);
        }
      },
    },
    footprint: { accounts, slots, called, destroyed, destroyedNew, touched },
  };
}

/** Whether a frame makes the account that it goes to; `undefined` when it does not. */
function touchesSurely({ kind, valueWei }: FrameStart): boolean | undefined {
  switch (kind) {
    case "CALL":
      return (valueWei ?? 0n) > 0n;
    case "STATICCALL":
    case "SELFDESTRUCT":
    case "CREATE":
    case "CREATE2":
      return true;
    case "CALLCODE":
    case "DELEGATECALL":
      return undefined;
  }
}

function wordToAddress(word: bigint): Address {
  return bytesToAddress(bigintToBytes(word & ADDRESS_MASK, 20));
}
