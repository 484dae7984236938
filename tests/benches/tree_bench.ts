/**
 * How fast the state tree hashes, writes, undoes, rebuilds, and makes witnesses; on one core.
 *
 * Input sizes are in the names. Divide them by the time of an iteration for a rate: 1,000 writes in
 * 20 ms are 50,000 updates/s. Needs no permission.
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import { createPoseidon2 } from "../../core/crypto/poseidon2/poseidon2.ts";
import {
  createPoseidon2TreeHash,
  decodeTreeWitness,
  encodeTreeWitness,
  openPartialTree,
  openStateTree,
  type TreeWrite,
} from "../../core/tree/mod.ts";

const LEAF_COUNT = 100_000;
const BATCH_SIZE = 1_000;
const BATCH_COUNT = 50;

const hash = createPoseidon2TreeHash();
const poseidon2 = createPoseidon2();
const nextWord = createGenerator(1);
const leaves = Array.from({ length: LEAF_COUNT }, () => ({ key: nextKey(), value: nextKey() }));
const tree = openStateTree(hash, leaves);
const batches = Array.from({ length: BATCH_COUNT }, createBatch);
let batchNumber = 0;

const pairs = Uint32Array.from({ length: 16 * LEAF_COUNT }, () => nextWord() >>> 2);
const digests = new Uint32Array(8 * LEAF_COUNT);

Deno.bench("Poseidon2 compressPairs: 100,000 pairs", () => {
  poseidon2.compressPairs(pairs, LEAF_COUNT, digests);
});

Deno.bench("StateTree applyWrites: 1,000 writes, half new keys, at 100,000 leaves", (bench) => {
  const batch = takeBatch();
  bench.start();
  const updates = tree.applyWrites(batch);
  bench.end();
  tree.revertWrites(updates);
});

Deno.bench("StateTree revertWrites: 1,000 writes, half new keys, at 100,000 leaves", (bench) => {
  const updates = tree.applyWrites(takeBatch());
  bench.start();
  tree.revertWrites(updates);
  bench.end();
});

Deno.bench("StateTree applyWrites: 10 writes, half new keys, at 100,000 leaves", (bench) => {
  const batch = takeBatch().slice(0, 10);
  bench.start();
  const updates = tree.applyWrites(batch);
  bench.end();
  tree.revertWrites(updates);
});

Deno.bench("StateTree get: 1,000 keys at 100,000 leaves", () => {
  for (const { key } of takeBatch()) tree.get(key);
});

Deno.bench("openStateTree: 100,000 leaves", () => {
  openStateTree(hash, leaves);
});

Deno.bench("StateTree multiProof and encode: 1,000 keys, half absent, at 100,000 leaves", () => {
  encodeTreeWitness(tree.multiProof(takeBatch().map(({ key }) => key)));
});

Deno.bench("openPartialTree and apply: 1,000 keys, half absent, of 100,000 leaves", (bench) => {
  const batch = takeBatch();
  const bytes = encodeTreeWitness(tree.multiProof(batch.map(({ key }) => key)));
  bench.start();
  openPartialTree(hash, decodeTreeWitness(bytes), tree.root()).applyWrites(batch);
  bench.end();
});

/** Updates of random leaves and writes of random new keys, in turn. */
function createBatch(): TreeWrite[] {
  const chosen = new Set<number>();
  while (chosen.size < BATCH_SIZE / 2) chosen.add(nextWord() % LEAF_COUNT);
  return [...chosen].flatMap((index) => [
    { key: leaves[index]?.key ?? nextKey(), value: nextKey() },
    { key: nextKey(), value: nextKey() },
  ]);
}

function takeBatch(): TreeWrite[] {
  const batch = batches[batchNumber++ % BATCH_COUNT];
  assert(batch !== undefined, "batches repeat");
  return batch;
}

function nextKey(): Uint8Array {
  const words = Uint32Array.from({ length: 8 }, nextWord);
  return new Uint8Array(words.buffer);
}

/** xorshift32: the same inputs on every run. */
function createGenerator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
