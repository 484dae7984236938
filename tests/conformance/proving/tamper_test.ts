/**
 * A flipped byte anywhere is refused: in the witness and the public inputs by the prover, in the
 * proof by the node, and in both by L1.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { mockProver } from "../../../core/proving/provers/mock/mod.ts";
import type { ProofJob } from "../../../core/proving/prover.ts";
import {
  decodePublicInputs,
  encodePublicInputs,
  PUBLIC_INPUTS_SIZE_BYTES,
  type PublicInputs,
} from "../../../core/proving/public_inputs.ts";
import {
  type BatchWitness,
  decodeBatchWitness,
  encodeBatchWitness,
} from "../../../core/proving/witness.ts";
import { proveJob } from "../../../core/engine/prove_job.ts";
import {
  encodeVerifyBatches,
  encodeVerifyBatchesTrustedAggregator,
} from "../../../core/l1/calls.ts";
import type { L1Client } from "../../../core/l1/l1_client.ts";
import { keccak256 } from "../../../core/crypto/keccak.ts";
import {
  type Address,
  bytesToHex,
  hash32,
  type Hex,
  hexToBytes,
} from "../../../core/primitives/hex.ts";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { sequenceBatch } from "../../../core/pipeline/stages/sequence_batch.ts";
import { PROOFS } from "../../../core/store/schema.ts";
import { requireRow } from "../../../core/store/table.ts";
import { createWriteSet } from "../../../core/store/write_set.ts";
import { createMachine } from "./l2_txs.ts";
import { openProofWorld } from "./proof_world.ts";

const WITNESS_CODES = new Set([
  "WITNESS_MALFORMED",
  "WITNESS_ENTRY_MISSING",
  "WITNESS_ENTRY_EXTRA",
  "WITNESS_PARENT_MISMATCH",
  "WITNESS_ROOT_MISMATCH",
  "PROOF_JOB_MISMATCH",
]);

const machine = createMachine();

/** The code with which the prover refuses `job`; fails when it proves it or breaks. */
async function refusalOf(job: ProofJob, what: string): Promise<string> {
  let proof: Uint8Array;
  try {
    proof = await mockProver.prove(job, machine);
  } catch (error) {
    if (!(error instanceof RollupError)) {
      throw new Error(`${what} broke the prover`, { cause: error });
    }
    assert(error.mend.length > 0, `${what}: ${error.code} names no mend`);
    return error.code;
  }
  throw new Error(`${what} was proven: ${bytesToHex(proof)}`);
}

Deno.test("prove() refuses a witness with any one byte flipped", async () => {
  await using world = await openProofWorld();
  const { job } = world;
  // The untouched job is fine, so it is the flip that is refused.
  await mockProver.prove(job, machine);
  const seen = new Set<string>();
  for (const [index, byte] of job.witness.entries()) {
    // A single bit, another one from byte to byte.
    const witness = job.witness.with(index, byte ^ (1 << (index % 8)));
    const code = await refusalOf({ ...job, witness }, `bit ${index % 8} of witness byte ${index}`);
    assert(WITNESS_CODES.has(code), `flipped witness byte ${index} gives ${code}`);
    seen.add(code);
  }
  assertEquals(seen, WITNESS_CODES, "each check of the prover was needed");
});

Deno.test("prove() refuses a witness that is cut short or goes on", async () => {
  await using world = await openProofWorld();
  const { job } = world;
  for (let size = 0; size < job.witness.length; size++) {
    const witness = job.witness.slice(0, size);
    assertEquals(await refusalOf({ ...job, witness }, `${size} bytes`), "WITNESS_MALFORMED");
  }
  for (const extra of [0x00, 0x80, 0xc0]) {
    const witness = new Uint8Array([...job.witness, extra]);
    assertEquals(await refusalOf({ ...job, witness }, "an extra byte"), "WITNESS_MALFORMED");
  }
});

Deno.test("prove() refuses public inputs with any one byte flipped", async () => {
  await using world = await openProofWorld();
  const { job } = world;
  const packed = encodePublicInputs(job.publicInputs);
  assertEquals(packed.length, PUBLIC_INPUTS_SIZE_BYTES);
  for (const [index, byte] of packed.entries()) {
    const publicInputs = decodePublicInputs(packed.with(index, byte ^ (1 << (index % 8))));
    const code = await refusalOf({ ...job, publicInputs }, `public input byte ${index}`);
    assertEquals(code, "PROOF_JOB_MISMATCH", `public input byte ${index}`);
  }
});

