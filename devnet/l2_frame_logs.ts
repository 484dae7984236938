/**
 * Logs of a run in the order in which they came, and ether that moved, told as logs.
 *
 * Owns what `eth_simulateV1` counts on the L2: logs of frames that were taken back have numbers, too.
 * @module
 */
import { bigintToHash32, type Hash32, hash32 } from "../core/primitives/hex.ts";
import { type Address, address, hexToBytes } from "../core/primitives/hex.ts";
import type { EventLog } from "../core/types/receipt.ts";
import type { TraceHooks } from "../core/vm/trace.ts";
import { type SimulatedCall, TRANSFER_LOG_ADDRESS, TRANSFER_TOPIC } from "./rpc/simulate.ts";

/** Watches the calls of one block. */
export interface FrameLogs {
  readonly hooks: TraceHooks;
  /** Of the run that ended last: why it failed, and its logs without those that were taken back. */
  take(): Pick<SimulatedCall, "exception" | "logs">;
}

const EMITTER = address(TRANSFER_LOG_ADDRESS);
const TOPIC = hash32(TRANSFER_TOPIC);

/** Numbers logs from 0; ether is told of when `tracesTransfers` says so. */
export function createFrameLogs(tracesTransfers: boolean): FrameLogs {
  let frames: SimulatedCall["logs"][number][][] = [];
  let finished: SimulatedCall["logs"] = [];
  let exception: string | undefined;
  let count = 0;
  const note = (log: EventLog): void => {
    frames.at(-1)?.push({ log, logIndex: count });
    count++;
  };
  return {
    hooks: {
      onEnter: ({ kind, from, to, valueWei = 0n }) => {
        frames.push([]);
        const isMoved = kind !== "DELEGATECALL" && kind !== "CALLCODE" && valueWei > 0n;
        if (tracesTransfers && isMoved) note(transferLog(from, to, valueWei));
      },
      onExit: ({ isReverted, error }) => {
        const ended = frames.pop() ?? [];
        const kept = isReverted ? [] : ended;
        const parent = frames.at(-1);
        if (parent !== undefined) return void parent.push(...kept);
        finished = kept;
        exception = error;
      },
      onLog: note,
    },
    take: () => {
      const taken = { exception, logs: finished };
      exception = undefined;
      finished = [];
      frames = [];
      return taken;
    },
  };
}

function transferLog(from: Address, to: Address, valueWei: bigint): EventLog {
  const topics: readonly Hash32[] = [
    TOPIC,
    bigintToHash32(BigInt(from)),
    bigintToHash32(BigInt(to)),
  ];
  return { address: EMITTER, topics, data: hexToBytes(bigintToHash32(valueWei)) };
}
