/**
 * What the engine tells of batches, of the chain and of L1, as typed facts for methods.
 *
 * Owns reading them out of `Engine.inspect`, whose answers are plain JSON. Does not own the shapes
 * that clients get (`batches.ts`, `zks_details.ts`).
 * @module
 */
import type { BatchTag, Engine, InspectQuery } from "../../core/engine/engine.ts";
import { isRollupError } from "../../core/primitives/errors.ts";
import {
  type Address,
  address,
  type Hash32,
  hash32,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import { isRecord } from "./schema.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The L1 transaction that carried a batch or its proof. */
export interface L1Carrier {
  readonly transactionHash: Hash32;
  /** Once L1 has mined it. */
  readonly l1BlockNumber: number | undefined;
}

/** What a batch used of one resource. */
export interface CounterFacts {
  /** The reason for which batches are sealed when it is used up. */
  readonly counter: string;
  readonly used: number;
  readonly limit: number;
}

/** A sealed batch. */
export interface BatchFacts {
  readonly number: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly stateRoot: Hash32;
  readonly accInputHash: Hash32;
  readonly coinbase: Address;
  /** The latest time that its data may have. */
  readonly timestampSec: number;
  readonly txCount: number;
  readonly operationCount: number;
  readonly isVerified: boolean;
  readonly counters: readonly CounterFacts[];
  readonly sequenced: L1Carrier | undefined;
  readonly verified: L1Carrier | undefined;
}

/** What all nodes of the chain agree on. */
export interface ChainFacts {
  readonly l1ChainId: number;
  readonly rollup: Address;
  readonly coinbase: Address;
  readonly genesisTimestampSec: number;
  readonly gasPerPubdata: number;
  readonly programHash: Hash32;
  readonly limits: readonly CounterLimit[];
}

/** The bound of one resource in a batch. */
export interface CounterLimit {
  readonly reason: string;
  readonly counter: string;
  readonly limit: number;
}

/** A block of L1. */
export interface L1BlockFacts {
  readonly number: number;
  readonly timestampSec: number;
  readonly baseFeePerGasWei: bigint;
}

/** Batch `which`, or `undefined` when it is not sealed. Batch 0 is the genesis block. */
export async function readBatchFacts(
  engine: Engine,
  which: number | BatchTag,
): Promise<BatchFacts | undefined> {
  const number = typeof which === "number" ? which : await numberOfTag(engine, which);
  if (number === 0) return genesisBatch(await readChainFacts(engine));
  const fields = await inspectRecord(engine, { kind: "batch", batch: number });
  return fields === undefined ? undefined : toBatchFacts(fields, await engine.heads());
}

async function numberOfTag(engine: Engine, tag: BatchTag): Promise<number> {
  const heads = await engine.heads();
  return { latest: heads.sealed, safe: heads.sequenced, finalized: heads.verified }[tag];
}

/** Number of the sealed batch that holds `block`, or `undefined`; a search, batches are in order. */
export async function findBatchOfBlock(
  engine: Engine,
  block: bigint,
): Promise<number | undefined> {
  if (block === 0n) return 0;
  let low = 1;
  let high = (await engine.heads()).sealed;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const batch = await readBatchFacts(engine, middle);
    if (batch === undefined) return undefined;
    if (block < BigInt(batch.firstBlock)) high = middle - 1;
    else if (block > BigInt(batch.lastBlock)) low = middle + 1;
    else return middle;
  }
  return undefined;
}

/** The rules of the chain and its places on L1. */
export async function readChainFacts(engine: Engine): Promise<ChainFacts> {
  const fields = await inspectRecord(engine, { kind: "chain" }) ?? {};
  return {
    l1ChainId: countOf(fields, "l1ChainId"),
    rollup: addressOf(fields, "rollup"),
    coinbase: addressOf(fields, "coinbase"),
    genesisTimestampSec: countOf(fields, "genesisTimestampSec"),
    gasPerPubdata: countOf(fields, "gasPerPubdata"),
    programHash: hashOf(fields, "programHash"),
    limits: recordsOf(fields, "limits").map((each) => ({
      reason: textOf(each, "reason"),
      counter: textOf(each, "counter"),
      limit: countOf(each, "limit"),
    })),
  };
}

