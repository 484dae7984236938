import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { type Log, type LogFields, silentLog } from "../../core/primitives/ports.ts";
import { createDispatcher, createRpcMethods, type RpcMethods } from "./dispatch.ts";
import { RPC_LIMITS } from "./limits.ts";
import { isRecord } from "./schema.ts";
import { DEFECTIVE } from "./testing/fake_chain.ts";
import { createFixture, refusalOf } from "./testing/fixture.ts";

const call = (method: string, id: unknown = 1, params: unknown = []) => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});
const failure = (code: number, message: string, id: unknown = null) => ({
  jsonrpc: "2.0",
  id,
  error: { code, message },
});
/** An answer, or several, as codes and texts: what is shown beside them must name a mend. */
function bare(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(bare);
  if (!isRecord(answer) || !isRecord(answer["error"])) return answer;
  const { data, ...error } = answer["error"];
  assert(data === undefined || (isRecord(data) && data["mend"] !== ""), "a mend is named");
  return { ...answer, error };
}
const INVALID =
  'invalid request: expected {"jsonrpc": "2.0", "id": …, "method": "…", "params": […]}';

Deno.test("dispatch() answers a request with its own id", async () => {
  const { dispatcher } = await createFixture();
  for (const id of [1, 0, -7.5, "seven", "", null]) {
    assertEquals(await dispatcher.dispatch(call("eth_chainId", id)), {
      jsonrpc: "2.0",
      id,
      result: "0x385",
    });
  }
});

Deno.test("dispatchText() answers with the id as it was written", async () => {
  const { dispatcher } = await createFixture();
  for (const id of ["9007199254740993", "12345678901234567890123", "1.0", "-0", "1e2", "7"]) {
    const request = `{"jsonrpc":"2.0","id":${id},"method":"eth_chainId"}`;
    const answer = `{"jsonrpc":"2.0","id":${id},"result":"0x385"}`;
    assertEquals(await dispatcher.dispatchText(request), answer);
    assertEquals(await dispatcher.dispatchText(`[${request}]`), `[${answer}]`);
    assertStringIncludes(
      await dispatcher.dispatchText(request.replace("chainId", "nothing")) ?? "",
      `"id":${id},"error"`,
    );
  }
  const long = `{"jsonrpc":"2.0","id":0.${"1".repeat(1_000)},"method":"eth_chainId"}`;
  const answer: unknown = JSON.parse(await dispatcher.dispatchText(long) ?? "");
  assertEquals(bare(answer), failure(-32600, INVALID));
});

Deno.test("dispatch() takes params that are absent or null as none", async () => {
  const { dispatcher } = await createFixture();
  for (const params of [undefined, null]) {
    const answer = await dispatcher.dispatch(call("eth_chainId", 1, params));
    assertEquals(answer, { jsonrpc: "2.0", id: 1, result: "0x385" });
  }
});

Deno.test("dispatch() refuses what is no request", async () => {
  const { dispatcher } = await createFixture();
  for (const request of [null, 1, "text", true, {}, { method: "eth_chainId" }]) {
    assertEquals(bare(await dispatcher.dispatch(request)), failure(-32600, INVALID));
  }
  for (const method of [undefined, 1, null, ["eth_chainId"]]) {
    const request = { ...call("eth_chainId", 5), method };
    assertEquals(bare(await dispatcher.dispatch(request)), failure(-32600, INVALID, 5));
  }
  for (const id of [{}, [], true, "x".repeat(1_001)]) {
    assertEquals(
      bare(await dispatcher.dispatch(call("eth_chainId", id))),
      failure(-32600, INVALID),
    );
  }
});

Deno.test("dispatch() names a method that is not there, also inherited ones", async () => {
  const { dispatcher } = await createFixture();
  for (const method of ["eth_nothing", "", "constructor", "__proto__", "toString"]) {
    assertEquals(
      bare(await dispatcher.dispatch(call(method))),
      failure(-32601, `the method ${method} does not exist/is not available`, 1),
    );
  }
  const { message } = await refusalOf(dispatcher, "x".repeat(100_000), []);
  assert(message.length < 200);
});

