import { assertEquals, assertRejects } from "@std/assert";
import { RollupError } from "../../core/primitives/errors.ts";
import { RpcError } from "./errors.ts";
import { httpRequest } from "./http_client.ts";
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
