/**
 * A witness that is gathered from the tables is just what the transition of the batch asks for,
 * whatever the batch's data and operations are and however long ago it was.
 */
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { type BatchDataBlockInput, encodeBatchData } from "../../../core/batching/batch_data.ts";
import { gatherProofJob } from "../../../core/pipeline/batch_witness.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { hexToBytes } from "../../../core/primitives/hex.ts";
import { mockProver } from "../../../core/proving/provers/mock/mod.ts";
import type { TransitionMachine } from "../../../core/proving/state_transition.ts";
import { decodeBatchWitness } from "../../../core/proving/witness.ts";
import { writeBlob } from "../../../core/store/blob.ts";
import { CHECKPOINTS, OPERATIONS } from "../../../core/store/schema.ts";
import { requireRow } from "../../../core/store/table.ts";
import { createWriteSet } from "../../../core/store/write_set.ts";
import { decodeTransaction, encodeTransaction, signTransaction } from "../../../core/types/tx.ts";
import { L2_CHAIN_ID } from "../../../devnet/chain_config.ts";
import { devAccount, initCodeOf } from "../l1/testing.ts";
import { createdAddress, createMachine, l2Tx } from "./l2_txs.ts";
import { openStoredChain, type StoredChain, type ToldBatch } from "./stored_chain.ts";

const machine = createMachine();

/** Data of blocks, each one second after the one before. */
function dataAfter(
  chain: StoredChain,
  blocks: readonly Omit<BatchDataBlockInput, "timestampSec">[],
) {
  const { timestampSec } = chain.source.tip.get().header;
  const timed = blocks.map((block, index) => ({
    timestampSec: timestampSec + BigInt(index) + 1n,
    ...block,
  }));
  return encodeBatchData(timed, timestampSec);
}

const NO_DATA = new Uint8Array(0);
const transfer = (index: number, nonce: bigint) =>
  l2Tx(index, { nonce, to: devAccount(9).address });
/** Stores the first word of the calldata in slot 0; reverts when there is none. */
const STORE = initCodeOf(hexToBytes("0x366007575f5ffd5b5f355f5500"));
const store = (index: number, nonce: bigint, value: number) =>
  l2Tx(index, {
    nonce,
    to: createdAddress(0, 0n),
    valueWei: 0n,
    data: new Uint8Array(32).with(31, value),
  });
/** Of an account that nobody funded. */
const POOR = (() => {
  const tx = decodeTransaction(transfer(0, 0n));
  return encodeTransaction(signTransaction(tx, new Uint8Array(32).fill(0x77)));
})();

/** Transactions that change nothing, and read slots before that shows. */
const INVALID: readonly Uint8Array[] = [
  POOR,
  transfer(6, 3n),
  l2Tx(7, { nonce: 0n, valueWei: 1n << 200n }),
  l2Tx(8, { nonce: 0n, gasLimit: 20_999n }),
  l2Tx(5, { nonce: 0n, chainId: L2_CHAIN_ID + 1n }),
  Uint8Array.of(1, 2, 3),
];

/** Batches of every kind, one after another; each fits on the state that those before it leave. */
const SCRIPT: readonly ((chain: StoredChain) => Omit<ToldBatch, "limitTimestampSec">)[] = [
  (chain) => ({
    data: dataAfter(chain, [
      {
        l1ToL2OperationCount: 2,
        transactions: [l2Tx(0, { nonce: 0n, to: undefined, valueWei: 0n, data: STORE })],
      },
      { transactions: [store(0, 1n, 7), transfer(2, 0n)] },
    ]),
    operations: [transfer(1, 0n), Uint8Array.of(9)],
  }),
  // Malformed and nothing to consume: no block at all.
  () => ({ data: hexToBytes("0x00c0ffee"), operations: [] }),
  (chain) => ({
    data: dataAfter(chain, [
      { l1ToL2OperationCount: INVALID.length, transactions: [...INVALID, store(1, 1n, 8)] },
      { transactions: INVALID },
      { transactions: [store(2, 1n, 0), ...INVALID, store(1, 1n, 9)] },
    ]),
    operations: INVALID,
  }),
  // Forced: nothing but operations, and another coinbase.
  () => ({
    data: NO_DATA,
    operations: [store(3, 0n, 1), POOR, l2Tx(4, { nonce: 0n, to: createdAddress(4, 0n) })],
    coinbase: devAccount(9).address,
  }),
  // Hostile data: its transactions would change much.
  (chain) => ({
    data: dataAfter(chain, [{ transactions: [store(0, 2n, 3)] }]),
    operations: [store(0, 2n, 4), transfer(0, 3n)],
  }),
  () => ({ data: new Uint8Array(0), operations: [] }),
  (chain) => ({
    data: dataAfter(chain, [{ transactions: [store(0, 4n, 5)] }, { transactions: [] }]),
    operations: [],
  }),
];

async function runScript(chain: StoredChain): Promise<void> {
  for (const step of SCRIPT) {
    const limitTimestampSec = chain.source.tip.get().header.timestampSec + 100n;
    await chain.addBatch({ ...step(chain), limitTimestampSec });
  }
}

