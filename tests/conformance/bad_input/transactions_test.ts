/**
 * Every bad transaction is refused with its code and a mend, by the engine and over JSON-RPC, leaves
 * no trace, and the next good one goes all the way.
 */
import { assertEquals, assertRejects } from "@std/assert";
import type { LocalEngine } from "../../../core/engine/local_engine.ts";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { bytesToHex } from "../../../core/primitives/hex.ts";
import { LIMITS } from "../../../core/primitives/limits.ts";
import { decodeTransaction, encodeTransaction } from "../../../core/types/tx.ts";
import { devnetKeys } from "../../../devnet/accounts.ts";
import { createBlockFeed, createL2Chain } from "../../../devnet/l2_chain.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { RpcError } from "../../../devnet/rpc/errors.ts";
import { isRecord } from "../../../devnet/rpc/schema.ts";
import { devAccount } from "../l1/testing.ts";
import { l2Tx } from "../proving/l2_txs.ts";
import { openMemoryRollup, openStores } from "../proving/rollup_in_memory.ts";

const USED = l2Tx(0, { nonce: 0n });
const WAITING = l2Tx(0, { nonce: 1n });
const GOOD = l2Tx(1, { nonce: 0n });

/** secp256k1's order less `s`: the other signature of the same digest (EIP-2). */
function withHighS(raw: Uint8Array): Uint8Array {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const tx = decodeTransaction(raw);
  return encodeTransaction({ ...tx, s: order - tx.s, yParity: 1 - tx.yParity });
}

const BAD: readonly (readonly [string, Uint8Array, string])[] = [
  ["no bytes", new Uint8Array(0), "TX_MALFORMED"],
  ["a type alone", Uint8Array.of(2), "TX_MALFORMED"],
  ["bytes that are no RLP", Uint8Array.of(2, 0xff, 0xff), "TX_MALFORMED"],
  ["a list that is no transaction", Uint8Array.of(0xc0), "TX_MALFORMED"],
  ["a transaction without its last byte", GOOD.slice(0, -1), "TX_MALFORMED"],
  ["a transaction without its first byte", GOOD.slice(1), "TX_MALFORMED"],
  ["a transaction and a byte", new Uint8Array([...GOOD, 0]), "TX_MALFORMED"],
  ["an unknown type", Uint8Array.of(0x7f, 0xc0), "TX_TYPE_UNSUPPORTED"],
  ["a blob transaction", new Uint8Array([3, ...GOOD.slice(1)]), "TX_TYPE_UNSUPPORTED"],
  ["another chain's id", l2Tx(1, { nonce: 0n, chainId: 1n }), "POOL_CHAIN_ID_MISMATCH"],
  [
    "a signature out of range",
    encodeTransaction({ ...decodeTransaction(GOOD), r: 0n }),
    "TX_SIGNATURE_INVALID",
  ],
  ["a signature with a high s", withHighS(GOOD), "TX_SIGNATURE_INVALID"],
  [
    // Every signature in range is somebody's: a wrong one is that of an account without funds.
    "a signature of other fields",
    encodeTransaction({ ...decodeTransaction(GOOD), valueWei: 2n }),
    "POOL_INSUFFICIENT_FUNDS",
  ],
  ["a nonce that was used", l2Tx(0, { nonce: 0n, valueWei: 2n }), "POOL_NONCE_TOO_LOW"],
  ["a mined transaction again", USED, "POOL_NONCE_TOO_LOW"],
  ["a waiting transaction again", WAITING, "POOL_ALREADY_KNOWN"],
  [
    "a replacement for the same price",
    l2Tx(0, { nonce: 1n, valueWei: 2n }),
    "POOL_REPLACEMENT_UNDERPRICED",
  ],
  ["a nonce too far ahead", l2Tx(1, { nonce: LIMITS.maxPoolNonceAhead }), "POOL_NONCE_TOO_HIGH"],
  [
    "more value than there is",
    l2Tx(1, { nonce: 0n, valueWei: 1n << 128n }),
    "POOL_INSUFFICIENT_FUNDS",
  ],
  ["gas below the intrinsic cost", l2Tx(1, { nonce: 0n, gasLimit: 20_999n }), "POOL_INTRINSIC_GAS"],
  [
    "gas above a transaction's limit",
    l2Tx(1, { nonce: 0n, gasLimit: 16_777_217n }),
    "POOL_GAS_LIMIT_EXCEEDED",
  ],
  [
    "gas above a block's limit",
    l2Tx(1, { nonce: 0n, gasLimit: 30_000_001n }),
    "POOL_GAS_LIMIT_EXCEEDED",
  ],
  [
    "a fee below the base fee",
    l2Tx(1, { nonce: 0n, maxFeePerGasWei: 1n, maxPriorityFeePerGasWei: 0n }),
    "POOL_FEE_TOO_LOW",
  ],
  [
    "a tip above the fee",
    l2Tx(1, { nonce: 0n, maxFeePerGasWei: 1n, maxPriorityFeePerGasWei: 2n }),
    "POOL_TIP_ABOVE_FEE",
  ],
  [
    "too much data",
    l2Tx(1, { nonce: 0n, gasLimit: 16_000_000n, data: new Uint8Array(100_001) }),
    "POOL_OVERSIZED_DATA",
  ],
  [
    "more bytes than a batch has room for",
    l2Tx(1, { nonce: 0n, gasLimit: 16_000_000n, data: new Uint8Array(120_000) }),
    "TX_OVERSIZED",
  ],
  [
    "too much creation code",
    l2Tx(1, { nonce: 0n, to: undefined, gasLimit: 16_000_000n, data: new Uint8Array(49_153) }),
    "POOL_INIT_CODE_TOO_LARGE",
  ],
];

