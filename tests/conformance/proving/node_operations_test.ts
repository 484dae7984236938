/**
 * A node whose chain has L1->L2 operations: what its sequencer builds of them, and what it derives
 * of batches that only L1 has, is what their proofs come to.
 */
import { assertEquals } from "@std/assert";
import type { LocalEngine } from "../../../core/engine/local_engine.ts";
import { encodeForceBatch } from "../../../core/l1/calls.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { mockProver } from "../../../core/proving/provers/mock/mod.ts";
import { decodeBatchWitness } from "../../../core/proving/witness.ts";
import { readBatch } from "../../../core/store/batches.ts";
import { requireBlock } from "../../../core/store/blocks.ts";
import { encodeSequence } from "../../simulation/l1_actions.ts";
import { devAccount } from "../l1/testing.ts";
import { sendToRollup } from "./l1_sends.ts";
import { createMachine, l2Tx } from "./l2_txs.ts";
import { decodeJob } from "./proof_world.ts";
import { openMemoryRollup, openStores } from "./rollup_in_memory.ts";

const machine = createMachine();
const transfer = (index: number, nonce: bigint) =>
  l2Tx(index, { nonce, to: devAccount(9).address });

/** Puts `operations` into the queue of L1 and lets the node read them. */
async function queue(engine: LocalEngine, operations: readonly Uint8Array[]): Promise<void> {
  const { l1 } = engine.node;
  for (const raw of operations) await sendToRollup(l1, l1.aggregator, encodeForceBatch(raw));
  await engine.sync();
}

Deno.test("prove() comes to the blocks of a sequencer that was given operations", async () => {
  using stores = await openStores();
  const { engine } = await openMemoryRollup(stores);
  const { node } = engine;
  // The same transaction is in the pool as well, and others that build on it.
  const both = transfer(0, 0n);
  for (const raw of [both, transfer(0, 1n), transfer(1, 0n)]) await engine.sendTransaction(raw);
  const heavy = (index: number) =>
    l2Tx(index, { nonce: 0n, to: devAccount(9).address, gasLimit: 16_000_000n });
  await queue(engine, [both, Uint8Array.of(7), heavy(2), heavy(3), transfer(4, 5n)]);
  for (let count = 0; count < 3; count++) await engine.mineBlock();
  await engine.sealBatch();
  const job = decodeJob(await engine.nextProofJob());
  await mockProver.prove(job, machine);
  const batch = await readBatch(node.kv, 1n);
  assertEquals([batch?.lastOperation, batch?.counters.operationCount], [5n, 5]);
  assertEquals(decodeBatchWitness(job.witness).operations.length, 5);
  const included: string[] = [];
  for (let number = 1n; number <= node.tip.get().header.number; number++) {
    for (const tx of (await requireBlock(node.kv, number)).transactions) included.push(tx.hash);
  }
  // Three operations, and two of the pool.
  assertEquals([included.length, new Set(included).size], [5, 5]);
  await engine.prove();
  await engine.submit();
  await engine.sync();
  assertEquals((await engine.heads()).verified, 1);
  await engine[Symbol.asyncDispose]();
});

Deno.test("prove() comes to what a node derives of batches that only L1 has", async () => {
  using stores = await openStores();
  const { engine } = await openMemoryRollup(stores);
  const { node } = engine;
  const operations = [transfer(0, 0n), Uint8Array.of(7), transfer(0, 1n)];
  await queue(engine, operations);
  const timestampSec = node.tip.get().header.timestampSec + 20n;
  const junk = Uint8Array.of(0xc0, 0xff, 0xee);
  // The sequencer's key in other hands: data that say nothing, with operations and without.
  const told = [
    { transactions: junk, operationCount: 2n, timestampSec },
    { transactions: junk, operationCount: 0n, timestampSec },
    { transactions: new Uint8Array(0), operationCount: 1n, timestampSec: timestampSec + 1n },
  ];
  const call = {
    batches: told,
    initSequencedBatch: batchNumber(0n),
    l2Coinbase: devAccount(8).address,
  };
  await sendToRollup(node.l1, node.l1.sequencer, await encodeSequence(node.l1, call));
  await engine.sync();
  const batches = [];
  for (const index of told.keys()) batches.push(await readBatch(node.kv, BigInt(index) + 1n));
  assertEquals(batches.map((batch) => batch?.sealReason), Array(3).fill("sequenced on L1"));
  assertEquals(batches.map((batch) => batch?.lastOperation), [2n, 2n, 3n]);
  assertEquals(batches.map((batch) => batch?.counters.blockCount), [1, 0, 1]);
  for (const index of told.keys()) {
    const job = decodeJob(await engine.nextProofJob());
    assertEquals(job.batchNumber, BigInt(index) + 1n);
    await mockProver.prove(job, machine);
    await engine.prove();
    if ((await engine.nextProofJob()) === null) break;
  }
  await engine.submit();
  await engine.sync();
  assertEquals((await engine.heads()).verified, 3);
  await engine[Symbol.asyncDispose]();
});