Deno.test("dispatch() refuses params by name", async () => {
  const { dispatcher } = await createFixture();
  const answer = await dispatcher.dispatch(call("eth_chainId", 1, { a: 1 }));
  assertEquals(bare(answer), failure(-32602, "non-array args: expected params as an array", 1));
});

Deno.test("dispatch() runs a notification and does not answer it", async () => {
  const { dispatcher, chain } = await createFixture();
  const notification = { jsonrpc: "2.0", method: "evm_mine", params: [] };
  assertEquals(await dispatcher.dispatch(notification), undefined);
  assertEquals(await dispatcher.dispatch([notification, notification]), undefined);
  assertEquals(await chain.numberOf("latest"), 6n);
});

Deno.test("dispatch() answers a batch in order, each request for itself", async () => {
  const { dispatcher } = await createFixture();
  const answer = await dispatcher.dispatch([
    call("evm_mine", 1),
    call("eth_blockNumber", 2),
    { jsonrpc: "2.0", method: "evm_mine" },
    5,
    call("nothing", 3),
    call("eth_blockNumber", 4),
  ]);
  assertEquals(bare(answer), [
    { jsonrpc: "2.0", id: 1, result: "0x0" },
    { jsonrpc: "2.0", id: 2, result: "0x4" },
    failure(-32600, INVALID),
    failure(-32601, "the method nothing does not exist/is not available", 3),
    { jsonrpc: "2.0", id: 4, result: "0x5" },
  ]);
});

Deno.test("dispatch() refuses a batch that is empty or too long", async () => {
  const { methods } = await createFixture();
  const dispatcher = createDispatcher(methods, { ...RPC_LIMITS, maxBatchRequests: 2 });
  const request = call("eth_chainId");
  assertEquals(bare(await dispatcher.dispatch([])), failure(-32600, "empty batch"));
  assertEquals(
    bare(await dispatcher.dispatch([request, request, request])),
    failure(-32600, "batch too large: 3 requests of at most 2"),
  );
  const answers = await dispatcher.dispatch([request, request]);
  assert(Array.isArray(answers) && answers.length === 2);
});

Deno.test("dispatchText() answers as dispatch() does, in text", async () => {
  const { dispatcher } = await createFixture();
  const requests = [call("eth_chainId"), [call("eth_chainId"), 5], [], { a: 1 }, "text"];
  for (const request of requests) {
    const text = await dispatcher.dispatchText(JSON.stringify(request));
    assertEquals(JSON.parse(text ?? "nothing"), await dispatcher.dispatch(request));
  }
  const notification = JSON.stringify({ jsonrpc: "2.0", method: "eth_chainId" });
  assertEquals(await dispatcher.dispatchText(notification), undefined);
  assertEquals(await dispatcher.dispatchText(`[${notification}]`), undefined);
});

Deno.test("dispatchText() answers what is not JSON with a parse error", async () => {
  const { dispatcher } = await createFixture();
  for (const text of ["", "{", "nonsense", "[1,", "\u0000", '{"id":1}}']) {
    const answer = JSON.parse(await dispatcher.dispatchText(text) ?? "nothing");
    assertEquals(bare(answer), failure(-32700, "parse error: the body is not JSON"));
  }
});

Deno.test("dispatchText() bounds the bytes of the answers to a batch", async () => {
  const { methods } = await createFixture();
  const limits = { ...RPC_LIMITS, maxBatchResponseBytes: 100 };
  const dispatcher = createDispatcher(methods, limits);
  const request = call("eth_getBlockByNumber", 1, ["latest", true]);
  const text = await dispatcher.dispatchText(
    JSON.stringify([request, { ...request, id: 2 }, { jsonrpc: "2.0", method: "evm_mine" }]),
  );
  const [first, second, ...rest] = JSON.parse(text ?? "nothing");
  assert(first.result.hash.startsWith("0x"));
  assertEquals([second.id, second.error.code, rest.length], [2, -32003, 0]);
});

