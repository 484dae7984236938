import { assertEquals, assertThrows } from "@std/assert";
import { keccak256 } from "../crypto/keccak.ts";
import { RollupError } from "../primitives/errors.ts";
import { ZERO_ADDRESS, ZERO_HASH } from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import { decodeRlp, encodeRlp, type RlpItem, rlpList } from "../primitives/rlp.ts";
import { blockNumber } from "../primitives/units.ts";
import { createPoseidon2TreeHash, createStateTree } from "../tree/mod.ts";
import { type BatchWitness, decodeBatchWitness, encodeBatchWitness } from "./witness.ts";

const tree = createStateTree(createPoseidon2TreeHash());
const key = new Uint8Array(32).fill(1);
tree.applyWrites([{ key, value: new Uint8Array(32).fill(2) }]);

const witness: BatchWitness = {
  chainId: 901n,
  prover: ZERO_ADDRESS,
  coinbase: ZERO_ADDRESS,
  initNumBatch: 4n,
  previous: {
    oldAccInputHash: keccak256(Uint8Array.of(1)),
    batchDataHash: keccak256(Uint8Array.of(2)),
    l1ToL2RollingHash: keccak256(Uint8Array.of(3)),
    limitTimestampSec: 5n,
    coinbase: ZERO_ADDRESS,
  },
  operations: [Uint8Array.of(0), new Uint8Array(LIMITS.maxOperationBytes).fill(9)],
  limitTimestampSec: 7n,
  parentHeader: {
    parentHash: ZERO_HASH,
    coinbase: ZERO_ADDRESS,
    stateRoot: ZERO_HASH,
    transactionsRoot: ZERO_HASH,
    receiptsRoot: ZERO_HASH,
    logsBloom: new Uint8Array(256),
    number: blockNumber(9n),
    gasLimit: 30_000_000n,
    gasUsed: 0n,
    timestampSec: 6n,
    prevRandao: ZERO_HASH,
    baseFeePerGasWei: 1n,
  },
  batchData: Uint8Array.of(1, 2, 3),
  tree: tree.multiProof([key]),
  codes: [Uint8Array.of(0), Uint8Array.of(1), Uint8Array.of(2)]
    .toSorted((left, right) => (keccak256(left) < keccak256(right) ? -1 : 1)),
};

function refusedAsMalformed(bytes: Uint8Array, reason: string): void {
  const error = assertThrows(() => decodeBatchWitness(bytes), RollupError, reason);
  assertEquals(error.code, "WITNESS_MALFORMED");
}

Deno.test("decodeBatchWitness() gives back what encodeBatchWitness() wrote", () => {
  assertEquals(decodeBatchWitness(encodeBatchWitness(witness)), witness);
});

Deno.test("decodeBatchWitness() refuses bytes that are cut or go on", () => {
  const bytes = encodeBatchWitness(witness);
  for (let size = 0; size < bytes.length; size++) refusedAsMalformed(bytes.slice(0, size), "");
  refusedAsMalformed(new Uint8Array([...bytes, 0]), "1 bytes follow");
});

Deno.test("decodeBatchWitness() refuses another version and another number of fields", () => {
  const fields = rlpList(decodeRlp(encodeBatchWitness(witness)));
  refusedAsMalformed(encodeRlp([Uint8Array.of(2), ...fields.slice(1)]), "its version is not 1");
  refusedAsMalformed(encodeRlp([...fields, new Uint8Array(0)]), "12 fields, got 13");
  refusedAsMalformed(encodeRlp(fields.slice(1)), "12 fields, got 11");
});

Deno.test("decodeBatchWitness() wants what the batch before added, just if there is one", () => {
  const { previous: _previous, ...rest } = witness;
  const first = { ...rest, initNumBatch: 0n, previous: undefined };
  assertEquals(decodeBatchWitness(encodeBatchWitness(first)), first);
  const reason = "it names the batch before just if there is one";
  refusedAsMalformed(encodeBatchWitness({ ...witness, previous: undefined }), reason);
  refusedAsMalformed(encodeBatchWitness({ ...witness, initNumBatch: 0n }), reason);
  const fields = rlpList(decodeRlp(encodeBatchWitness(witness)));
  const preimage = rlpList(fields[5]);
  const withPreimage = (item: RlpItem) => encodeRlp(fields.with(5, item));
  assertEquals(decodeBatchWitness(withPreimage(preimage)), witness);
  refusedAsMalformed(withPreimage(preimage.slice(1)), "5 fields, got 4");
  refusedAsMalformed(withPreimage([...preimage, new Uint8Array(0)]), "5 fields, got 6");
  refusedAsMalformed(withPreimage(new Uint8Array(0)), "");
  refusedAsMalformed(withPreimage(preimage.with(2, new Uint8Array(31))), "32 bytes");
  refusedAsMalformed(withPreimage(preimage.with(3, new Uint8Array(9).fill(1))), "8 bytes");
});

Deno.test("decodeBatchWitness() takes 50 operations of 1 to 5,000 bytes and no others", () => {
  const withOperations = (operations: readonly Uint8Array[]) =>
    encodeBatchWitness({ ...witness, operations });
  for (const count of [0, 1, 50]) {
    const operations = Array.from({ length: count }, () => new Uint8Array(5_000));
    assertEquals(decodeBatchWitness(withOperations(operations)).operations, operations);
  }
  const many = Array.from({ length: 51 }, () => Uint8Array.of(1));
  refusedAsMalformed(withOperations(many), "it has 51 operations, above 50");
  for (const sizeBytes of [0, 5_001]) {
    const operations = [Uint8Array.of(1), new Uint8Array(sizeBytes)];
    refusedAsMalformed(withOperations(operations), `an operation has ${sizeBytes} bytes`);
  }
  const fields = rlpList(decodeRlp(encodeBatchWitness(witness)));
  refusedAsMalformed(encodeRlp(fields.with(6, [[]])), "");
  refusedAsMalformed(encodeRlp(fields.with(6, Uint8Array.of(1))), "");
});

Deno.test("decodeBatchWitness() takes codes in one order only, each once", () => {
  const codes = [...witness.codes];
  const orders = [codes.toReversed(), [...codes, ...codes.slice(-1)], [
    ...codes.slice(-1),
    ...codes,
  ]];
  for (const order of orders) {
    refusedAsMalformed(encodeBatchWitness({ ...witness, codes: order }), "not sorted by hash");
  }
});

Deno.test("decodeBatchWitness() refuses a parent after which numbers run out", () => {
  const last = (1n << 64n) - 1n - BigInt(LIMITS.maxBlocksPerBatch);
  const after = (number: bigint) =>
    encodeBatchWitness({
      ...witness,
      parentHeader: { ...witness.parentHeader, number: blockNumber(number) },
    });
  const timed = (parentSec: bigint, limitTimestampSec: bigint) =>
    encodeBatchWitness({
      ...witness,
      limitTimestampSec,
      parentHeader: { ...witness.parentHeader, timestampSec: parentSec },
    });
  const lastSec = (1n << 64n) - 1n - BigInt(LIMITS.maxOperationsPerBatch);
  assertEquals(decodeBatchWitness(timed(lastSec, lastSec)).limitTimestampSec, lastSec);
  refusedAsMalformed(timed(lastSec + 1n, lastSec), "no block can follow its parent");
  refusedAsMalformed(timed(lastSec, lastSec + 1n), "no block can follow its limit");
  assertEquals(decodeBatchWitness(after(last)).parentHeader.number, blockNumber(last));
  refusedAsMalformed(after(last + 1n), "no block can follow its parent");
});
