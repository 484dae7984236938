import { assert, assertEquals } from "@std/assert";
import { address, ZERO_HASH } from "../primitives/hex.ts";
import type { UnsignedTransaction } from "../types/tx.ts";
import type { BlockEnvironment, InvalidReason } from "./executor.ts";
import {
  chargedGas,
  findStateInvalidity,
  findStaticInvalidity,
  isDelegation,
  type SenderState,
} from "./tx_rules.ts";

const TARGET = address(`0x${"77".repeat(20)}`);
const ENVIRONMENT: BlockEnvironment = {
  chainId: 901n,
  number: 1n,
  timestampSec: 1n,
  coinbase: TARGET,
  gasLimit: 30_000_000n,
  baseFeePerGasWei: 10n,
  prevRandao: ZERO_HASH,
  parentHash: ZERO_HASH,
  gasPerPubdata: 0n,
};
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
