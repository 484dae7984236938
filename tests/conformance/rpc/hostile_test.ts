/**
 * The RPC server among clients that are broken, hostile or gone: whatever they send, it answers the
 * next one, and holds no memory for those that do not read.
 *
 * Needs `--allow-net=127.0.0.1`.
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { silentLog } from "../../../core/primitives/ports.ts";
import { createRpcMethods, type RpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { MAX_SUBSCRIPTIONS_PER_SOCKET } from "../../../devnet/rpc/limits.ts";
import {
  createRpcServer,
  type RpcServer,
  type RpcServerOptions,
} from "../../../devnet/rpc/server.ts";
import { createFixture, type Fixture } from "../../../devnet/rpc/testing/fixture.ts";

const HOST = "127.0.0.1";
const CHAIN_ID = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}';
const SEED = 20_261_121;

/** A server for `body`; afterwards it must still answer, and end. */
async function survives(
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
    const { status, answer } = await post(server, CHAIN_ID);
    assertEquals([status, answer], [200, { jsonrpc: "2.0", id: 1, result: "0x385" }]);
  } finally {
    await server.shutdown();
  }
}

async function post(
  { url }: RpcServer,
  body: BodyInit,
  headers: Readonly<Record<string, string>> = {},
) {
  const response = await fetch(url, { method: "POST", body, headers });
  const text = await response.text();
  return { status: response.status, answer: text === "" ? undefined : JSON.parse(text) };
}

const codeOf = (answer: unknown): unknown =>
  Reflect.get(Object(Reflect.get(Object(answer), "error")), "code");

const connect = ({ port }: RpcServer): Promise<Deno.TcpConn> =>
  Deno.connect({ hostname: HOST, port });

const write = (connection: Deno.TcpConn, text: string): Promise<unknown> =>
  new Response(text).body?.pipeTo(connection.writable, { preventClose: true }) ??
    Promise.resolve();

/** Sends `text`, closes this side, and reads what comes. */
async function exchange(server: RpcServer, text: string): Promise<string> {
  using connection = await connect(server);
  await write(connection, text);
  return await new Response(connection.readable).text().catch(() => "");
}

function request(body: string, head = ""): string {
  const length = new TextEncoder().encode(body).length;
  return `POST / HTTP/1.1\r\nHost: ${HOST}\r\n${head}Content-Length: ${length}\r\n\r\n${body}`;
}

/** An open WebSocket whose messages are counted and kept only up to a few. */
async function openSocket(server: RpcServer) {
  const socket = new WebSocket(server.url.replace("http", "ws"));
  const messages: string[] = [];
  let wake = (): void => {};
  socket.onmessage = ({ data }) => {
    messages.push(String(data));
    wake();
  };
  await new Promise((resolve) => socket.onopen = resolve);
  const closed = new Promise<void>((resolve) => socket.onclose = () => resolve());
  const received = async (count: number): Promise<readonly string[]> => {
    while (messages.length < count) await new Promise<void>((resolve) => wake = resolve);
    return messages;
  };
  return {
    socket,
    messages,
    received,
    close: async () => {
      socket.close();
      await closed;
    },
  };
}

