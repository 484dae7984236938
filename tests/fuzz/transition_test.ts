/**
 * The transition over batch data and states that nobody would make: it is total in the data, and a
 * state that is not the chain's is refused with a code, however consistent the rest is made.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { GENESIS_ACC_INPUT_HASH } from "../../core/batching/acc_input_hash.ts";
import { decodeBatchData, encodeBatchData } from "../../core/batching/batch_data.ts";
import { keccak256Bytes } from "../../core/crypto/keccak.ts";
import { assert, isRollupError, RollupError } from "../../core/primitives/errors.ts";
import { hash32, ZERO_HASH } from "../../core/primitives/hex.ts";
import { mockProver } from "../../core/proving/provers/mock/mod.ts";
import {
  type BatchWitness,
  decodeBatchWitness,
  encodeBatchWitness,
} from "../../core/proving/witness.ts";
import { type Leaf, openPartialTree, type TreeWitness } from "../../core/tree/mod.ts";
import { type BlockHeader, encodeHeader } from "../../core/types/block.ts";
import { flatKey, HEADER_COMMITMENT_SLOT, SYSTEM_CONTEXT_ADDRESS } from "../../core/types/state.ts";
import { GENESIS_TIMESTAMP_SEC, L2_CHAIN_ID } from "../../devnet/chain_config.ts";
import { initCodeOf } from "../conformance/l1/testing.ts";
import { runBatchData } from "../conformance/proving/complete_witness.ts";
import { createMachine, l2Tx, openProofWorld } from "../conformance/proving/proof_world.ts";
import { openMemoryRollup, openStores } from "../conformance/proving/rollup_in_memory.ts";
import { nearly } from "./mutations.ts";

const machine = createMachine();

Deno.test("runBatch() is total: any batch data has an outcome, the same each time", async () => {
  using stores = await openStores();
  const { engine } = await openMemoryRollup(stores);
  const { node } = engine;
  const start = {
    machine,
    tree: node.state.tree,
    parentHeader: node.tip.get().header,
    fields: {
      chainId: L2_CHAIN_ID,
      coinbase: node.config.coinbase,
      oldAccInputHash: GENESIS_ACC_INPUT_HASH,
    },
  };
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
      const { ok } = decodeBatchData(data, GENESIS_TIMESTAMP_SEC, witness.limitTimestampSec);
      if (!ok) malformed++;
      assertEquals(found.newStateRoot === found.oldStateRoot, !ok);
      assertEquals(found.finalNewBatch, 1n);
      // What the search ended with is a witness like any other: it proves itself.
      const job = { batchNumber: 1n, witness: encodeBatchWitness(witness), publicInputs: found };
      await mockProver.prove(job, machine);
    }),
    { seed: 2_003, numRuns: 150 },
  );
  assert(malformed > 30 && malformed < 120, `both kinds are met: ${malformed} are malformed`);
  await engine[Symbol.asyncDispose]();
});

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
  const limitTimestampSec = (1n << 64n) - 1n;
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
