import { assert } from "./errors.ts";
import { LIMITS } from "./limits.ts";

Deno.test("LIMITS let the longest calldata and the longest transaction into one batch", () => {
  // 14 = version, block header and length prefix of batch data.
  assert(LIMITS.maxTxBytes + 14 <= LIMITS.maxBatchDataBytes, "a batch holds any one transaction");
  assert(LIMITS.maxTxDataBytes < LIMITS.maxTxBytes, "a transaction has room around its data");
  // A length prefix must start with a zero byte, which tells it from a block header.
  assert(LIMITS.maxTxBytes < 1 << 24, "a transaction's length has a zero first byte");
});

Deno.test("LIMITS let every L1->L2 operation into a block, and a batch of them into its blocks", () => {
  assert(LIMITS.maxOperationBytes <= LIMITS.maxTxBytes, "an operation is decoded as a transaction");
  // Malformed data gives each operation a block of its own at worst.
  assert(LIMITS.maxOperationsPerBatch <= LIMITS.maxBlocksPerBatch, "implicit blocks are few");
});

Deno.test("LIMITS let one transaction of the most gas into a block", () => {
  assert(LIMITS.maxTxGas <= LIMITS.blockGasLimit, "no admissible transaction is too big to run");
});
