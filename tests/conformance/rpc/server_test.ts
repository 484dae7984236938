/**
 * The RPC server on a real port of this machine: bounds, batches, WebSockets, who may ask, the end.
 *
 * Needs `--allow-net=127.0.0.1`.
 * @module
 */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { createPublicClient, createWalletClient, http, webSocket } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { bytesToHex } from "../../../core/primitives/hex.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { silentLog } from "../../../core/primitives/ports.ts";
import { createRemoteEngine } from "../../../core/engine/remote_engine.ts";
import { createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { httpRequest } from "../../../devnet/rpc/http_client.ts";
import { RpcError } from "../../../devnet/rpc/errors.ts";
import {
  createRpcServer,
  type RpcServer,
  type RpcServerOptions,
} from "../../../devnet/rpc/server.ts";
import { FAKE_HEADS } from "../../../devnet/rpc/testing/fake_engine.ts";
import { LOGGER, REVERTER } from "../../../devnet/rpc/testing/fake_chain.ts";
import {
  createFixture,
  errorStringData,
  type Fixture,
  RECIPIENT,
  signedRaw,
} from "../../../devnet/rpc/testing/fixture.ts";

const HOST = "127.0.0.1";
const CHAIN_ID = { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] };

/** Runs `body` against a server on a free port and stops it, whatever happens. */
async function withServer(
  body: (server: RpcServer, fixture: Fixture) => Promise<void>,
  options: Partial<RpcServerOptions> = {},
): Promise<void> {
  const fixture = await createFixture();
  const server = createRpcServer({
    host: HOST,
    port: 0,
    methods: fixture.methods,
    log: silentLog,
    ...options,
  });
  try {
    await body(server, fixture);
  } finally {
    await server.shutdown();
  }
}

const post = (server: RpcServer, body: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
  fetch(server.url, { method: "POST", body });

async function postJson(server: RpcServer, request: unknown) {
  const response = await post(server, JSON.stringify(request));
  return { status: response.status, answer: await response.json() };
}

/** Status line, headers and body of one raw HTTP exchange. */
async function exchange(server: RpcServer, head: string, body = ""): Promise<string> {
  using connection = await Deno.connect({ hostname: HOST, port: server.port });
  const text = `${head}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  await connection.write(new TextEncoder().encode(text));
  return await new Response(connection.readable).text();
}

/** An open WebSocket and the messages that have come, as a queue to wait on. */
async function openSocket(server: RpcServer) {
  const socket = new WebSocket(server.url.replace("http", "ws"));
  const arrived: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  socket.onmessage = ({ data }) => {
    const message: unknown = JSON.parse(String(data));
    const receiver = waiting.shift();
    if (receiver === undefined) arrived.push(message);
    else receiver(message);
  };
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  return {
    socket,
    closed,
    next: (): Promise<unknown> => {
      const message = arrived.shift();
      return message === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(message);
    },
  };
}

Deno.test("createRpcServer() answers over HTTP and tells its health", async () => {
  await withServer(async (server) => {
    assertEquals(server.url, `http://${HOST}:${server.port}`);
    const response = await post(server, JSON.stringify(CHAIN_ID));
    assertEquals(response.headers.get("content-type"), "application/json");
    assertEquals(response.headers.get("access-control-allow-origin"), null);
    assertEquals(await response.json(), { jsonrpc: "2.0", id: 1, result: "0x385" });
    const health = await fetch(`${server.url}/health`);
    assertEquals([health.status, await health.json()], [200, { status: "ok" }]);
  });
});

Deno.test("createRpcServer() answers batches, notifications and nonsense", async () => {
  await withServer(async (server) => {
    const { answer } = await postJson(server, [CHAIN_ID, { ...CHAIN_ID, id: 2, method: "no" }]);
    assertEquals(answer.map((one: { id: number }) => one.id), [1, 2]);
    const { id: _id, ...notification } = CHAIN_ID;
    const silent = await post(server, JSON.stringify(notification));
    assertEquals([silent.status, await silent.text()], [204, ""]);
    const bodies = ["", "{", "nonsense", Uint8Array.of(0xff, 0xfe), Uint8Array.of(0)];
    for (const body of bodies) {
      const response = await post(server, body);
      assertEquals((await response.json()).error.code, -32700);
    }
  });
});

