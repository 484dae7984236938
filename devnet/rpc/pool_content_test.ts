import { assertEquals } from "@std/assert";
import { checksumAddress } from "./format.ts";
import { createFixture, RECIPIENT, signedRaw } from "./testing/fixture.ts";

Deno.test("txpool methods tell what is ready from what waits for a nonce", async () => {
  const { chain, dispatcher, sender } = await createFixture({ automine: false });
  for (const nonce of [4n, 3n, 6n]) await chain.sendRawTransaction(signedRaw(chain, { nonce }));
  assertEquals(await dispatcher.request("txpool_status"), { pending: "0x2", queued: "0x1" });
  assertEquals(await dispatcher.request("eth_getTransactionCount", [sender, "pending"]), "0x5");
  assertEquals(await dispatcher.request("eth_getTransactionCount", [sender]), "0x3");
  const line = `${checksumAddress(RECIPIENT)}: 0 wei + 100000 gas × 2000000000 wei`;
  const from = checksumAddress(sender);
  assertEquals(await dispatcher.request("txpool_inspect"), {
    pending: { [from]: { 3: line, 4: line } },
    queued: { [from]: { 6: line } },
  });
  const content = JSON.parse(JSON.stringify(await dispatcher.request("txpool_content")));
  assertEquals(content.queued[from][6].nonce, "0x6");
  assertEquals(content.pending[from][3].blockHash, null);
  const own = JSON.parse(JSON.stringify(await dispatcher.request("txpool_contentFrom", [sender])));
  assertEquals(own, { pending: content.pending[from], queued: content.queued[from] });
});

Deno.test("a waiting transaction is found by hash and has no receipt", async () => {
  const { chain, dispatcher } = await createFixture({ automine: false });
  const hash = await chain.sendRawTransaction(signedRaw(chain, { nonce: 3n }));
  const found = await dispatcher.request("eth_getTransactionByHash", [hash]);
  assertEquals(Reflect.get(Object(found), "blockNumber"), null);
  assertEquals(await dispatcher.request("eth_getTransactionReceipt", [hash]), null);
});
