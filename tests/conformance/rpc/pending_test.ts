/**
 * What a real devnet says of the block to come, and what gas means to a call, on both ports.
 *
 * Owns what needs an EVM. Does not own what is in that block (`devnet/rpc/pending_block_test.ts`).
 * @module
 */
import { assertEquals } from "@std/assert";
import { field } from "../../../devnet/rpc/testing/method_cases.ts";
import { ALICE, BOB, NOBODY, refusalOf, send, withDevnet } from "./dev_steps.ts";

const NAMES = ["number", "parentHash", "gasLimit", "baseFeePerGas", "mixHash", "transactionsRoot"];
/** GAS, and the word is returned. */
const GAS_LEFT = { [NOBODY]: { code: "0x5a5f5260205ff3" } };

for (const layer of ["l1", "l2"] as const) {
  Deno.test(`${layer}: the pending block is the one that is made next`, async () => {
    await withDevnet({}, async (open) => {
      const port = open[layer];
      await port("evm_setAutomine", [false]);
      const hashes = [await send(port, NOBODY, "0x1", ALICE), await send(port, NOBODY, "0x2", BOB)];
      const pending = await port("eth_getBlockByNumber", ["pending", false]);
      const count = await port("eth_getBlockTransactionCountByNumber", ["pending"]);
      await port("evm_mine");
      const made = await port("eth_getBlockByNumber", ["latest", false]);
      // What the L2 pays back for pubdata is known once the block is made.
      const names = layer === "l1" ? [...NAMES, "stateRoot", "receiptsRoot", "gasUsed"] : NAMES;
      const read = (block: unknown) => names.map((name) => field(block, name));
      assertEquals(read(pending), read(made));
      assertEquals(field(pending, "transactions"), field(made, "transactions"));
      assertEquals([count, new Set(hashes)], ["0x2", new Set([...listOf(made)])]);
      assertEquals(["hash", "nonce", "miner"].map((name) => field(pending, name)), [
        null,
        null,
        null,
      ]);
    });
  });

  Deno.test(`${layer}: eth_feeHistory up to the pending block is what it is once that is made`, async () => {
    await withDevnet({}, async (open) => {
      const port = open[layer];
      await send(port, NOBODY);
      await port("evm_setAutomine", [false]);
      for (const [from, tip] of [[ALICE, "0x5"], [BOB, "0x7"]]) {
        const fees = { maxFeePerGas: "0x77359400", maxPriorityFeePerGas: tip };
        await port("eth_sendTransaction", [{ from, to: NOBODY, value: "0x1", ...fees }]);
      }
      const ask = (newest: string) => port("eth_feeHistory", ["0x2", newest, [1, 99]]);
      const [before, pending] = [await ask("latest"), await ask("pending")];
      await port("evm_mine");
      const after = await ask("latest");
      const shared = ["oldestBlock", "reward", "baseFeePerBlobGas", "blobGasUsedRatio"];
      // What the L2 pays back for pubdata is known once the block is made.
      const exact = ["gasUsedRatio", "baseFeePerGas"];
      for (const name of layer === "l1" ? [...shared, ...exact] : shared) {
        assertEquals(field(pending, name), field(after, name), name);
      }
      assertEquals(field(field(pending, "reward"), "1"), ["0x5", "0x7"]);
      assertEquals(field(before, "oldestBlock") === field(pending, "oldestBlock"), false);
    });
  });

  Deno.test(`${layer}: the gas of a call is a transaction's`, async () => {
    await withDevnet({}, async (open) => {
      const port = open[layer];
      const call = (gas: string) =>
        port("eth_call", [{ to: NOBODY, gas }, "latest", GAS_LEFT]).then(String);
      assertEquals(BigInt(await call("0x186a0")), 100_000n - 21_000n - 2n);
      const refused = await refusalOf(call("0x5207"));
      assertEquals([refused.code, /intrinsic gas too low/.test(refused.message)], [-32000, true]);
      assertEquals((await refusalOf(call("0x5208"))).message, "out of gas");
    });
  });
}

function listOf(block: unknown): readonly string[] {
  const hashes = field(block, "transactions");
  return Array.isArray(hashes) ? hashes : [];
}