/** What must not change: heads, pool, account. */
async function imprint(engine: LocalEngine): Promise<unknown> {
  return {
    heads: await engine.heads(),
    pool: await engine.inspect({ kind: "pool" }),
    rows: await engine.inspect({ kind: "table", table: "pool", limit: 100 }),
    sender: await engine.sender(devAccount(1).address),
    tip: engine.node.tip.get().hash,
  };
}

Deno.test("every bad transaction is refused and the next good one is verified", async (t) => {
  using stores = await openStores();
  const { engine } = await openMemoryRollup(stores);
  await engine.sendTransaction(USED);
  await engine.mineBlock();
  await engine.sendTransaction(WAITING);
  const chain = createL2Chain(engine, createBlockFeed(), devnetKeys());
  const rpc = createDispatcher(createRpcMethods({ chain, engine }));
  const before = await imprint(engine);

  for (const [what, raw, code] of BAD) {
    await t.step(`sendTransaction() refuses ${what} with ${code}`, async () => {
      const error = await assertRejects(() => engine.sendTransaction(raw), RollupError);
      assertEquals(error.code, code);
      assert(/^Cannot .+: .+[^.]$/.test(error.message), `"${error.message}" says what and why`);
      assert(/^[A-Z`].+[.]$/.test(error.mend), `"${error.mend}" is a sentence`);

      const refused = await assertRejects(
        () => rpc.request("eth_sendRawTransaction", [bytesToHex(raw)]),
        RpcError,
      );
      assert(isRecord(refused.data), "the refusal says more than geth does");
      assertEquals(refused.data["code"], code);
      assertEquals(refused.data["mend"], error.mend);
      assertEquals(await imprint(engine), before);
    });
  }

  await engine.sendTransaction(GOOD);
  await engine.sealBatch();
  await engine.submit();
  await engine.prove();
  await engine.submit();
  await engine.sync();
  const heads = await engine.heads();
  assertEquals([heads.sealed, heads.verified, heads.block], [1, 1, 2]);
  await engine[Symbol.asyncDispose]();
});
