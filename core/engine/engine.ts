/**
 * One verb per command: what a person or a program can ask of a rollup.
 *
 * Owns the interface and the shape of the answers. They are plain JSON values (numbers of blocks,
 * batches, gas and seconds as `number`, wei as decimal text, bytes and hashes as hex), so the local
 * engine, the remote one and `--json` show the same thing. Does not own how a step is done.
 * @module
 */
import type { Hash32, Hex } from "../primitives/hex.ts";
import type { SealReason } from "../types/batch.ts";
import type { ProofKind } from "../types/proof.ts";

/** How far each stage has come; `verified <= min(proven, sequenced) <= sealed`. */
export interface HeadsView {
  /** Latest block: trusted state. */
  readonly block: number;
  /** Latest sealed batch. */
  readonly sealed: number;
  /** Latest batch whose data is on L1: virtual state. */
  readonly sequenced: number;
  /** Latest batch with a proof made and checked here. */
  readonly proven: number;
  /** Latest batch whose proof L1 accepted: consolidated state. */
  readonly verified: number;
  /** L1 block up to which events were read. */
  readonly l1Block: number;
  /** Transactions that wait in the pool. */
  readonly pooled: number;
}

/** What became of a sent transaction. */
export interface SendView {
  readonly transactionHash: Hash32;
  readonly from: Hex;
  readonly to: Hex | null;
  readonly nonce: number;
  readonly status: "pooled" | "included";
  /** Set when `included`. */
  readonly blockNumber?: number;
  readonly success?: boolean;
  readonly gasUsed?: number;
  readonly contractAddress?: Hex;
}

/** A sealed batch in one line. */
export interface SealView {
  readonly batchNumber: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly txCount: number;
  readonly sealReason: SealReason;
  readonly stateRoot: Hash32;
  readonly batchDataHash: Hash32;
  readonly accInputHash: Hash32;
}

/** A proof in one line. */
export interface ProveView {
  readonly batchNumber: number;
  readonly kind: ProofKind;
  /** What stays trusted with a proof of this kind. */
  readonly trusted: string;
  readonly publicInputsHash: Hash32;
  readonly newStateRoot: Hash32;
  readonly proofBytes: number;
}

/** What one L1 transaction of ours is for and how it stands. */
export interface L1TransactionView {
  readonly purpose: "sequenceBatches" | "verifyBatches";
  readonly firstBatch: number;
  readonly lastBatch: number;
  readonly transactionHash: Hash32;
  readonly nonce: number;
  readonly status: "sent" | "mined";
  readonly l1BlockNumber?: number;
  readonly gasUsed?: number;
}

/** What `sync` read. */
export interface SyncView {
  readonly fromL1Block: number;
  readonly toL1Block: number;
  readonly sequenced: number;
  readonly verified: number;
  /** L1 blocks that were unwound because L1 reorganised. */
  readonly unwoundL1Blocks: number;
}

/** The latest sealed, sequenced or verified batch. */
export type BatchTag = "latest" | "safe" | "finalized";

/** What `inspect-state` can show. */
export type InspectQuery =
  | { readonly kind: "heads" }
  | { readonly kind: "block"; readonly block: number | "latest" | "safe" | "finalized" | Hash32 }
  | { readonly kind: "batch"; readonly batch: number | BatchTag }
  | { readonly kind: "tx"; readonly hash: Hash32 }
  | { readonly kind: "account"; readonly address: Hex }
  | { readonly kind: "storage"; readonly address: Hex; readonly slot: Hash32 }
  /** Proofs of slots under the state root of a sealed batch. */
  | {
    readonly kind: "proof";
    readonly address: Hex;
    readonly slots: readonly Hash32[];
    readonly batch: number | BatchTag;
  }
  /** The bytes of a batch that L1 gets. */
  | { readonly kind: "data"; readonly batch: number | BatchTag }
  /** What a prover of a batch gets. */
  | { readonly kind: "witness"; readonly batch: number | BatchTag }
  /** The code with this keccak256. */
  | { readonly kind: "code"; readonly hash: Hash32 }
  /** What all nodes of the chain agree on. */
  | { readonly kind: "chain" }
  /** A block of L1. */
  | { readonly kind: "l1"; readonly block: number | "latest" }
  | { readonly kind: "pool" }
  | { readonly kind: "operations" }
  | { readonly kind: "tables" }
  | { readonly kind: "table"; readonly table: string; readonly limit: number };

/** Anything that JSON can write. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Fees and nonce that a sender needs to build a transaction. */
export interface SenderView {
  readonly chainId: number;
  /** Next nonce, counting what waits in the pool. */
  readonly nonce: number;
  readonly balanceWei: string;
  readonly baseFeePerGasWei: string;
}