Deno.test("dispatchText() bounds the time of a batch, and lets others in between", async () => {
  const { methods } = await createFixture();
  const order: string[] = [];
  const slow: RpcMethods = {
    ...methods,
    call: (name) => {
      // Busy, as calls are that never wait for anything.
      const endMs = performance.now() + 30;
      while (name === "slow" && performance.now() < endMs);
      order.push(name);
      return Promise.resolve(name);
    },
  };
  const batch = JSON.stringify(["slow", "slow", "quick"].map((name, id) => call(name, id)));
  const asking = createDispatcher(slow).dispatchText(batch);
  const other = new Promise((resolve) => setTimeout(resolve, 0)).then(() => order.push("other"));
  await Promise.all([asking, other]);
  assertEquals(order, ["slow", "other", "slow", "quick"]);
  const limited = createDispatcher(slow, { ...RPC_LIMITS, batchTimeoutMs: 0 });
  const [first, second, third] = JSON.parse(await limited.dispatchText(batch) ?? "nothing");
  assertEquals([first.result, second.error.code, third.error.code], ["slow", -32002, -32002]);
});

Deno.test("dispatchText() survives deep nesting and huge numbers", async () => {
  const { dispatcher } = await createFixture();
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  const numbers = `1e400,-1e400,${"9".repeat(10_000)},0.1e-400`;
  const bodies = [
    deep,
    `{"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":${deep}}`,
    `{"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":[{"topics":${deep}}]}`,
    `{"jsonrpc":"2.0","id":1,"method":"varve_inspect","params":[${deep}]}`,
    `{"jsonrpc":"2.0","id":1,"method":"anvil_mine","params":[${numbers}]}`,
    `{"jsonrpc":"2.0","id":1e400,"method":"eth_chainId"}`,
    `{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"__proto__":{"to":1},"to":1}]}`,
    `{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x${"f".repeat(3_000_000)}"]}`,
    `{"jsonrpc":"2.0","id":1,"method":"evm_mine","params":[{"blocks":"0x${"f".repeat(90_000)}"}]}`,
  ];
  for (const body of bodies) {
    const answer = JSON.parse(await dispatcher.dispatchText(body) ?? "nothing");
    const { error } = Array.isArray(answer) ? answer[0] : answer;
    assert([-32600, -32602].includes(error.code), `${error.code}: ${error.message}`);
    assert(error.message.length < 500);
  }
});

Deno.test("dispatch() hides a defect from the client and logs it", async () => {
  const lines: (readonly [string, LogFields | undefined])[] = [];
  const log: Log = { ...silentLog, warn: (text, fields) => lines.push([text, fields]) };
  const { dispatcher } = await createFixture({ log });
  const answer = await dispatcher.dispatch(call("eth_call", 1, [{ to: DEFECTIVE }]));
  assertEquals(answer, failure(-32603, "internal error", 1));
  const [[text, fields] = ["", undefined]] = lines;
  assertEquals([lines.length, text], [1, "RPC method failed by a defect"]);
  assertStringIncludes(String(fields?.error), "broken on purpose");
  assertEquals((await refusalOf(dispatcher, "eth_call", [{ to: DEFECTIVE }])).code, -32603);
});

