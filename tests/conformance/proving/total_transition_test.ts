/**
 * L1 accepts any bytes, so the transition says what any bytes do: malformed data changes nothing and
 * still counts, and an invalid transaction is skipped without harm to the others.
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { GENESIS_ACC_INPUT_HASH } from "../../../core/batching/acc_input_hash.ts";
import { encodeBatchData } from "../../../core/batching/batch_data.ts";
import {
  encodeSequenceBatches,
  encodeVerifyBatches,
  readRollupState,
  readVerifiedBatch,
} from "../../../core/l1/calls.ts";
import { signL1Transaction } from "../../../core/l1/transaction.ts";
import type { L1Account } from "../../../core/pipeline/node.ts";
import { assert } from "../../../core/primitives/errors.ts";
import { type Hex, hexToBytes } from "../../../core/primitives/hex.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { mockProver } from "../../../core/proving/provers/mock/mod.ts";
import { encodeBatchWitness } from "../../../core/proving/witness.ts";
import { GENESIS_TIMESTAMP_SEC, L2_CHAIN_ID } from "../../../devnet/chain_config.ts";
import { devAccount } from "../l1/testing.ts";
import { type BatchStart, runBatchData } from "./complete_witness.ts";
import { createMachine, l2Tx } from "./proof_world.ts";
import { type MemoryRollup, openMemoryRollup, openStores } from "./rollup_in_memory.ts";

function startOf({ engine: { node } }: MemoryRollup): BatchStart {
  return {
    machine: createMachine(),
    tree: node.state.tree,
    parentHeader: node.tip.get().header,
    fields: {
      chainId: node.config.chainId,
      coinbase: node.config.coinbase,
      oldAccInputHash: GENESIS_ACC_INPUT_HASH,
      prover: node.l1.aggregator.address,
    },
  };
}

const transfer = (index: number, nonce: bigint) =>
  l2Tx(index, { nonce, to: devAccount(9).address });

/** Each is bytes that L1 takes and that are no batch. */
const MALFORMED: Readonly<Record<string, Uint8Array>> = {
  "no bytes": new Uint8Array(0),
  "an unknown version": hexToBytes("0x020b0000000100000000"),
  "no block": hexToBytes("0x01"),
  "a transaction before any block": hexToBytes("0x010000000101"),
  "a block of no time": hexToBytes("0x010b0000000000000000"),
  "a block above the limit": hexToBytes("0x010bffffffff00000000"),
  "L1->L2 operations": hexToBytes("0x010b0000000100000001"),
  "a cut transaction": hexToBytes("0x010b000000010000000000000005aabb"),
  "a good block, then junk": new Uint8Array([
    ...encodeBatchData([{ timestampSec: 1n, transactions: [transfer(0, 0n)] }], 0n),
    0xff,
  ]),
};

for (const [what, batchData] of Object.entries(MALFORMED)) {
  Deno.test(`runBatch() lets ${what} change no state and still counts the batch`, async () => {
    using stores = await openStores();
    const rollup = await openMemoryRollup(stores);
    const start = startOf(rollup);
    const { found, witness } = await runBatchData(start, batchData);
    assertEquals(found.newStateRoot, found.oldStateRoot);
    assertEquals(found.newLeafCount, found.oldLeafCount);
    assertEquals(found.finalNewBatch, found.initNumBatch + 1n);
    assertNotEquals(found.newAccInputHash, found.oldAccInputHash);
    assertEquals(witness.tree.leaves.length, 1);
    await rollup.engine[Symbol.asyncDispose]();
  });
}

