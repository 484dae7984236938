import { assertEquals } from "@std/assert";
import { createFakeEngine } from "../../testing/fake_engine.ts";
import { RECIPIENT } from "../../testing/fixture.ts";
import { type Case, field, testMethods, TOO_MANY } from "../../testing/method_cases.ts";
import { VARVE_METHODS } from "./mod.ts";

const CASES: Readonly<Record<string, Case>> = {
  varve_acceptProof: {
    params: () => [2, "0xabcd"],
    check: (_result, { engine }) => assertEquals(engine.calls.at(-1), ["acceptProof", 2, "0xabcd"]),
    wrong: [[["0x2", "0x"], "batchNumber"], [[2, "proof"], "proof"]],
  },
  varve_estimateGas: {
    params: ({ sender }) => [{ from: sender, data: "0x", valueWei: "12" }],
    check: (result, { engine, sender }) => {
      assertEquals(result, 21_000);
      assertEquals(engine.calls.at(-1), [
        "estimateGas",
        { from: sender, data: "0x", valueWei: "12" },
      ]);
    },
    wrong: [
      [[{ from: RECIPIENT, data: "0x", valueWei: "0x1" }], "(request).valueWei"],
      [[{ data: "0x", valueWei: "1" }], "(request).from"],
    ],
  },
  varve_heads: {
    check: (result) => assertEquals(field(result, "sealed"), 3),
    wrong: TOO_MANY,
  },
  varve_inspect: {
    params: () => [{ kind: "table", table: "blocks" }],
    check: (_result, { engine }) =>
      assertEquals(engine.calls.at(-1), [
        "inspect",
        { kind: "table", table: "blocks", limit: 20 },
      ]),
    wrong: [
      [[{ kind: "everything" }], "(query).kind"],
      [[{ kind: "batch", batch: "0x1" }], "(query).batch"],
      [[{ kind: "block", block: "0x1" }], "(query).block"],
      [[{ kind: "tx" }], "(query).hash"],
      [[{ kind: "storage", address: RECIPIENT }], "(query).slot"],
    ],
  },
  varve_nextProofJob: {
    check: (result) => assertEquals(field(result, "witness"), "0x1234"),
    wrong: TOO_MANY,
  },
  varve_planL1: {
    params: ({ sender }) => [{ kind: "forceBatch", transaction: "0x0102" }, sender],
    check: (result, { engine, sender }) => {
      assertEquals(field(result, "nonce"), 5);
      const call = { kind: "forceBatch", transaction: "0x0102" };
      assertEquals(engine.calls.at(-1), ["planL1", call, sender]);
    },
    wrong: [
      [[{ kind: "verifyBatches" }, RECIPIENT], "(call).kind"],
      [[{ kind: "forceBatch" }, RECIPIENT], "(call).transaction"],
      [[{ kind: "sequenceForceBatches" }, "me"], "from"],
    ],
  },
  varve_prove: {
    check: (result) => assertEquals(field(field(result, "0"), "kind"), "mock"),
    wrong: TOO_MANY,
  },
  varve_rebuild: {
    params: () => [{ into: "/some/folder" }],
    check: (result, { engine }) => {
      assertEquals(field(result, "folder"), "/some/folder");
      assertEquals(engine.calls.at(-1), ["rebuild", { into: "/some/folder" }]);
    },
    wrong: [[["/some/folder"], "options"], [[{ into: 7 }], "(options).into"]],
  },
  varve_sealBatch: {
    check: (result) => assertEquals(field(result, "batchNumber"), 4),
    wrong: TOO_MANY,
  },
  varve_sendL1: {
    params: () => ["0x02c0"],
    check: (_result, { engine }) => assertEquals(engine.calls.at(-1), ["sendL1", "0x02c0"]),
    wrong: [[["02c0"], "raw"]],
  },
  varve_sendTransaction: {
    params: () => ["0x02c0"],
    check: (_result, { engine }) =>
      assertEquals(engine.calls.at(-1), ["sendTransaction", "0x02c0"]),
    wrong: [[["02c0"], "transaction"]],
  },
  varve_sender: {
    params: () => [RECIPIENT],
    check: (_result, { engine }) => assertEquals(engine.calls.at(-1), ["sender", RECIPIENT]),
    wrong: [[["me"], "address"]],
  },
  varve_submit: {
    check: (result) => assertEquals(field(result, "length"), 2),
    wrong: TOO_MANY,
  },
  varve_sync: {
    check: (result) => assertEquals(field(result, "toL1Block"), 22),
    wrong: TOO_MANY,
  },
};

testMethods(VARVE_METHODS, CASES);

Deno.test("VARVE_METHODS has a method for every verb of the engine", () => {
  const { calls: _calls, failNext: _failNext, ...engine } = createFakeEngine();
  const verbs = Object.keys(engine).map((verb) => `varve_${verb}`);
  assertEquals(VARVE_METHODS.map(({ name }) => name).toSorted(), verbs.toSorted());
});
