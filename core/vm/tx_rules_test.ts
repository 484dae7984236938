import { assert, assertEquals } from "@std/assert";
import { address } from "../primitives/hex.ts";
import type { UnsignedTransaction } from "../types/tx.ts";
import type { InvalidReason } from "./executor.ts";
import { chargedGas, findStateInvalidity, isDelegation, type SenderState } from "./tx_rules.ts";

const TARGET = address(`0x${"77".repeat(20)}`);
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
const SENDER: SenderState = { nonce: 5n, balanceWei: 2_000_003n, code: new Uint8Array(0) };
const BLOCK = { baseFeePerGasWei: 10n, gasLeft: 100_000n };

Deno.test("findStateInvalidity() passes what exactly fits and names each misfit", () => {
  assertEquals(findStateInvalidity(TX, SENDER, BLOCK), undefined);
  const misfits: [InvalidReason, Partial<SenderState>, Partial<typeof BLOCK>][] = [
    ["SENDER_HAS_CODE", { code: Uint8Array.of(0) }, {}],
    ["NONCE_TOO_LOW", { nonce: 6n }, {}],
    ["NONCE_TOO_HIGH", { nonce: 4n }, {}],
    ["FEE_BELOW_BASE_FEE", {}, { baseFeePerGasWei: 21n }],
    ["INSUFFICIENT_FUNDS", { balanceWei: 2_000_002n }, {}],
    ["BLOCK_GAS_EXHAUSTED", {}, { gasLeft: 99_999n }],
  ];
  for (const [reason, sender, block] of misfits) {
    const found = findStateInvalidity(TX, { ...SENDER, ...sender }, { ...BLOCK, ...block });
    assertEquals(found?.reason, reason);
  }
});

Deno.test("findStateInvalidity() lets a delegating account send", () => {
  const code = Uint8Array.of(0xef, 0x01, 0x00, ...new Uint8Array(20));
  assert(isDelegation(code));
  assertEquals(findStateInvalidity(TX, { ...SENDER, code }, BLOCK), undefined);
});

Deno.test("findStateInvalidity() never lets the last nonce be used", () => {
  const nonce = (1n << 64n) - 1n;
  const found = findStateInvalidity({ ...TX, nonce }, { ...SENDER, nonce }, BLOCK);
  assertEquals(found?.reason, "NONCE_TOO_HIGH");
});

Deno.test("chargedGas() refunds at most a fifth and never goes below the floor", () => {
  const costs = { intrinsicGas: 21_000n, floorGas: 21_000n };
  assertEquals(chargedGas(50_000n, 4_800n, costs), 45_200n);
  assertEquals(chargedGas(50_000n, 48_000n, costs), 40_000n);
  assertEquals(chargedGas(25_000n, 48_000n, { ...costs, floorGas: 24_000n }), 24_000n);
});
