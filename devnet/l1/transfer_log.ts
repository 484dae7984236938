/**
 * Logs of a run in the order in which they came, and ether that moved, told as logs.
 *
 * Owns what `eth_simulateV1` counts: logs of frames that were taken back have numbers, too. Does not
 * own receipts, which know nothing of transfers.
 * @module
 */
import type { EVMInterface, EVMResult, Message } from "@ethereumjs/evm";
import type { Address as LibraryAddress } from "@ethereumjs/util";
import { bigintToBytes } from "../../core/primitives/bytes.ts";
import { assert } from "../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bytesToAddress,
  bytesToHash32,
  type Hash32,
  hash32,
} from "../../core/primitives/hex.ts";
import type { EventLog } from "../../core/types/receipt.ts";
import { isRecord } from "../rpc/schema.ts";
import { TRANSFER_LOG_ADDRESS, TRANSFER_TOPIC } from "../rpc/simulate.ts";
import type { L1World } from "./library.ts";
import { wrapOpcode } from "./opcodes.ts";

/** A log and its number within the block. */
export interface NumberedLog {
  readonly log: EventLog;
  readonly logIndex: number;
}

/** Watches one EVM for the length of a block. */
export interface TransferLog {
  /** Forgets the run before and begins another. */
  begin(): void;
  /** Logs of the run, without those that were taken back. */
  logs(): readonly NumberedLog[];
  /** Looks no more. */
  end(): void;
}

const LOG_OPCODES: readonly number[] = [0xa0, 0xa1, 0xa2, 0xa3, 0xa4];
const SELFDESTRUCT = 0xff;

/** Watches the EVM of `world`; ether is told of when `tracesTransfers` says so. */
export function watchTransfers(world: L1World, tracesTransfers: boolean): TransferLog {
  const { vm, state } = world;
  const frames: NumberedLog[][] = [];
  let count = 0;
  let isWatching = true;
  let finished: readonly NumberedLog[] = [];
  const note = (log: EventLog) => {
    if (!isWatching) return;
    frames.at(-1)?.push({ log, logIndex: count });
    count += 1;
  };
  const noteTransfer = (from: Address, to: Address, valueWei: bigint) => {
    if (tracesTransfers && valueWei > 0n) note(transferLog(from, to, valueWei));
  };
  watchFrames(vm.evm, {
    enter: (message) => {
      if (isWatching) frames.push([]);
      const { to, delegatecall, value, caller } = message;
      // CALLCODE pays itself; the address of a creation is told a moment later.
      if (to === undefined || delegatecall || !message.codeAddress.equals(to)) return;
      noteTransfer(toAddress(caller), toAddress(to), value);
    },
    create: (created, { caller, value }) =>
      noteTransfer(toAddress(caller), toAddress(created), value),
    exit: (isReverted) => {
      if (!isWatching) return;
      const own = frames.pop() ?? [];
      const kept = isReverted ? [] : own;
      if (frames.length === 0) finished = kept;
      else frames.at(-1)?.push(...kept);
    },
  });
  for (const opcode of LOG_OPCODES) {
    wrapOpcode(vm.evm, opcode, (handler) => (...args) => {
      const answer = handler(...args);
      note(lastLog(args[0]));
      return answer;
    });
  }
  wrapOpcode(vm.evm, SELFDESTRUCT, (handler) => async (...args) => {
    const { owner, beneficiary } = readDestruction(args[0]);
    const balanceWei = (await state.getAccount(owner))?.balance ?? 0n;
    noteTransfer(toAddress(owner), beneficiary, balanceWei);
    return await handler(...args);
  });
  return {
    begin: () => {
      frames.length = 0;
      finished = [];
    },
    logs: () => finished,
    end: () => {
      isWatching = false;
    },
  };
}

interface FrameWatcher {
  enter(message: Message): void;
  create(created: LibraryAddress, message: Message): void;
  exit(isReverted: boolean): void;
}

function watchFrames(evm: EVMInterface, watcher: FrameWatcher): void {
  const { events } = evm;
  assert(events !== undefined, "the library's EVM has events");
  const open: Message[] = [];
  events.on("beforeMessage", (message: Message) => {
    open.push(message);
    watcher.enter(message);
  });
  events.on("newContract", ({ address: created }: { address: LibraryAddress }) => {
    const message = open.at(-1);
    if (message !== undefined) watcher.create(created, message);
  });
  events.on("afterMessage", ({ execResult }: EVMResult) => {
    open.pop();
    watcher.exit(execResult.exceptionError !== undefined);
  });
}

function transferLog(from: Address, to: Address, valueWei: bigint): EventLog {
  return {
    address: address(TRANSFER_LOG_ADDRESS),
    topics: [hash32(TRANSFER_TOPIC), padAddress(from), padAddress(to)],
    data: bigintToBytes(valueWei, 32),
  };
}

function padAddress(account: Address): Hash32 {
  return hash32(`0x${"00".repeat(12)}${account.slice(2)}`);
}

function toAddress({ bytes }: LibraryAddress): Address {
  return bytesToAddress(bytes);
}

/** The log that the opcode which has just run added to its frame. */
function lastLog(runState: unknown): EventLog {
  const result = readField(readField(runState, "interpreter"), "_result");
  const logs = readField(result, "logs");
  assert(Array.isArray(logs), "a frame keeps its logs in a list");
  const [emitter, topics, data]: readonly unknown[] = logs.at(-1) ?? [];
  assert(emitter instanceof Uint8Array && data instanceof Uint8Array, "a log has bytes");
  assert(Array.isArray(topics), "a log has topics");
  return {
    address: bytesToAddress(emitter),
    topics: topics.map((topic: unknown) => {
      assert(topic instanceof Uint8Array, "topics are bytes");
      return bytesToHash32(topic);
    }),
    data,
  };
}

/** Who is about to end, and who gets what it has. */
function readDestruction(
  runState: unknown,
): { readonly owner: LibraryAddress; readonly beneficiary: Address } {
  const owner = readField(readField(runState, "env"), "address");
  const stack = readField(runState, "stack");
  const words: unknown = readStack(stack);
  assert(Array.isArray(words), "a stack has words");
  const top: unknown = words.at(-1);
  assert(typeof top === "bigint" && isLibraryAddress(owner), "SELFDESTRUCT has what it needs");
  return { owner, beneficiary: bytesToAddress(bigintToBytes(top, 32).slice(12)) };
}

function readStack(stack: unknown): unknown {
  assert(typeof stack === "object" && stack !== null, "a run has a stack");
  const read: unknown = Reflect.get(stack, "getStack");
  assert(typeof read === "function", "the library's stack shows its words");
  return Reflect.apply(read, stack, []);
}

function isLibraryAddress(value: unknown): value is LibraryAddress {
  return isRecord(value) && value.bytes instanceof Uint8Array && value.bytes.length === 20;
}

function readField(value: unknown, name: string): unknown {
  assert(typeof value === "object" && value !== null, `the library has "${name}"`);
  return Reflect.get(value, name);
}
