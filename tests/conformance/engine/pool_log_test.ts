/**
 * The file of admitted transactions: what is read back of it, whatever its end looks like.
 *
 * Owns the file alone. Does not own which records still count (`tests/e2e/lifecycle_test.ts` kills
 * real processes).
 * @module
 */
import { assertEquals } from "@std/assert";
import { bytesToAddress } from "../../../core/primitives/hex.ts";
import { openPoolLog, type PoolRecord } from "../../../core/store/pool_log.ts";

const RECORDS: readonly PoolRecord[] = [1, 40, 60_000].map((sizeBytes, index) => ({
  arrival: BigInt(index) - 1n,
  sender: bytesToAddress(new Uint8Array(20).fill(index + 1)),
  raw: new Uint8Array(sizeBytes).fill(index + 7),
}));

async function withFile(action: (path: string) => void): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    action(path);
  } finally {
    await Deno.remove(path);
  }
}

function writeAll(path: string): void {
  using log = openPoolLog(path);
  for (const record of RECORDS) log.append(record);
}

Deno.test("openPoolLog() reads back every record of an earlier process, in order", () =>
  withFile((path) => {
    writeAll(path);
    using log = openPoolLog(path);
    assertEquals(log.read(), RECORDS);
    assertEquals(log.sizeBytes(), Deno.statSync(path).size);
  }));

Deno.test("PoolLog.append() goes on after records of an earlier process and after read()", () =>
  withFile((path) => {
    writeAll(path);
    using log = openPoolLog(path);
    assertEquals(log.read().length, RECORDS.length);
    for (const record of RECORDS) log.append(record);
    assertEquals(log.read(), [...RECORDS, ...RECORDS]);
  }));

Deno.test("PoolLog.clear() leaves an empty file that takes records again", () =>
  withFile((path) => {
    writeAll(path);
    using log = openPoolLog(path);
    log.clear();
    assertEquals([log.sizeBytes(), log.read(), Deno.statSync(path).size], [0, [], 0]);
    for (const record of RECORDS) log.append(record);
    assertEquals(log.read(), RECORDS);
  }));

Deno.test("PoolLog.read() gives the whole records of a file cut off at any byte", () =>
  withFile((path) => {
    const ends: number[] = [];
    {
      using log = openPoolLog(path);
      for (const record of RECORDS) {
        log.append(record);
        ends.push(log.sizeBytes());
      }
    }
    const bytes = Deno.readFileSync(path);
    const cuts = [...Array.from({ length: 120 }, (_, length) => length), bytes.length - 1];
    for (const length of cuts) {
      Deno.writeFileSync(path, bytes.subarray(0, length));
      using log = openPoolLog(path);
      const wholeCount = ends.filter((end) => end <= length).length;
      assertEquals(log.read(), RECORDS.slice(0, wholeCount), `cut after ${length} bytes`);
    }
  }));

Deno.test("PoolLog.read() stops at a record that is damaged, whichever byte it is", () =>
  withFile((path) => {
    {
      using log = openPoolLog(path);
      for (const record of RECORDS.slice(0, 2)) log.append(record);
    }
    const bytes = Deno.readFileSync(path);
    const firstBytes = 8 + 28 + 1;
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x41;
      Deno.writeFileSync(path, damaged);
      using log = openPoolLog(path);
      const kept = at < firstBytes ? 0 : 1;
      assertEquals(log.read(), RECORDS.slice(0, kept), `damaged at byte ${at}`);
    }
  }));