Deno.test("hostile: fuzzed bytes are answered with an error, and never with a defect", async () => {
  await survives(async (server) => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const cut = fc.tuple(fc.nat(CHAIN_ID.length), fc.string({ maxLength: 5 }))
      .map(([at, text]) =>
        new TextEncoder().encode(CHAIN_ID.slice(0, at) + text + CHAIN_ID.slice(at + 1))
      );
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, cut), async (body) => {
        const { status, answer } = await post(server, body.slice());
        assert(status === 200 || status === 204, `status ${status}`);
        assert(codeOf(answer) !== -32603, JSON.stringify(answer));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

Deno.test("hostile: deep nesting, huge numbers, lone surrogates and duplicate keys", async () => {
  await survives(async (server) => {
    const deep = 100_000;
    const cases: readonly (readonly [body: string, code: number | undefined])[] = [
      ["[".repeat(deep) + "]".repeat(deep), -32600],
      ["[".repeat(deep), -32700],
      ['{"a":'.repeat(deep) + "1" + "}".repeat(deep), -32600],
      [
        `{"jsonrpc":"2.0","id":1,"method":"eth_call","params":${"[".repeat(deep)}${
          "]".repeat(deep)
        }}`,
        -32602,
      ],
      [`{"jsonrpc":"2.0","id":1e400,"method":"eth_chainId"}`, -32600],
      [`{"jsonrpc":"2.0","id":${"9".repeat(10_000)},"method":"eth_chainId"}`, -32600],
      [
        `{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0x${
          "f".repeat(100_000)
        }",false]}`,
        -32602,
      ],
      [`{"jsonrpc":"2.0","id":1,"method":"evm_increaseTime","params":[1e308]}`, -32602],
      [`{"jsonrpc":"2.0","id":"\\ud800","method":"\\udfff"}`, -32601],
      [`{"jsonrpc":"2.0","id":1,"method":"${"x".repeat(1_000_000)}"}`, -32601],
      [`{"jsonrpc":"2.0","id":1,"method":"no","method":"eth_chainId","id":2}`, undefined],
      [`{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":{"__proto__":[]}}`, -32602],
      [`{"__proto__":{"jsonrpc":"2.0"},"id":1,"method":"eth_chainId"}`, -32600],
      ["[]", -32600],
      ["\u0000", -32700],
      ["\ufeff" + CHAIN_ID, undefined],
    ];
    for (const [body, code] of cases) {
      const { answer } = await post(server, body);
      const shown = Array.isArray(answer) ? answer[0] : answer;
      assertEquals(codeOf(shown), code, body.slice(0, 80));
    }
  });
});

Deno.test("hostile: bodies that are no UTF-8 do no more than look strange", async () => {
  await survives(async (server) => {
    const text = new TextEncoder().encode(`{"jsonrpc":"2.0","id":"x","method":"eth_chainId"}`);
    const broken = text.map((byte) => byte === "x".charCodeAt(0) ? 0xff : byte);
    assertEquals((await post(server, broken)).answer.id, "\ufffd");
    assertEquals(codeOf((await post(server, Uint8Array.of(0xc3, 0x28))).answer), -32700);
  });
});

Deno.test("hostile: batches are bounded in number and in the bytes of their answers", async () => {
  await survives(async (server) => {
    const many = `[${Array.from({ length: 50_000 }, () => "1").join(",")}]`;
    assertEquals(codeOf((await post(server, many)).answer), -32600);
    const block = '{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0x1",true]}';
    const { answer } = await post(
      server,
      `[${Array.from({ length: 100 }, () => block).join(",")}]`,
    );
    assertEquals(answer.length, 100);
    assert("result" in answer[0]);
    assertEquals(codeOf(answer[99]), -32003);
  }, { limits: { maxBatchResponseBytes: 10_000 } });
});

Deno.test("hostile: content types and encodings that are not JSON's do not matter", async () => {
  await survives(async (server) => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "nonsense", ""]) {
      const { answer } = await post(server, CHAIN_ID, { "content-type": type });
      assertEquals(answer.result, "0x385");
    }
    const { answer } = await post(server, CHAIN_ID, { "content-encoding": "gzip" });
    assertEquals(answer.result, "0x385");
  });
});

Deno.test("hostile: HTTP/1.0, pipelining, chunks and abrupt ends", async () => {
  await survives(async (server) => {
    const old = await exchange(
      server,
      request(CHAIN_ID).replace("HTTP/1.1", "HTTP/1.0"),
    );
    assertStringIncludes(old, '"result":"0x385"');
    const last = request(CHAIN_ID, "Connection: close\r\n");
    const pipelined = await exchange(server, request(CHAIN_ID).repeat(20) + last);
    assertEquals(pipelined.split('"result":"0x385"').length, 22);
    const chunked = `POST / HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n` +
      `Connection: close\r\n\r\n${
        [...CHAIN_ID].map((letter) => `1\r\n${letter}\r\n`).join("")
      }0\r\n\r\n`;
    assertStringIncludes(await exchange(server, chunked), '"result":"0x385"');
    const broken = [
      `POST / HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
      `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: -1\r\n\r\n`,
      `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345`,
      `POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n`,
      `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 99999999999999999999\r\n\r\n`,
      `POST / HTTP/9.9\r\n\r\n`,
      `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
      `GET / HTTP/1.1\r\n${"X: y\r\n".repeat(5_000)}\r\n`,
      `\u0016\u0003\u0001\u0002`,
    ];
    for (const text of broken) {
      using connection = await connect(server);
      await write(connection, text).catch(() => undefined);
      await connection.closeWrite().catch(() => undefined);
      await new Response(connection.readable).text().catch(() => "");
    }
    // Clients that send all of it and leave before the answer.
    for (let count = 0; count < 50; count++) {
      const connection = await connect(server);
      await connection.write(new TextEncoder().encode(request(CHAIN_ID)));
      connection.close();
    }
  });
});

