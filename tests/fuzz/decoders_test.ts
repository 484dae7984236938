/**
 * Decoders of bytes that come from outside: any bytes are refused with a code or mean exactly one
 * thing, which encodes to the same bytes.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeBatchData, encodeBatchData } from "../../core/batching/batch_data.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import { decodePublicInputs, encodePublicInputs } from "../../core/proving/public_inputs.ts";
import { decodeBatchWitness, encodeBatchWitness } from "../../core/proving/witness.ts";
import { decodeTreeWitness, encodeTreeWitness } from "../../core/tree/mod.ts";
import { decodeHeader, encodeHeader } from "../../core/types/block.ts";
import { decodeTransaction, encodeTransaction } from "../../core/types/tx.ts";
import { l2Tx } from "../conformance/proving/l2_txs.ts";
import { openProofWorld } from "../conformance/proving/proof_world.ts";
import { nearly } from "./mutations.ts";

await using world = await openProofWorld();
const sealed = [world.firstJob.witness, world.job.witness].map(decodeBatchWitness);
const decoded = sealed.map((witness, index) =>
  index === 0 ? witness : { ...witness, operations: [l2Tx(3, { nonce: 0n }), Uint8Array.of(0x7f)] }
);
const witnesses = [world.job.witness, ...decoded.map(encodeBatchWitness)];

/** A decoder, good bytes for it, and its codes. */
interface Subject {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Decodes and encodes again; `undefined` when the bytes are refused without throwing. */
  readonly again: (bytes: Uint8Array) => Uint8Array | undefined;
  readonly codes: readonly string[];
  readonly runs: number;
}

const SUBJECTS: readonly Subject[] = [
  {
    name: "decodeBatchWitness",
    seeds: witnesses,
    again: (bytes) => encodeBatchWitness(decodeBatchWitness(bytes)),
    codes: ["WITNESS_MALFORMED"],
    runs: 5_000,
  },
  {
    name: "decodeTreeWitness",
    seeds: decoded.map(({ tree }) => encodeTreeWitness(tree)),
    again: (bytes) => encodeTreeWitness(decodeTreeWitness(bytes)),
    codes: ["WITNESS_MALFORMED"],
    runs: 10_000,
  },
  {
    name: "decodePublicInputs",
    seeds: [encodePublicInputs(world.job.publicInputs)],
    again: (bytes) => encodePublicInputs(decodePublicInputs(bytes)),
    codes: ["PUBLIC_INPUTS_INVALID"],
    runs: 10_000,
  },
  {
    name: "decodeHeader",
    seeds: decoded.map(({ parentHeader }) => encodeHeader(parentHeader)),
    again: (bytes) => encodeHeader(decodeHeader(bytes)),
    codes: ["RLP_INVALID", "BLOCK_MALFORMED"],
    runs: 10_000,
  },
  {
    name: "decodeTransaction",
    seeds: [
      l2Tx(0, { nonce: 0n }),
      l2Tx(0, { nonce: 1n, to: undefined, data: new Uint8Array(80).fill(0x5b) }),
      l2Tx(0, { nonce: 0n, type: 0, maxPriorityFeePerGasWei: 10_000_000_000n }),
      l2Tx(0, { nonce: 0n, type: 1, maxPriorityFeePerGasWei: 10_000_000_000n }),
    ],
    again: (bytes) => encodeTransaction(decodeTransaction(bytes)),
    codes: ["TX_MALFORMED", "TX_TYPE_UNSUPPORTED"],
    runs: 20_000,
  },
  {
    name: "decodeBatchData",
    seeds: [
      ...decoded.map(({ batchData }) => batchData),
      encodeBatchData(
        [
          { timestampSec: 5n, l1ToL2OperationCount: 3, transactions: [Uint8Array.of(0xc0)] },
          { timestampSec: 9n, l1ToL2OperationCount: 47, transactions: [] },
        ],
        1n,
      ),
    ],
    again: (bytes) => {
      const batch = decodeBatchData(bytes, 1n, 1n << 40n);
      return batch.ok ? encodeBatchData(batch.blocks, 1n) : undefined;
    },
    codes: [],
    runs: 20_000,
  },
];

for (const { name, seeds, again, codes, runs } of SUBJECTS) {
  Deno.test(`${name}() refuses any bytes with a code or reads them in one way only`, () => {
    // The honest bytes themselves are read.
    for (const seed of seeds) assertEquals(again(seed), seed);
    fc.assert(
      fc.property(nearly(seeds), (bytes) => {
        let result: Uint8Array | undefined;
        try {
          result = again(bytes);
        } catch (error) {
          if (error instanceof RollupError && codes.includes(error.code)) return;
          throw error;
        }
        if (result !== undefined) assertEquals(result.toHex(), bytes.toHex());
      }),
      { seed: 2_001, numRuns: runs },
    );
  });
}
