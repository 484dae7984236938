/**
 * The transition over batch data and states that nobody would make: it is total in the data, and a
 * state that is not the chain's is refused with a code, however consistent the rest is made.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
  rollOperation,
} from "../../core/batching/acc_input_hash.ts";
import { encodeBatchData } from "../../core/batching/batch_data.ts";
import { type BatchPlan, planBatch } from "../../core/batching/batch_plan.ts";
import { keccak256Bytes } from "../../core/crypto/keccak.ts";
import { assert, isRollupError, RollupError } from "../../core/primitives/errors.ts";
import { hash32, ZERO_HASH } from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import { mockProver } from "../../core/proving/provers/mock/mod.ts";
import type { PublicInputs } from "../../core/proving/public_inputs.ts";
import {
  type BatchWitness,
  decodeBatchWitness,
  encodeBatchWitness,
} from "../../core/proving/witness.ts";
import { type Leaf, openPartialTree, type TreeWitness } from "../../core/tree/mod.ts";
import { type BlockHeader, encodeHeader } from "../../core/types/block.ts";
import { flatKey, HEADER_COMMITMENT_SLOT, SYSTEM_CONTEXT_ADDRESS } from "../../core/types/state.ts";
import { GENESIS_TIMESTAMP_SEC } from "../../devnet/chain_config.ts";
import { initCodeOf } from "../conformance/l1/testing.ts";
import { batchStartOf, createBareChain, stateOf } from "../conformance/proving/bare_chain.ts";
import { runBatchData } from "../conformance/proving/complete_witness.ts";
import { createMachine, l2Tx } from "../conformance/proving/l2_txs.ts";
import { openProofWorld } from "../conformance/proving/proof_world.ts";
import { nearly } from "./mutations.ts";

const machine = createMachine();

Deno.test("runBatch() is total: any batch data has an outcome, the same each time", async () => {
  const start = batchStartOf(createBareChain(machine));
  const timestampSec = GENESIS_TIMESTAMP_SEC + 1n;
  const transactions = [
    l2Tx(0, { nonce: 0n }),
    l2Tx(1, { nonce: 0n }),
    l2Tx(0, { nonce: 1n, to: undefined, data: initCodeOf(new Uint8Array(9)) }),
  ];
  const good = encodeBatchData([{ timestampSec, transactions }], GENESIS_TIMESTAMP_SEC);
  // Frames that are right around transactions that are not, and frames that are not.
  const framed = fc.array(nearly(transactions), { maxLength: 5 }).map((list) =>
    encodeBatchData(
      [{ timestampSec, transactions: list.filter(({ length }) => length > 0) }],
      GENESIS_TIMESTAMP_SEC,
    )
  );
  let malformed = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(nearly([good]), framed), async (data) => {
      const { found, witness } = await runBatchData(start, data);
      const { fault } = planOf(witness);
      if (fault !== undefined) malformed++;
      assertEquals(found.newStateRoot === found.oldStateRoot, fault !== undefined);
      await assertProvable(witness, found);
    }),
    { seed: 2_003, numRuns: 150 },
  );
  assert(malformed > 30 && malformed < 120, `both kinds are met: ${malformed} are malformed`);
});

Deno.test("runBatch() runs the same operations in their order beside any batch data", async () => {
  const chain = createBareChain(machine);
  const timestampSec = GENESIS_TIMESTAMP_SEC + 1n;
  const signed = [0, 1, 2].flatMap((index) => [
    l2Tx(index, { nonce: 0n }),
    l2Tx(index, { nonce: 1n, gasLimit: 16_000_000n }),
  ]);
  const good = [0, 1, 2, 3].map((l1ToL2OperationCount) =>
    encodeBatchData(
      [
        { timestampSec, l1ToL2OperationCount, transactions: [l2Tx(3, { nonce: 0n })] },
        { timestampSec: timestampSec + 1n, transactions: [l2Tx(1, { nonce: 0n })] },
      ],
      GENESIS_TIMESTAMP_SEC,
    )
  );
  const legal = (raw: Uint8Array) => raw.length >= 1 && raw.length <= LIMITS.maxOperationBytes;
  const operation = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...signed) },
    nearly(signed).filter(legal),
  );
  // Data that consumes just what there is comes as often as any other.
  const batch = fc.array(operation, { maxLength: 5 }).chain((operations) =>
    fc.record({
      operations: fc.constant(operations),
      data: fc.oneof(
        fc.constant(good[operations.length] ?? new Uint8Array(0)),
        nearly(good),
        fc.constantFrom(...good),
      ),
    })
  );
  const seen = { obeyed: 0, implicit: 0, split: 0 };
  await fc.assert(
    fc.asyncProperty(batch, async ({ data, operations }) => {
      const limitTimestampSec = timestampSec + 5n;
      const start = batchStartOf(chain, { operations, limitTimestampSec });
      const { found, witness } = await runBatchData(start, data);
      await assertProvable(witness, found);
      // A sequencer that builds the planned blocks one by one comes to the same.
      const { blocks, fault } = planOf(witness);
      const honest = createBareChain(machine);
      for (const block of blocks) {
        const planned = [...block.operations, ...block.transactions];
        await honest.block(block.timestampSec, planned.map(({ raw }) => raw));
      }
      assertEquals({ ...found, ...stateOf(honest) }, found);
      const consumed = operations.reduce(rollOperation, EMPTY_L1_TO_L2_ROLLING_HASH);
      assertEquals(
        found.newAccInputHash,
        accInputHash({
          oldAccInputHash: GENESIS_ACC_INPUT_HASH,
          batchData: data,
          l1ToL2RollingHash: consumed,
          limitTimestampSec,
          coinbase: chain.config.coinbase,
        }),
      );
      if (fault === undefined) seen.obeyed++;
      else if (blocks.length > 0) seen.implicit++;
      if (fault !== undefined && blocks.length > 1) seen.split++;
    }),
    { seed: 2_005, numRuns: 60 },
  );
  for (const [kind, count] of Object.entries(seen)) assert(count > 5, `${kind} is met: ${count}`);
});

/** What the batch of a witness means. */
function planOf(witness: BatchWitness): BatchPlan {
  return planBatch({
    data: witness.batchData,
    operations: witness.operations,
    parentTimestampSec: witness.parentHeader.timestampSec,
    limitTimestampSec: witness.limitTimestampSec,
    blockGasLimit: witness.parentHeader.gasLimit,
  });
}

