import { assertEquals, assertRejects } from "@std/assert";
import { keccak256 } from "../../crypto/keccak.ts";
import { AssertionError, RollupError } from "../../primitives/errors.ts";
import { address, type Hash32, hash32 } from "../../primitives/hex.ts";
import type { L1Client } from "../l1_client.ts";
import { createJsonRpcL1Client } from "./json_rpc.ts";

Deno.test("createJsonRpcL1Client() asks in JSON-RPC's terms and reads what comes back", async () => {
  const asked: unknown[] = [];
  const client = createJsonRpcL1Client({
    request: (method, params) => {
      asked.push([method, ...params]);
      return Promise.resolve(HONEST[method]);
    },
  });
  assertEquals(await client.chainId(), 900n);
  assertEquals(await client.block(17n), BLOCK_READ);
  assertEquals(await client.block("latest"), BLOCK_READ);
  assertEquals(await client.logs({ address: ROLLUP, fromBlock: 17n, toBlock: 17n }), [LOG_READ]);
  assertEquals(await client.transaction(HASH), { input: "0xab", from: SENDER, nonce: 1n });
  assertEquals(await client.receipt(HASH), {
    transactionHash: HASH,
    blockNumber: 17n,
    blockHash: HASH,
    success: true,
    gasUsed: 21_000n,
    contractAddress: ROLLUP,
  });
  assertEquals(await client.nonce(SENDER, "pending"), 16n);
  assertEquals(await client.balance(SENDER), 1n << 80n);
  assertEquals(await client.call({ to: ROLLUP, data: "0x01" }), "0xcafe");
  assertEquals(await client.estimateGas({ from: SENDER, data: "0x02" }), 21_000n);
  assertEquals(await client.fees(), {
    l1BlockNumber: 17n,
    baseFeePerGasWei: 7n,
    maxPriorityFeePerGasWei: 2n,
  });
  assertEquals(asked, [
    ["eth_chainId"],
    ["eth_getBlockByNumber", "0x11", false],
    ["eth_getBlockByNumber", "latest", false],
    ["eth_getLogs", { address: ROLLUP, fromBlock: "0x11", toBlock: "0x11" }],
    ["eth_getTransactionByHash", HASH],
    ["eth_getTransactionReceipt", HASH],
    ["eth_getTransactionCount", SENDER, "pending"],
    ["eth_getBalance", SENDER, "latest"],
    ["eth_call", { to: ROLLUP, data: "0x01" }, "latest"],
    ["eth_estimateGas", { from: SENDER, data: "0x02" }],
    ["eth_getBlockByNumber", "latest", false],
    ["eth_maxPriorityFeePerGas"],
  ]);
});

Deno.test("createJsonRpcL1Client() gives undefined for what the node does not have", async () => {
  const client = createJsonRpcL1Client({ request: () => Promise.resolve(null) });
  assertEquals(await client.block(17n), undefined);
  assertEquals(await client.transaction(HASH), undefined);
  assertEquals(await client.receipt(HASH), undefined);
});

Deno.test("createJsonRpcL1Client() refuses answers of any other shape", async () => {
  const block = BLOCK_ANSWER;
  const log = LOG_ANSWER;
  const receipt = RECEIPT_ANSWER;
  const tx = TRANSACTION_ANSWER;
  const cases: readonly (readonly [(client: L1Client) => Promise<unknown>, readonly unknown[]])[] =
    [
      [
        (client) => client.chainId(),
        [undefined, null, 900, "900", "0x", "0x0384", "0xg", {}, `0x1${"0".repeat(64)}`],
      ],
      [(client) => client.call({ data: "0x" }), [null, 1, "cafe", "0xc", "0xzz", {}]],
      [(client) => client.block(17n), [
        undefined,
        "<html>",
        [],
        {},
        { ...block, number: "0x12" },
        { ...block, hash: "0x12" },
        { ...block, parentHash: null },
        { ...block, timestamp: 5 },
        { ...block, baseFeePerGas: undefined },
      ]],
      [(client) => client.logs({ address: ROLLUP, fromBlock: 17n, toBlock: 18n }), [
        null,
        {},
        [null],
        [log, log],
        [{ ...log, removed: true }],
        [{ ...log, address: SENDER }],
        [{ ...log, blockNumber: null }],
        [{ ...log, blockNumber: "0x10" }],
        [{ ...log, blockNumber: "0x13" }],
        [{ ...log, topics: "0x" }],
        [{ ...log, topics: [1] }],
        [{ ...log, topics: Array(5).fill(HASH) }],
        [{ ...log, data: "0xf" }],
        [{ ...log, logIndex: "-1" }],
      ]],
      [(client) => client.transaction(HASH), [
        "0x",
        { ...tx, hash: OTHER_HASH },
        { ...tx, from: "0x12" },
        { ...tx, to: "0x12" },
        { ...tx, input: 7 },
        { ...tx, nonce: "0x00" },
      ]],
      [(client) => client.receipt(HASH), [
        { ...receipt, transactionHash: OTHER_HASH },
        { ...receipt, status: "0x2" },
        { ...receipt, status: undefined },
        { ...receipt, blockNumber: null },
        { ...receipt, gasUsed: "many" },
        { ...receipt, contractAddress: "0x12" },
      ]],
      [(client) => client.fees(), [null, { ...block, baseFeePerGas: null }]],
      [(client) => client.sendRawTransaction(RAW), [null, OTHER_HASH, HASH.toUpperCase()]],
    ];
  for (const [ask, answers] of cases) {
    for (const answer of answers) {
      const client = createJsonRpcL1Client({ request: () => Promise.resolve(answer) });
      const error = await assertRejects(() => ask(client), RollupError, undefined, `${answer}`);
      assertEquals([error.code, answer], ["L1_BAD_RESPONSE", answer]);
    }
  }
});

