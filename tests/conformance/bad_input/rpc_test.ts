/**
 * Bad requests to the L2's port are refused with a code and a mend, and the node works on.
 *
 * The same over a real port is in `server_test.ts`.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../../core/primitives/errors.ts";
import { bytesToHex } from "../../../core/primitives/hex.ts";
import { devnetKeys } from "../../../devnet/accounts.ts";
import { createBlockFeed, createL2Chain } from "../../../devnet/l2_chain.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { isRecord } from "../../../devnet/rpc/schema.ts";
import { l2Tx } from "../proving/l2_txs.ts";
import { openMemoryRollup, openStores } from "../proving/rollup_in_memory.ts";

const request = (method: unknown, params: unknown = [], id: unknown = 1) =>
  JSON.stringify({ jsonrpc: "2.0", id, method, params });

/** What is sent, and the code of the answer's error. */
const BAD: readonly (readonly [string, string, number])[] = [
  ["no text", "", -32700],
  ["text that is not JSON", "eth_chainId", -32700],
  ["JSON that ends early", '{"jsonrpc":"2.0","id":1', -32700],
  ["an empty batch", "[]", -32600],
  ["a number", "7", -32600],
  ["no version", '{"id":1,"method":"eth_chainId"}', -32600],
  ["a method that is no text", request(7), -32600],
  ["an id that is a list", request("eth_chainId", [], [1]), -32600],
  ["an unknown method", request("eth_getNothing"), -32601],
  ["a method of a prototype", request("__proto__"), -32601],
  ["parameters by name", request("eth_getBalance", { address: "0x00" }), -32602],
  ["no parameters", request("eth_getBalance"), -32602],
  ["too many parameters", request("eth_chainId", [1]), -32602],
  ["an address that is too short", request("eth_getBalance", ["0x00", "latest"]), -32602],
  ["an address that is a number", request("eth_getBalance", [1, "latest"]), -32602],
  [
    "a block that is no block",
    request("eth_getBlockByNumber", ["newest", false]),
    -32602,
  ],
  ["a flag that is no flag", request("eth_getBlockByNumber", ["latest", "no"]), -32602],
  ["a hash that is cut", request("eth_getTransactionByHash", ["0xabcd"]), -32602],
  ["raw bytes of half a byte", request("eth_sendRawTransaction", ["0x123"]), -32602],
  ["raw bytes that are no transaction", request("eth_sendRawTransaction", ["0x1234"]), -32003],
  ["a cut transaction", request("eth_sendRawTransaction", ["0x02f8"]), -32000],
  [
    "a slot that is too long",
    request("eth_getStorageAt", [`0x${"00".repeat(20)}`, `0x${"1".repeat(66)}`, "latest"]),
    -32602,
  ],
  ["a call that is a text", request("eth_call", ["0x", "latest"]), -32602],
  [
    "a table that is not there",
    request("varve_inspect", [{ kind: "table", table: "x", limit: 1 }]),
    -32000,
  ],
  ["a proof for no job", request("varve_acceptProof", [7, "0x00"]), -32000],
];

Deno.test("dispatchText() refuses every bad request and the node works on", async (t) => {
  using stores = await openStores();
  const { engine } = await openMemoryRollup(stores);
  const chain = createL2Chain(engine, createBlockFeed(), devnetKeys());
  const rpc = createDispatcher(createRpcMethods({ chain, engine }));
  const before = await engine.heads();
  for (const [what, text, code] of BAD) {
    await t.step(`${what} is answered with ${code}`, async () => {
      const answer: unknown = JSON.parse(await rpc.dispatchText(text) ?? "null");
      assert(isRecord(answer) && isRecord(answer["error"]), `${what} is refused`);
      const { code: got, message, data } = answer["error"];
      assertEquals(got, code, String(message));
      assert(typeof message === "string" && message.length > 0, "there is a message");
      // What has no mend of its own says in its message what was expected.
      const mend = isRecord(data) ? data["mend"] : undefined;
      const expected = /expected|want at most|missing value/.test(message);
      assert((typeof mend === "string" && mend.length > 0) || expected, `"${message}" mends`);
      assertEquals(await engine.heads(), before);
    });
  }
  const sent = await rpc.request("eth_sendRawTransaction", [bytesToHex(l2Tx(0, { nonce: 0n }))]);
  assertEquals(typeof sent, "string");
  assertEquals((await engine.heads()).pooled, 1);
  await engine[Symbol.asyncDispose]();
});