/** A block of L1, or `undefined` when L1 does not have it. */
export async function readL1Block(
  engine: Engine,
  block: number | "latest",
): Promise<L1BlockFacts | undefined> {
  const fields = await inspectRecord(engine, { kind: "l1", block });
  if (fields === undefined) return undefined;
  return {
    number: countOf(fields, "number"),
    timestampSec: countOf(fields, "timestampSec"),
    baseFeePerGasWei: BigInt(textOf(fields, "baseFeePerGasWei")),
  };
}

/** The bytes of a batch that L1 gets, in hex; batch 0 has none. */
export async function readBatchData(engine: Engine, batch: number): Promise<string> {
  if (batch === 0) return "0x";
  const data = await engine.inspect({ kind: "data", batch });
  return typeof data === "string" ? data : "0x";
}

/** The answer as an object, or `undefined` for what is not there. */
export async function inspectRecord(
  engine: Engine,
  query: InspectQuery,
): Promise<Fields | undefined> {
  try {
    const answer: unknown = await engine.inspect(query);
    return isRecord(answer) ? answer : undefined;
  } catch (error) {
    if (isRollupError(error, "NOT_FOUND")) return undefined;
    throw error;
  }
}

function genesisBatch(chain: ChainFacts): BatchFacts {
  return {
    number: 0,
    firstBlock: 0,
    lastBlock: 0,
    stateRoot: ZERO_HASH,
    accInputHash: ZERO_HASH,
    coinbase: ZERO_ADDRESS,
    timestampSec: chain.genesisTimestampSec,
    txCount: 0,
    operationCount: 0,
    isVerified: true,
    counters: [],
    sequenced: undefined,
    verified: undefined,
  };
}

function toBatchFacts(fields: Fields, heads: { readonly verified: number }): BatchFacts {
  const number = countOf(fields, "number");
  return {
    number,
    firstBlock: countOf(fields, "firstBlock"),
    lastBlock: countOf(fields, "lastBlock"),
    stateRoot: hashOf(fields, "stateRoot"),
    accInputHash: hashOf(fields, "accInputHash"),
    coinbase: addressOf(fields, "coinbase"),
    timestampSec: countOf(fields, "limitTimestampSec"),
    txCount: countOf(fields, "txCount"),
    operationCount: countOf(fields, "operationCount"),
    isVerified: number <= heads.verified,
    counters: recordsOf(fields, "counters").map((each) => ({
      counter: textOf(each, "counter"),
      used: countOf(each, "used"),
      limit: countOf(each, "limit"),
    })),
    // What L1 has told counts more than what was sent from here.
    sequenced: carrierOf(fields.onL1) ?? carrierOf(fields.sequenced),
    verified: carrierOf(fields.verified),
  };
}

function carrierOf(sent: unknown): L1Carrier | undefined {
  if (!isRecord(sent) || typeof sent.transactionHash !== "string") return undefined;
  return {
    transactionHash: hash32(sent.transactionHash),
    l1BlockNumber: typeof sent.l1BlockNumber === "number" ? sent.l1BlockNumber : undefined,
  };
}

function countOf(fields: Fields, name: string): number {
  const value = fields[name];
  return typeof value === "number" ? value : 0;
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

function hashOf(fields: Fields, name: string): Hash32 {
  const value = fields[name];
  return typeof value === "string" ? hash32(value) : ZERO_HASH;
}

function addressOf(fields: Fields, name: string): Address {
  const value = fields[name];
  return typeof value === "string" ? address(value) : ZERO_ADDRESS;
}

function recordsOf(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
