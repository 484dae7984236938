import { assertEquals } from "@std/assert";
import { address } from "../core/primitives/hex.ts";
import type { InvalidReason } from "../core/vm/executor.ts";
import { refusalWords, type RefusedMessage, toRefused } from "./l2_refusals.ts";

const FROM = address("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");
const WHO = "address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const MESSAGE: RefusedMessage = {
  from: FROM,
  to: FROM,
  data: new Uint8Array(100).fill(1),
  gasLimit: 22_000n,
  nonce: 4n,
  maxFeePerGasWei: 7n,
  maxPriorityFeePerGasWei: 1n,
  accessList: [],
  authorizations: [],
};

function wordsOf(reason: InvalidReason, fields: Partial<RefusedMessage> = {}): string {
  const refusal = { reason, message: "ours", amounts: { have: 5n, need: 25_000n } };
  return refusalWords({ ...MESSAGE, ...fields }, refusal);
}

Deno.test("refusalWords() says what geth says", () => {
  assertEquals(wordsOf("NONCE_TOO_LOW"), `nonce too low: ${WHO}, tx: 4 state: 5`);
  assertEquals(wordsOf("NONCE_TOO_HIGH"), `nonce too high: ${WHO}, tx: 4 state: 5`);
  assertEquals(
    wordsOf("INSUFFICIENT_FUNDS"),
    `insufficient funds for gas * price + value: ${WHO} have 5 want 25000`,
  );
  assertEquals(
    wordsOf("FEE_BELOW_BASE_FEE"),
    `max fee per gas less than block base fee: ${WHO}, maxFeePerGas: 7, baseFee: 25000`,
  );
  assertEquals(
    wordsOf("INIT_CODE_TOO_LARGE"),
    "max initcode size exceeded: code size 100 limit 49152",
  );
  assertEquals(
    wordsOf("GAS_LIMIT_TOO_HIGH", { gasLimit: 20_000_000n }),
    "transaction gas limit too high (cap: 16777216, tx: 20000000)",
  );
});

Deno.test("refusalWords() tells the intrinsic gas from the floor of data", () => {
  assertEquals(wordsOf("INTRINSIC_GAS_TOO_LOW"), "intrinsic gas too low: have 22000, want 22600");
  assertEquals(
    wordsOf("INTRINSIC_GAS_TOO_LOW", { gasLimit: 23_000n }),
    "insufficient gas for floor data gas cost: have 23000, want 25000",
  );
});

Deno.test("refusalWords() has words for messages that cannot be", () => {
  assertEquals(
    wordsOf("INVALID", { maxPriorityFeePerGasWei: 8n }),
    `max priority fee per gas higher than max fee per gas: ${WHO}, ` +
      "maxPriorityFeePerGas: 8, maxFeePerGas: 7",
  );
  const authorization = {
    chainId: 0n,
    address: FROM,
    nonce: 0n,
    yParity: 0,
    r: 1n,
    s: 1n,
  } as const;
  assertEquals(
    wordsOf("INVALID", { to: undefined, authorizations: [authorization] }),
    `EIP-7702 transaction cannot be used to create contract (sender ${WHO.slice(8)})`,
  );
});

Deno.test("refusalWords() keeps our words where geth has none", () => {
  assertEquals(wordsOf("INVALID"), "ours");
  assertEquals(wordsOf("CHAIN_ID_MISMATCH"), "ours");
});

Deno.test("toRefused() takes the one price of a legacy request for both fees", () => {
  const request = { ...MESSAGE, valueWei: 0n, gasPriceWei: 3n, asTransaction: true };
  const { maxFeePerGasWei: _fee, maxPriorityFeePerGasWei: _tip, ...legacy } = request;
  const refused = toRefused(legacy);
  assertEquals([refused.maxFeePerGasWei, refused.maxPriorityFeePerGasWei], [3n, 3n]);
});