/** What the search for a witness ended with is one like any other: it proves itself. */
async function assertProvable(witness: BatchWitness, publicInputs: PublicInputs): Promise<void> {
  assertEquals(publicInputs.finalNewBatch, 1n);
  const job = { batchNumber: 1n, witness: encodeBatchWitness(witness), publicInputs };
  await mockProver.prove(job, machine);
}

/** A change to a state; places are taken modulo what there is. */
type Forgery =
  | { readonly kind: "bit"; readonly leaf: number; readonly bit: number }
  | { readonly kind: "value"; readonly leaf: number; readonly byte: number }
  | { readonly kind: "link"; readonly leaf: number; readonly next: number }
  | { readonly kind: "swap"; readonly leaf: number; readonly other: number }
  | { readonly kind: "header"; readonly field: keyof BlockHeader; readonly value: bigint };

const place = fc.nat(1_000);
const forgery: fc.Arbitrary<Forgery> = fc.oneof(
  fc.record({ kind: fc.constant("bit" as const), leaf: place, bit: fc.nat(511) }),
  fc.record({
    kind: fc.constant("value" as const),
    leaf: place,
    byte: fc.constantFrom(0x00, 0x01, 0x7f, 0xff),
  }),
  fc.record({ kind: fc.constant("link" as const), leaf: place, next: place }),
  fc.record({ kind: fc.constant("swap" as const), leaf: place, other: place }),
  fc.record({
    kind: fc.constant("header" as const),
    field: fc.constantFrom<keyof BlockHeader>(
      "number",
      "gasLimit",
      "gasUsed",
      "timestampSec",
      "baseFeePerGasWei",
    ),
    value: fc.constantFrom(0n, 1n, 1n << 63n, (1n << 64n) - 1n),
  }),
);

