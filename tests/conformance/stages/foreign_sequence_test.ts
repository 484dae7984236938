/** Somebody else uses the sequencer's key: the node says what L1 has instead of its own batch. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { signL1Transaction } from "../../../core/l1/transaction.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { hexToBytes } from "../../../core/primitives/hex.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import { L1_CHAIN_ID } from "../../../devnet/chain_config.ts";
import { encodeSequence } from "../../simulation/l1_actions.ts";
import { openMemoryRollup, openStores } from "../proving/rollup_in_memory.ts";

Deno.test("sync() refuses a batch on L1 whose data is not what was sealed", async () => {
  using stores = await openStores();
  const { engine, l1 } = await openMemoryRollup(stores);
  const { node } = engine;
  await engine.mineBlock();
  await engine.sealBatch();
  const { address, privateKey } = DEVNET_ROLES.sequencer;
  const call = await encodeSequence(node.l1, {
    batches: [{ transactions: Uint8Array.of(0xde, 0xad), timestampSec: 1n, operationCount: 0n }],
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

  const error = await assertRejects(() => engine.sync(), RollupError);
  assertEquals(error.code, "L1_DIFFERS_FROM_TRUSTED_STATE");
  assertStringIncludes(error.message, "batchDataHash");
  assertStringIncludes(error.mend, "--roles synchronizer");
  assertEquals((await engine.heads()).sequenced, 0);
  await engine[Symbol.asyncDispose]();
});
