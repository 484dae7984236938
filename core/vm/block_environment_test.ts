import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { keccak256 } from "../crypto/keccak.ts";
import { AssertionError } from "../primitives/errors.ts";
import { address, hash32, ZERO_HASH } from "../primitives/hex.ts";
import { blockNumber } from "../primitives/units.ts";
import type { BlockHeader } from "../types/block.ts";
import { nextBaseFeePerGasWei, nextEnvironment, prevRandaoAfter } from "./block_environment.ts";

const PARENT: BlockHeader = {
  parentHash: ZERO_HASH,
  coinbase: address(`0x${"cb".repeat(20)}`),
  stateRoot: ZERO_HASH,
  transactionsRoot: ZERO_HASH,
  receiptsRoot: ZERO_HASH,
  logsBloom: new Uint8Array(256),
  number: blockNumber(7n),
  gasLimit: 30_000_000n,
  gasUsed: 15_000_000n,
  timestampSec: 100n,
  prevRandao: ZERO_HASH,
  baseFeePerGasWei: 1_000_000_000n,
};
const CONFIG = {
  chainId: 901n,
  coinbase: PARENT.coinbase,
  blockGasLimit: 20_000_000n,
  gasPerPubdata: 0n,
};
const PARENT_HASH = hash32(`0x${"ab".repeat(32)}`);

Deno.test("nextBaseFeePerGasWei() follows the published EIP-1559 steps", () => {
  // Parent base fee, limit, used, expected: the table of go-ethereum's TestCalcBaseFee.
  const rows = [
    [1_000_000_000n, 20_000_000n, 10_000_000n, 1_000_000_000n],
    [1_000_000_000n, 20_000_000n, 9_000_000n, 987_500_000n],
    [1_000_000_000n, 20_000_000n, 11_000_000n, 1_012_500_000n],
  ] as const;
  for (const [baseFeePerGasWei, gasLimit, gasUsed, expected] of rows) {
    assertEquals(nextBaseFeePerGasWei({ baseFeePerGasWei, gasLimit, gasUsed }), expected);
  }
});

Deno.test("nextBaseFeePerGasWei() rises by at least one wei and stays at 7 wei when idle", () => {
  const full = { gasLimit: 30_000_000n, gasUsed: 30_000_000n };
  assertEquals(nextBaseFeePerGasWei({ ...full, baseFeePerGasWei: 0n }), 1n);
  assertEquals(nextBaseFeePerGasWei({ ...full, gasUsed: 0n, baseFeePerGasWei: 7n }), 7n);
});

Deno.test("nextBaseFeePerGasWei() moves by at most an eighth, towards the target", () => {
  const gasLimit = 30_000_000n;
  const property = fc.property(
    fc.bigInt(8n, 1n << 80n),
    fc.bigInt(0n, gasLimit),
    (baseFeePerGasWei, gasUsed) => {
      const next = nextBaseFeePerGasWei({ gasLimit, gasUsed, baseFeePerGasWei });
      const change = next - baseFeePerGasWei;
      assert((change < 0n ? -change : change) <= baseFeePerGasWei / 8n);
      if (gasUsed > gasLimit / 2n) assert(change > 0n);
      if (gasUsed < gasLimit / 2n) assert(change <= 0n);
    },
  );
  fc.assert(property, { seed: 1559 });
});

Deno.test("nextEnvironment() takes number, fee and randomness from the parent", () => {
  const environment = nextEnvironment({
    config: CONFIG,
    parent: PARENT,
    parentHash: PARENT_HASH,
    timestampSec: 101n,
  });
  assertEquals(environment, {
    chainId: 901n,
    number: 8n,
    timestampSec: 101n,
    coinbase: PARENT.coinbase,
    gasLimit: 20_000_000n,
    baseFeePerGasWei: 1_000_000_000n,
    prevRandao: keccak256(
      Uint8Array.of(...new TextEncoder().encode("varve/prevrandao"), ...Array(32).fill(0xab)),
    ),
    parentHash: PARENT_HASH,
    gasPerPubdata: CONFIG.gasPerPubdata,
  });
});

Deno.test("nextEnvironment() asserts that time goes on", () => {
  const next = { config: CONFIG, parent: PARENT, parentHash: PARENT_HASH };
  assertThrows(() => nextEnvironment({ ...next, timestampSec: 100n }), AssertionError);
});

Deno.test("prevRandaoAfter() differs between parents", () => {
  assertNotEquals(prevRandaoAfter(PARENT_HASH), prevRandaoAfter(ZERO_HASH));
});
