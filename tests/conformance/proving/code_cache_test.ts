/**
 * What a witness holds of codes does not depend on what an instance of the program still has.
 *
 * Owns provers and gatherers that are fresh or have run other batches before. Does not own what a
 * witness is for (`core/proving/witness.ts`).
 * @module
 */
import { assertEquals } from "@std/assert";
import { hexToBytes } from "../../../core/primitives/hex.ts";
import { mockProver } from "../../../core/proving/provers/mock/mod.ts";
import { decodeBatchWitness } from "../../../core/proving/witness.ts";
import { initCodeOf } from "../l1/testing.ts";
import { createdAddress, createMachine, l2Tx } from "./l2_txs.ts";
import { decodeJob } from "./proof_world.ts";
import { openMemoryRollup, openStores } from "./rollup_in_memory.ts";

/** Creates a contract whose code is one STOP, and calls it. */
const FACTORY = initCodeOf(
  hexToBytes("0x69600060005360016000f35f52600a60165ff05f5f5f5f5f855af100"),
);
const CALLS = 3;

Deno.test("prove() takes each witness, whatever node and prover have run before", async () => {
  using stores = await openStores();
  const factory = createdAddress(0, 0n);
  const call = (nonce: number) =>
    l2Tx(0, { nonce: BigInt(nonce), to: factory, valueWei: 0n, data: new Uint8Array(0) });
  const warmProver = createMachine();
  let { engine } = await openMemoryRollup(stores);
  try {
    const codeCounts: number[] = [];
    for (let nonce = 0; nonce <= CALLS; nonce++) {
      const raw = nonce === 0
        ? l2Tx(0, { nonce: 0n, to: undefined, valueWei: 0n, data: FACTORY })
        : call(nonce);
      await engine.sendTransaction(raw);
      await engine.mineBlock();
      await engine.sealBatch();
      const warmJob = decodeJob(await engine.nextProofJob());
      // Another process of the node has no code in its program yet.
      await engine[Symbol.asyncDispose]();
      ({ engine } = await openMemoryRollup(stores));
      const coldJob = decodeJob(await engine.nextProofJob());
      assertEquals(coldJob, warmJob, `batch ${nonce + 1}`);
      const warmProof = await mockProver.prove(warmJob, warmProver);
      assertEquals(await mockProver.prove(coldJob, createMachine()), warmProof);
      codeCounts.push(decodeBatchWitness(warmJob.witness).codes.length);
      await engine.prove();
    }
    // The factory's own code, and never the child's, which each batch deploys itself.
    assertEquals(codeCounts, [0, 1, 1, 1]);
  } finally {
    await engine[Symbol.asyncDispose]();
  }
});