Deno.test("runBatch() skips what is no valid transaction and applies the rest", async () => {
  using stores = await openStores();
  const idle = await openMemoryRollup(stores);
  const start = startOf(idle);
  const good = [transfer(0, 0n), transfer(1, 0n), transfer(0, 1n)];
  const [first, second, third] = good;
  assert(first !== undefined && second !== undefined && third !== undefined, "there are three");
  const bad: readonly Uint8Array[] = [
    Uint8Array.of(0xff), // no type
    Uint8Array.of(0x02), // a type and nothing
    Uint8Array.of(0x03, 0xc0), // a type that is L1's
    first.slice(0, -1), // cut
    new Uint8Array([...first, 0]), // longer
    l2Tx(2, { nonce: 5n }), // a nonce too high
    l2Tx(2, { nonce: 0n, chainId: L2_CHAIN_ID + 1n }),
    l2Tx(2, { nonce: 0n, gasLimit: 20_999n }),
    l2Tx(2, { nonce: 0n, gasLimit: 16_777_217n }),
    l2Tx(2, { nonce: 0n, valueWei: 1n << 200n }),
    l2Tx(2, { nonce: 0n, maxFeePerGasWei: 1n, maxPriorityFeePerGasWei: 0n }),
    first, // again: its nonce is used
  ];
  // The same good ones alone, as a sequencer makes a block of them.
  using otherStores = await openStores();
  const honest = await openMemoryRollup(otherStores);
  for (const raw of good) await honest.engine.sendTransaction(raw);
  await honest.engine.mineBlock();
  const { header, leafCount } = honest.engine.node.tip.get();

  // Junk around each good one.
  const transactions = [...bad.slice(0, -1), first, ...bad, second, ...bad, third, ...bad];
  const blocks = [{ timestampSec: header.timestampSec, transactions }];
  const { found } = await runBatchData(start, encodeBatchData(blocks, GENESIS_TIMESTAMP_SEC));
  assertEquals(found.newStateRoot, header.stateRoot);
  assertEquals(found.newLeafCount, leafCount);
  await idle.engine[Symbol.asyncDispose]();
  await honest.engine[Symbol.asyncDispose]();
});

Deno.test("a malformed batch goes all the way: sequenced, proven and verified by L1", async () => {
  using stores = await openStores();
  const rollup = await openMemoryRollup(stores);
  const { client, chainId, rollup: contract, sequencer, aggregator } = rollup.engine.node.l1;
  const send = async (from: L1Account, data: Hex) => {
    const fees = await client.fees();
    const { raw, hash } = signL1Transaction({
      chainId,
      nonce: await client.nonce(from.address, "pending"),
      to: contract,
      data: hexToBytes(data),
      valueWei: 0n,
      gasLimit: 3_000_000n,
      maxFeePerGasWei: 2n * fees.baseFeePerGasWei + fees.maxPriorityFeePerGasWei,
      maxPriorityFeePerGasWei: fees.maxPriorityFeePerGasWei,
    }, from.privateKey);
    await client.sendRawTransaction(raw);
    assertEquals((await client.receipt(hash))?.success, true);
  };
  const start = startOf(rollup);
  const junk = hexToBytes("0x00c0ffee");
  const limitTimestampSec = start.parentHeader.timestampSec;
  await send(
    sequencer,
    encodeSequenceBatches({
      batches: [junk],
      maxSequenceTimestampSec: limitTimestampSec,
      initSequencedBatch: batchNumber(0n),
      l2Coinbase: start.fields.coinbase,
    }),
  );
  const fields = { ...start.fields, limitTimestampSec };
  const { witness, found } = await runBatchData({ ...start, fields }, junk);
  const job = { batchNumber: 1n, witness: encodeBatchWitness(witness), publicInputs: found };
  const proof = await mockProver.prove(job, start.machine);
  await send(aggregator, encodeVerifyBatches({ ...found, proof }));
  const state = await readRollupState(client, contract);
  assertEquals(state.lastVerifiedBatch, 1n);
  const verified = await readVerifiedBatch(client, contract, batchNumber(1n));
  assertEquals(verified?.stateRoot, start.parentHeader.stateRoot);
  await rollup.engine[Symbol.asyncDispose]();
});
