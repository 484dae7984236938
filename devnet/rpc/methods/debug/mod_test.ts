import { assertEquals, assertMatch } from "@std/assert";
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { RpcError } from "../../errors.ts";
import { createFixture, RECIPIENT, refusalOf } from "../../testing/fixture.ts";
import { type Case, field, testMethods, TOO_MANY, UNKNOWN } from "../../testing/method_cases.ts";
import { DEBUG_METHODS } from "./mod.ts";

const CALL_TRACER = { tracer: "callTracer" };
const WRONG_CONFIGS: Case["wrong"] = [
  [["0x1", 3], "argument 1 (config)"],
  [["0x1", { tracer: 3 }], "(config).tracer"],
  [["0x1", { tracer: "callTracer", tracerConfig: 3 }], "tracerConfig"],
  [["0x1", { tracer: "callTracer", tracerConfig: { withLog: 1 } }], "tracerConfig.withLog"],
  [["0x1", { timeout: "5 parsecs" }], "(config).timeout"],
  [["0x1", { limit: -1 }], "(config).limit"],
];

const CASES: Readonly<Record<string, Case>> = {
  debug_getBadBlocks: { check: (result) => assertEquals(result, []), wrong: TOO_MANY },
  debug_getRawBlock: {
    params: () => ["0x1"],
    check: (result) => assertMatch(String(result), /^0xf9/),
    wrong: [[[], "block"]],
  },
  debug_getRawHeader: {
    params: () => ["0x1"],
    check: (result) => assertMatch(String(result), /^0xf902/),
    wrong: [[[], "block"]],
  },
  debug_getRawReceipts: {
    params: () => ["0x1"],
    check: (result) => assertEquals(Array.isArray(result), true),
    wrong: [[[], "block"]],
  },
  debug_getRawTransaction: {
    params: ({ hashes }) => [hashes[0]],
    check: (result, { blocks }) =>
      assertEquals(result, bytesToHex(blocks[1]?.transactions[0]?.raw ?? new Uint8Array(0))),
    wrong: [[["0x12"], "hash"]],
  },
  debug_getRawTransactions: {
    params: () => ["0x1"],
    check: (result, { blocks }) =>
      assertEquals(result, blocks[1]?.transactions.map(({ raw }) => bytesToHex(raw))),
    wrong: [[[], "block"]],
  },
  debug_traceTransaction: {
    params: ({ hashes }) => [hashes[0], CALL_TRACER],
    check: (result, { sender }) =>
      assertEquals(result, {
        from: sender,
        gas: "0x186a0",
        gasUsed: "0x5",
        to: RECIPIENT,
        input: "0x",
        value: "0x5",
        type: "CALL",
      }),
    wrong: [[["0x12"], "argument 0 (hash)"], [[UNKNOWN, 3], "argument 1 (config)"]],
  },
  debug_traceBatchByNumber: {
    // Batch 1 is blocks 1 and 2.
    params: () => ["0x1", CALL_TRACER],
    check: (result, { hashes }) =>
      assertEquals([field(field(result, "0"), "txHash"), field(field(result, "1"), "txHash")], [
        hashes[0],
        hashes[1],
      ]),
    wrong: [[["newest"], "batch"], ...WRONG_CONFIGS],
  },
  debug_traceBlockByNumber: {
    params: () => ["0x1", {}],
    check: (result, { hashes }) =>
      assertEquals(result, [{
        txHash: hashes[0],
        result: { gas: 5, failed: false, returnValue: "0x", structLogs: [] },
      }]),
    wrong: [[[1], "argument 0 (block)"], ...WRONG_CONFIGS],
  },
  debug_traceBlockByHash: {
    params: ({ blocks }) => [blocks[1]?.header.hash, { tracer: "noopTracer" }],
    check: (result, { hashes }) => assertEquals(result, [{ txHash: hashes[0], result: {} }]),
    wrong: [[["0x12"], "blockHash"]],
  },
  debug_traceBlock: {
    params: async ({ dispatcher }) => [
      await dispatcher.request("debug_getRawBlock", ["0x1"]),
      { tracer: "noopTracer" },
    ],
    check: (result, { hashes }) => assertEquals(result, [{ txHash: hashes[0], result: {} }]),
    wrong: [[["0x12"], "could not decode block"], [["nothing"], "argument 0 (block)"]],
  },
  debug_traceCall: {
    params: () => [
      { to: RECIPIENT, data: "0x01020304aa", gas: "0x5208" },
      "latest",
      { tracer: "muxTracer", tracerConfig: { "4byteTracer": {}, callTracer: {} } },
    ],
    check: (result) => {
      assertEquals(field(result, "4byteTracer"), { "0x01020304-1": 1 });
      assertEquals(field(field(result, "callTracer"), "gas"), "0x5208");
    },
    wrong: [
      [[], "transaction"],
      [[{}, "newest"], "block"],
      [[{}, "latest", { txIndex: "1" }], "txIndex"],
      [[{}, "latest", { stateOverrides: 3 }], "stateOverrides"],
      [[{}, "latest", { blockOverrides: { number: 3 } }], "blockOverrides"],
    ],
  },
};

testMethods(DEBUG_METHODS, CASES);

/** Requests that geth refuses, and what it says. */
const REFUSALS: readonly (readonly [method: string, params: readonly unknown[], text: string])[] = [
  ["debug_traceTransaction", [UNKNOWN], "transaction not found"],
  ["debug_traceBlockByNumber", ["0x0"], "genesis is not traceable"],
  ["debug_traceBlockByNumber", ["0x63"], "block #99 not found"],
  ["debug_traceBlockByHash", [UNKNOWN], `block ${UNKNOWN} not found`],
  ["debug_traceCall", [{}, "pending"], "tracing on top of pending is not supported"],
  ["debug_traceBlockByNumber", ["0x1", { tracer: "{result: 1}" }], "tracer not found"],
];

for (const [method, params, text] of REFUSALS) {
  Deno.test(`${method} says "${text}" as geth does`, async () => {
    const { dispatcher } = await createFixture();
    const error = await refusalOf(dispatcher, method, params);
    assertEquals(error instanceof RpcError, true);
    assertEquals([error.code, error.message], [-32000, text]);
  });
}

Deno.test("debug_traceCall refuses a txIndex that the block does not have", async () => {
  const { dispatcher, blocks } = await createFixture();
  const error = await refusalOf(dispatcher, "debug_traceCall", [{}, "0x1", { txIndex: "0x1" }]);
  const hash = blocks[1]?.header.hash;
  assertEquals(error.message, `transaction index 1 out of range for block ${hash}`);
});