Deno.test("hostile: hundreds of half-open connections take nothing from the others", async () => {
  await survives(async (server) => {
    const starts = [
      "",
      "POST / HT",
      `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 9\r\n\r\n{`,
    ];
    const open: Deno.TcpConn[] = [];
    for (let count = 0; count < 300; count++) {
      const connection = await connect(server);
      open.push(connection);
      const start = starts[count % starts.length] ?? "";
      if (start !== "") await connection.write(new TextEncoder().encode(start));
    }
    assertEquals((await post(server, CHAIN_ID)).answer.result, "0x385");
    for (const connection of open) connection.close();
  });
});

Deno.test("hostile: a body that comes a byte at a time is ended", async () => {
  await survives(async (server) => {
    using connection = await connect(server);
    const head = `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 1000\r\n\r\n`;
    await connection.write(new TextEncoder().encode(head));
    let isOver = false;
    const writer = (async () => {
      while (!isOver) {
        await connection.write(Uint8Array.of(32));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const buffer = new Uint8Array(2_000);
    const size = await connection.read(buffer);
    isOver = true;
    await writer;
    const answer = new TextDecoder().decode(buffer.subarray(0, size ?? 0));
    assertStringIncludes(answer, "408 Request Timeout");
  }, { limits: { bodyTimeoutMs: 60 } });
});

Deno.test("hostile: long bodies that never become whole do not fill the memory", async () => {
  await survives(async (server) => {
    const head = `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 4000000\r\n\r\n{`;
    const open = [await connect(server), await connect(server)];
    for (const connection of open) await connection.write(new TextEncoder().encode(head));
    // Once both have arrived there is no room for a third.
    const long = " ".repeat(4_000_000);
    let refused = await post(server, long);
    while (refused.status !== 503) refused = await post(server, long);
    assertEquals(codeOf(refused.answer), -32005);
    const stream = ReadableStream.from(
      (function* () {
        for (let count = 0; count < 40; count++) yield new Uint8Array(100_000).fill(32);
      })(),
    );
    const { status: ofStream, answer } = await post(server, stream);
    assertEquals([ofStream, codeOf(answer)], [503, -32005]);
    // Short ones go on.
    assertEquals((await post(server, CHAIN_ID)).answer.result, "0x385");
    for (const connection of open) connection.close();
    while ((await post(server, long)).status === 503);
  }, { limits: { maxBodiesBytes: 10_000_000 } });
});

/** Methods whose `eth_chainId` answers with `chars` characters. */
function longAnswers({ methods }: Fixture, chars: number): RpcMethods {
  const long = "x".repeat(chars);
  return {
    ...methods,
    call: (...args) => args[0] === "eth_gasPrice" ? Promise.resolve(long) : methods.call(...args),
  };
}

Deno.test("hostile: clients that do not read long answers are let go and hold nothing", async () => {
  const fixture = await createFixture();
  const methods = longAnswers(fixture, 20_000_000);
  const limits = { answerStallTimeoutMs: 2_000, maxHeldAnswerChars: 70_000_000 };
  await survives(async (server) => {
    const ask = request(CHAIN_ID.replace("eth_chainId", "eth_gasPrice"));
    const open = await Promise.all(Array.from({ length: 6 }, () => connect(server)));
    for (const connection of open) await connection.write(new TextEncoder().encode(ask));
    // One more than fits is refused, while those before it are held.
    while (server.use().heldAnswerChars < 60_000_000) await post(server, CHAIN_ID);
    assert(server.use().heldAnswerChars <= limits.maxHeldAnswerChars);
    const { status, answer } = await post(server, ask.slice(ask.indexOf("{")));
    assertEquals([status, codeOf(answer)], [503, -32005]);
    while (server.use().heldAnswerChars > 0) await post(server, CHAIN_ID);
    for (const connection of open) connection.close();
    // Who reads gets all of it.
    const whole = await post(server, ask.slice(ask.indexOf("{")));
    assertEquals(whole.answer.result.length, 20_000_000);
  }, { methods, limits });
});

Deno.test("hostile: a flood of batches with long answers that nobody reads ends, and holds little", async () => {
  const fixture = await createFixture();
  let answered = 0;
  const methods: RpcMethods = {
    ...longAnswers(fixture, 1_000_000),
    call: (...args) => {
      if (args[0] !== "eth_gasPrice") return fixture.methods.call(...args);
      answered++;
      return Promise.resolve("x".repeat(1_000_000));
    },
  };
  await survives(async (server) => {
    const { connection } = await upgradeByHand(server);
    const ask = CHAIN_ID.replace("eth_chainId", "eth_gasPrice");
    const batch = new TextEncoder().encode(`[${Array.from({ length: 250 }, () => ask).join(",")}]`);
    for (let count = 0; count < 126; count++) await connection.write(frame(0x1, batch));
    while (server.use().sockets > 0 && answered === 0) await post(server, CHAIN_ID);
    // Others are answered all the while.
    for (let count = 0; count < 20; count++) await post(server, CHAIN_ID);
    connection.close();
    while (server.use().sockets > 0) await post(server, CHAIN_ID);
    // Four batches of 250 are taken at a time, each with at most 25 such answers.
    assert(answered <= 4 * 26 * 2, `${answered} of ${126 * 250} long answers were made`);
  }, { methods });
});

Deno.test("hostile: a thousand subscriptions, and as many as there may be", async () => {
  await survives(async (server, { chain, methods }) => {
    const sockets = await Promise.all(Array.from({ length: 8 }, () => openSocket(server)));
    const subscribe = CHAIN_ID.replace("eth_chainId", "eth_subscribe")
      .replace("[]", '["newHeads"]');
    for (const { socket, received } of sockets) {
      for (let count = 0; count < 125; count++) {
        socket.send(subscribe);
        await received(count + 1);
      }
    }
    assertEquals(methods.use().subscriptions, 1_000);
    await chain.mine();
    for (const { received } of sockets) await received(250);
    const [first] = sockets;
    if (first === undefined) throw new TypeError("there are eight sockets");
    for (let count = 1; count <= MAX_SUBSCRIPTIONS_PER_SOCKET - 125 + 1; count++) {
      first.socket.send(subscribe);
      await first.received(250 + count);
    }
    assertStringIncludes(first.messages.at(-1) ?? "", "SUBSCRIPTIONS_TOO_MANY");
    assertEquals(methods.use().subscriptions, 1_000 + MAX_SUBSCRIPTIONS_PER_SOCKET - 125);
    await Promise.all(sockets.map(({ close }) => close()));
    while (methods.use().subscriptions > 0) await post(server, CHAIN_ID);
  });
});

Deno.test("hostile: the subscriptions of a port are bounded too", async () => {
  const { chain } = await createFixture();
  const methods = createRpcMethods({ chain, limits: { maxSubscriptions: 2 } });
  await survives(async (server) => {
    const subscribe = CHAIN_ID.replace("eth_chainId", "eth_subscribe").replace(
      "[]",
      '["newHeads"]',
    );
    const sockets = [await openSocket(server), await openSocket(server), await openSocket(server)];
    const answers: string[] = [];
    for (const { socket, received } of sockets) {
      socket.send(subscribe);
      answers.push(...await received(1));
    }
    assertEquals(answers.map((text) => text.includes("SUBSCRIPTIONS_TOO_MANY")), [
      false,
      false,
      true,
    ]);
    await Promise.all(sockets.map(({ close }) => close()));
  }, { methods });
});

/** A WebSocket frame of a client, masked with zeros. */
function frame(opcode: number, payload: Uint8Array, isFinal = true): Uint8Array<ArrayBuffer> {
  const head = [opcode | (isFinal ? 0x80 : 0)];
  if (payload.length < 126) head.push(0x80 | payload.length);
  else head.push(0x80 | 126, payload.length >> 8, payload.length & 0xff);
  return Uint8Array.from([...head, 0, 0, 0, 0, ...payload]);
}

async function upgradeByHand(server: RpcServer) {
  const connection = await connect(server);
  const head = `GET / HTTP/1.1\r\nHost: ${HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  await connection.write(new TextEncoder().encode(head));
  let text = "";
  const buffer = new Uint8Array(65_536);
  const readUntil = async (wanted: string): Promise<string> => {
    while (!text.includes(wanted)) {
      const size = await connection.read(buffer);
      if (size === null) break;
      text += new TextDecoder("latin1").decode(buffer.subarray(0, size));
    }
    return text;
  };
  await readUntil("\r\n\r\n");
  return { connection, readUntil };
}

Deno.test("hostile: fragments, a flood of pings and broken frames of a WebSocket", async () => {
  await survives(async (server) => {
    const bytes = new TextEncoder().encode(CHAIN_ID);
    const { connection, readUntil } = await upgradeByHand(server);
    for (let count = 0; count < 2_000; count++) await connection.write(frame(0x9, bytes));
    await connection.write(frame(0x1, bytes.subarray(0, 10), false));
    await connection.write(frame(0x9, Uint8Array.of()));
    await connection.write(frame(0x0, bytes.subarray(10, 20), false));
    await connection.write(frame(0x0, bytes.subarray(20)));
    assertStringIncludes(await readUntil('"result":"0x385"'), '"result":"0x385"');
    connection.close();
    const broken = [
      frame(0x3, bytes),
      frame(0x0, bytes),
      frame(0x1, Uint8Array.of(0xff, 0xfe)),
      Uint8Array.of(0x81, 0x05, 1, 2, 3, 4, 5),
      Uint8Array.of(0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0),
      Uint8Array.of(0xf1, 0x80, 0, 0, 0, 0),
    ];
    for (const bad of broken) {
      const { connection } = await upgradeByHand(server);
      await connection.write(bad);
      await connection.closeWrite();
      await new Response(connection.readable).text().catch(() => "");
    }
    while (server.use().sockets > 0) await post(server, CHAIN_ID);
  });
});

Deno.test("hostile: a WebSocket whose client does not read is closed before it holds much", async () => {
  const fixture = await createFixture();
  const methods = longAnswers(fixture, 1_000_000);
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (text: string) => warnings.push(text) };
  await survives(async (server) => {
    const { connection } = await upgradeByHand(server);
    const ask = new TextEncoder().encode(CHAIN_ID.replace("eth_chainId", "eth_gasPrice"));
    for (let count = 0; count < 100 && server.use().sockets > 0; count++) {
      await connection.write(frame(0x1, ask)).catch(() => undefined);
      await post(server, CHAIN_ID);
    }
    assertEquals(warnings[0], "Closed a WebSocket as its client does not read");
    connection.close();
    while (server.use().sockets > 0) await post(server, CHAIN_ID);
  }, { methods, log, limits: { maxSocketBufferedBytes: 5_000_000 } });
});

Deno.test("hostile: memory stays bounded over many refused, broken and long requests", async () => {
  await survives(async (server) => {
    const body = `{"a":"${"x".repeat(900_000)}`;
    const rounds = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round++) {
        assertEquals(codeOf((await post(server, body)).answer), -32700);
        await exchange(server, request("{", "Connection: close\r\n"));
      }
    };
    await rounds(50);
    const before = Deno.memoryUsage().rss;
    await rounds(700);
    // 630 MB have come in meanwhile, out of this very process.
    assert(Deno.memoryUsage().rss - before < 300_000_000, "memory of refused bodies is freed");
  });
});
