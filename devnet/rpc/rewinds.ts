/**
 * Reading a chain that goes back now and then.
 *
 * Owns that an answer is of the chain of before or of after, never of both: who reads waits while
 * blocks are taken back, and reads again what was under way when that began. Does not own going back
 * (`l1/reorganise.ts`, `core/pipeline/unwind_trusted.ts`).
 * @module
 */
import { refusal, RPC_CODES, type RpcError } from "./errors.ts";

/** When a chain goes back, for who reads it. */
export interface Rewinds {
  /** How many have begun. */
  count(): number;
  /** Settles when those under way are over; `undefined` while there is none. */
  over(): Promise<void> | undefined;
}

/** The same for who takes the chain back. */
export interface RewindGate extends Rewinds {
  /** Readers wait until `task`, which has just begun, has settled. */
  during<Result>(task: Promise<Result>): Promise<Result>;
}

/** A chain that goes back more often than this while one request reads it is not waited for. */
const MAX_READS = 50;

/** A gate that is open. */
export function createRewindGate(): RewindGate {
  let count = 0;
  const running = new Set<Promise<void>>();
  return {
    count: () => count,
    over: () => running.size === 0 ? undefined : Promise.all(running).then(() => {}),
    during: (task) => {
      count++;
      const settled = task.then(() => {}, () => {}).finally(() => running.delete(settled));
      running.add(settled);
      return task;
    },
  };
}

/** What `read` gives, of one chain; it is run again when the chain went back meanwhile. */
export async function readWhole<Result>(
  rewinds: Rewinds | undefined,
  read: () => Result,
): Promise<Awaited<Result>> {
  if (rewinds === undefined) return await read();
  for (let reads = 1; reads <= MAX_READS; reads++) {
    for (let over = rewinds.over(); over !== undefined; over = rewinds.over()) await over;
    const before = rewinds.count();
    try {
      const result = await read();
      if (rewinds.count() === before) return result;
    } catch (error) {
      // What went wrong may be but that blocks went while they were read.
      if (rewinds.count() === before) throw error;
    }
  }
  throw goesBackAllTheTime();
}

function goesBackAllTheTime(): RpcError {
  return refusal(
    RPC_CODES.serverError,
    "CHAIN_GOES_BACK",
    `Cannot read the chain: it went back ${MAX_READS} times meanwhile`,
    "Ask again when the chain stands.",
  );
}