/** A batch for a prover: all it needs, and what it must find. */
export interface ProofJobView {
  readonly batchNumber: number;
  /** Encoded batch witness (`proving/witness.ts`). */
  readonly witness: Hex;
  /** Packed public inputs (`proving/public_inputs.ts`) that were sealed. */
  readonly publicInputs: Hex;
}

/** A call of the rollup contract that anyone may make. */
export type L1CallRequest =
  /** Puts a signed L2 transaction into the queue that the sequencer cannot pass by for ever. */
  | { readonly kind: "forceBatch"; readonly transaction: Hex }
  /** Sequences the operations that the sequencer has let become overdue. */
  | { readonly kind: "sequenceForceBatches" };

/** A transaction to L1 that waits to be signed. */
export interface L1PlanView {
  /** What it does, for people. */
  readonly purpose: string;
  readonly chainId: number;
  readonly to: Hex;
  readonly data: Hex;
  readonly nonce: number;
  readonly gasLimit: number;
  readonly maxFeePerGasWei: string;
  readonly maxPriorityFeePerGasWei: string;
}

/** What became of a transaction that was sent to L1. */
export interface L1SentView {
  readonly transactionHash: Hash32;
  readonly status: "sent" | "mined" | "reverted";
  readonly l1BlockNumber?: number;
  readonly gasUsed?: number;
  /** Why it reverted. */
  readonly reason?: string;
  /** The place in the queue that it took, when it is mined and forces a transaction. */
  readonly operation?: { readonly number: number; readonly deadlineSec: number };
}

/** Where a rebuilt node and this one part. */
export interface RebuildDifference {
  readonly batch: number;
  /** Which field of the batch, or the hash of which block of it. */
  readonly field: string;
  readonly here: string;
  readonly fromL1: string;
}

/** What came of rebuilding from L1. */
export interface RebuildView {
  /** Batches that L1 has and that were executed from its data. */
  readonly batches: number;
  readonly blocks: number;
  /** L1 block up to which it has read. */
  readonly l1Block: number;
  readonly lastStateRoot: Hash32;
  /** Batches that this node has, too. */
  readonly compared: number;
  /** Whether all of these are the same in every field and every block. */
  readonly matches: boolean;
  /** The first difference. */
  readonly difference: RebuildDifference | null;
  /** Where the rebuilt node is; `null` when it was kept in memory and is gone. */
  readonly folder: string | null;
}

/** Long work tells how it goes. */
export type Progress = (text: string) => void;

/** The verbs. Every method may throw a `RollupError`; none leaves half a step behind. */
export interface Engine {
  /** tx -> pool; under automine also into a block. */
  sendTransaction(raw: Uint8Array): Promise<SendView>;
  /** pool -> blocks -> batch. @throws `NOTHING_TO_SEAL` */
  sealBatch(): Promise<SealView>;
  /** Whatever is ready goes to L1: sealed batches first, then proofs. */
  submit(progress?: Progress): Promise<readonly L1TransactionView[]>;
  /** batch -> proof, for every batch that has none. */
  prove(progress?: Progress): Promise<readonly ProveView[]>;
  /** L1 events -> heads. */
  sync(progress?: Progress): Promise<SyncView>;
  /**
   * A second node from L1 alone, in memory or in a folder, held against this one.
   *
   * @throws `REBUILD_UNAVAILABLE`, `REBUILD_RUNNING`, and what synchronizing throws
   */
  rebuild(options: { readonly into?: string }, progress?: Progress): Promise<RebuildView>;
  /** Everything, as JSON. @throws `NOT_FOUND` */
  inspect(query: InspectQuery): Promise<JsonValue>;
  heads(): Promise<HeadsView>;
  sender(account: Hex): Promise<SenderView>;
  /** Gas that a transaction of these fields needs. @throws `EXECUTION_REVERTED` */
  estimateGas(request: {
    readonly from: Hex;
    readonly to?: Hex;
    readonly data: Hex;
    readonly valueWei: string;
  }): Promise<number>;
  /**
   * A call of the rollup contract as a transaction of `from`, tried on the L1 as it is.
   *
   * @throws `L1_REVERTED`, `NO_OVERDUE_OPERATION`
   */
  planL1(request: L1CallRequest, from: Hex): Promise<L1PlanView>;
  /** Hands a signed transaction to L1 and tells what became of it so far. */
  sendL1(raw: Hex): Promise<L1SentView>;
  /** The lowest batch that wants a proof, for a prover in another process. */
  nextProofJob(): Promise<ProofJobView | null>;
  /** Checks a proof made elsewhere and keeps it. @throws `PROOF_INVALID` */
  acceptProof(batchNumber: number, proof: Hex): Promise<ProveView>;
  [Symbol.asyncDispose](): Promise<void>;
}
