/**
 * A vector of go-ethereum's tracers: a state, a block, a transaction and the trace of it.
 *
 * Owns reading one file and the kinds of suites, which are the names of their folders. Does not own
 * running it (`run_vector.ts`).
 * @module
 */
import { parseAlloc } from "../../../devnet/l1/genesis_json.ts";
import type { L1Environment } from "../../../devnet/l1/chain_block.ts";
import { type ForkSchedule, parseForkSchedule, rulesAt } from "../../../devnet/l1/forks.ts";
import { isRecord } from "../../../devnet/rpc/schema.ts";
import {
  address,
  hash32,
  hexToBytes,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import type { GenesisAccount } from "../../../core/types/genesis.ts";
import { decodeBlockTransaction, recoverSender } from "../../../core/types/tx.ts";
import type { L1ExecutableTx } from "../../../devnet/l1/evm.ts";

/** How a wanted trace is read: as call frames, as Parity's list, or as it is. */
export type TraceShape = "frames" | "flat" | "plain";

/** What a suite is about, and the tracer that its vectors are of. */
export interface VectorKind {
  readonly tracer: string;
  readonly shape: TraceShape;
}

/** The suites that are run, by the names of their folders. */
export const VECTOR_KINDS: ReadonlyMap<string, VectorKind> = new Map([
  ["call_tracer", { tracer: "callTracer", shape: "frames" }],
  ["call_tracer_withLog", { tracer: "callTracer", shape: "frames" }],
  ["call_tracer_flat", { tracer: "flatCallTracer", shape: "flat" }],
  ["prestate_tracer", { tracer: "prestateTracer", shape: "plain" }],
  ["call_tracer_erc7562", { tracer: "erc7562Tracer", shape: "frames" }],
  ["erc7562_tracer", { tracer: "erc7562Tracer", shape: "frames" }],
  ["prestate_tracer_with_diff_mode", { tracer: "prestateTracer", shape: "plain" }],
]);

/** Suites of the same collection that this program has no tracer for. */
export const REFUSED_KINDS: ReadonlySet<string> = new Set([
  "call_tracer_legacy",
  "prestate_tracer_legacy",
]);

/** A vector, ready to run. */
export interface VectorCase {
  readonly forks: ForkSchedule;
  readonly accounts: readonly GenesisAccount[];
  readonly environment: L1Environment;
  readonly transaction: L1ExecutableTx;
  readonly tracerConfig: unknown;
  readonly wanted: unknown;
}

/** The vector that `text` writes. */
export function parseVector(text: string): VectorCase {
  const fields = requireRecord(JSON.parse(text), "the file");
  const genesis = requireRecord(fields["genesis"], "genesis");
  const context = requireRecord(fields["context"], "context");
  const config = requireRecord(genesis["config"], "genesis.config");
  const forks = parseForkSchedule(config);
  const input = requireText(fields["input"], "input");
  const raw = hexToBytes(input.startsWith("0x") ? input : `0x${input}`);
  const tx = decodeBlockTransaction(raw);
  return {
    forks,
    accounts: parseAlloc(genesis["alloc"]),
    environment: readEnvironment(context, { genesis, forks }),
    transaction: { raw, tx, sender: recoverSender(tx) },
    tracerConfig: fields["tracerConfig"],
    wanted: fields["result"],
  };
}

function readEnvironment(
  context: Readonly<Record<string, unknown>>,
  { genesis, forks }: {
    readonly genesis: Readonly<Record<string, unknown>>;
    readonly forks: ForkSchedule;
  },
): L1Environment {
  const number = readUint(context["number"]);
  const timestampSec = readUint(context["timestamp"]);
  // As geth's own test: a chain that merged does so from its beginning.
  const isMerged = forks.terminalTotalDifficulty === 0n;
  const rules = rulesAt(forks, { number, timestampSec, isMerged });
  const mixHash = genesis["mixHash"] ?? genesis["mixhash"];
  const miner = context["miner"];
  return {
    chainId: forks.chainId,
    number,
    timestampSec,
    coinbase: typeof miner === "string" ? address(miner) : ZERO_ADDRESS,
    gasLimit: readUint(context["gasLimit"]),
    baseFeePerGasWei: rules.isActive("london") ? readUint(context["baseFeePerGas"] ?? "0") : 0n,
    prevRandao: typeof mixHash === "string" ? hash32(mixHash) : ZERO_HASH,
    parentHash: ZERO_HASH,
    gasPerPubdata: 0n,
    rules,
    difficulty: isMerged ? 0n : readUint(context["difficulty"] ?? "0"),
    // geth works it out from an empty header, whatever the genesis says.
    excessBlobGas: rules.blobs === undefined ? undefined : 0n,
    parentBeaconBlockRoot: rules.isActive("cancun") ? ZERO_HASH : undefined,
    uncles: [],
    withdrawals: rules.isActive("shanghai") ? [] : undefined,
  };
}

/** Numbers are written as numbers, or as decimal or hex text. */
function readUint(value: unknown): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === "string" && /^(0x[0-9a-fA-F]+|\d+)$/.test(value)) return BigInt(value);
  throw new TypeError(`Cannot read ${JSON.stringify(value)} as a number`);
}

function requireText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new TypeError(`Cannot read a vector: "${name}" is no text`);
}

function requireRecord(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw new TypeError(`Cannot read a vector: ${name} is no object`);
}
