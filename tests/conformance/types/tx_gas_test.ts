/**
 * Intrinsic gas held against `@ethereumjs/tx`, an independent implementation.
 */
import { Common, Hardfork, Mainnet } from "@ethereumjs/common";
import { createTxFromRLP } from "@ethereumjs/tx";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { intrinsicGas } from "../../../core/types/tx_gas.ts";
import { address, bytesToHash32 } from "../../../core/primitives/hex.ts";
import {
  encodeTransaction,
  signTransaction,
  type UnsignedTransaction,
} from "../../../core/types/tx.ts";

const common = new Common({ chain: Mainnet, hardfork: Hardfork.Osaka });
const key = new Uint8Array(32).fill(0x46);
const to = address(`0x${"35".repeat(20)}`);

const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHash32);
const transactions: fc.Arbitrary<UnsignedTransaction> = fc.record({
  type: fc.constantFrom(0 as const, 1 as const, 2 as const, 4 as const),
  creates: fc.boolean(),
  // Zero bytes are as frequent as others.
  data: fc.array(fc.constantFrom(0, 0, 1, 255), { maxLength: 200 }).map((bytes) =>
    Uint8Array.from(bytes)
  ),
  keys: fc.array(fc.array(hashes, { maxLength: 3 }), { maxLength: 3 }),
  authorizationCount: fc.integer({ min: 1, max: 3 }),
}).map(({ type, creates, data, keys, authorizationCount }) => ({
  type,
  chainId: 1n,
  nonce: 0n,
  maxFeePerGasWei: 10n,
  maxPriorityFeePerGasWei: type < 2 ? 10n : 1n,
  gasLimit: 1_000_000n,
  to: creates && type !== 4 ? undefined : to,
  valueWei: 0n,
  data,
  accessList: type === 0 ? [] : keys.map((storageKeys) => ({ address: to, storageKeys })),
  authorizations: Array.from({ length: type === 4 ? authorizationCount : 0 }, () => ({
    chainId: 1n,
    address: to,
    nonce: 0n,
    yParity: 0,
    r: 1n,
    s: 1n,
  })),
}));

Deno.test("intrinsicGas() is what @ethereumjs/tx charges, for every type", () => {
  fc.assert(
    fc.property(transactions, (tx) => {
      const raw = encodeTransaction(signTransaction(tx, key));
      const theirs = createTxFromRLP(raw, { common });
      assertEquals(intrinsicGas(tx), theirs.getIntrinsicGas());
    }),
    { seed: 2_930, numRuns: 100 },
  );
});
