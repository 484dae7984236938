import { assertEquals, assertNotEquals } from "@std/assert";
import vectors from "../../fixtures/vectors/acc_input_hash.json" with { type: "json" };
import { keccak256 } from "../crypto/keccak.ts";
import { address, hash32, hexToBytes, ZERO_ADDRESS, ZERO_HASH } from "../primitives/hex.ts";
import {
  type AccInput,
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  rollOperation,
} from "./acc_input_hash.ts";

Deno.test("accInputHash() gives Polygon's published values", () => {
  assertEquals(vectors.cases.length, 1);
  for (const vector of vectors.cases) {
    const rest = {
      oldAccInputHash: hash32(vector.oldAccInputHash),
      l1ToL2RollingHash: hash32(vector.l1InfoRoot),
      limitTimestampSec: BigInt(vector.limitTimestampSec),
      coinbase: address(vector.coinbase),
      forcedBlockHashL1: hash32(vector.forcedBlockHashL1),
    };
    const batchData = hexToBytes(vector.batchData);
    assertEquals(keccak256(batchData), vector.batchDataHash);
    assertEquals(accInputHash({ ...rest, batchData }), vector.accInputHash);
    const batchDataHash = hash32(vector.batchDataHash);
    assertEquals(accInputHash({ ...rest, batchDataHash }), vector.accInputHash);
  }
});

Deno.test("accInputHash() takes an absent forced block hash as zero", () => {
  assertEquals(accInputHash(INPUT), accInputHash({ ...INPUT, forcedBlockHashL1: ZERO_HASH }));
});

Deno.test("accInputHash() changes with each of its inputs", () => {
  const one = hash32(`0x${"00".repeat(31)}01`);
  const variants: readonly AccInput[] = [
    { ...INPUT, oldAccInputHash: one },
    { ...INPUT, batchDataHash: one },
    { ...INPUT, l1ToL2RollingHash: one },
    { ...INPUT, limitTimestampSec: 1n },
    { ...INPUT, coinbase: address(`0x${"00".repeat(19)}01`) },
    { ...INPUT, forcedBlockHashL1: one },
  ];
  for (const variant of variants) assertNotEquals(accInputHash(variant), accInputHash(INPUT));
  assertEquals(new Set(variants.map(accInputHash)).size, variants.length);
});

Deno.test("rollOperation() hashes the old value and the hash of the operation", () => {
  assertEquals(
    EMPTY_L1_TO_L2_ROLLING_HASH,
    "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
  );
  const first = rollOperation(EMPTY_L1_TO_L2_ROLLING_HASH, Uint8Array.of(1));
  const hash = keccak256(Uint8Array.of(1)).slice(2);
  assertEquals(first, keccak256(hexToBytes(`${EMPTY_L1_TO_L2_ROLLING_HASH}${hash}`)));
  assertNotEquals(rollOperation(first, Uint8Array.of(2)), first);
  // The chain tells where one operation ends.
  assertNotEquals(
    rollOperation(EMPTY_L1_TO_L2_ROLLING_HASH, Uint8Array.of(1, 2)),
    rollOperation(first, Uint8Array.of(2)),
  );
});

const INPUT = {
  oldAccInputHash: ZERO_HASH,
  batchDataHash: ZERO_HASH,
  l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
  limitTimestampSec: 0n,
  coinbase: ZERO_ADDRESS,
};
