import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { assert } from "../primitives/errors.ts";
import { address, hash32, hexToBytes } from "../primitives/hex.ts";
import { batchNumber } from "../primitives/units.ts";
import { encodeSequenceBatches } from "./calls.ts";
import {
  chooseSequence,
  chooseVerification,
  DEFAULT_SUBMIT_POLICY,
  MAX_L1_TX_GAS,
  type SequenceCandidate,
  sequenceGasBound,
  sequenceTxBytes,
  type SubmitPolicy,
} from "./submit_policy.ts";
import { signL1Transaction } from "./transaction.ts";

const COINBASE = address(`0x${"2a".repeat(20)}`);
const NOW = { nowSec: 1_000n, isAsked: false };

function policy(change: Partial<SubmitPolicy> = {}): SubmitPolicy {
  return { ...DEFAULT_SUBMIT_POLICY, ...change };
}

/** Batches from 1 on with data of these sizes, one a second from second 900 on. */
function batches(...sizesBytes: readonly number[]): readonly SequenceCandidate[] {
  return sizesBytes.map((dataBytes, index) => ({
    number: BigInt(index) + 1n,
    dataBytes,
    limitTimestampSec: 900n + BigInt(index),
    coinbase: COINBASE,
    isUrgent: false,
  }));
}

Deno.test("chooseSequence() sends all that is there at once on a devnet", () => {
  assertEquals(chooseSequence(batches(10, 10, 10), policy(), NOW), { kind: "send", lastBatch: 3n });
});

Deno.test("chooseSequence() stops at the count, the size and the coinbase", () => {
  const send = (lastBatch: bigint) => ({ kind: "send" as const, lastBatch });
  const waits = { sequenceWaitSec: 10_000n };
  const two = policy({ ...waits, maxBatchesPerSequence: 2 });
  assertEquals(chooseSequence(batches(10, 10, 10), two, NOW), send(2n));
  assertEquals(chooseSequence(batches(10, 10), two, NOW), send(2n));
  assertEquals(chooseSequence(batches(120_000, 10_300, 10), policy(waits), NOW), send(2n));
  assertEquals(chooseSequence(batches(120_000, 11_000), policy(waits), NOW), send(1n));
  const [first, second] = batches(10, 10);
  assert(first !== undefined && second !== undefined, "there are two");
  const other = { ...second, coinbase: address(`0x${"2b".repeat(20)}`) };
  assertEquals(chooseSequence([first, other], policy(waits), NOW), send(1n));
});

Deno.test("chooseSequence() stops at the gas that one L1 transaction may use", () => {
  const many = batches(...Array.from({ length: 800 }, () => 0));
  const wide = policy({ maxBatchesPerSequence: 1_000, maxTxBytes: 10_000_000 });
  const choice = chooseSequence(many, wide, NOW);
  assert(choice.kind === "send" && choice.lastBatch < 800n, "not all fit");
  const taken = many.slice(0, Number(choice.lastBatch)).map(({ dataBytes }) => dataBytes);
  assert(sequenceGasBound(taken) <= MAX_L1_TX_GAS, "what is taken fits");
  assert(sequenceGasBound([...taken, 0]) > MAX_L1_TX_GAS, "and one more would not");
});

Deno.test("chooseSequence() sends a batch alone that is larger than the policy's limits", () => {
  const small = policy({ maxTxBytes: 100 });
  assertEquals(chooseSequence(batches(500, 1), small, NOW), { kind: "send", lastBatch: 1n });
});

Deno.test("chooseSequence() waits for a fuller transaction, and says until when", () => {
  const waits = policy({ sequenceWaitSec: 300n });
  const choice = chooseSequence(batches(10, 10), waits, NOW);
  assertEquals(choice.kind === "wait" && choice.untilSec, 1_200n);
  const sent = { kind: "send" as const, lastBatch: 2n };
  assertEquals(chooseSequence(batches(10, 10), waits, { nowSec: 1_200n, isAsked: false }), sent);
  assertEquals(chooseSequence(batches(10, 10), waits, { ...NOW, isAsked: true }), sent);
});

Deno.test("chooseSequence() neither waits nor stops short of an operation that is due", () => {
  const waits = policy({ sequenceWaitSec: 300n, maxBatchesPerSequence: 2 });
  const urgent = batches(10, 10, 10, 10).map((batch) => ({
    ...batch,
    isUrgent: batch.number === 3n,
  }));
  assertEquals(chooseSequence(urgent, waits, NOW), { kind: "send", lastBatch: 3n });
  assertEquals(chooseSequence(urgent.slice(2), waits, NOW), { kind: "send", lastBatch: 4n });
});

Deno.test("chooseVerification() takes every proven sequence once the interval is over", () => {
  const facts = { firstBatch: 4n, ends: [5n, 9n], lastVerifiedAtSec: 900n };
  const send = { kind: "send" as const, lastBatch: 9n };
  assertEquals(chooseVerification(facts, policy(), NOW), send);
  const slow = policy({ verifyIntervalSec: 101n });
  const choice = chooseVerification(facts, slow, NOW);
  assertEquals(choice.kind === "wait" && choice.untilSec, 1_001n);
  assertEquals(chooseVerification(facts, slow, { nowSec: 1_001n, isAsked: false }), send);
  assertEquals(chooseVerification(facts, slow, { ...NOW, isAsked: true }), send);
  assertEquals(chooseVerification({ ...facts, lastVerifiedAtSec: undefined }, slow, NOW), send);
});

Deno.test("chooseVerification() takes at most what the contract takes, and then at once", () => {
  const facts = { firstBatch: 1n, ends: [400n, 1_000n, 1_001n], lastVerifiedAtSec: 999n };
  const slow = policy({ verifyIntervalSec: 1_000n });
  assertEquals(chooseVerification(facts, slow, NOW), { kind: "send", lastBatch: 1_000n });
});

Deno.test("sequenceTxBytes() bounds the signed transaction, closely", () => {
  const privateKey = new Uint8Array(32).fill(7);
  const sizes = fc.array(fc.nat({ max: 5_000 }), { minLength: 1, maxLength: 20 });
  const extreme = fc.constantFrom(0n, 127n, (1n << 63n) - 1n);
  fc.assert(
    fc.property(sizes, extreme, (sizesBytes, value) => {
      const data = encodeSequenceBatches({
        batches: sizesBytes.map((sizeBytes) => ({
          transactions: new Uint8Array(sizeBytes).fill(1),
          timestampSec: value,
          operationCount: value,
        })),
        initSequencedBatch: batchNumber(value),
        expectedFinalAccInputHash: hash32(`0x${"ff".repeat(32)}`),
        l2Coinbase: COINBASE,
      });
      const { raw } = signL1Transaction({
        chainId: value,
        nonce: value,
        to: COINBASE,
        data: hexToBytes(data),
        valueWei: 0n,
        gasLimit: MAX_L1_TX_GAS,
        maxFeePerGasWei: value ** 2n,
        maxPriorityFeePerGasWei: value,
      }, privateKey);
      const bound = sequenceTxBytes(sizesBytes);
      assert(raw.length <= bound && bound - raw.length < 200, `${raw.length} of at most ${bound}`);
    }),
    { seed: 4, numRuns: 60 },
  );
});

Deno.test("sequenceGasBound() lets the fullest transaction pay its calldata floor (EIP-7623)", () => {
  const bound = sequenceGasBound([120_000, 10_000]);
  assert(bound >= 21_000n + 40n * 130_000n && bound <= MAX_L1_TX_GAS, `${bound}`);
});