Deno.test("dispatch() answers any JSON with JSON-RPC and never throws", async () => {
  const lines: (LogFields | undefined)[] = [];
  const log: Log = { ...silentLog, warn: (_text, fields) => lines.push(fields) };
  const { dispatcher, methods } = await createFixture({ log });
  const names = methods.names.filter((name) => !name.endsWith("_mine"));
  const hex = fc.stringMatching(/^0x[0-9a-f]{0,68}$/);
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    hex,
    fc.constantFrom("latest", "safe", "0x1", `0x${"99".repeat(20)}`, `0x${"12".repeat(32)}`),
    fc.record(
      {
        from: hex,
        to: fc.oneof(hex, fc.constant(`0x${"60".repeat(20)}`)),
        gas: hex,
        value: hex,
        data: hex,
        fromBlock: hex,
        topics: fc.array(hex),
        kind: fc.constantFrom("block", "batch", "tx", "table"),
        block: fc.jsonValue({ maxDepth: 1 }),
      },
      { requiredKeys: [] },
    ),
  );
  const request = fc.record(
    {
      jsonrpc: fc.constantFrom("2.0", "2.0", "2.0", 2),
      id: fc.oneof(fc.integer(), fc.jsonValue({ maxDepth: 1 })),
      method: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, fc.string()),
      params: fc.oneof(
        { weight: 9, arbitrary: fc.array(value, { maxLength: 4 }) },
        fc.jsonValue({ maxDepth: 2 }),
      ),
    },
    { requiredKeys: ["jsonrpc", "method"] },
  );
  const body = fc.oneof(request, fc.array(request, { maxLength: 5 }), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(body, async (sent) => {
      const text = await dispatcher.dispatchText(JSON.stringify(sent));
      if (text === undefined) return;
      const answer: unknown = JSON.parse(text);
      for (const element of Array.isArray(answer) ? answer : [answer]) {
        assertEquals(element.jsonrpc, "2.0");
        assert("result" in element !== "error" in element, text);
      }
    }),
    { seed: 20_261_121, numRuns: 3_000 },
  );
  // A defect would have been hidden behind "internal error", but not from the log.
  assertEquals(lines, []);
});

Deno.test("createRpcMethods() tells its observer and its log of each request, without parameters", async () => {
  const { chain } = await createFixture();
  const observed: unknown[] = [];
  const lines: string[] = [];
  const note = (text: string, fields: LogFields = {}): void => {
    lines.push(JSON.stringify([text, fields.method, fields.code]));
  };
  const methods = createRpcMethods({
    chain,
    log: { ...silentLog, debug: note },
    observer: {
      answered: (method, elapsedMs, code) => {
        assert(elapsedMs >= 0);
        observed.push([method, code]);
      },
    },
  });
  const { dispatch } = createDispatcher(methods);
  await dispatch(call("eth_chainId"));
  await dispatch(call("eth_getBalance", 1, ["0xsecret"]));
  await dispatch(call("made_up_by_a_client"));
  assertEquals(observed, [
    ["eth_chainId", undefined],
    ["eth_getBalance", -32602],
    ["unknown", -32601],
  ]);
  assertEquals(lines, [
    '["Answered a request","eth_chainId",null]',
    '["Answered a request","eth_getBalance",-32602]',
    '["Answered a request","unknown",-32601]',
  ]);
});

Deno.test("createRpcMethods() without methods for developers has no accounts and signs nothing", async () => {
  const { chain } = await createFixture();
  const dispatcher = createDispatcher(createRpcMethods({ chain, devMethods: false }));
  const { request } = dispatcher;
  assertEquals(await request("eth_accounts"), []);
  const { request: whole } = createDispatcher(createRpcMethods({ chain }));
  for (const method of ["eth_sendTransaction", "eth_sign", "personal_sign", "evm_mine"]) {
    const codes = await Promise.all(
      [request, whole].map((ask) =>
        ask(method, [{}]).then(() => 0, (error) => Reflect.get(error, "code"))
      ),
    );
    assertEquals([codes[0], codes[1] !== -32601], [-32601, true], method);
  }
  const { data } = await refusalOf(dispatcher, "evm_mine", []);
  assertStringIncludes(JSON.stringify(data), "--no-dev-methods");
  const { data: made } = await refusalOf(dispatcher, "made_up", []);
  assertEquals(JSON.stringify(made).includes("--no-dev-methods"), false);
});

Deno.test("every refusal of a parameter says what the method takes", async () => {
  const { dispatcher } = await createFixture();
  const { data } = await refusalOf(dispatcher, "eth_getBalance", ["0x1"]);
  assertStringIncludes(JSON.stringify(data), "eth_getBalance takes [address, block]");
});