Deno.test("gatherProofJob() gives each batch the witness that its transition needs, no more", async () => {
  using chain = await openStoredChain(machine);
  for (const step of SCRIPT) {
    const limitTimestampSec = chain.source.tip.get().header.timestampSec + 100n;
    const number = await chain.addBatch({ ...step(chain), limitTimestampSec });
    // As the latest, and by an executor that has run nothing yet.
    const job = await gatherProofJob(chain.source, number);
    await mockProver.prove(job, createMachine());
  }
  for (const index of SCRIPT.keys()) {
    const number = BigInt(index) + 1n;
    // Long after.
    const job = await gatherProofJob(chain.source, number);
    await mockProver.prove(job, machine);
    const { operations, previous, initNumBatch } = decodeBatchWitness(job.witness);
    assertEquals(initNumBatch, number - 1n);
    assertEquals(previous === undefined, number === 1n);
    assertEquals(operations.length, [2, 0, 6, 3, 2, 0, 0][index]);
  }
});

Deno.test("gatherProofJob() chains batches without blocks like all others", async () => {
  using chain = await openStoredChain(machine);
  await runScript(chain);
  const [, empty, after] = await Promise.all(
    [1n, 2n, 3n].map((number) => gatherProofJob(chain.source, number)),
  );
  assertEquals(empty?.publicInputs.oldStateRoot, empty?.publicInputs.newStateRoot);
  assertNotEquals(empty?.publicInputs.oldAccInputHash, empty?.publicInputs.newAccInputHash);
  assertEquals(after?.publicInputs.oldStateRoot, empty?.publicInputs.newStateRoot);
  assertEquals(after?.publicInputs.oldAccInputHash, empty?.publicInputs.newAccInputHash);
});

Deno.test("aggregate() takes the proofs of a chain of batches of every kind", async () => {
  using chain = await openStoredChain(machine);
  await runScript(chain);
  const parts = [];
  for (const index of SCRIPT.keys()) {
    const job = await gatherProofJob(chain.source, BigInt(index) + 1n);
    const proof = await mockProver.prove(job, machine);
    parts.push({ publicInputs: job.publicInputs, proof });
  }
  const { publicInputs, proof } = await mockProver.aggregate(parts);
  assertEquals(mockProver.verify(publicInputs, proof), true);
  assertEquals(publicInputs.initNumBatch, 0n);
  assertEquals(publicInputs.finalNewBatch, BigInt(SCRIPT.length));
  assertEquals(publicInputs.newStateRoot, chain.source.tip.get().header.stateRoot);
  for (const missing of parts.keys()) {
    const gap = parts.toSpliced(missing, 1);
    // Without the first or the last one it is a range still, of other batches.
    if (missing === 0 || missing === parts.length - 1) {
      assertNotEquals((await mockProver.aggregate(gap)).publicInputs, publicInputs);
      continue;
    }
    const error = await assertRejects(() => mockProver.aggregate(gap), RollupError);
    assertEquals(error.code, "PROOF_PARTS_NOT_CONSECUTIVE");
  }
});

Deno.test("gatherProofJob() refuses when L1 has not the operations that were consumed", async () => {
  using chain = await openStoredChain(machine);
  await runScript(chain);
  const { kv } = chain;
  const row = await requireRow(kv, OPERATIONS, [1n]);
  const write = async (value: typeof row | undefined, synced = 100n) => {
    const writes = createWriteSet(kv);
    if (value === undefined) writes.delete(OPERATIONS, [1n]);
    else writes.set(OPERATIONS, [1n], value);
    writes.set(CHECKPOINTS, ["sync_l1"], synced);
    await writes.commit();
  };
  const refused = async (number: bigint) => {
    const error = await assertRejects(() => gatherProofJob(chain.source, number), RollupError);
    assertEquals(error.code, "OPERATION_UNKNOWN");
    assertEquals(error.mend.startsWith("Run `sync`"), true);
  };
  await gatherProofJob(chain.source, 1n);
  await write(undefined);
  await refused(1n);
  // A later batch consumes others.
  await gatherProofJob(chain.source, 3n);
  await write({ ...row, isLost: true });
  await refused(1n);
  await write({ ...row, rawBlob: await writeBlob(kv, transfer(1, 1n)) });
  await refused(1n);
  await write(row, 0n);
  await refused(1n);
  await write(row);
  await mockProver.prove(await gatherProofJob(chain.source, 1n), machine);
});

/** `machine` with a count of the transactions that were run. */
function countingMachine(): { machine: TransitionMachine; count: () => number } {
  let runs = 0;
  const { executor, treeHash } = createMachine();
  return {
    count: () => runs,
    machine: {
      treeHash,
      executor: {
        ...executor,
        begin: async (environment, storage) => {
          const block = await executor.begin(environment, storage);
          return { ...block, run: (tx) => (runs++, block.run(tx)) };
        },
      },
    },
  };
}

Deno.test("gathering and proving a full batch of honest data runs each transaction once each", async () => {
  const gatherer = countingMachine();
  using chain = await openStoredChain(gatherer.machine);
  let sent = 0;
  const next = () => transfer(sent % 9, BigInt(Math.floor(sent++ / 9)));
  const take = (count: number) => Array.from({ length: count }, next);
  // In the order in which they run: 10 operations, then 50 transactions of data.
  const blocks = Array.from({ length: 5 }, () => ({
    l1ToL2OperationCount: 10,
    operations: take(10),
    transactions: take(50),
  }));
  await chain.addBatch({
    data: dataAfter(chain, blocks),
    operations: blocks.flatMap(({ operations }) => operations),
    limitTimestampSec: chain.source.tip.get().header.timestampSec + 100n,
  });
  assertEquals(gatherer.count(), 300);
  const job = await gatherProofJob(chain.source, 1n);
  assertEquals(gatherer.count(), 600);
  const prover = countingMachine();
  await mockProver.prove(job, prover.machine);
  assertEquals(prover.count(), 300);
});
