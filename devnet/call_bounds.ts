/**
 * The time that a call on the L2 may take, and when it lets others have a turn.
 *
 * Owns clock and timers of calls, which `core` does not know. Does not own where a call asks for
 * them: before and within costly arithmetic.
 * @module
 */
import type { CallBounds } from "../core/vm/executor.ts";
import { RPC_CODES, RpcError } from "./rpc/errors.ts";
import { CALL_TIMEOUT_MS } from "./rpc/limits.ts";

/** Milliseconds of one call after which whoever else waits is served. */
const SLICE_MS = 50;
/** Each call that waits keeps an instance of the program; when so many do, others go through. */
const MAX_WAITING_CALLS = 4;

let waitingCalls = 0;

/** The bounds of a call that begins now by `nowMs`; past its time it ends with geth's error. */
export function callBounds(
  nowMs: () => number = () => performance.now(),
): Required<CallBounds> {
  const startMs = nowMs();
  const deadlineMs = startMs + CALL_TIMEOUT_MS;
  let sliceEndMs = startMs + SLICE_MS;
  return {
    checkTime: () => {
      if (nowMs() <= deadlineMs) return;
      const message = `execution aborted (timeout = ${CALL_TIMEOUT_MS / 1_000}s)`;
      throw new RpcError(RPC_CODES.serverError, message);
    },
    breathe: () => {
      if (nowMs() < sliceEndMs || waitingCalls >= MAX_WAITING_CALLS) return undefined;
      waitingCalls++;
      return new Promise((resolve) => {
        setTimeout(() => {
          waitingCalls--;
          sliceEndMs = nowMs() + SLICE_MS;
          resolve();
        }, 0);
      });
    },
  };
}