/** `honest` over a state that was changed, with root, links and commitment made to fit again. */
function forge(honest: BatchWitness, forgeries: readonly Forgery[]): BatchWitness | undefined {
  const leaves = honest.tree.leaves.map((leaf) => ({ ...leaf, value: leaf.value.slice() }));
  const at = (index: number) => {
    const leaf = leaves[index % leaves.length];
    assert(leaf !== undefined, "a place is taken modulo what there is");
    return leaf;
  };
  let header = honest.parentHeader;
  for (const change of forgeries) {
    if (change.kind === "header") {
      header = { ...header, [change.field]: change.value };
      continue;
    }
    const leaf: { key: Uint8Array; value: Uint8Array; nextIndex: number } = at(change.leaf);
    if (change.kind === "value") leaf.value = new Uint8Array(32).fill(change.byte);
    if (change.kind === "link") leaf.nextIndex = change.next % honest.tree.leafCount;
    if (change.kind === "swap") leaf.value = at(change.other).value;
    if (change.kind === "bit") {
      const field = change.bit < 256 ? "key" : "value";
      const index = change.bit % 256 >> 3;
      leaf[field] = leaf[field].with(index, (leaf[field][index] ?? 0) ^ (1 << (change.bit & 7)));
    }
  }
  const commitment = flatKey({ address: SYSTEM_CONTEXT_ADDRESS, slot: HEADER_COMMITMENT_SLOT });
  const value = keccak256Bytes(encodeHeader({ ...header, stateRoot: ZERO_HASH }));
  const committed = leaves.map((leaf) =>
    leaf.key.toHex() === commitment.toHex() ? { ...leaf, value } : leaf
  );
  const tree = { ...honest.tree, leaves: committed };
  const stateRoot = rootOf(tree, committed);
  if (stateRoot === undefined) return undefined;
  const limitTimestampSec = (1n << 64n) - 1n - BigInt(LIMITS.maxOperationsPerBatch);
  return { ...honest, limitTimestampSec, parentHeader: { ...header, stateRoot }, tree };
}

/** The root that a witness is of; `undefined` when it is of none. */
function rootOf(tree: TreeWitness, leaves: readonly Leaf[]) {
  try {
    openPartialTree(machine.treeHash, { ...tree, leaves }, new Uint8Array(32));
  } catch (error) {
    if (isRollupError(error, "WITNESS_MALFORMED")) return undefined;
    if (!isRollupError(error, "WITNESS_ROOT_MISMATCH")) throw error;
    return hash32(String(error.details["root"]));
  }
  throw new Error("no tree has root zero");
}

Deno.test("prove() refuses a state that is not the chain's, however well it is forged", async () => {
  await using world = await openProofWorld();
  const { job } = world;
  const honest = decodeBatchWitness(job.witness);
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(forgery, { minLength: 1, maxLength: 3 }), async (forgeries) => {
      const forged = forge(honest, forgeries);
      if (forged === undefined) return;
      try {
        await mockProver.prove({ ...job, witness: encodeBatchWitness(forged) }, machine);
      } catch (error) {
        if (!(error instanceof RollupError)) throw error;
        // A block whose numbers no block has is for the program to refuse.
        const known = /^WITNESS_|^PROOF_JOB_MISMATCH$|^PROGRAM_REFUSED$/;
        assert(known.test(error.code), `refused with ${error.code}`);
        seen.set(error.code, (seen.get(error.code) ?? 0) + 1);
        return;
      }
      throw new Error("a forged state was proven");
    }),
    { seed: 2_004, numRuns: 1_000 },
  );
  const codes = ["PROOF_JOB_MISMATCH", "WITNESS_ENTRY_EXTRA", "WITNESS_ENTRY_MISSING"];
  for (const code of codes) assert((seen.get(code) ?? 0) > 10, `${code} is met`);
});
