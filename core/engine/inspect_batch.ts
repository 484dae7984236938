/**
 * What `inspect-state` shows of the chain's rules, and of a batch beyond its row: the bytes that L1
 * gets, the witness that a prover gets, and proofs of slots under its state root.
 *
 * Owns those parts of the JSON. Does not own the rest of it (`inspect.ts`).
 * @module
 */
import { RESOURCES } from "../batching/seal_policy.ts";
import { gatherProofJob } from "../pipeline/batch_witness.ts";
import type { Node } from "../pipeline/node.ts";
import { assert, RollupError } from "../primitives/errors.ts";
import {
  type Address,
  bytesToHash32,
  bytesToHex,
  type Hash32,
  hexToBytes,
  ZERO_HASH,
} from "../primitives/hex.ts";
import { encodePublicInputs } from "../proving/public_inputs.ts";
import { readBatchData } from "../store/batches.ts";
import { readBlob } from "../store/blob.ts";
import { CODES } from "../store/schema.ts";
import { readRow } from "../store/table.ts";
import type { LeafProof, StateTree, TreeProof } from "../tree/mod.ts";
import type { Batch } from "../types/batch.ts";
import { flatKey } from "../types/state.ts";
import type { JsonValue } from "./engine.ts";
import { toNumber } from "./views.ts";

/** Codes of this file. */
export type InspectBatchErrorCode = "BATCH_TOO_OLD";

/**
 * How far the tree goes back for a question: it is one tree, which undoes and redoes each block
 * while everybody waits.
 */
const MAX_REWOUND_BLOCKS = 2_048n;

/** Name of the hash of the state tree, for who checks a proof. */
const TREE_HASH_NAME = "poseidon2-koalabear-16";

/** What all nodes of this chain agree on, and where its contracts are on L1. */
export function inspectChain(node: Node): JsonValue {
  const { config, l1 } = node;
  return {
    chainId: toNumber(config.chainId),
    l1ChainId: toNumber(config.l1ChainId),
    rollup: l1.rollup,
    deployedAtL1Block: toNumber(l1.deployedAtL1Block),
    trustedSequencer: l1.trustedSequencer,
    trustedAggregator: l1.trustedAggregator,
    coinbase: config.coinbase,
    genesisTimestampSec: toNumber(config.genesisTimestampSec),
    blockGasLimit: toNumber(config.blockGasLimit),
    gasPerPubdata: toNumber(config.gasPerPubdata),
    dataAvailability: config.dataAvailability,
    programHash: node.executor.programHash,
    treeHash: TREE_HASH_NAME,
    limits: RESOURCES.map(({ reason, counter, limit }) => ({
      reason,
      counter,
      limit: Number(node.sealLimits[limit]),
    })),
  };
}

/** The bytes of `batch` as L1 gets them, in hex. */
export async function inspectBatchData(node: Node, batch: Batch): Promise<JsonValue> {
  return bytesToHex(await readBatchData(node.kv, batch.number));
}

/** What a prover of `batch` gets, proven or not. @throws `BATCH_TOO_OLD` */
export async function inspectWitness(node: Node, batch: Batch): Promise<JsonValue> {
  assertNotTooOld(node, batch.number, batch.firstBlock - 1n);
  const job = await gatherProofJob(node, batch.number);
  return {
    batchNumber: toNumber(job.batchNumber),
    witness: bytesToHex(job.witness),
    publicInputs: bytesToHex(encodePublicInputs(job.publicInputs)),
  };
}

/** The code with this keccak256 in hex, or `null` when nothing here has it. */
export async function inspectCode(node: Node, codeHash: Hash32): Promise<JsonValue> {
  const row = await readRow(node.kv, CODES, [hexToBytes(codeHash)]);
  return row === undefined ? null : bytesToHex(await readBlob(node.kv, row));
}

/** A block of L1 as this node sees it now, or `null`. */
export async function inspectL1Block(node: Node, at: number | "latest"): Promise<JsonValue> {
  const { client } = node.l1;
  const block = await client.block(at === "latest" ? at : BigInt(at));
  if (block === undefined) return null;
  return {
    number: toNumber(block.number),
    hash: block.hash,
    parentHash: block.parentHash,
    timestampSec: toNumber(block.timestampSec),
    baseFeePerGasWei: String(block.baseFeePerGasWei),
  };
}

/**
 * Proofs of slots of one account under the root of `batch`; genesis where there is none.
 *
 * @throws `BATCH_TOO_OLD`
 */
export async function inspectProof(
  node: Node,
  batch: Batch | undefined,
  wanted: { readonly address: Address; readonly slots: readonly Hash32[] },
): Promise<JsonValue> {
  const { address, slots } = wanted;
  const block = batch?.lastBlock ?? 0n;
  assertNotTooOld(node, batch?.number ?? 0n, block);
  return await node.state.withTreeAt(
    block,
    node.tip.get().header.number,
    (tree): JsonValue => {
      const stateRoot = bytesToHash32(tree.root());
      assert(
        batch === undefined || stateRoot === batch.newStateRoot,
        "the tree of a batch's last block has the root that was sealed",
      );
      return {
        address,
        batch: toNumber(batch?.number ?? 0n),
        block: toNumber(block),
        stateRoot,
        treeHash: TREE_HASH_NAME,
        slots: slots.map((slot) => proveSlot(tree, address, slot)),
      };
    },
  );
}

function assertNotTooOld(node: Node, batchNumber: bigint, block: bigint): void {
  const latest = node.tip.get().header.number;
  if (latest - block <= MAX_REWOUND_BLOCKS) return;
  throw new RollupError<InspectBatchErrorCode>(
    "BATCH_TOO_OLD",
    `Cannot prove the state of batch ${batchNumber} as its block ${block} must be at most ` +
      `${MAX_REWOUND_BLOCKS} blocks back: the latest is ${latest}`,
    {
      details: { batchNumber, block, latest, maxBlocks: MAX_REWOUND_BLOCKS },
      mend: "Ask for a later batch, or read the value with `eth_getStorageAt`, which has no proof.",
    },
  );
}

function proveSlot(tree: StateTree, address: Address, slot: Hash32): JsonValue {
  const key = flatKey({ address, slot });
  const value = tree.get(key);
  return {
    slot,
    key: bytesToHash32(key),
    value: value === undefined ? ZERO_HASH : bytesToHash32(value),
    proof: treeProofToJson(tree.prove(key)),
  };
}

function treeProofToJson(proof: TreeProof): JsonValue {
  if (proof.kind === "presence") return { kind: proof.kind, entry: leafProofToJson(proof.entry) };
  return {
    kind: proof.kind,
    low: leafProofToJson(proof.low),
    next: leafProofToJson(proof.next),
  };
}

function leafProofToJson({ leaf, siblings }: LeafProof): JsonValue {
  return {
    leaf: {
      index: leaf.index,
      key: bytesToHash32(leaf.key),
      value: bytesToHash32(leaf.value),
      nextIndex: leaf.nextIndex,
    },
    siblings: siblings.map(bytesToHex),
  };
}
