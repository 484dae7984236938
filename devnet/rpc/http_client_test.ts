import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { RollupError } from "../../core/primitives/errors.ts";
import { RpcError } from "./errors.ts";
import { httpRequest, publicUrl, requireNetAccess } from "./http_client.ts";
import { createFixture } from "./testing/fixture.ts";

const URL_TEXT = "http://127.0.0.1:1";

/** A request function whose network is `answer`. */
const requestTo = (answer: (body: string) => Promise<string | undefined>) =>
  httpRequest(URL_TEXT, {
    fetch: async (_url, { body }) => new Response(await answer(String(body))),
  });

Deno.test("httpRequest() gives results and the node's refusals", async () => {
  const { dispatcher } = await createFixture();
  const request = requestTo((body) => dispatcher.dispatchText(body));
  assertEquals(await request("eth_chainId"), "0x385");
  assertEquals(await request("eth_getBlockByNumber", ["0x99"]), null);
  const error = await assertRejects(() => request("eth_nothing"), RpcError);
  assertEquals(error.code, -32601);
});

Deno.test("httpRequest() says that no node answers", async () => {
  const answers: readonly (() => Promise<string>)[] = [
    () => Promise.reject(new TypeError("connection refused")),
    () => Promise.resolve("<html>"),
    () => Promise.resolve("null"),
    () => Promise.resolve("[]"),
    () => Promise.resolve("{}"),
    () => Promise.resolve('{"jsonrpc":"2.0","id":77,"result":1}'),
  ];
  for (const answer of answers) {
    const error = await assertRejects(() => requestTo(answer)("eth_chainId"), RollupError);
    assertEquals(error.code, "REMOTE_UNAVAILABLE");
    assertEquals(error.details.url, URL_TEXT);
  }
});

Deno.test("httpRequest() names the HTTP status of an answer that is not JSON", async () => {
  const request = httpRequest(URL_TEXT, {
    fetch: () => Promise.resolve(new Response("<h1>slow down</h1>", { status: 429 })),
  });
  const error = await assertRejects(() => request("eth_chainId"), RollupError);
  assertEquals(error.code, "REMOTE_UNAVAILABLE");
  assertEquals(error.details.reason, "it answers with HTTP status 429");
});

Deno.test("httpRequest() reads a refusal that comes with an HTTP status of failure", async () => {
  const request = httpRequest(URL_TEXT, {
    fetch: () =>
      Promise.resolve(
        new Response('{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"too many"}}', {
          status: 429,
        }),
      ),
  });
  assertEquals((await assertRejects(() => request("eth_getLogs"), RpcError)).code, -32005);
});

Deno.test("httpRequest() refuses a longer answer than it was told to take, and stops reading", async () => {
  let pulls = 0;
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulls++;
      controller.enqueue(new Uint8Array(1_000));
    },
    cancel: () => {
      cancelled = true;
    },
  });
  const request = httpRequest(URL_TEXT, {
    maxAnswerBytes: 10_000,
    fetch: () => Promise.resolve(new Response(endless)),
  });
  const error = await assertRejects(() => request("eth_getLogs"), RpcError);
  assertEquals(error.code, -32005);
  assertEquals([cancelled, pulls <= 13], [true, true]);
});

Deno.test("httpRequest() takes characters that fall between two chunks", async () => {
  const bytes = new TextEncoder().encode('{"jsonrpc":"2.0","id":1,"result":"é€"}');
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const request = httpRequest(URL_TEXT, { fetch: () => Promise.resolve(new Response(body)) });
  assertEquals(await request("eth_chainId"), "é€");
});

Deno.test("httpRequest() shows no key of a provider's URL", async () => {
  const url = "https://user:secret1@node.example/v3/secret2?key=secret3";
  const request = httpRequest(url, {
    fetch: () => Promise.reject(new TypeError(`error sending request for url (${url})`)),
  });
  const error = await assertRejects(() => request("eth_chainId"), RollupError);
  const shown = JSON.stringify([error.message, error.details, String(error.cause)]);
  assertEquals(shown.includes("secret"), false, shown);
  assertEquals(error.details.url, "https://node.example/…");
});

Deno.test("publicUrl() keeps what holds no secret", () => {
  assertEquals(publicUrl("http://127.0.0.1:8545"), "http://127.0.0.1:8545");
  assertEquals(publicUrl("http://[::1]:8545/"), "http://[::1]:8545");
  assertEquals(publicUrl("https://node.example/v3/abc"), "https://node.example/…");
});

Deno.test("requireNetAccess() names the flag of exactly the host that is left out", () => {
  const flags = [
    ["https://node.example/v3/secret", "--allow-net=node.example:443"],
    ["http://node.example", "--allow-net=node.example:80"],
    ["http://10.0.0.1:8545", "--allow-net=10.0.0.1:8545"],
  ] as const;
  for (const [url, flag] of flags) {
    const error = assertThrows(() => requireNetAccess(url), RollupError);
    assertEquals([error.code, error.details.flag], ["PERMISSION_MISSING", flag]);
    assertEquals(error.mend.includes(flag), true);
  }
});
