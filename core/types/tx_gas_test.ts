import { assertEquals } from "@std/assert";
import { address, hash32 } from "../primitives/hex.ts";
import type { UnsignedTransaction } from "./tx.ts";
import { floorGas, intrinsicGas, minimumGasLimit } from "./tx_gas.ts";

const to = address(`0x${"11".repeat(20)}`);
const slot = hash32(`0x${"22".repeat(32)}`);
const transfer: UnsignedTransaction = {
  type: 2,
  chainId: 901n,
  nonce: 0n,
  maxFeePerGasWei: 1n,
  maxPriorityFeePerGasWei: 1n,
  gasLimit: 21_000n,
  to,
  valueWei: 0n,
  data: new Uint8Array(0),
  accessList: [],
  authorizations: [],
};

Deno.test("intrinsicGas() of a transfer is 21,000", () => {
  assertEquals(intrinsicGas(transfer), 21_000n);
  assertEquals(floorGas(transfer), 21_000n);
});

Deno.test("intrinsicGas() charges 4 a zero byte and 16 any other (EIP-2028)", () => {
  assertEquals(intrinsicGas({ ...transfer, data: Uint8Array.of(0, 0, 0, 1, 255) }), 21_044n);
});

Deno.test("floorGas() charges 10 a zero byte and 40 any other (EIP-7623)", () => {
  assertEquals(floorGas({ ...transfer, data: Uint8Array.of(0, 0, 0, 1, 255) }), 21_110n);
});

Deno.test("intrinsicGas() of a creation adds 32,000 and 2 a started word (EIP-3860)", () => {
  const creation = (sizeBytes: number) => ({
    ...transfer,
    to: undefined,
    data: new Uint8Array(sizeBytes).fill(1),
  });
  assertEquals(intrinsicGas(creation(0)), 53_000n);
  assertEquals(intrinsicGas(creation(32)), 53_000n + 32n * 16n + 2n);
  assertEquals(intrinsicGas(creation(33)), 53_000n + 33n * 16n + 4n);
});

Deno.test("intrinsicGas() charges addresses and keys of an access list (EIP-2930)", () => {
  const accessList = [{ address: to, storageKeys: [slot, slot] }, { address: to, storageKeys: [] }];
  assertEquals(intrinsicGas({ ...transfer, accessList }), 21_000n + 2n * 2_400n + 2n * 1_900n);
});

Deno.test("intrinsicGas() charges 25,000 an authorization (EIP-7702)", () => {
  const authorization = { chainId: 0n, address: to, nonce: 0n, yParity: 0, r: 1n, s: 1n };
  const authorizations = [authorization, authorization];
  assertEquals(intrinsicGas({ ...transfer, authorizations }), 71_000n);
});

Deno.test("minimumGasLimit() is the floor for calldata and the intrinsic sum for a creation", () => {
  const data = new Uint8Array(100).fill(1);
  assertEquals(minimumGasLimit({ ...transfer, data }), 25_000n);
  assertEquals(minimumGasLimit({ ...transfer, to: undefined, data }), 53_000n + 1_600n + 8n);
});