Deno.test("proveJob() refuses public inputs that are cut short or go on", async () => {
  await using world = await openProofWorld();
  const view = await world.engine.nextProofJob();
  assert(view !== null, "a sealed batch waits");
  const damaged: readonly (readonly [Hex, string])[] = [
    [`0x`, "PUBLIC_INPUTS_INVALID"],
    [bytesToHex(hexToBytes(view.publicInputs).slice(1)), "PUBLIC_INPUTS_INVALID"],
    [`${view.publicInputs}00`, "PUBLIC_INPUTS_INVALID"],
    [`${view.publicInputs}0`, "HEX_INVALID"],
  ];
  for (const [publicInputs, code] of damaged) {
    const error = await assertRejects(() => proveJob({ ...view, publicInputs }), RollupError);
    assertEquals(error.code, code);
  }
});

Deno.test("prove() refuses a witness with a leaf or a code more or less", async () => {
  await using world = await openProofWorld();
  const { job } = world;
  const witness = decodeBatchWitness(job.witness);
  const withParts = (parts: Partial<BatchWitness>): ProofJob => ({
    ...job,
    witness: encodeBatchWitness({ ...witness, ...parts }),
  });
  const extraCodes = [...witness.codes, Uint8Array.of(0xfe)]
    .toSorted((left, right) => keccak256(left) < keccak256(right) ? -1 : 1);
  assertEquals(
    await refusalOf(withParts({ codes: extraCodes }), "an extra code"),
    "WITNESS_ENTRY_EXTRA",
  );
  for (const dropped of witness.codes.keys()) {
    const codes = witness.codes.filter((_, index) => index !== dropped);
    assertEquals(await refusalOf(withParts({ codes }), "a missing code"), "WITNESS_ENTRY_MISSING");
  }
  const twice = [...witness.codes, ...witness.codes];
  assertEquals(await refusalOf(withParts({ codes: twice }), "codes twice"), "WITNESS_MALFORMED");

  // The tree as the node has it shows whatever leaves one asks for.
  const { state, tip } = world.engine.node;
  const showing = (keys: readonly Uint8Array[]) =>
    state.withTreeAt(
      witness.parentHeader.number,
      tip.get().header.number,
      (tree) => tree.multiProof(keys),
    );
  const keys = witness.tree.leaves.map(({ key }) => key);
  assertEquals(await showing(keys), witness.tree);
  const known = new Set(keys.map((key) => key.toHex()));
  const idle = Array.from(
    { length: witness.tree.leafCount },
    (_, index) => state.tree.leafAt(index).key,
  ).find((key) => !known.has(key.toHex()));
  assert(idle !== undefined, "a leaf takes no part in the batch");
  const more = withParts({ tree: await showing([...keys, idle]) });
  assertEquals(await refusalOf(more, "an extra leaf"), "WITNESS_ENTRY_EXTRA");
  for (const index of keys.keys()) {
    const tree = await showing(keys.filter((_, at) => at !== index));
    const code = await refusalOf(withParts({ tree }), `the witness without leaf ${index}`);
    assertEquals(code, "WITNESS_ENTRY_MISSING", `without leaf ${index}`);
  }
});

Deno.test("acceptProof() refuses a proof that is flipped, cut, longer or of another batch", async () => {
  await using world = await openProofWorld();
  const { engine, job, firstJob } = world;
  const proof = await mockProver.prove(job, machine);
  const before = await engine.heads();
  const refused = async (bytes: Uint8Array, what: string) => {
    const error = await assertRejects(
      () => engine.acceptProof(Number(job.batchNumber), bytesToHex(bytes)),
      RollupError,
      undefined,
      what,
    );
    assertEquals(error.code, "PROOF_INVALID", what);
  };
  for (const [index, byte] of proof.entries()) {
    for (let bit = 0; bit < 8; bit++) {
      await refused(proof.with(index, byte ^ (1 << bit)), `bit ${bit} of proof byte ${index}`);
    }
    await refused(proof.slice(0, index), `${index} bytes of the proof`);
  }
  await refused(new Uint8Array([...proof, 0]), "a longer proof");
  await refused(await mockProver.prove(firstJob, machine), "the proof of another batch");
  const error = await assertRejects(() => engine.acceptProof(1, bytesToHex(proof)), RollupError);
  assertEquals(error.code, "PROOF_JOB_UNKNOWN");
  assertEquals(await engine.heads(), before);
  const kept = await engine.acceptProof(Number(job.batchNumber), bytesToHex(proof));
  assertEquals(kept.newStateRoot, job.publicInputs.newStateRoot);
});

