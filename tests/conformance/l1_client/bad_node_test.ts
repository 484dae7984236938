/** An L1 node that is broken, hostile, or no node at all: a code and a mend, never a crash. */
import { assertEquals, assertRejects } from "@std/assert";
import { createJsonRpcL1Client } from "../../../core/l1/backends/json_rpc.ts";
import type { L1Client } from "../../../core/l1/l1_client.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { address, hash32 } from "../../../core/primitives/hex.ts";
import { httpRequest } from "../../../devnet/rpc/http_client.ts";

const ACCOUNT = address(`0x${"11".repeat(20)}`);
const HASH = hash32(`0x${"22".repeat(32)}`);

const METHODS: Readonly<Record<string, (client: L1Client) => Promise<unknown>>> = {
  chainId: (client) => client.chainId(),
  latest: (client) => client.block("latest"),
  block: (client) => client.block(7n),
  logs: (client) => client.logs({ address: ACCOUNT, fromBlock: 0n, toBlock: 9n }),
  transaction: (client) => client.transaction(HASH),
  receipt: (client) => client.receipt(HASH),
  nonce: (client) => client.nonce(ACCOUNT, "pending"),
  balance: (client) => client.balance(ACCOUNT),
  call: (client) => client.call({ to: ACCOUNT, data: "0x" }),
  estimateGas: (client) => client.estimateGas({ to: ACCOUNT, data: "0x" }),
  fees: (client) => client.fees(),
  sendRawTransaction: (client) => client.sendRawTransaction(Uint8Array.of(2, 0xc0)),
};

/** Serves `answer` on a free port of this machine while `action` runs. */
async function withNode(
  answer: (request: Request) => Response | Promise<Response>,
  action: (client: L1Client) => Promise<void>,
  options: { readonly timeoutMs?: number } = {},
): Promise<void> {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: () => new Response(null) },
    answer,
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  await action(createJsonRpcL1Client({ request: httpRequest(url, options) }));
}

async function codesOf(client: L1Client): Promise<Readonly<Record<string, string>>> {
  const codes: Record<string, string> = {};
  for (const [name, ask] of Object.entries(METHODS)) {
    const error = await assertRejects(() => ask(client), RollupError, undefined, name);
    assertEquals([error.message.startsWith("Cannot "), error.mend !== ""], [true, true], name);
    codes[name] = error.code;
  }
  return codes;
}

function everyMethod(code: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(METHODS).map((name) => [name, code]));
}

const NO_NODES: Readonly<Record<string, () => Response>> = {
  "an HTML page": () => new Response("<!doctype html><title>It works</title>"),
  "an error page": () => new Response("<h1>502 Bad Gateway</h1>", { status: 502 }),
  "nothing": () => new Response(""),
  "half a JSON": () => new Response('{"jsonrpc":"2.0","id":1,"resu'),
  "bytes": () => new Response(Uint8Array.from({ length: 4_096 }, (_, at) => at * 7)),
  "JSON of something else": () => Response.json({ status: "ok" }),
  "a list": () => Response.json([]),
  "null": () => Response.json(null),
  "an answer to another question": () => Response.json({ jsonrpc: "2.0", id: 999, result: "0x1" }),
};

for (const [what, respond] of Object.entries(NO_NODES)) {
  Deno.test(`createJsonRpcL1Client() says L1_UNAVAILABLE to ${what}`, async () => {
    await withNode(respond, async (client) => {
      assertEquals(await codesOf(client), everyMethod("L1_UNAVAILABLE"));
    });
  });
}

Deno.test("createJsonRpcL1Client() says L1_UNAVAILABLE when nobody answers in time", async () => {
  const pending: (() => void)[] = [];
  const hang = () =>
    new Promise<Response>((resolve) => pending.push(() => resolve(new Response(""))));
  await withNode(hang, async (client) => {
    try {
      const error = await assertRejects(() => client.chainId(), RollupError);
      assertEquals(error.code, "L1_UNAVAILABLE");
    } finally {
      for (const end of pending) end();
    }
  }, { timeoutMs: 50 });
});

Deno.test("createJsonRpcL1Client() says L1_UNAVAILABLE when nobody listens", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(""),
  );
  const { port } = server.addr;
  await server.shutdown();
  const client = createJsonRpcL1Client({ request: httpRequest(`http://127.0.0.1:${port}`) });
  assertEquals(await codesOf(client), everyMethod("L1_UNAVAILABLE"));
});

/** Answers every question with `result`, under the id of the question. */
function answering(result: unknown): (request: Request) => Promise<Response> {
  return async (request) => {
    const { id } = await request.json();
    return Response.json({ jsonrpc: "2.0", id, result });
  };
}

const WRONG_RESULTS: readonly unknown[] = [
  "0xzz",
  "1",
  "latest",
  1,
  -1,
  true,
  {},
  { number: 7, hash: null },
  { number: "0x7", hash: "0x", parentHash: "0x", timestamp: "0x1", baseFeePerGas: "0x1" },
  { blockNumber: "0x1", topics: "none" },
  [null],
  [{}],
  ["0x"],
  `0x${"f".repeat(70)}`,
];

Deno.test("createJsonRpcL1Client() says L1_BAD_RESPONSE to results of another shape", async () => {
  for (const result of WRONG_RESULTS) {
    await withNode(answering(result), async (client) => {
      for (const [name, ask] of Object.entries(METHODS)) {
        // Bytes of any length are what a call may return.
        if (name === "call" && typeof result === "string" && /^0x(..)*$/.test(result)) continue;
        const what = `${name}: ${JSON.stringify(result)}`;
        const error = await assertRejects(() => ask(client), RollupError, undefined, what);
        assertEquals(error.code, "L1_BAD_RESPONSE", what);
      }
    });
  }
});

Deno.test("createJsonRpcL1Client() takes null for what a chain may not have, and nothing else", async () => {
  await withNode(answering(null), async (client) => {
    const absent = ["latest", "block", "transaction", "receipt"];
    for (const [name, ask] of Object.entries(METHODS)) {
      if (absent.includes(name)) assertEquals(await ask(client), undefined, name);
      else {
        const error = await assertRejects(() => ask(client), RollupError, undefined, name);
        assertEquals(error.code, "L1_BAD_RESPONSE", name);
      }
    }
  });
});

Deno.test("createJsonRpcL1Client() says L1_REJECTED when the node refuses, L1_REVERTED to revert data", async () => {
  const refusing = (error: unknown) => async (request: Request) => {
    const { id } = await request.json();
    return Response.json({ jsonrpc: "2.0", id, error });
  };
  for (
    const error of [
      { code: -32000, message: "nonce too low" },
      { code: -32601, message: "the method does not exist" },
      { code: -32005, message: "rate limited", data: { retry: 3 } },
      { code: -32000 },
    ]
  ) {
    await withNode(refusing(error), async (client) => {
      assertEquals(await codesOf(client), everyMethod("L1_REJECTED"), JSON.stringify(error));
    });
  }
  await withNode(
    refusing({ code: 3, message: "execution reverted", data: "0x" }),
    async (client) => {
      for (const name of ["call", "estimateGas"]) {
        const error = await assertRejects(() => METHODS[name]?.(client) ?? noMethod(), RollupError);
        assertEquals([error.code, error.details.errorName], ["L1_REVERTED", "unknown"]);
      }
    },
  );
});

function noMethod(): Promise<never> {
  return Promise.reject(new TypeError("no such method"));
}