Deno.test("logs() come in order of block and index", async () => {
  const later = { ...LOG_ANSWER, logIndex: "0x10" };
  const next = { ...LOG_ANSWER, blockNumber: "0x12", logIndex: "0x0" };
  const client = createJsonRpcL1Client({
    request: () => Promise.resolve([next, later, LOG_ANSWER]),
  });
  const logs = await client.logs({ address: ROLLUP, fromBlock: 17n, toBlock: 18n });
  assertEquals(logs.map((log) => [log.blockNumber, log.logIndex]), [
    [17n, 2n],
    [17n, 16n],
    [18n, 0n],
  ]);
});

Deno.test("createJsonRpcL1Client() tells reverts, refusals and silence apart", async () => {
  const invalidProof = { errorName: "InvalidProof", data: "0x09bde339" };
  const cases: readonly (readonly [unknown, string, Readonly<Record<string, unknown>>])[] = [
    [{ code: 3, message: "execution reverted", data: "0x09bde339" }, "L1_REVERTED", invalidProof],
    [{ code: -32603, message: "internal", data: "0x09bde339" }, "L1_REVERTED", invalidProof],
    [
      { code: -32603, message: "internal", data: { data: "0x09bde339" } },
      "L1_REVERTED",
      invalidProof,
    ],
    [{ code: 3, message: "execution reverted" }, "L1_REVERTED", { errorName: "unknown" }],
    [{ code: -32000, message: "nonce too low" }, "L1_REJECTED", { code: -32000 }],
    [{ code: -32602, message: "bad", data: "too many blocks" }, "L1_REJECTED", { code: -32602 }],
    [new TypeError("connection refused"), "L1_UNAVAILABLE", { method: "eth_call" }],
    [new DOMException("timed out", "TimeoutError"), "L1_UNAVAILABLE", { method: "eth_call" }],
    ["no", "L1_UNAVAILABLE", { method: "eth_call" }],
    [
      new RollupError("REMOTE_UNAVAILABLE", "Cannot reach", { mend: "Start it." }),
      "L1_UNAVAILABLE",
      { method: "eth_call" },
    ],
  ];
  for (const [thrown, code, details] of cases) {
    const client = createJsonRpcL1Client({ request: () => Promise.reject(thrown) });
    const error = await assertRejects(() => client.call({ data: "0x" }), RollupError);
    assertEquals(error.code, code);
    assertEquals(error.cause, thrown);
    for (const [name, value] of Object.entries(details)) assertEquals(error.details[name], value);
  }
});

Deno.test("createJsonRpcL1Client() lets defects of this process through", async () => {
  const defect = new AssertionError("a bug");
  const client = createJsonRpcL1Client({ request: () => Promise.reject(defect) });
  assertEquals(await assertRejects(() => client.chainId(), AssertionError), defect);
});

Deno.test("sendRawTransaction() is a success when the node has the transaction already", async () => {
  for (const message of ["already known", "nonce too low", "anything"]) {
    const client = createJsonRpcL1Client({
      request: (method) =>
        method === "eth_getTransactionByHash"
          ? Promise.resolve({ ...TRANSACTION_ANSWER, hash: RAW_HASH })
          : Promise.reject({ code: -32000, message }),
    });
    assertEquals(await client.sendRawTransaction(RAW), RAW_HASH);
  }
});

