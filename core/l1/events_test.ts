import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodeAbiParameters, encodeEventTopics } from "viem/utils";
import type { Abi } from "viem";
import { RollupError } from "../primitives/errors.ts";
import {
  type Address,
  address,
  bigintToHash32,
  bytesToHex,
  hash32,
  hexToBytes,
  ZERO_HASH,
} from "../primitives/hex.ts";
import { batchNumber } from "../primitives/units.ts";
import { ROLLUP_ABI } from "./contracts/generated.ts";
import {
  decodeRollupEvent,
  type RollupEvent,
  SEQUENCE_BATCHES_TOPIC,
  VERIFY_BATCHES_TOPIC,
} from "./events.ts";
import type { L1Log } from "./l1_client.ts";

const WORD = hash32(`0x${"5c".repeat(32)}`);
const SOMEONE: Address = address(`0x${"00".repeat(18)}abcd`);
const LOG: L1Log = {
  address: address(`0x${"2a".repeat(20)}`),
  topics: [],
  data: "0x",
  blockNumber: 17n,
  blockHash: hash32(`0x${"1a".repeat(32)}`),
  transactionHash: hash32(`0x${"1b".repeat(32)}`),
  logIndex: 2n,
};
const { address: _address, topics: _topics, data: _data, ...at } = LOG;

/** An event without its place. */
type Meaning = RollupEvent extends infer Each ? Each extends RollupEvent ? Omit<Each, "at"> : never
  : never;

/** Arguments of each event of the contract, and what they mean. */
const EVENTS: Readonly<
  Record<string, readonly [Readonly<Record<string, unknown>>, Meaning]>
> = {
  SequenceBatches: [
    { numBatch: 7n, l1InfoRoot: WORD },
    { kind: "sequenced", lastBatch: batchNumber(7n), l1InfoRoot: WORD },
  ],
  SequenceForceBatches: [
    { numBatch: 7n, lastForceBatch: 9n, timestamp: 1_800_000_000n, coinbase: SOMEONE },
    {
      kind: "forceSequenced",
      lastBatch: batchNumber(7n),
      lastOperation: 9n,
      timestampSec: 1_800_000_000n,
      coinbase: SOMEONE,
    },
  ],
  ForceBatch: [
    {
      forceBatchNum: 3n,
      rollingHash: WORD,
      sequencer: SOMEONE,
      deadline: 12n,
      transaction: "0x02f86b",
    },
    {
      kind: "operation",
      number: 3n,
      rollingHash: WORD,
      sender: SOMEONE,
      deadlineSec: 12n,
      transaction: Uint8Array.of(2, 0xf8, 0x6b),
    },
  ],
  VerifyBatches: [
    { numBatch: 7n, stateRoot: WORD, aggregator: SOMEONE },
    { kind: "verified", lastBatch: batchNumber(7n), stateRoot: WORD, aggregator: SOMEONE },
  ],
  VerifyBatchesTrustedAggregator: [
    { numBatch: 7n, stateRoot: WORD, aggregator: SOMEONE },
    { kind: "verified", lastBatch: batchNumber(7n), stateRoot: WORD, aggregator: SOMEONE },
  ],
  RollbackBatches: [
    { targetBatch: 0n, accInputHashToRollback: ZERO_HASH },
    { kind: "rolledBack", targetBatch: batchNumber(0n), accInputHash: ZERO_HASH },
  ],
  EmergencyStateActivated: [{}, { kind: "emergency", active: true }],
  EmergencyStateDeactivated: [{}, { kind: "emergency", active: false }],
  SetTrustedSequencer: [{ newTrustedSequencer: SOMEONE }, setting("SetTrustedSequencer", SOMEONE)],
  SetTrustedAggregator: [
    { newTrustedAggregator: SOMEONE },
    setting("SetTrustedAggregator", SOMEONE),
  ],
  SetTrustedAggregatorTimeout: [
    { newTrustedAggregatorTimeout: 5n },
    setting("SetTrustedAggregatorTimeout", "5"),
  ],
  SetForceBatchTimeout: [{ newForceBatchTimeout: 6n }, setting("SetForceBatchTimeout", "6")],
  TransferAdminRole: [{ newPendingAdmin: SOMEONE }, setting("TransferAdminRole", SOMEONE)],
  AcceptAdminRole: [{ newAdmin: SOMEONE }, setting("AcceptAdminRole", SOMEONE)],
  AddVerifier: [
    { programHash: WORD, verifier: SOMEONE, proofKind: "Mock" },
    setting("AddVerifier", `${WORD} ${SOMEONE} Mock`),
  ],
  ObsoleteVerifier: [{ programHash: WORD }, setting("ObsoleteVerifier", WORD)],
  UpdateProgram: [{ numBatch: 7n, programHash: WORD }, setting("UpdateProgram", `7 ${WORD}`)],
};

