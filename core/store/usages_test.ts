/** What transactions used, as bytes and back. */
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { RollupError } from "../primitives/errors.ts";
import { encodeRlp, uintToRlp } from "../primitives/rlp.ts";
import type { TxUsage } from "../vm/executor.ts";
import { decodeUsages, encodeUsages } from "./usages.ts";

const SEED = 20_261_121;
const gas = fc.bigInt({ min: 0n, max: 1n << 64n });
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const signed = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });

const usage: fc.Arbitrary<TxUsage> = fc.record({
  evmGasUsed: gas,
  pubdataGas: gas,
  pubdataBytes: signed,
  refundGas: gas,
  storageRefundGas: count,
  counters: fc.record({
    gasUsed: gas,
    txCount: count,
    stepCount: count,
    keccakCount: count,
    sha256Count: count,
    ecrecoverCount: count,
    modexpWork: count,
    pairingCount: count,
    curveOperationCount: count,
    memoryWordCount: count,
    storageReadCount: count,
    storageWriteCount: count,
    logBytes: count,
    pubdataBytes: signed,
  }),
});

Deno.test("decodeUsages() gives back what encodeUsages() was given, signs included", () => {
  fc.assert(
    fc.property(fc.array(usage, { maxLength: 4 }), (usages) => {
      assertEquals(decodeUsages(encodeUsages(usages)), usages);
    }),
    { seed: SEED, numRuns: 200 },
  );
});

Deno.test("decodeUsages() refuses a missing field and a number that is not exact", () => {
  const row = (fields: readonly bigint[]) => encodeRlp([fields.map(uintToRlp)]);
  const zeros = Array.from({ length: 19 }, () => 0n);
  assertEquals(decodeUsages(row(zeros)).length, 1);
  const codeOf = (bytes: Uint8Array) => assertThrows(() => decodeUsages(bytes), RollupError).code;
  assertEquals(codeOf(row(zeros.slice(1))), "RLP_INVALID");
  assertEquals(codeOf(row(zeros.with(2, 1n << 80n))), "STORE_ROW_CORRUPT");
});
