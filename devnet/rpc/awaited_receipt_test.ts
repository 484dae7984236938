import { assertEquals, assertRejects } from "@std/assert";
import { bytesToHex } from "../../core/primitives/hex.ts";
import type { ChainBackend } from "./chain.ts";
import { createRpcMethods } from "./dispatch.ts";
import { RpcError } from "./errors.ts";
import { createFixture, signedRaw } from "./testing/fixture.ts";

/** A chain that includes nothing, and takes `lookUp` to say so. */
async function fixtureWith(lookUp: () => Promise<undefined>) {
  const { chain } = await createFixture();
  const waiting: ChainBackend = { ...chain, receipt: lookUp };
  const raw = bytesToHex(signedRaw(chain, { nonce: 3n }));
  const methods = createRpcMethods({ chain: waiting });
  const send = (timeoutMs: number) =>
    assertRejects(() => methods.call("eth_sendRawTransactionSync", [raw, timeoutMs]), RpcError);
  return { methods, send };
}

Deno.test("eth_sendRawTransactionSync answers code 4 and the hash, also for a time shorter than one look", async () => {
  // Without care the time would be over while nobody waits for it, which ends the process.
  const lookUp = () =>
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 20));
  const { send } = await fixtureWith(lookUp);
  const { code, message, data } = await send(1);
  assertEquals([code, /^0x[0-9a-f]{64}$/.test(String(data))], [4, true]);
  assertEquals(
    message,
    "The transaction was added to the transaction pool but wasn't processed in 0.001s",
  );
});

Deno.test("eth_sendRawTransactionSync answers at once when the port stops", async () => {
  const { promise: looked, resolve: look } = Promise.withResolvers<void>();
  const { methods, send } = await fixtureWith(() => {
    look();
    return Promise.resolve(undefined);
  });
  const asked = send(60_000);
  await looked;
  methods.stopWaiting();
  assertEquals((await asked).code, 4);
});

Deno.test("eth_sendRawTransactionSync answers also when the port has stopped already", async () => {
  const { methods, send } = await fixtureWith(() => Promise.resolve(undefined));
  methods.stopWaiting();
  assertEquals((await send(60_000)).code, 4);
});