Deno.test("verifyBatches refuses each flipped byte of the proof and each changed public input", async () => {
  await using world = await openProofWorld();
  const { engine, job, firstJob } = world;
  await engine.prove();
  const first = {
    publicInputs: firstJob.publicInputs,
    proof: await mockProver.prove(firstJob, machine),
  };
  const second = { publicInputs: job.publicInputs, proof: await mockProver.prove(job, machine) };
  // Both are sequenced with one call, so L1 takes only a proof of both.
  const { publicInputs: inputs, proof } = await mockProver.aggregate([first, second]);
  const { client, rollup, aggregator, sequencer } = engine.node.l1;
  // Batches go to L1 without their proofs: the calls below bring those.
  while ((await sequenceBatch.step(engine.node)).kind !== "idle");

  const refusal = async (call: PublicInputs, proof: Uint8Array): Promise<unknown> => {
    const data = encodeVerifyBatchesTrustedAggregator({ ...call, proof });
    return await revertOf(client, { from: aggregator.address, to: rollup, data });
  };
  const honest = encodeVerifyBatchesTrustedAggregator({ ...inputs, proof });
  await client.call({ from: aggregator.address, to: rollup, data: honest });

  for (const [index, byte] of proof.entries()) {
    const flipped = proof.with(index, byte ^ (1 << (index % 8)));
    assertEquals(await refusal(inputs, flipped), "InvalidProof", `proof byte ${index}`);
  }
  assertEquals(await refusal(inputs, proof.slice(0, -1)), "InvalidProof");
  assertEquals(await refusal(inputs, new Uint8Array([...proof, 0])), "InvalidProof");
  assertEquals(await refusal(inputs, new Uint8Array(0)), "InvalidProof");
  assertEquals(await refusal(inputs, first.proof), "InvalidProof");
  assertEquals(await refusal(inputs, second.proof), "InvalidProof");

  // What the caller gives: every byte. What the contract knows itself cannot be given at all.
  const callerFields = {
    newStateRoot: [140, 172],
    newLeafCount: [172, 180],
    newLocalExitRoot: [212, 244],
    pubdataHash: [244, 276],
  } as const;
  const packed = encodePublicInputs(inputs);
  for (const [field, [start, end]] of Object.entries(callerFields)) {
    for (let index = start; index < end; index++) {
      // The lowest bit keeps each limb of a root in the field, so that the verifier is asked.
      const changed = decodePublicInputs(packed.with(index, (packed[index] ?? 0) ^ 1));
      assertEquals(await refusal(changed, proof), "InvalidProof", `${field}, byte ${index}`);
    }
  }
  const outside = { ...inputs, newStateRoot: hash32(`0x${"ff".repeat(32)}`) };
  assertEquals(await refusal(outside, proof), "NewStateRootNotInsidePrime");
  assertEquals(
    await refusal({ ...inputs, initNumBatch: 1n }, proof),
    "InitNumBatchAboveLastVerifiedBatch",
  );
  assertEquals(
    await refusal({ ...inputs, finalNewBatch: 0n }, proof),
    "FinalNumBatchBelowLastVerifiedBatch",
  );
  for (const finalNewBatch of [1n, 3n]) {
    const other = { ...inputs, finalNewBatch };
    assertEquals(await refusal(other, proof), "NewAccInputHashDoesNotExist");
  }
  // Parts of the range stand for themselves and not for L1, which knows the end of a sequence only.
  assertEquals(await refusal(first.publicInputs, first.proof), "NewAccInputHashDoesNotExist");
  assertEquals(
    await refusal(second.publicInputs, second.proof),
    "InitNumBatchAboveLastVerifiedBatch",
  );
  // A proof is bound to who sends it, and the aggregator's time is its own.
  const from = sequencer.address;
  assertEquals(await revertOf(client, { from, to: rollup, data: honest }), "OnlyTrustedAggregator");
  const data = encodeVerifyBatches({ ...inputs, proof });
  assertEquals(
    await revertOf(client, { from, to: rollup, data }),
    "TrustedAggregatorTimeoutNotExpired",
  );

  // Nothing of this moved anything, and the honest way is still open.
  await engine.sync();
  assertEquals((await engine.heads()).verified, 0);
  await engine.submit();
  await engine.sync();
  assertEquals((await engine.heads()).verified, 2);
});

/** The custom error with which L1 refuses a call; fails when it takes it. */
async function revertOf(
  client: L1Client,
  call: { readonly from: Address; readonly to: Address; readonly data: Hex },
): Promise<unknown> {
  const error = await assertRejects(() => client.call(call), RollupError);
  assertEquals(error.code, "L1_REVERTED");
  return error.details.errorName;
}

Deno.test("submit() sends no stored proof that is another's", async () => {
  await using world = await openProofWorld();
  const { engine, stores } = world;
  await engine.prove();
  const row = await requireRow(stores.node, PROOFS, [1n]);
  const { proofBlob } = await requireRow(stores.node, PROOFS, [2n]);
  const write = async (value: typeof row) => {
    const writes = createWriteSet(stores.node);
    writes.set(PROOFS, [1n], value);
    await writes.commit();
  };
  await write({ ...row, proofBlob });
  const error = await assertRejects(() => engine.submit(), RollupError);
  assertEquals([error.code, error.details["index"]], ["PROOF_INVALID", 0]);
  await engine.sync();
  assertEquals((await engine.heads()).verified, 0);
  await write(row);
  await engine.submit();
  await engine.sync();
  assertEquals((await engine.heads()).verified, 2);
});
