import { assertEquals } from "@std/assert";
import { LOGGER } from "../../testing/fake_chain.ts";
import { RECIPIENT } from "../../testing/fixture.ts";
import {
  type Case,
  equals,
  field,
  testMethods,
  TOO_MANY,
  UNKNOWN,
} from "../../testing/method_cases.ts";
import { OTS_METHODS } from "./mod.ts";

const WRONG_HASH: Case["wrong"] = [[["0x12"], "argument 0 (hash)"]];
const WRONG_BLOCK: Case["wrong"] = [[["newest"], "argument 0 (block)"], [[-1], "(block)"]];

const checkDetails: Case["check"] = (result, { blocks }) => {
  const block = field(result, "block");
  assertEquals(field(block, "hash"), blocks[1]?.header.hash);
  assertEquals(
    ["transactionCount", "logsBloom", "transactions"].map((name) => field(block, name)),
    [1, null, undefined],
  );
  assertEquals(field(field(result, "issuance"), "issuance"), "0x0");
  assertEquals(field(result, "totalFees"), "0x1319718c8e38");
};

function hashesOf(result: unknown): readonly unknown[] {
  return [field(result, "txs")].flat().map((tx) => field(tx, "hash"));
}

const CASES: Readonly<Record<string, Case>> = {
  erigon_getHeaderByNumber: {
    params: () => [1],
    check: (result, { blocks }) => assertEquals(field(result, "hash"), blocks[1]?.header.hash),
    wrong: WRONG_BLOCK,
  },
  ots_getApiLevel: { check: equals(8), wrong: TOO_MANY },
  ots_hasCode: {
    params: () => [LOGGER, "latest"],
    check: equals(true),
    wrong: [[["0x12"], "address"], [[LOGGER, "newest"], "block"]],
  },
  ots_getBlockDetails: { params: () => [1], check: checkDetails, wrong: WRONG_BLOCK },
  ots_getBlockDetailsByHash: {
    params: ({ blocks }) => [blocks[1]?.header.hash],
    check: checkDetails,
    wrong: [[["0x12"], "blockHash"]],
  },
  ots_getBlockTransactions: {
    params: () => ["0x2", 0, 10],
    check: (result, { hashes }) => {
      const [tx] = [field(field(result, "fullblock"), "transactions")].flat();
      assertEquals(field(tx, "hash"), hashes[1]);
      assertEquals(String(field(tx, "input")).length, 10);
      const [receipt] = [field(result, "receipts")].flat();
      assertEquals([field(receipt, "logs"), field(receipt, "logsBloom")], [null, null]);
    },
    wrong: [[["0x1", 0, 0], "pageSize"], [["0x1", -1, 1], "pageNumber"], [[], "block"]],
  },
  ots_searchTransactionsBefore: {
    params: ({ sender }) => [sender, 0, 2],
    check: (result, { hashes }) => {
      assertEquals(hashesOf(result), [hashes[2], hashes[1]]);
      assertEquals([field(result, "firstPage"), field(result, "lastPage")], [true, false]);
    },
    wrong: [[["0x12", 0, 1], "address"], [[LOGGER, -1, 1], "blockNumber"]],
  },
  ots_searchTransactionsAfter: {
    params: ({ sender }) => [sender, 1, 25],
    check: (result, { hashes }) => {
      assertEquals(hashesOf(result), [hashes[2], hashes[1]]);
      assertEquals([field(result, "firstPage"), field(result, "lastPage")], [true, false]);
    },
    wrong: [[["0x12", 0, 1], "address"], [[LOGGER, 0, "1"], "pageSize"]],
  },
  ots_getTransactionBySenderAndNonce: {
    params: ({ sender }) => [sender, 1],
    check: (result, { hashes }) => assertEquals(result, hashes[1]),
    wrong: [[["0x12", 1], "sender"], [[LOGGER, "1"], "nonce"]],
  },
  ots_getContractCreator: {
    params: () => [RECIPIENT],
    check: equals(null),
    wrong: [[["0x12"], "address"]],
  },
  ots_getTransactionError: {
    params: ({ hashes }) => [hashes[0]],
    check: equals("0x"),
    wrong: WRONG_HASH,
  },
  ots_traceTransaction: {
    params: ({ hashes }) => [hashes[0]],
    check: (result, { sender }) =>
      assertEquals(result, [{
        type: "CALL",
        depth: 0,
        from: sender,
        to: RECIPIENT,
        value: "0x5",
        input: "0x",
        output: "0x",
      }]),
    wrong: WRONG_HASH,
  },
  ots_getInternalOperations: {
    params: ({ hashes }) => [hashes[0]],
    check: equals([]),
    wrong: [...WRONG_HASH, [[UNKNOWN, 1], "too many arguments"]],
  },
};

testMethods(OTS_METHODS, CASES);
