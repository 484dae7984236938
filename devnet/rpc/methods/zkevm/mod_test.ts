import { assertEquals } from "@std/assert";
import { ECHO } from "../../testing/fake_chain.ts";
import { RECIPIENT } from "../../testing/fixture.ts";
import {
  type Case,
  equals,
  field,
  testMethods,
  TOO_MANY,
  UNKNOWN,
} from "../../testing/method_cases.ts";
import { ZKEVM_METHODS } from "./mod.ts";

const SEVEN = `0x${"7".padStart(64, "0")}`;

const CASES: Readonly<Record<string, Case>> = {
  zkevm_batchNumber: { check: equals("0x3"), wrong: TOO_MANY },
  zkevm_virtualBatchNumber: { check: equals("0x2"), wrong: TOO_MANY },
  zkevm_verifiedBatchNumber: { check: equals("0x1"), wrong: TOO_MANY },
  zkevm_consolidatedBlockNumber: { check: equals("0x0"), wrong: TOO_MANY },
  zkevm_isBlockVirtualized: {
    params: ({ chain }) => {
      chain.tags.safe = 2n;
      return ["0x2"];
    },
    check: equals(true),
    wrong: [[["latest"], "block"]],
  },
  zkevm_isBlockConsolidated: {
    params: () => [1],
    check: equals(false),
    wrong: [[[1.5], "block"]],
  },
  zkevm_batchNumberByBlockNumber: {
    params: () => ["0x4"],
    check: equals("0x2"),
    wrong: [[[], "block"]],
  },
  zkevm_estimateCounters: {
    params: ({ sender }) => [{ from: sender, to: ECHO, data: "0x01" }],
    check: (result) =>
      assertEquals(field(field(result, "countersLimits"), "maxGasUsed"), "0x1c9c380"),
    wrong: [[[{ to: "0x12" }], "(transaction).to"], [[{}, "newest"], "block"]],
  },
  zkevm_estimateFee: {
    params: ({ sender }) => [{ from: sender, to: RECIPIENT, value: "0x1" }],
    check: equals(`0x${(21_000n * 1_000_000_007n).toString(16)}`),
    wrong: [[[], "transaction"]],
  },
  zkevm_estimateGasPrice: {
    params: ({ sender }) => [{ from: sender, to: RECIPIENT }],
    check: equals("0x3b9aca07"),
    wrong: [[[7], "transaction"]],
  },
  zkevm_traceTransactionCounters: {
    params: ({ hashes }) => [hashes[0]],
    check: (result) => {
      const used = field(result, "countersUsed");
      assertEquals([field(used, "gasUsed"), field(used, "usedKeccakHashes")], ["0x5208", "0x3"]);
    },
    wrong: [[["0x12"], "hash"]],
  },
  zkevm_getBatchCountersByNumber: {
    params: () => ["latest"],
    check: (result) => assertEquals(field(field(result, "countersUsed"), "gasUsed"), "0xa410"),
    wrong: [[["newest"], "batch"]],
  },
  zkevm_getBatchWitness: {
    params: () => [2],
    check: equals("0x1234"),
    wrong: [[["0x"], "batch"]],
  },
  zkevm_getProverInput: {
    params: () => ["safe"],
    check: equals({ batchNumber: 2, witness: "0x1234", publicInputs: "0x5678" }),
    wrong: [[[], "batch"]],
  },
  zkevm_getExitRootsByGER: {
    params: () => [UNKNOWN],
    check: equals(null),
    wrong: [[["0x12"], "globalExitRoot"]],
  },
  zkevm_getLatestGlobalExitRoot: { check: equals(`0x${"00".repeat(32)}`), wrong: TOO_MANY },
  zkevm_getForkId: { check: equals("0x1"), wrong: TOO_MANY },
  zkevm_getForkIdByBatchNumber: {
    params: () => ["0x2"],
    check: equals("0x1"),
    wrong: [[["newest"], "batch"]],
  },
  zkevm_getForkById: {
    params: () => ["0x1"],
    check: (result) => assertEquals(field(result, "version"), SEVEN),
    wrong: [[[], "forkId"]],
  },
  zkevm_getForks: {
    check: (result) => assertEquals(field(field(result, "0"), "fromBatchNumber"), "0x1"),
    wrong: TOO_MANY,
  },
  zkevm_getVersionHistory: {
    check: (result) => assertEquals(Object.values(Object(result)).length, 1),
    wrong: TOO_MANY,
  },
  zkevm_getRollupAddress: { check: equals(`0x${"70".repeat(20)}`), wrong: TOO_MANY },
  zkevm_getRollupManagerAddress: { check: equals(`0x${"70".repeat(20)}`), wrong: TOO_MANY },
  zkevm_getFullBlockByHash: {
    params: ({ blocks }) => [blocks[1]?.header.hash, false],
    check: (result, { hashes }) => assertEquals(field(result, "transactions"), [hashes[0]]),
    wrong: [[["0x12"], "block"]],
  },
  zkevm_getFullBlockByNumber: {
    params: () => ["0x2", true],
    check: (result, { hashes }) => {
      const [transaction] = Object(field(result, "transactions"));
      assertEquals(field(transaction, "hash"), hashes[1]);
      assertEquals(field(field(transaction, "receipt"), "transactionHash"), hashes[1]);
    },
    wrong: [[["newest"], "block"], [["0x1", 1], "fullTransactions"]],
  },
  zkevm_getNativeBlockHashesInRange: {
    params: () => [{ fromBlock: "0x1", toBlock: "latest" }],
    check: (result, { blocks }) =>
      assertEquals(result, blocks.slice(1).map(({ header }) => header.stateRoot)),
    wrong: [
      [[{ fromBlock: "0x2", toBlock: "0x1" }], "range"],
      [[{ fromBlock: "0x1" }], "(range).toBlock"],
    ],
  },
  zkevm_getTransactionByL2Hash: {
    params: ({ hashes }) => [hashes[0]],
    check: (result, { hashes }) => assertEquals(field(result, "hash"), hashes[0]),
    wrong: [[["0x12"], "hash"]],
  },
  zkevm_getTransactionReceiptByL2Hash: {
    params: ({ hashes }) => [hashes[1]],
    check: (result, { hashes }) => assertEquals(field(result, "transactionHash"), hashes[1]),
    wrong: [[["0x12"], "hash"]],
  },
  zkevm_getBatchByNumber: {
    params: () => ["finalized", false],
    check: (result, { blocks, hashes }) => {
      assertEquals(field(result, "number"), "0x1");
      assertEquals(field(result, "sendSequencesTxHash"), `0x${"00".repeat(31)}07`);
      assertEquals(field(result, "verifyBatchTxHash"), null);
      assertEquals(field(result, "blocks"), [blocks[1]?.header.hash, blocks[2]?.header.hash]);
      assertEquals(field(result, "transactions"), [hashes[0], hashes[1]]);
    },
    wrong: [[["first"], "batch"], [["0x1", 1], "fullTransactions"]],
  },
};

testMethods(ZKEVM_METHODS, CASES);
