/**
 * Controls of a whole devnet that note what they are asked, for tests of JSON-RPC.
 * @module
 */
import { bigintToHash32 } from "../../../core/primitives/hex.ts";
import type { DevnetControls } from "../chain.ts";

/** The controls and what they were asked. */
export interface FakeDevnet extends DevnetControls {
  readonly asked: readonly string[];
}

/** Knows the snapshots that it has given and not taken back. */
export function createFakeDevnet(): FakeDevnet {
  const asked: string[] = [];
  const ids: bigint[] = [];
  let nextId = 0n;
  return {
    asked,
    snapshot: () => {
      ids.push(nextId++);
      return Promise.resolve(nextId - 1n);
    },
    revert: (id) => {
      const index = ids.indexOf(id);
      if (index >= 0) ids.length = index;
      return Promise.resolve(index >= 0);
    },
    reset: () => {
      asked.push("reset");
      return Promise.resolve();
    },
    setLoggingEnabled: (enabled) => {
      asked.push(`log ${enabled}`);
    },
    instanceId: () => bigintToHash32(7n),
    snapshots: () => ids.map((id) => ({ id, blockNumber: 3n, blockHash: bigintToHash32(9n) })),
  };
}