Deno.test("decodeRollupEvent() reads every event of the contract with its place", () => {
  const names = ROLLUP_ABI.flatMap((entry) => entry.type === "event" ? [entry.name] : []);
  assertEquals(Object.keys(EVENTS).sort(), names.toSorted());
  for (const [name, [args, meaning]] of Object.entries(EVENTS)) {
    assertEquals(decodeRollupEvent(logOf(name, args)), { ...meaning, at }, name);
  }
  const [first] = logOf("SequenceBatches", { numBatch: 7n, l1InfoRoot: WORD }).topics;
  assertEquals(first, SEQUENCE_BATCHES_TOPIC);
  const [second] = logOf("VerifyBatches", { numBatch: 7n, stateRoot: WORD, aggregator: SOMEONE })
    .topics;
  assertEquals(second, VERIFY_BATCHES_TOPIC);
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
  for (const change of cases) assertInvalid({ ...LOG, data: ZERO_HASH, ...change });
});

Deno.test("decodeRollupEvent() refuses every event with a byte less, a byte more, or a topic more", () => {
  for (const [name, [args]] of Object.entries(EVENTS)) {
    const log = logOf(name, args);
    assertInvalid({ ...log, data: `${log.data}00` });
    assertInvalid({ ...log, topics: [...log.topics, ZERO_HASH] });
    if (log.data !== "0x") assertInvalid({ ...log, data: `0x${log.data.slice(4)}` });
    if (log.topics.length > 1) assertInvalid({ ...log, topics: log.topics.slice(0, -1) });
  }
});

Deno.test("decodeRollupEvent() refuses or reads apart any log with a bit changed", () => {
  for (const [name, [args]] of Object.entries(EVENTS)) {
    const log = logOf(name, args);
    const data = hexToBytes(log.data);
    let refusedCount = 0;
    // One bit of each byte, another one in its neighbour.
    for (let bit = 0; bit < 8 * data.length; bit += 9) {
      const changed = { ...log, data: bytesToHex(data.with(bit >> 3, flipped(data, bit))) };
      const event = readOrRefuse(changed);
      if (event === undefined) refusedCount += 1;
      else if (event.kind !== "setting") {
        // What is read must tell the difference: nothing of a log is passed over.
        assert(JSON.stringify(event, plain) !== JSON.stringify(decodeRollupEvent(log), plain));
      }
    }
    if (name === "SequenceForceBatches") assertEquals(refusedCount > 40, true);
  }
});

function flipped(data: Uint8Array, bit: number): number {
  return (data[bit >> 3] ?? 0) ^ (1 << (bit & 7));
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function readOrRefuse(log: L1Log): RollupEvent | undefined {
  try {
    return decodeRollupEvent(log);
  } catch (error) {
    if (error instanceof RollupError && error.code === "L1_LOG_INVALID") return undefined;
    throw error;
  }
}

function assertInvalid(log: L1Log): void {
  const error = assertThrows(() => decodeRollupEvent(log), RollupError);
  assertEquals(error.code, "L1_LOG_INVALID");
}

function setting(name: string, value: string): Meaning {
  return { kind: "setting", name, value };
}

/** The log of an event; `tests/conformance/contracts` holds the decoder to the contract itself. */
function logOf(eventName: string, args: Readonly<Record<string, unknown>>): L1Log {
  const abi: Abi = ROLLUP_ABI;
  const entry = ROLLUP_ABI.find((each) => each.type === "event" && each.name === eventName);
  if (entry?.type !== "event") throw new Error(`the ABI has no event ${eventName}`);
  const inputs = entry.inputs.filter((input) => !input.indexed);
  const topics = encodeEventTopics({ abi, eventName, args: { ...args } });
  return {
    ...LOG,
    topics: topics.map((topic) => hash32(String(topic))),
    data: encodeAbiParameters(inputs, inputs.map((input) => args[input.name])),
  };
}