Deno.test("createRpcServer() refuses a body that is too large, said or streamed", async () => {
  await withServer(async (server) => {
    const fits = JSON.stringify(CHAIN_ID);
    const whole = await post(server, fits.padEnd(200));
    assertEquals([whole.status, (await whole.json()).result], [200, "0x385"]);
    const chunks = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        for (let count = 0; count < 5; count++) controller.enqueue(new Uint8Array(50));
        controller.close();
      },
    });
    const responses = [
      await post(server, fits.padEnd(201)),
      await fetch(server.url, { method: "POST", body: chunks }),
    ];
    for (const response of responses) {
      const { error } = await response.json();
      assertEquals([response.status, error.code, error.data.code], [413, -32600, "BODY_TOO_LARGE"]);
      assertStringIncludes(error.data.mend, "200 bytes");
    }
    assertEquals((await postJson(server, CHAIN_ID)).status, 200);
  }, { limits: { maxBodyBytes: 200 } });
});

Deno.test("createRpcServer() answers other verbs with what to do instead", async () => {
  await withServer(async (server) => {
    for (const method of ["GET", "PUT", "OPTIONS", "DELETE"]) {
      const response = await fetch(server.url, { method });
      const { error } = await response.json();
      assertEquals([response.status, response.headers.get("allow")], [405, "POST"]);
      assertStringIncludes(error.data.mend, "POST");
    }
  });
});

Deno.test("createRpcServer() refuses foreign names and foreign pages on both protocols", async () => {
  await withServer(async (server) => {
    const body = JSON.stringify(CHAIN_ID);
    const here = `Host: ${HOST}:${server.port}`;
    const passing = await exchange(server, `POST / HTTP/1.1\r\n${here}`, body);
    assertStringIncludes(passing, '"result":"0x385"');
    const own = `${here}\r\nOrigin: http://localhost:3000`;
    assertStringIncludes(await exchange(server, `POST / HTTP/1.1\r\n${own}`, body), "0x385");
    const upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    const refused = [
      [`POST / HTTP/1.1\r\nHost: evil.example`, "HOST_REFUSED"],
      [`GET /health HTTP/1.1\r\nHost: evil.example`, "HOST_REFUSED"],
      [`POST / HTTP/1.1\r\n${here}\r\nOrigin: https://evil.example`, "ORIGIN_REFUSED"],
      [`POST / HTTP/1.1\r\n${here}\r\nOrigin: null`, "ORIGIN_REFUSED"],
      [`GET / HTTP/1.1\r\nHost: evil.example\r\n${upgrade}`, "HOST_REFUSED"],
      [`GET / HTTP/1.1\r\n${here}\r\nOrigin: https://evil.example\r\n${upgrade}`, "ORIGIN_REFUSED"],
    ] as const;
    for (const [head, code] of refused) {
      const answer = await exchange(server, head, head.startsWith("POST") ? body : "");
      assertStringIncludes(answer, "403 Forbidden");
      assertStringIncludes(answer, code);
    }
  });
});

