/**
 * Bodies that are too large or not JSON, over a real port of a real node.
 *
 * Needs `--allow-net=127.0.0.1`.
 * @module
 */
import { assertEquals } from "@std/assert";
import { silentLog } from "../../../core/primitives/ports.ts";
import { LIMITS } from "../../../core/primitives/limits.ts";
import { bytesToHex } from "../../../core/primitives/hex.ts";
import { devnetKeys } from "../../../devnet/accounts.ts";
import { createBlockFeed, createL2Chain } from "../../../devnet/l2_chain.ts";
import { createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { createRpcServer } from "../../../devnet/rpc/server.ts";
import { l2Tx } from "../proving/l2_txs.ts";
import { openMemoryRollup, openStores } from "../proving/rollup_in_memory.ts";

Deno.test("createRpcServer() refuses bad bodies and the node behind it works on", async () => {
  using stores = await openStores();
  const { engine } = await openMemoryRollup(stores);
  const chain = createL2Chain(engine, createBlockFeed(), devnetKeys());
  const methods = createRpcMethods({ chain, engine });
  const server = createRpcServer({ host: "127.0.0.1", port: 0, methods, log: silentLog });
  try {
    const post = async (body: BodyInit) => {
      const response = await fetch(server.url, { method: "POST", body });
      const { error, result } = await response.json();
      return { status: response.status, code: error?.code, name: error?.data?.code, result };
    };
    const refused = { result: undefined };
    const tooLarge = { ...refused, status: 413, code: -32600, name: "BODY_TOO_LARGE" };
    const notJson = { ...refused, status: 200, code: -32700, name: "BODY_NOT_JSON" };
    assertEquals(await post(" ".repeat(LIMITS.maxRpcBodyBytes + 1)), tooLarge);
    assertEquals(await post(" ".repeat(LIMITS.maxRpcBodyBytes)), notJson);
    assertEquals(await post("not JSON"), notJson);
    assertEquals(await post(Uint8Array.of(0xff, 0xfe, 0x00)), notJson);
    const batch = JSON.stringify(new Array(LIMITS.maxRpcBatchRequests + 1).fill({}));
    assertEquals(await post(batch), {
      ...refused,
      status: 200,
      code: -32600,
      name: "BATCH_TOO_LARGE",
    });
    const raw = bytesToHex(l2Tx(0, { nonce: 0n }));
    const params = [raw];
    const good = { jsonrpc: "2.0", id: 1, method: "eth_sendRawTransaction", params };
    assertEquals((await post(JSON.stringify(good))).status, 200);
    assertEquals((await engine.heads()).pooled, 1);
  } finally {
    await server.shutdown();
    await engine[Symbol.asyncDispose]();
  }
});
