/**
 * Recovery for who expects a key: those who sign again and again are known by a table each, which
 * tells in less than half of the time that it was them.
 *
 * Owns which keys have a table. What it answers depends on no expectation: a wrong one, or one of a
 * key without a table, costs time only. Does not own where expectations come from.
 * @module
 */
import { equalBytes } from "../../primitives/bytes.ts";
import { createPointRecovery, type PointRecovery } from "./recovery.ts";

/**
 * Recovers `question` (`QUESTION_BYTES`) into `point` (`POINT_BYTES`); `false` when no key made the
 * signature. `expected` is the key that has probably made it.
 */
export type RecoverPoint = (
  question: Uint8Array,
  yParity: number,
  expected: Uint8Array | undefined,
  point: Uint8Array,
) => boolean;

/** So often a key is expected rightly before it gets a table, which takes as long as 60 gains. */
const LEARN_AFTER = 16;
/** A table that nobody has needed for so many questions may go to another key. */
const IDLE_AFTER = 4_096;
/** Keys that are counted, tables or not. */
const MAX_COUNTED = 256;

interface CountedKey {
  times: number;
  lastUse: number;
  table: number | undefined;
}

/** A fresh instance. */
export function createExpectedKeyRecovery(
  recovery: PointRecovery = createPointRecovery(),
): RecoverPoint {
  const keys = new Map<string, CountedKey>();
  const owners: CountedKey[] = [];
  let questions = 0;

  const freeTable = (): number | undefined => {
    if (owners.length < recovery.tables) return owners.length;
    const idle = owners.findIndex(({ lastUse }) => questions - lastUse > IDLE_AFTER);
    return idle === -1 ? undefined : idle;
  };
  /** The key in `recovery.point` was rightly expected. */
  const count = (name: string): void => {
    const key = keys.get(name) ?? { times: 0, lastUse: 0, table: undefined };
    if (key.times === 0) {
      if (keys.size >= MAX_COUNTED) forgetOthers();
      keys.set(name, key);
    }
    key.lastUse = questions;
    if (++key.times < LEARN_AFTER) return;
    const table = freeTable();
    if (table === undefined) return;
    const before = owners[table];
    if (before !== undefined) {
      before.table = undefined;
      before.times = 0;
    }
    owners[table] = key;
    key.table = table;
    recovery.learn(table);
  };
  const forgetOthers = (): void => {
    for (const [name, { table }] of keys) if (table === undefined) keys.delete(name);
  };

  return (question, yParity, expected, point) => {
    questions++;
    recovery.question.set(question);
    const name = expected?.toHex();
    const known = name === undefined ? undefined : keys.get(name);
    if (expected !== undefined && known?.table !== undefined) {
      known.lastUse = questions;
      if (recovery.confirm(known.table, yParity)) {
        point.set(expected);
        return true;
      }
    }
    if (!recovery.recover(yParity)) return false;
    point.set(recovery.point);
    const isExpected = expected !== undefined && equalBytes(point, expected);
    if (name !== undefined && isExpected) count(name);
    return true;
  };
}