Deno.test("createRpcServer() lets the pages read that it was told of, and no others", async () => {
  const page = "https://app.example";
  const ask = (server: RpcServer, verb: string, origin: string) => {
    const here = `Host: ${HOST}:${server.port}\r\nOrigin: ${origin}`;
    return exchange(server, `${verb} / HTTP/1.1\r\n${here}`, JSON.stringify(CHAIN_ID));
  };
  await withServer(async (server) => {
    const preflight = await ask(server, "OPTIONS", page);
    assertStringIncludes(preflight, "204 No Content");
    assertStringIncludes(preflight, "access-control-allow-methods: POST, GET, OPTIONS");
    for (const answer of [preflight, await ask(server, "POST", page)]) {
      assertStringIncludes(answer, `access-control-allow-origin: ${page}\r\n`);
      assertStringIncludes(answer, "vary: Origin");
    }
    assertStringIncludes(await ask(server, "POST", "https://other.example"), "ORIGIN_REFUSED");
    // A page of this machine may ask, but nobody said that it may read.
    const own = await ask(server, "POST", "http://localhost:3000");
    assertEquals([own.includes("0x385"), own.includes("access-control")], [true, false]);
  }, { corsOrigins: [page] });
  await withServer(async (server) => {
    const answer = await ask(server, "POST", "https://any.example");
    assertStringIncludes(answer, "access-control-allow-origin: *\r\n");
  }, { corsOrigins: ["*"] });
});

Deno.test("createRpcServer() has pages beside JSON-RPC, by their whole names", async () => {
  const pages = {
    "/numbers": () => Promise.resolve({ status: 200, contentType: "text/plain", body: "1 2 3" }),
  };
  await withServer(async (server) => {
    const response = await fetch(`${server.url}/numbers?x=1`);
    assertEquals(response.headers.get("content-type"), "text/plain");
    assertEquals([response.status, await response.text()], [200, "1 2 3"]);
    for (const path of ["/number", "/numbers/", "/__proto__", "/constructor", "/"]) {
      const missing = await fetch(`${server.url}${path}`);
      await missing.body?.cancel();
      assertEquals(missing.status, 405, path);
    }
  }, { pages });
});

Deno.test("createRpcServer() answers and notifies over a WebSocket", async () => {
  await withServer(async (server, { chain }) => {
    const { socket, closed, next } = await openSocket(server);
    const ask = (method: string, params: readonly unknown[], id: number) =>
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    ask("eth_chainId", [], 1);
    assertEquals(await next(), { jsonrpc: "2.0", id: 1, result: "0x385" });
    socket.send("nonsense");
    assertEquals(Reflect.get(Object(Reflect.get(Object(await next()), "error")), "code"), -32700);
    ask("eth_subscribe", ["newHeads"], 2);
    const { id: asked, result: id } = JSON.parse(JSON.stringify(await next()));
    assertEquals(asked, 2);
    await chain.mine();
    const told = JSON.parse(JSON.stringify(await next()));
    assertEquals([told.method, told.params.subscription], ["eth_subscription", id]);
    assertEquals(told.params.result.number, "0x4");
    ask("eth_unsubscribe", [id], 3);
    assertEquals(await next(), { jsonrpc: "2.0", id: 3, result: true });
    assertEquals(chain.listenerCount(), 0);
    socket.close();
    await closed;
  });
});

Deno.test("createRpcServer() ends the subscriptions of a socket that goes", async () => {
  await withServer(async (server, { chain }) => {
    const { socket, closed, next } = await openSocket(server);
    socket.send(JSON.stringify({ ...CHAIN_ID, method: "eth_subscribe", params: ["newHeads"] }));
    await next();
    assertEquals(chain.listenerCount(), 1);
    socket.close();
    await closed;
    // The server may read the end a little later than this side does.
    for (let turn = 0; turn < 100 && chain.listenerCount() > 0; turn++) {
      await postJson(server, CHAIN_ID);
    }
    assertEquals(chain.listenerCount(), 0);
  });
});

Deno.test("createRpcServer() bounds sockets and their messages", async () => {
  await withServer(async (server) => {
    const first = await openSocket(server);
    const second = new WebSocket(server.url.replace("http", "ws"));
    // The error event is what a refused upgrade looks like from outside.
    await new Promise((resolve) => second.onerror = resolve);
    first.socket.send("x".repeat(201));
    assertEquals((await first.closed).code, 1009);
    const third = await openSocket(server);
    third.socket.send(Uint8Array.of(1));
    assertEquals((await third.closed).code, 1003);
  }, { limits: { maxSockets: 1, maxBodyBytes: 200 } });
});

