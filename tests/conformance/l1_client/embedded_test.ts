/** The L1 client suite on the embedded L1, in process, each answer as JSON. */
import { createJsonRpcL1Client, type L1Request } from "../../../core/l1/backends/json_rpc.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { createVirtualClock, silentLog } from "../../../core/primitives/ports.ts";
import { devnetGenesisAccounts } from "../../../devnet/accounts.ts";
import { GENESIS_TIMESTAMP_SEC, L1_CHAIN_ID } from "../../../devnet/chain_config.ts";
import { type EmbeddedL1, openEmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { type L1UnderTest, testL1Client } from "./l1_client_suite.ts";
import { testL1Reorg } from "./l1_reorg_suite.ts";

testL1Client("embedded", openEmbedded);
testL1Reorg("embedded", openEmbedded);

async function openEmbedded(): Promise<L1UnderTest> {
  const clock = createVirtualClock(GENESIS_TIMESTAMP_SEC);
  const kvs: Deno.Kv[] = [];
  const openOn = async (rows: readonly (readonly [Deno.KvKey, unknown])[]): Promise<EmbeddedL1> => {
    const kv = await Deno.openKv(":memory:");
    kvs.push(kv);
    for (const [key, value] of rows) await kv.set(key, value);
    return await openEmbeddedL1({
      kv,
      clock,
      chainId: L1_CHAIN_ID,
      genesis: { timestampSec: GENESIS_TIMESTAMP_SEC, accounts: devnetGenesisAccounts() },
      mining: "automine",
      log: silentLog,
    });
  };
  let l1 = await openOn([]);
  const request: L1Request = async (method, params) => {
    const { request } = createDispatcher(createRpcMethods({ chain: l1, log: silentLog }));
    return JSON.parse(JSON.stringify(await request(method, JSON.parse(JSON.stringify(params)))));
  };
  const client = createJsonRpcL1Client({ request });
  return {
    client,
    snapshot: async () => {
      const rows: (readonly [Deno.KvKey, unknown])[] = [];
      const latest = kvs.at(-1);
      if (latest === undefined) throw new Error("the chain has a store");
      for await (const { key, value } of latest.list({ prefix: [] })) rows.push([key, value]);
      return async () => {
        clock.observe(clock.nowSec() + 9n);
        l1 = await openOn(rows);
      };
    },
    mine: async () => {
      await l1.mine();
    },
    request,
    reorg: async (depth, pairs = []) => {
      await request("anvil_reorg", [depth, pairs]);
    },
    [Symbol.asyncDispose]: async () => {
      await l1[Symbol.asyncDispose]();
      for (const kv of kvs) kv.close();
    },
  };
}
