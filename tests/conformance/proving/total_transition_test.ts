/**
 * L1 accepts any bytes, so the transition says what any bytes do: malformed data changes nothing and
 * still counts, and an invalid transaction is skipped without harm to the others.
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { encodeBatchData } from "../../../core/batching/batch_data.ts";
import { encodeForceBatch, encodeVerifyBatchesTrustedAggregator } from "../../../core/l1/calls.ts";
import { readRollupState, readVerifiedBatch } from "../../../core/l1/rollup_views.ts";
import type { L1Account } from "../../../core/pipeline/node.ts";
import { assert } from "../../../core/primitives/errors.ts";
import { type Hex, hexToBytes } from "../../../core/primitives/hex.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { mockProver } from "../../../core/proving/provers/mock/mod.ts";
import { encodeBatchWitness } from "../../../core/proving/witness.ts";
import { GENESIS_TIMESTAMP_SEC, L2_CHAIN_ID } from "../../../devnet/chain_config.ts";
import { encodeSequence } from "../../simulation/l1_actions.ts";
import { devAccount } from "../l1/testing.ts";
import { batchStartOf, createBareChain, stateOf } from "./bare_chain.ts";
import { type BatchStart, runBatchData } from "./complete_witness.ts";
import { sendToRollup } from "./l1_sends.ts";
import { createMachine, l2Tx } from "./l2_txs.ts";
import { openMemoryRollup, openStores } from "./rollup_in_memory.ts";

const machine = createMachine();
const newStart = (fields: Partial<BatchStart["fields"]> = {}): BatchStart =>
  batchStartOf(createBareChain(machine), fields);

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
  "an operation that there is not": hexToBytes("0x010b0000000100000001"),
  "more operations than a batch may have": hexToBytes("0x010b00000001ffffffff"),
  "a cut transaction": hexToBytes("0x010b000000010000000000000005aabb"),
  "a good block, then junk": new Uint8Array([
    ...encodeBatchData([{ timestampSec: 1n, transactions: [transfer(0, 0n)] }], 0n),
    0xff,
  ]),
};

for (const [what, batchData] of Object.entries(MALFORMED)) {
  Deno.test(`runBatch() lets ${what} change no state and still counts the batch`, async () => {
    const { found, witness } = await runBatchData(newStart(), batchData);
    assertEquals(found.newStateRoot, found.oldStateRoot);
    assertEquals(found.newLeafCount, found.oldLeafCount);
    assertEquals(found.finalNewBatch, found.initNumBatch + 1n);
    assertNotEquals(found.newAccInputHash, found.oldAccInputHash);
    assertEquals(witness.tree.leaves.length, 1);
  });
}

Deno.test("runBatch() skips what is no valid transaction and applies the rest", async () => {
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
  const { found } = await runBatchData(newStart(), encodeBatchData(blocks, GENESIS_TIMESTAMP_SEC));
  assertEquals(found.newStateRoot, header.stateRoot);
  assertEquals(found.newLeafCount, leafCount);
  await honest.engine[Symbol.asyncDispose]();
});

for (
  const { what, batchData, operations } of [
    { what: "a malformed batch", batchData: hexToBytes("0x00c0ffee"), operations: [] },
    {
      what: "a malformed batch with operations",
      batchData: hexToBytes("0x00c0ffee"),
      operations: [transfer(3, 0n), Uint8Array.of(7), transfer(4, 0n)],
    },
    { what: "a batch of no data", batchData: new Uint8Array(0), operations: [transfer(3, 0n)] },
  ]
) {
  Deno.test(`${what} goes all the way: sequenced, proven and verified by L1`, async () => {
    using stores = await openStores();
    const rollup = await openMemoryRollup(stores);
    const { l1 } = rollup.engine.node;
    const sends = (from: L1Account, data: Hex) => sendToRollup(l1, from, data);
    for (const raw of operations) await sends(l1.aggregator, encodeForceBatch(raw));
    const chain = createBareChain(machine);
    const limitTimestampSec = chain.head().timestampSec + 5n;
    await sends(
      l1.sequencer,
      await encodeSequence(l1, {
        batches: [{
          transactions: batchData,
          timestampSec: limitTimestampSec,
          operationCount: BigInt(operations.length),
        }],
        initSequencedBatch: batchNumber(0n),
        l2Coinbase: chain.config.coinbase,
      }),
    );
    const prover = l1.aggregator.address;
    const start = batchStartOf(chain, { operations, limitTimestampSec, prover });
    const { witness, found } = await runBatchData(start, batchData);
    const job = { batchNumber: 1n, witness: encodeBatchWitness(witness), publicInputs: found };
    const proof = await mockProver.prove(job, machine);
    await sends(l1.aggregator, encodeVerifyBatchesTrustedAggregator({ ...found, proof }));
    const state = await readRollupState(l1.client, l1.rollup);
    assertEquals(state.lastVerifiedBatch, 1n);
    const verified = await readVerifiedBatch(l1.client, l1.rollup, batchNumber(1n));
    const isIdle = operations.length === 0;
    if (!isIdle) await chain.block(limitTimestampSec, operations.filter(isTransfer));
    assertEquals(verified?.stateRoot, stateOf(chain).newStateRoot);
    assertEquals(found.newStateRoot === found.oldStateRoot, isIdle);
    await rollup.engine[Symbol.asyncDispose]();
  });
}

const isTransfer = (raw: Uint8Array) => raw.length > 1;