Deno.test("sendRawTransaction() passes the refusal on when the node does not have it", async () => {
  const client = createJsonRpcL1Client({
    request: (method) =>
      method === "eth_getTransactionByHash"
        ? Promise.resolve(null)
        : Promise.reject({ code: -32000, message: "nonce too low" }),
  });
  const error = await assertRejects(() => client.sendRawTransaction(RAW), RollupError);
  assertEquals(error.code, "L1_REJECTED");
  assertEquals(error.details["message"], "nonce too low");
});

Deno.test("receipt() of a failed transaction has the reason that a replay gives", async () => {
  const replays: readonly (readonly [() => Promise<unknown>, string | undefined])[] = [
    [() => Promise.reject({ code: 3, message: "", data: "0x09bde339" }), "InvalidProof"],
    [() => Promise.resolve("0x"), undefined],
    [() => Promise.reject({ code: -32000, message: "missing trie node" }), undefined],
  ];
  for (const [replay, reason] of replays) {
    const client = createJsonRpcL1Client({
      request: (method, params) => {
        if (method !== "eth_call") {
          const answer = HONEST[method];
          return Promise.resolve(
            method === "eth_getTransactionReceipt" ? { ...RECEIPT_ANSWER, status: "0x0" } : answer,
          );
        }
        assertEquals(params, [{ data: "0xab", from: SENDER }, "0x10"]);
        return replay();
      },
    });
    const receipt = await client.receipt(HASH);
    assertEquals(receipt?.success, false);
    assertEquals(receipt?.revertReason, reason);
  }
});

Deno.test("fees() has a tip for nodes that cannot suggest one", async () => {
  const client = createJsonRpcL1Client({
    request: (method) =>
      method === "eth_maxPriorityFeePerGas"
        ? Promise.reject({ code: -32601, message: "the method does not exist" })
        : Promise.resolve(BLOCK_ANSWER),
  });
  assertEquals((await client.fees()).maxPriorityFeePerGasWei, 1_000_000_000n);
});

const HASH: Hash32 = hash32(`0x${"1a".repeat(32)}`);
const OTHER_HASH: Hash32 = hash32(`0x${"1b".repeat(32)}`);
const ROLLUP = address(`0x${"2a".repeat(20)}`);
const SENDER = address(`0x${"3a".repeat(20)}`);
const RAW = Uint8Array.of(2, 0xc0);
const RAW_HASH = keccak256(RAW);

const BLOCK_ANSWER = {
  number: "0x11",
  hash: HASH,
  parentHash: OTHER_HASH,
  timestamp: "0x5",
  baseFeePerGas: "0x7",
  transactions: [],
};
const BLOCK_READ = {
  number: 17n,
  hash: HASH,
  parentHash: OTHER_HASH,
  timestampSec: 5n,
  baseFeePerGasWei: 7n,
};
const LOG_ANSWER = {
  address: ROLLUP,
  topics: [HASH],
  data: "0x0f",
  blockNumber: "0x11",
  blockHash: HASH,
  transactionHash: HASH,
  transactionIndex: "0x0",
  logIndex: "0x2",
  removed: false,
};
const LOG_READ = {
  address: ROLLUP,
  topics: [HASH],
  data: "0x0f" as const,
  blockNumber: 17n,
  blockHash: HASH,
  transactionHash: HASH,
  logIndex: 2n,
};
const TRANSACTION_ANSWER = { hash: HASH, input: "0xab", from: SENDER, to: null, nonce: "0x1" };
const RECEIPT_ANSWER = {
  transactionHash: HASH,
  blockNumber: "0x11",
  blockHash: HASH,
  status: "0x1",
  gasUsed: "0x5208",
  contractAddress: ROLLUP,
};
/** What an honest node answers to each method. */
const HONEST: Readonly<Record<string, unknown>> = {
  eth_chainId: "0x384",
  eth_getBlockByNumber: BLOCK_ANSWER,
  eth_getLogs: [LOG_ANSWER],
  eth_getTransactionByHash: TRANSACTION_ANSWER,
  eth_getTransactionReceipt: RECEIPT_ANSWER,
  eth_getTransactionCount: "0x10",
  eth_getBalance: "0x100000000000000000000",
  eth_call: "0xCAFE",
  eth_estimateGas: "0x5208",
  eth_maxPriorityFeePerGas: "0x2",
};