Deno.test("createRpcServer() says which port is taken and how to choose another", async () => {
  await withServer((server, { methods }) => {
    const error = assertThrows(
      () =>
        createRpcServer({
          host: HOST,
          port: server.port,
          methods,
          log: silentLog,
          portFlag: "--l2-port",
        }),
      RollupError,
    );
    assertEquals(error.code, "PORT_IN_USE");
    assertStringIncludes(error.message, `${HOST}:${server.port}`);
    assertStringIncludes(error.mend, "--l2-port 0");
    return Promise.resolve();
  });
});

/** A chain whose `eth_gasPrice` waits until it is let go. */
async function slowFixture() {
  const fixture = await createFixture();
  let release = (): void => {};
  let started = (): void => {};
  const hasStarted = new Promise<void>((resolve) => started = resolve);
  const isReleased = new Promise<void>((resolve) => release = resolve);
  const methods = {
    ...fixture.methods,
    call: async (...args: Parameters<typeof fixture.methods.call>) => {
      if (args[0] === "eth_gasPrice") {
        started();
        await isReleased;
      }
      return await fixture.methods.call(...args);
    },
  };
  return { methods, hasStarted, release };
}

Deno.test("createRpcServer() bounds what one socket has in flight", async () => {
  const { methods, hasStarted, release } = await slowFixture();
  await withServer(async (server) => {
    const { socket, closed, next } = await openSocket(server);
    socket.send(JSON.stringify({ ...CHAIN_ID, method: "eth_gasPrice" }));
    await hasStarted;
    socket.send(JSON.stringify(CHAIN_ID));
    const refused = JSON.parse(JSON.stringify(await next()));
    assertEquals([refused.id, refused.error.data.code], [null, "REQUESTS_TOO_MANY"]);
    release();
    assertEquals(Reflect.get(Object(await next()), "result"), "0x3b9aca07");
    socket.close();
    await closed;
  }, { methods, limits: { maxSocketRequestsInFlight: 1 } });
});

Deno.test("createRpcServer() takes the batches of a socket one at a time, and so many requests", async () => {
  const { methods, hasStarted, release } = await slowFixture();
  await withServer(async (server) => {
    const { socket, closed, next } = await openSocket(server);
    const batch = (...names: readonly string[]) =>
      socket.send(JSON.stringify(names.map((method) => ({ ...CHAIN_ID, method }))));
    batch("eth_gasPrice", "eth_chainId");
    await hasStarted;
    batch("eth_chainId");
    batch("eth_chainId");
    const refused = JSON.parse(JSON.stringify(await next()));
    assertEquals([refused.id, refused.error.data.code], [null, "REQUESTS_TOO_MANY"]);
    // One that is no batch does not wait for them.
    socket.send(JSON.stringify({ ...CHAIN_ID, id: 7 }));
    assertEquals(Reflect.get(Object(await next()), "id"), 7);
    release();
    assertEquals(Reflect.get(Object(await next()), "length"), 2);
    assertEquals(Reflect.get(Object(await next()), "length"), 1);
    batch("eth_chainId", "eth_chainId", "eth_chainId");
    assertEquals(Reflect.get(Object(await next()), "length"), 3);
    socket.close();
    await closed;
  }, { methods, limits: { maxBatchRequests: 3 } });
});

/** A chain that takes a while for each block, as real ones do. */
async function slowMiner() {
  const { chain } = await createFixture();
  const mine = async (): Promise<bigint> => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return await chain.mine();
  };
  return { chain, methods: createRpcMethods({ chain: { ...chain, mine } }) };
}

Deno.test("shutdown() does not wait for the end of long mining, and answers it", async () => {
  const { methods, chain } = await slowMiner();
  const server = createRpcServer({ host: HOST, port: 0, methods, log: silentLog });
  const mining = postJson(server, { ...CHAIN_ID, method: "anvil_mine", params: [250_000] });
  while (await chain.numberOf("latest") < 10n) await postJson(server, CHAIN_ID);
  await server.shutdown();
  const { status, answer } = await mining;
  assertEquals([status, answer.error?.data.code], [200, "MINING_STOPPED"]);
});

