import { assertEquals } from "@std/assert";
import { address, bytesToHex, ZERO_HASH } from "../../core/primitives/hex.ts";
import { transactionsRoot } from "../../core/types/block.ts";
import type { ChainBackend } from "./chain.ts";
import { createDispatcher, createRpcMethods, type Dispatcher } from "./dispatch.ts";
import { RpcError } from "./errors.ts";
import { createFixture, signedRaw } from "./testing/fixture.ts";
import { field } from "./testing/method_cases.ts";

const MINER = address(`0x${"ee".repeat(20)}`);

/** The chain of the fixture with a block to come of `gasLimit`, and `raws` in its pool. */
async function openWithPool(
  gasLimit: bigint,
  nonces: readonly bigint[],
  change: (chain: ChainBackend) => Partial<ChainBackend> = () => ({}),
): Promise<{ readonly dispatcher: Dispatcher; readonly raws: readonly Uint8Array[] }> {
  const { chain } = await createFixture({ automine: false });
  const raws = nonces.map((nonce) => signedRaw(chain, { nonce }));
  for (const raw of raws) await chain.sendRawTransaction(raw);
  const pending: ChainBackend = {
    ...chain,
    nextBlock: () =>
      Promise.resolve({
        number: 4n,
        timestampSec: 99n,
        coinbase: MINER,
        gasLimit,
        baseFeePerGasWei: 7n,
        prevRandao: ZERO_HASH,
      }),
    ...change(chain),
  };
  return { dispatcher: createDispatcher(createRpcMethods({ chain: pending })), raws };
}

Deno.test("formatPendingBlock() shows the block to come with what is ready, without a seal", async () => {
  const { dispatcher, raws } = await openWithPool(1_000_000n, [3n, 4n, 6n]);
  const block = await dispatcher.request("eth_getBlockByNumber", ["pending", true]);
  assertEquals(
    ["number", "timestamp", "hash", "nonce", "miner"].map((name) => field(block, name)),
    ["0x4", "0x63", null, null, null],
  );
  assertEquals(field(field(block, "transactions"), "length"), 2);
  assertEquals(field(field(field(block, "transactions"), "1"), "nonce"), "0x4");
  assertEquals(field(block, "transactionsRoot"), transactionsRoot(raws.slice(0, 2)));
  const header = await dispatcher.request("eth_getHeaderByNumber", ["pending"]);
  assertEquals([field(header, "number"), field(header, "hash")], ["0x4", null]);
});

Deno.test("pendingTransactions() leaves out what the block has no gas for", async () => {
  const { dispatcher, raws } = await openWithPool(150_000n, [3n, 4n]);
  const ask = (method: string, ...params: readonly unknown[]) => dispatcher.request(method, params);
  assertEquals(await ask("eth_getBlockTransactionCountByNumber", "pending"), "0x1");
  const first = await ask("eth_getTransactionByBlockNumberAndIndex", "pending", "0x0");
  assertEquals(field(first, "blockHash"), null);
  assertEquals(
    await ask("eth_getRawTransactionByHash", field(first, "hash")),
    raws[0] === undefined ? undefined : bytesToHex(raws[0]),
  );
  assertEquals(await ask("eth_getTransactionByBlockNumberAndIndex", "pending", "0x1"), null);
});

Deno.test("formatPendingBlock() shows an empty block when what is ready cannot begin", async () => {
  const { dispatcher } = await openWithPool(1_000_000n, [3n], ({ simulation }) => ({
    simulation: {
      simulate: (wanted) => {
        const isEmpty = wanted.blocks[0]?.calls.length === 0;
        if (!isEmpty || simulation === undefined) throw new RpcError(-38014, "insufficient funds");
        return simulation.simulate(wanted);
      },
    },
  }));
  const block = await dispatcher.request("eth_getBlockByNumber", ["pending", false]);
  assertEquals([field(block, "number"), field(block, "transactions")], ["0x4", []]);
});

Deno.test("isPending() is the latest block on a chain that knows of no other", async () => {
  const { dispatcher } = await createFixture();
  const pending = await dispatcher.request("eth_getBlockByNumber", ["pending", false]);
  assertEquals(pending, await dispatcher.request("eth_getBlockByNumber", ["latest", false]));
});
