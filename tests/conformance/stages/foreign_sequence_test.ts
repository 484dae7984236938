/** Somebody else uses the sequencer's key: the node says what L1 has instead of its own batch. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { encodeSequenceBatches } from "../../../core/l1/calls.ts";
import { signL1Transaction } from "../../../core/l1/transaction.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { hexToBytes } from "../../../core/primitives/hex.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import { L1_CHAIN_ID } from "../../../devnet/chain_config.ts";
import { openMemoryRollup, openStores } from "../proving/rollup_in_memory.ts";

Deno.test("sync() refuses a batch on L1 whose data is not what was sealed", async () => {
  using stores = await openStores();
  const { engine, l1 } = await openMemoryRollup(stores);
  const { node } = engine;
  const { address, privateKey } = DEVNET_ROLES.sequencer;
  const call = encodeSequenceBatches({
    batches: [Uint8Array.of(0xde, 0xad)],
    maxSequenceTimestampSec: 1n,
    initSequencedBatch: batchNumber(0n),
    l2Coinbase: address,
  });
  const { raw } = signL1Transaction({
    chainId: L1_CHAIN_ID,
    nonce: await l1.pendingNonce(address),
    to: node.l1.rollup,
    data: hexToBytes(call),
    valueWei: 0n,
    gasLimit: 1_000_000n,
    maxFeePerGasWei: 10_000_000_000n,
    maxPriorityFeePerGasWei: 1n,
  }, privateKey);
  await l1.sendRawTransaction(raw);

  const unsealed = await assertRejects(() => engine.sync(), RollupError);
  assertEquals(unsealed.code, "L1_DIFFERS_FROM_TRUSTED_STATE");
  assertStringIncludes(unsealed.message, "not sealed here");
  await engine.mineBlock();
  await engine.sealBatch();
  const other = await assertRejects(() => engine.sync(), RollupError);
  assertEquals(other.code, "L1_DIFFERS_FROM_TRUSTED_STATE");
  assertStringIncludes(other.message, "accInputHash");
  assertEquals((await engine.heads()).sequenced, 0);
  await engine[Symbol.asyncDispose]();
});
