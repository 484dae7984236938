import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createSlotMemo } from "./slot_memo.ts";

/** Addresses of words in a memory of a few. */
const ACCOUNT = 32;
const SLOT = 64;
const OUT = 96;

function createMemory() {
  const bytes = new Uint8Array(160);
  const units = new Int32Array(bytes.buffer);
  const write = (at: number, value: bigint) => {
    const text = value.toString(16).padStart(64, "0");
    bytes.subarray(at, at + 32).setFromHex(text);
  };
  const read = (at: number) => BigInt(`0x${bytes.subarray(at, at + 32).toHex()}`);
  return { units, write, read };
}

Deno.test("recall() gives what was kept under both names, and nothing after clear()", () => {
  const memo = createSlotMemo();
  const { units, write, read } = createMemory();
  const ask = (account: bigint, slot: bigint) => {
    write(ACCOUNT, account);
    write(SLOT, slot);
    write(OUT, 99n);
    return memo.recall(units, ACCOUNT, SLOT, OUT);
  };
  const keep = (account: bigint, slot: bigint, value: bigint) => {
    ask(account, slot);
    write(OUT, value);
    memo.keep(units, ACCOUNT, SLOT, OUT);
  };
  assertEquals([ask(1n, 2n), read(OUT)], [undefined, 99n]);
  keep(1n, 2n, 3n);
  keep(1n, 3n, 0n);
  keep(2n, 2n, 1n << 255n);
  assertEquals([ask(1n, 2n), read(OUT)], [1, 3n]);
  assertEquals([ask(1n, 3n), read(OUT)], [0, 0n]);
  assertEquals([ask(2n, 2n), read(OUT)], [1, 1n << 255n]);
  assertEquals([ask(2n, 3n), ask(2n, 1n), ask(1n << 159n, 2n)], [undefined, undefined, undefined]);
  memo.clear();
  assertEquals([ask(1n, 2n), ask(1n, 3n)], [undefined, undefined]);
  keep(1n, 2n, 5n);
  assertEquals([ask(1n, 2n), read(OUT)], [1, 5n]);
});

Deno.test("recall() never gives a wrong value, however many slots are kept", () => {
  const memo = createSlotMemo();
  const { units, write, read } = createMemory();
  const small = fc.bigInt({ min: 0n, max: 12n });
  const number = fc.oneof(small, fc.bigInt({ min: 0n, max: (1n << 160n) - 1n }));
  const slots = fc.oneof(small, fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }));
  const kept = new Map<string, bigint>();
  let found = 0;
  fc.assert(
    fc.property(number, slots, slots, (account, slot, value) => {
      write(ACCOUNT, account);
      write(SLOT, slot);
      const name = `${account} ${slot}`;
      const known = kept.get(name);
      const answer = memo.recall(units, ACCOUNT, SLOT, OUT);
      if (answer !== undefined) {
        assertEquals(read(OUT), known);
        assertEquals(answer, known === 0n ? 0 : 1);
        found++;
        return;
      }
      write(OUT, value);
      memo.keep(units, ACCOUNT, SLOT, OUT);
      kept.set(name, value);
    }),
    { seed: 811, numRuns: 30_000 },
  );
  assert(found > 1_000, `${found} were found`);
});

Deno.test("recall() knows nothing of addresses between two units", () => {
  const memo = createSlotMemo();
  const { units } = createMemory();
  memo.keep(units, ACCOUNT + 1, SLOT, OUT);
  assertEquals(memo.recall(units, ACCOUNT + 1, SLOT, OUT), undefined);
  memo.keep(units, ACCOUNT, SLOT, OUT + 2);
  assertEquals(memo.recall(units, ACCOUNT, SLOT, OUT), undefined);
});
