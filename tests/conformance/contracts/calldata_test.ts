import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
} from "../../../core/batching/acc_input_hash.ts";
import { encodeSequenceBatches } from "../../../core/l1/calls.ts";
import { readQueuedOperation, readSequencedBatch } from "../../../core/l1/rollup_views.ts";
import {
  decodeSequenceBatches,
  SEQUENCE_BATCHES_SELECTOR,
  type SequenceBatchesCall,
} from "../../../core/l1/sequence_calldata.ts";
import { bigintToBytes, concatBytes } from "../../../core/primitives/bytes.ts";
import { isRollupError, RollupError } from "../../../core/primitives/errors.ts";
import {
  bigintToHash32,
  bytesToHex,
  type Hash32,
  hash32,
  type Hex,
  hexToBytes,
} from "../../../core/primitives/hex.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { batchOf, force, sequenceOf } from "./scenario.ts";
import { COINBASE, createRollupWorld, SEQUENCER, START_SEC } from "./world.ts";

Deno.test("decodeSequenceBatches() reads what encodeSequenceBatches() wrote", () => {
  assertEquals(decodeSequenceBatches(encodeSequenceBatches(CALL)), CALL);
});

Deno.test("decodeSequenceBatches() agrees with the contract on hand-made encodings", async () => {
  const [time, coinbase] = [START_SEC, BigInt(COINBASE)];
  const head = [0x80n, 0n, 0n, coinbase];
  const cases: readonly (readonly [string, Hex, boolean])[] = [
    ["usual form", words(...head, 1n, 0x20n, 0x60n, time, 0n, 1n, 0xaan << 248n), true],
    ["bytes at the end", words(...head, 1n, 0x20n, 0x60n, time, 0n, 0n, 5n, 6n), true],
    ["a gap", words(...head, 1n, 0x40n, 7n, 0x60n, time, 0n, 0n), true],
    ["data cut", words(...head, 1n, 0x20n, 0x60n, time, 0n, 1n), false],
    ["data unpadded", `${words(...head, 1n, 0x20n, 0x60n, time, 0n, 1n)}aa`, true],
    ["two batches that share bytes", words(...head, 2n, 0x40n, 0x40n, 0x60n, time, 0n, 0n), true],
    ["an operation count of 2^64", words(...head, 1n, 0x20n, 0x60n, time, 1n << 64n, 0n), false],
    ["51 operations", words(...head, 1n, 0x20n, 0x60n, time, 51n, 0n), false],
    ["a timestamp of 2^64", words(...head, 1n, 0x20n, 0x60n, 1n << 64n, 0n, 0n), false],
    // Before the input every word is zero, so the data would be there too, which copying refuses.
    ["tuple before the input", words(...head, 1n, -0x1000n, 0n), false],
    ["offset -2^255", words(...head, 1n, 1n << 255n), false],
    ["data before its tuple", words(...head, 1n, 0x40n, 0n, -0x20n, time, 0n), true],
    // The tuple starts at the last word of the head: its first word is the number of batches.
    ["offset -32", words(...head, 1n, -0x20n), false],
    ["offset past the end", words(...head, 1n, 0x1000n), false],
    ["list offset of 2^64", words(1n << 64n, ...head.slice(1), 1n, 0x20n, 0x60n, 0n), false],
    ["data of 2^64 bytes", words(...head, 1n, 0x20n, 0x60n, time, 0n, 1n << 64n), false],
    ["batch number above 64 bits", words(0x80n, 1n << 64n, 0n, coinbase, 1n, 1n << 255n), false],
    ["coinbase above 160 bits", words(0x80n, 0n, 0n, 1n << 160n, 1n, 1n << 255n), false],
    ["no batches", words(...head, 0n), false],
    ["three arguments", words(0x60n, 0n, coinbase), false],
    ["only a selector", words(), false],
  ];
  const compare = await createComparison();
  for (const [name, input, isAccepted] of cases) {
    assertEquals([name, await compare(input)], [name, isAccepted ? "accepted" : "refused"]);
  }
});