Deno.test("createRpcServer() stops mining for a client that has gone", async () => {
  const { methods, chain } = await slowMiner();
  await withServer(async (server) => {
    const gone = new AbortController();
    const body = JSON.stringify({ ...CHAIN_ID, method: "anvil_mine", params: [250_000] });
    const mining = fetch(server.url, { method: "POST", body, signal: gone.signal });
    while (await chain.numberOf("latest") < 10n) await postJson(server, CHAIN_ID);
    gone.abort();
    await mining.catch(() => {});
    let before = -1n;
    while (before !== await chain.numberOf("latest")) {
      before = await chain.numberOf("latest");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert(before < 250_000n, `${before}`);
  }, { methods });
});

Deno.test("shutdown() answers what was accepted, on both protocols", async () => {
  const { methods, hasStarted, release } = await slowFixture();
  const server = createRpcServer({ host: HOST, port: 0, methods, log: silentLog });
  const { socket, closed, next } = await openSocket(server);
  const slow = { ...CHAIN_ID, method: "eth_gasPrice" };
  const overHttp = postJson(server, slow);
  await hasStarted;
  socket.send(JSON.stringify(slow));
  socket.send(JSON.stringify({ ...CHAIN_ID, id: 2 }));
  assertEquals(Reflect.get(Object(await next()), "id"), 2);
  const stopped = server.shutdown();
  assertEquals((await postJson(server, CHAIN_ID)).status, 503);
  release();
  assertEquals((await overHttp).answer.result, "0x3b9aca07");
  assertEquals(Reflect.get(Object(await next()), "result"), "0x3b9aca07");
  assertEquals((await closed).code, 1001);
  await stopped;
  await server.shutdown();
  await assertRejects(() => post(server, JSON.stringify(CHAIN_ID)), TypeError);
});

Deno.test("shutdown() does not wait for requests that never become whole", async () => {
  const { methods } = await createFixture();
  const server = createRpcServer({ host: HOST, port: 0, methods, log: silentLog });
  const connect = () => Deno.connect({ hostname: HOST, port: server.port });
  using silent = await connect();
  using headerOnly = await connect();
  using halfBody = await connect();
  const write = (connection: Deno.TcpConn, text: string) =>
    connection.write(new TextEncoder().encode(text));
  await write(headerOnly, "POST / HTTP/1.1\r\nHost: 127");
  await write(halfBody, `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 99\r\n\r\n{`);
  assertEquals((await postJson(server, CHAIN_ID)).status, 200);
  await server.shutdown();
  for (const connection of [silent, headerOnly]) {
    const read = await connection.read(new Uint8Array(1)).catch(() => null);
    assertEquals(read, null);
  }
});

Deno.test("createRpcServer() does not wait for ever for a body", async () => {
  await withServer(async (server) => {
    using connection = await Deno.connect({ hostname: HOST, port: server.port });
    const head = `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 99\r\n\r\n{`;
    await connection.write(new TextEncoder().encode(head));
    const buffer = new Uint8Array(1_000);
    const read = await connection.read(buffer);
    const answer = new TextDecoder().decode(buffer.subarray(0, read ?? 0));
    assertStringIncludes(answer, "408 Request Timeout");
  }, { limits: { bodyTimeoutMs: 20 } });
});

Deno.test("createRpcServer() survives bytes that are no HTTP", async () => {
  await withServer(async (server) => {
    const nonsense = ["\r\n\r\n", "GET\r\n\r\n", "\u0016\u0003\u0001", `POST ${"x".repeat(9_000)}`];
    for (const text of nonsense) {
      using connection = await Deno.connect({ hostname: HOST, port: server.port });
      await connection.write(new TextEncoder().encode(text));
      await connection.closeWrite();
      await new Response(connection.readable).text().catch(() => "");
    }
    assertEquals((await postJson(server, CHAIN_ID)).status, 200);
  });
});

Deno.test("httpRequest() and createRemoteEngine() work over a port, and say when it is closed", async () => {
  const { methods } = await createFixture();
  const server = createRpcServer({ host: HOST, port: 0, methods, log: silentLog });
  const request = httpRequest(server.url);
  const engine = createRemoteEngine({ request, url: server.url });
  assertEquals(await engine.heads(), FAKE_HEADS);
  await assertRejects(() => request("eth_nothing"), RpcError, "does not exist");
  await server.shutdown();
  const error = await assertRejects(() => engine.heads(), RollupError);
  assertEquals(error.code, "REMOTE_UNAVAILABLE");
});

Deno.test("viem sends, waits, reads, calls, estimates and gets logs, blocks and receipts", async () => {
  await withServer(async (server, { chain, other }) => {
    const transport = http(server.url);
    const reader = createPublicClient({ transport, pollingInterval: 20 });
    const key = chain.accounts[1]?.privateKey ?? new Uint8Array(32);
    const account = privateKeyToAccount(bytesToHex(key));
    const chainInfo = {
      id: 901,
      name: "varve",
      nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
      rpcUrls: { default: { http: [server.url] } },
    };
    const wallet = createWalletClient({ account, transport, chain: chainInfo });
    const hash = await wallet.sendTransaction({ to: LOGGER, value: 7n, data: "0xaa" });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    assertEquals([receipt.status, receipt.from, receipt.logs.length], ["success", other, 1]);
    const logs = await reader.getLogs({ address: LOGGER, fromBlock: 0n });
    assertEquals(logs.map(({ blockNumber }) => blockNumber), [2n, 4n]);
    const block = await reader.getBlock({ includeTransactions: true });
    assertEquals(block.transactions[0]?.hash, hash);
    assertEquals(await reader.getBalance({ address: LOGGER }), 7n);
    assertEquals(await reader.estimateGas({ account, to: RECIPIENT, value: 1n }), 21_000n);
    const { maxFeePerGas } = await reader.estimateFeesPerGas();
    assert(maxFeePerGas > await chain.nextBaseFeePerGasWei());
    assertEquals(await reader.getGasPrice(), 1_000_000_007n);
    const data = errorStringData("not today");
    await assertRejects(() => reader.call({ to: REVERTER, data }), Error, "not today");
    const spent = bytesToHex(signedRaw(chain, { nonce: 0n }));
    await assertRejects(
      () => reader.sendRawTransaction({ serializedTransaction: spent }),
      Error,
      "nonce",
    );
    const unlocked = createWalletClient({ account: other, transport, chain: chainInfo });
    const sent = await unlocked.sendTransaction({ to: RECIPIENT, value: 1n });
    assertEquals((await reader.getTransaction({ hash: sent })).nonce, 1);
    const filter = await reader.createBlockFilter();
    await chain.mine();
    assertEquals((await reader.getFilterChanges({ filter })).length, 1);
    assertEquals(
      (await reader.getFeeHistory({ blockCount: 2, rewardPercentiles: [50] })).reward?.length,
      2,
    );
    chain.tags.safe = 3n;
    assertEquals((await reader.getBlock({ blockTag: "safe" })).number, 3n);
  });
});

Deno.test("viem watches blocks over a WebSocket", async () => {
  await withServer(async (server, { chain }) => {
    const client = createPublicClient({
      transport: webSocket(server.url.replace("http", "ws"), {
        keepAlive: false,
        reconnect: false,
      }),
    });
    assertEquals(await client.getBlockNumber({ cacheTime: 0 }), 3n);
    const seen = new Promise<bigint>((resolve, reject) => {
      const unwatch = client.watchBlockNumber({
        onBlockNumber: (number) => {
          unwatch();
          resolve(number);
        },
        onError: reject,
      });
    });
    // The subscription is there once the chain has a listener.
    while (chain.listenerCount() === 0) await client.getChainId();
    await chain.mine();
    assertEquals(await seen, 4n);
    const { socket } = await client.transport.getRpcClient();
    socket.close();
  });
});
