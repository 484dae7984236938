import { assertEquals } from "@std/assert";
import { type Case, equals, field, testMethods, TOO_MANY } from "../../testing/method_cases.ts";
import { ZKEVM_METHODS } from "./mod.ts";

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