Deno.test("decodeSequenceBatches() agrees with the contract on mutated calldata", async () => {
  const compare = await createComparison();
  const counts = { accepted: 0, refused: 0, undecided: 0 };
  await fc.assert(
    fc.asyncProperty(mutatedCalldata, async (input) => {
      counts[await compare(input)] += 1;
    }),
    { seed: 901, numRuns: 1_500 },
  );
  // Both answers must be common, or the comparison says nothing.
  assert(counts.accepted > 150 && counts.refused > 150, JSON.stringify(counts));
});

Deno.test("decodeSequenceBatches() shares bytes that batches share", () => {
  const data = new Uint8Array(120_000).fill(1);
  const count = 1000n;
  const tuple = concatBytes(
    ...[0x60n, 0n, 0n, 120_000n].map((word) => bigintToBytes(word, 32)),
  );
  const list = words(0x80n, 0n, 0n, 0n, count, ...Array(Number(count)).fill(32n * count));
  const { batches } = decodeSequenceBatches(`${list}${tuple.toHex()}${data.toHex()}`);
  assertEquals(batches.length, 1000);
  assertEquals(new Set(batches.map((each) => each.transactions.buffer)).size, 1);
});

Deno.test("decodeSequenceBatches() refuses other selectors and input that is no hex", () => {
  const usual = encodeSequenceBatches(CALL);
  const cases: readonly (readonly [Hex, string])[] = [
    ["0x", "L1_CALLDATA_INVALID"],
    [`0xdeadbeef${usual.slice(10)}`, "L1_CALLDATA_INVALID"],
    [`${SEQUENCE_BATCHES_SELECTOR}0`, "HEX_INVALID"],
  ];
  for (const [input, code] of cases) {
    const error = assertThrows(() => decodeSequenceBatches(input), RollupError);
    assertEquals(error.code, code);
  }
});

/** Operations that are in the queue when calldata is compared. */
const QUEUED_COUNT = 3;

const CALL: SequenceBatchesCall = {
  ...sequenceOf([
    batchOf({ transactions: Uint8Array.of(1, 2, 3), operationCount: 2n }),
    batchOf({ transactions: new Uint8Array(0) }),
    batchOf({ transactions: new Uint8Array(40).fill(9), timestampSec: START_SEC + 1n }),
  ]),
  expectedFinalAccInputHash: hash32(`0x${"a1b2c3d4".repeat(8)}`),
};

/** The usual calldata with up to three of its words replaced, then cut or made longer. */
const mutatedCalldata: fc.Arbitrary<Hex> = fc.record({
  batchSizes: fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 1, maxLength: 3 }),
  replacements: fc.array(
    fc.record({
      // The first four words are the fixed arguments; those are left alone more often.
      word: fc.oneof({ weight: 1, arbitrary: fc.integer({ min: 0, max: 3 }) }, {
        weight: 9,
        arbitrary: fc.integer({ min: 4, max: 22 }),
      }),
      value: fc.oneof(
        fc.integer({ min: -40, max: 40 }).map((count) => BigInt(count) * 32n),
        fc.integer({ min: -1_000, max: 1_000 }).map(BigInt),
        fc.integer({ min: 0, max: 51 }).map(BigInt),
        fc.integer({ min: -2, max: 37 }).map((delta) => START_SEC + BigInt(delta)),
        fc.constantFrom(1n << 255n, (1n << 64n) - 1n, 1n << 64n, (1n << 255n) - 1n, 120_001n),
      ),
    }),
    { maxLength: 3 },
  ),
  cutBytes: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 100 }),
  }),
  extra: fc.uint8Array({ maxLength: 40 }),
}).map(({ batchSizes, replacements, cutBytes, extra }) => {
  const batches = batchSizes.map((sizeBytes, index) =>
    batchOf({
      transactions: new Uint8Array(sizeBytes).fill(index + 1),
      operationCount: BigInt(index),
    })
  );
  const calldata = hexToBytes(encodeSequenceBatches({ ...CALL, batches }));
  for (const { word, value } of replacements) {
    const at = 4 + 32 * word;
    if (at + 32 <= calldata.length) {
      calldata.set(bigintToBytes(BigInt.asUintN(256, value), 32), at);
    }
  }
  const kept = calldata.subarray(0, Math.max(4, calldata.length - cutBytes));
  return bytesToHex(concatBytes(kept, extra));
});

