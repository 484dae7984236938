import { assertEquals, assertThrows } from "@std/assert";
import { encodeEventTopics } from "viem/utils";
import { RollupError } from "../primitives/errors.ts";
import { address, bigintToHash32, hash32, ZERO_HASH } from "../primitives/hex.ts";
import { batchNumber } from "../primitives/units.ts";
import { ROLLUP_ABI } from "./contracts/generated.ts";
import { decodeRollupEvent, SEQUENCE_BATCHES_TOPIC, VERIFY_BATCHES_TOPIC } from "./events.ts";
import type { L1Log } from "./l1_client.ts";

Deno.test("decodeRollupEvent() knows every event of the contract by its topic", () => {
  const topics = ROLLUP_ABI.flatMap((entry) =>
    entry.type === "event"
      ? [String(encodeEventTopics({ abi: ROLLUP_ABI, eventName: entry.name })[0])]
      : []
  );
  assertEquals(topics, [SEQUENCE_BATCHES_TOPIC, VERIFY_BATCHES_TOPIC]);
});

Deno.test("decodeRollupEvent() reads both events with their place", () => {
  const word = hash32(`0x${"5c".repeat(32)}`);
  const { address: _address, topics: _topics, data: _data, ...at } = LOG;
  const sequenced = { ...LOG, topics: [SEQUENCE_BATCHES_TOPIC, bigintToHash32(7n)], data: word };
  assertEquals(decodeRollupEvent(sequenced), {
    kind: "sequenced",
    lastBatch: batchNumber(7n),
    l1InfoRoot: word,
    at,
  });
  const verified = {
    ...LOG,
    topics: [VERIFY_BATCHES_TOPIC, bigintToHash32(7n), bigintToHash32(0xabcn)],
    data: word,
  };
  assertEquals(decodeRollupEvent(verified), {
    kind: "verified",
    lastBatch: batchNumber(7n),
    stateRoot: word,
    aggregator: address(`0x${"00".repeat(18)}0abc`),
    at,
  });
});

Deno.test("decodeRollupEvent() passes over logs of other topics", () => {
  assertEquals(decodeRollupEvent(LOG), undefined);
  assertEquals(decodeRollupEvent({ ...LOG, topics: [ZERO_HASH] }), undefined);
});

Deno.test("decodeRollupEvent() refuses our topics with other fields", () => {
  const number = bigintToHash32(7n);
  const big = bigintToHash32(1n << 64n);
  const long = bigintToHash32(1n << 160n);
  const cases: readonly Partial<L1Log>[] = [
    { topics: [SEQUENCE_BATCHES_TOPIC] },
    { topics: [SEQUENCE_BATCHES_TOPIC, number, number] },
    { topics: [SEQUENCE_BATCHES_TOPIC, big] },
    { topics: [SEQUENCE_BATCHES_TOPIC, number], data: "0x" },
    { topics: [SEQUENCE_BATCHES_TOPIC, number], data: `0x${"00".repeat(33)}` },
    { topics: [VERIFY_BATCHES_TOPIC, number] },
    { topics: [VERIFY_BATCHES_TOPIC, number, number, number] },
    { topics: [VERIFY_BATCHES_TOPIC, big, number] },
    { topics: [VERIFY_BATCHES_TOPIC, number, long] },
    { topics: [VERIFY_BATCHES_TOPIC, number, number], data: "0x" },
  ];
  for (const change of cases) {
    const log = { ...LOG, data: ZERO_HASH, ...change };
    const error = assertThrows(() => decodeRollupEvent(log), RollupError);
    assertEquals(error.code, "L1_LOG_INVALID");
  }
});

const LOG: L1Log = {
  address: address(`0x${"2a".repeat(20)}`),
  topics: [],
  data: "0x",
  blockNumber: 17n,
  blockHash: hash32(`0x${"1a".repeat(32)}`),
  transactionHash: hash32(`0x${"1b".repeat(32)}`),
  logIndex: 2n,
};
