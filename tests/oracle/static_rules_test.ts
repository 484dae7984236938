import { assertEquals } from "@std/assert";
import { address } from "../../core/primitives/hex.ts";
import type { UnsignedTransaction } from "../../core/types/tx.ts";
import type { InvalidReason } from "../../core/vm/executor.ts";
import { findStaticInvalidity } from "./static_rules.ts";

const TARGET = address(`0x${"77".repeat(20)}`);
const ENVIRONMENT = { chainId: 901n, gasLimit: 30_000_000n };
const TX: UnsignedTransaction = {
  type: 2,
  chainId: 901n,
  nonce: 5n,
  maxFeePerGasWei: 20n,
  maxPriorityFeePerGasWei: 1n,
  gasLimit: 100_000n,
  to: TARGET,
  valueWei: 3n,
  data: new Uint8Array(0),
  accessList: [],
  authorizations: [],
};

Deno.test("findStaticInvalidity() passes a fitting transaction and names each misfit", () => {
  assertEquals(findStaticInvalidity(TX, ENVIRONMENT), undefined);
  assertEquals(
    findStaticInvalidity({ ...TX, type: 0, chainId: undefined }, ENVIRONMENT),
    undefined,
  );
  const misfits: [InvalidReason, Partial<UnsignedTransaction>][] = [
    ["CHAIN_ID_MISMATCH", { chainId: 1n }],
    ["INVALID", { maxPriorityFeePerGasWei: 21n }],
    ["INVALID", { type: 4 }],
    ["GAS_LIMIT_TOO_HIGH", { gasLimit: 16_777_217n }],
    ["INIT_CODE_TOO_LARGE", {
      to: undefined,
      data: new Uint8Array(49_153),
      gasLimit: 10_000_000n,
    }],
    ["INTRINSIC_GAS_TOO_LOW", { gasLimit: 20_999n }],
    // Only the floor of EIP-7623 forbids this one.
    ["INTRINSIC_GAS_TOO_LOW", { data: new Uint8Array(100).fill(1), gasLimit: 22_600n }],
  ];
  for (const [reason, fields] of misfits) {
    assertEquals(findStaticInvalidity({ ...TX, ...fields }, ENVIRONMENT)?.reason, reason);
  }
});

Deno.test("findStaticInvalidity() knows no gas limit above the block's", () => {
  const small = { ...ENVIRONMENT, gasLimit: 50_000n };
  assertEquals(findStaticInvalidity(TX, small)?.reason, "GAS_LIMIT_TOO_HIGH");
});