/** Errors that depend on the contract's state and clock, which the decoder does not know. */
const UNDECIDED = new Set([
  "MaxTimestampSequenceInvalid",
  "InitSequencedBatchDoesNotMatch",
  "SequencedTimestampInvalid",
  "ForceBatchesOverflow",
]);

/** Gives calldata to contract and decoder and checks that they read it alike. */
async function createComparison() {
  const world = await createRollupWorld();
  await force(world, QUEUED_COUNT);
  const rollingHashes = [EMPTY_L1_TO_L2_ROLLING_HASH];
  for (let number = 1n; number <= QUEUED_COUNT; number++) {
    const operation = await readQueuedOperation(world.client, world.rollup, number);
    if (operation !== undefined) rollingHashes.push(operation.rollingHash);
  }
  return (data: Hex) =>
    world.attempt(async (): Promise<"accepted" | "refused" | "undecided"> => {
      const message = { from: SEQUENCER, to: world.rollup };
      const outcome = await world.send({ ...message, data });
      if (outcome.kind === "returned") throw new Error("no input here has the right hash");
      if (outcome.errorName === "FinalAccInputHashDoesNotMatch") {
        // The contract has read all of it, so the decoder must, and to the same hash.
        const read = decodeSequenceBatches(data);
        const expectedFinalAccInputHash = accOf(read, rollingHashes);
        const bound = withExpectedHash(data, expectedFinalAccInputHash);
        const call = decodeSequenceBatches(bound);
        // A batch that lies over that very word is another one now.
        if (accOf(call, rollingHashes) !== expectedFinalAccInputHash) return "undecided";
        assertEquals(call, { ...read, expectedFinalAccInputHash });
        await world.mustSend({ ...message, data: bound });
        const last = batchNumber(BigInt(call.batches.length));
        const record = await readSequencedBatch(world.client, world.rollup, last);
        assertEquals(record?.accInputHash, expectedFinalAccInputHash);
        return "accepted";
      }
      if (UNDECIDED.has(outcome.errorName)) return "undecided";
      assert(refuses(data), `the contract refuses this with ${outcome.errorName}: ${data}`);
      return "refused";
    });
}

/** The calldata with another third argument. */
function withExpectedHash(data: Hex, hash: Hash32): Hex {
  const calldata = hexToBytes(data);
  calldata.set(hexToBytes(hash), 4 + 2 * 32);
  return bytesToHex(calldata);
}

function refuses(input: Hex): boolean {
  try {
    decodeSequenceBatches(input);
    return false;
  } catch (error) {
    if (isRollupError(error, "L1_CALLDATA_INVALID")) return true;
    throw error;
  }
}

/** The accInputHash after a first call, given the rolling hash after each operation. */
function accOf(call: SequenceBatchesCall, rollingHashes: readonly Hash32[]): Hash32 {
  let acc = GENESIS_ACC_INPUT_HASH;
  let consumedCount = 0;
  for (const { transactions, timestampSec, operationCount } of call.batches) {
    consumedCount += Number(operationCount);
    const l1ToL2RollingHash = rollingHashes[consumedCount];
    if (l1ToL2RollingHash === undefined) throw new Error("only queued operations are consumed");
    acc = accInputHash({
      oldAccInputHash: acc,
      batchData: transactions,
      l1ToL2RollingHash,
      limitTimestampSec: timestampSec,
      coinbase: call.l2Coinbase,
    });
  }
  return acc;
}

/** Calldata made of whole words, negative ones in two's complement. */
function words(...values: readonly bigint[]): Hex {
  const tail = values.map((value) => bigintToHash32(BigInt.asUintN(256, value)).slice(2));
  return `${SEQUENCE_BATCHES_SELECTOR}${tail.join("")}`;
}
