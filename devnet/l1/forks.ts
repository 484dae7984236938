/**
 * Which rules of Ethereum hold in which block, from the configuration of a geth genesis.
 *
 * Owns the order of forks, the parameters of blobs and the one `Common` of `@ethereumjs` that each
 * fork needs. Does not own what the rules say (`evm.ts`, the library) or headers.
 * @module
 */
import { paramsBlock } from "@ethereumjs/block";
import {
  type Common,
  createCustomCommon,
  Hardfork,
  Mainnet,
  type ParamsDict,
} from "@ethereumjs/common";
import { paramsEVM } from "@ethereumjs/evm";
import { paramsTx } from "@ethereumjs/tx";
import { paramsVM } from "@ethereumjs/vm";
import type { KZG } from "@ethereumjs/util";
import { keccak256Bytes } from "../../core/crypto/keccak.ts";
import { assert, AssertionError, RollupError } from "../../core/primitives/errors.ts";
import { type Address, address, hexToBytes } from "../../core/primitives/hex.ts";
import { verifyPointEvaluation } from "../../core/vm/point_evaluation.ts";
import { checkForkOrder } from "./fork_order.ts";

/** Every fork that changes what a block does, in order. Those that only move the bomb are left out. */
export const FORK_NAMES = [
  "frontier",
  "homestead",
  "tangerineWhistle",
  "spuriousDragon",
  "byzantium",
  "constantinople",
  "petersburg",
  "istanbul",
  "berlin",
  "london",
  "paris",
  "shanghai",
  "cancun",
  "prague",
  "osaka",
] as const;

/** A fork. */
export type ForkName = typeof FORK_NAMES[number];

/** Gas that blobs may take and how fast its price moves (EIP-4844, EIP-7840). */
export interface BlobParams {
  readonly targetBlobs: bigint;
  readonly maxBlobs: bigint;
  readonly updateFraction: bigint;
}

/** When each fork begins on one chain. */
export interface ForkSchedule {
  readonly chainId: bigint;
  /** Forks by block number, in order; a fork that is not there never begins by number. */
  readonly byNumber: readonly { readonly fork: ForkName; readonly number: bigint }[];
  /** Forks by time, in order. */
  readonly byTime: readonly { readonly fork: ForkName; readonly timestampSec: bigint }[];
  /** What blobs may take from a time on, in order. */
  readonly blobs: readonly { readonly timestampSec: bigint; readonly params: BlobParams }[];
  /** Forks that somebody scheduled and that this program does not know. */
  readonly unknown: readonly { readonly name: string; readonly timestampSec: bigint }[];
  /** The fork that took the DAO's ether, if this chain had it. */
  readonly daoForkNumber: bigint | undefined;
  /** Work after which blocks have none; `undefined` for a chain that always has. */
  readonly terminalTotalDifficulty: bigint | undefined;
  /** Blocks are signed by authorities until the merge (EIP-225). */
  readonly isClique: boolean;
  /** Where deposits for the beacon chain are told (EIP-6110). */
  readonly depositContract: Address;
  /** Where anything at all changes, in order and each once: what a fork id is made of (EIP-2124). */
  readonly boundaries: { readonly numbers: readonly bigint[]; readonly times: readonly bigint[] };
}

/** A block's place: what decides its rules. */
export interface ForkPlace {
  readonly number: bigint;
  readonly timestampSec: bigint;
  /** After the merge: its difficulty is 0. */
  readonly isMerged: boolean;
}

/** The rules of one block. */
export interface L1Rules {
  readonly fork: ForkName;
  /** For the library; the same object for all blocks with the same rules. Never to be changed. */
  readonly common: Common;
  /** `undefined` before Cancun. */
  readonly blobs: BlobParams | undefined;
  /** Whether `fork` or a later one holds. */
  isActive(fork: ForkName): boolean;
}

/** Codes that this file throws. */
export type ForkErrorCode = "L1_CONFIG_INVALID" | "L1_FORK_UNSUPPORTED";

/** Blobs of Cancun (EIP-4844). */
const CANCUN_BLOBS: BlobParams = { targetBlobs: 3n, maxBlobs: 6n, updateFraction: 3_338_477n };
/** Blobs from Prague on (EIP-7691). */
const PRAGUE_BLOBS: BlobParams = { targetBlobs: 6n, maxBlobs: 9n, updateFraction: 5_007_716n };
/** More than any schedule asks for, few enough for exact numbers in the library. */
const MAX_SCHEDULED_BLOBS = 1_000_000n;
const MAX_UINT64 = (1n << 64n) - 1n;
/** Gas of one blob. */
export const GAS_PER_BLOB = 131_072n;
/** Mainnet's deposit contract, which geth takes where a configuration names none. */
const MAINNET_DEPOSIT_CONTRACT = address("0x00000000219ab540356cbb839cbe05303d7705fa");

const NUMBER_KEYS = [
  ["homesteadBlock", "homestead"],
  ["eip150Block", "tangerineWhistle"],
  ["eip158Block", "spuriousDragon"],
  ["byzantiumBlock", "byzantium"],
  ["constantinopleBlock", "constantinople"],
  ["petersburgBlock", "petersburg"],
  ["istanbulBlock", "istanbul"],
  ["berlinBlock", "berlin"],
  ["londonBlock", "london"],
] as const;
const TIME_KEYS = [
  ["shanghaiTime", "shanghai"],
  ["cancunTime", "cancun"],
  ["pragueTime", "prague"],
  ["osakaTime", "osaka"],
] as const;
/** Forks with an entry in `blobSchedule`, and what they have without one. */
const BLOB_KEYS = [
  ["cancun", CANCUN_BLOBS],
  ["prague", PRAGUE_BLOBS],
  ["osaka", PRAGUE_BLOBS],
  ["bpo1", undefined],
  ["bpo2", undefined],
  ["bpo3", undefined],
  ["bpo4", undefined],
  ["bpo5", undefined],
] as const;
/** Every key of a block number or a time, those included that change no rule of a block. */
const BOUNDARY_NUMBER_KEYS = [
  "daoForkBlock",
  "eip155Block",
  "muirGlacierBlock",
  "arrowGlacierBlock",
  "grayGlacierBlock",
  "mergeNetsplitBlock",
] as const;
const UNKNOWN_KEYS = ["amsterdamTime", "verkleTime", "ubtTime"] as const;

/** The devnet's own L1: everything up to Osaka from the first block on. */
export function devnetForks(chainId: bigint): ForkSchedule {
  return {
    chainId,
    byNumber: NUMBER_KEYS.map(([, fork]) => ({ fork, number: 0n })),
    byTime: TIME_KEYS.map(([, fork]) => ({ fork, timestampSec: 0n })),
    blobs: [{ timestampSec: 0n, params: PRAGUE_BLOBS }],
    unknown: [],
    daoForkNumber: undefined,
    terminalTotalDifficulty: 0n,
    isClique: false,
    depositContract: MAINNET_DEPOSIT_CONTRACT,
    boundaries: { numbers: [], times: [] },
  };
}

/**
 * The schedule that `config`, the object of that name in a geth genesis, describes. Keys that are
 * not known say nothing about blocks and are passed over.
 *
 * @throws `L1_CONFIG_INVALID`
 */
export function parseForkSchedule(config: unknown): ForkSchedule {
  const fields = readObject(config, "config");
  const chainId = readUint(fields, "chainId") ?? 1n;
  const numbers = NUMBER_KEYS.flatMap(([key, fork]) => {
    const number = readUint(fields, key);
    return number === undefined ? [] : [{ fork, number }];
  });
  // As geth: Constantinople brings Petersburg with it, unless that has a number of its own.
  const constantinople = numbers.find(({ fork }) => fork === "constantinople");
  const hasPetersburg = numbers.some(({ fork }) => fork === "petersburg");
  const byNumber = constantinople === undefined || hasPetersburg
    ? numbers
    : [...numbers, { fork: "petersburg" as const, number: constantinople.number }];
  const byTime = TIME_KEYS.flatMap(([key, fork]) => {
    const timestampSec = readUint(fields, key);
    return timestampSec === undefined ? [] : [{ fork, timestampSec }];
  });
  const unknown = UNKNOWN_KEYS.flatMap((key) => {
    const timestampSec = readUint(fields, key);
    return timestampSec === undefined ? [] : [{ name: key.slice(0, -"Time".length), timestampSec }];
  });
  const hasPassed = fields["terminalTotalDifficultyPassed"] === true;
  return {
    chainId,
    byNumber: byNumber.toSorted((left, right) => orderOf(left.fork) - orderOf(right.fork)),
    byTime,
    blobs: readBlobSchedule(fields),
    unknown,
    daoForkNumber: fields["daoForkSupport"] === true ? readUint(fields, "daoForkBlock") : undefined,
    terminalTotalDifficulty: readUint(fields, "terminalTotalDifficulty") ??
      (hasPassed ? 0n : undefined),
    isClique: fields["clique"] !== undefined && fields["clique"] !== null,
    depositContract: readDepositContract(fields),
    boundaries: readBoundaries(fields),
  };
}

/** Refuses a schedule that no chain of its own can have. @throws `L1_CONFIG_INVALID` */
export function checkForkSchedule(config: unknown): void {
  const fields = readObject(config, "config");
  checkForkOrder((key) => readUint(fields, key));
  if ((readUint(fields, "chainId") ?? 1n) > MAX_UINT64) {
    throw invalidConfig("chainId", fields["chainId"]);
  }
  const given = fields["blobSchedule"] ?? {};
  for (const [name, usual] of BLOB_KEYS) {
    if (readUint(fields, `${name}Time`) === undefined || usual !== undefined) continue;
    if (!(name in readObject(given, "blobSchedule"))) {
      throw invalidConfig(`blobSchedule.${name}`, undefined);
    }
  }
}

function readDepositContract(fields: Readonly<Record<string, unknown>>): Address {
  const value = fields["depositContractAddress"];
  if (value === undefined || value === null) return MAINNET_DEPOSIT_CONTRACT;
  const isAddress = typeof value === "string" && /^(0[xX])?[0-9a-fA-F]{40}$/.test(value);
  if (!isAddress) throw invalidConfig("depositContractAddress", value);
  return address(`0x${value.slice(-40)}`);
}

function readBoundaries(fields: Readonly<Record<string, unknown>>): ForkSchedule["boundaries"] {
  const numberKeys = [...NUMBER_KEYS.map(([key]) => key), ...BOUNDARY_NUMBER_KEYS];
  const timeKeys = [
    ...TIME_KEYS.map(([key]) => key),
    ...BLOB_KEYS.map(([name]) => `${name}Time`),
    ...UNKNOWN_KEYS,
  ];
  const read = (keys: readonly string[]) =>
    [...new Set(keys.flatMap((key) => readUint(fields, key) ?? []))]
      .toSorted((left, right) => left < right ? -1 : 1);
  return { numbers: read(numberKeys), times: read(timeKeys) };
}

/**
 * The rules of the block at `place`.
 *
 * @throws `L1_FORK_UNSUPPORTED` when a fork that this program does not know holds there.
 */
export function rulesAt(schedule: ForkSchedule, place: ForkPlace): L1Rules {
  const fork = forkAt(schedule, place);
  const blobs = orderOf(fork) < orderOf("cancun")
    ? undefined
    : schedule.blobs.findLast(({ timestampSec }) => timestampSec <= place.timestampSec)?.params ??
      CANCUN_BLOBS;
  const cached = rulesOf(schedule);
  const key = `${fork} ${blobs?.targetBlobs} ${blobs?.maxBlobs} ${blobs?.updateFraction}`;
  const known = cached.get(key);
  if (known !== undefined) return known;
  const rules: L1Rules = {
    fork,
    blobs,
    common: createForkCommon(schedule, fork, blobs),
    isActive: (wanted) => orderOf(fork) >= orderOf(wanted),
  };
  cached.set(key, rules);
  return rules;
}

/** The library's rules for the block at `place` of the chain that a geth `config` describes. */
export function commonAt(config: unknown, place: ForkPlace): Common {
  return rulesAt(parseForkSchedule(config), place).common;
}

function forkAt(schedule: ForkSchedule, place: ForkPlace): ForkName {
  const { number, timestampSec } = place;
  const begun = schedule.byNumber.filter((entry) => entry.number <= number);
  const byNumber = latest(begun.map(({ fork }) => fork), "frontier");
  // As geth: nothing after London counts before the merge, and the merge not before London.
  if (!place.isMerged || byNumber !== "london") return byNumber;
  const unknown = schedule.unknown.find((entry) => entry.timestampSec <= timestampSec);
  if (unknown !== undefined) throw unsupportedFork(unknown.name, place);
  const timed = schedule.byTime.filter((entry) => entry.timestampSec <= timestampSec);
  return latest(timed.map(({ fork }) => fork), "paris");
}

function latest(forks: readonly ForkName[], least: ForkName): ForkName {
  return forks.reduce((left, right) => orderOf(left) > orderOf(right) ? left : right, least);
}

function orderOf(fork: ForkName): number {
  return FORK_NAMES.indexOf(fork);
}

/** Rules of a schedule that were asked for; a schedule has few, whatever the length of its chain. */
const rulesBySchedule = new WeakMap<ForkSchedule, Map<string, L1Rules>>();

function rulesOf(schedule: ForkSchedule): Map<string, L1Rules> {
  const known = rulesBySchedule.get(schedule);
  if (known !== undefined) return known;
  const created = new Map<string, L1Rules>();
  rulesBySchedule.set(schedule, created);
  return created;
}

const LIBRARY_FORKS: Readonly<Record<ForkName, Hardfork>> = {
  frontier: Hardfork.Chainstart,
  homestead: Hardfork.Homestead,
  tangerineWhistle: Hardfork.TangerineWhistle,
  spuriousDragon: Hardfork.SpuriousDragon,
  byzantium: Hardfork.Byzantium,
  constantinople: Hardfork.Constantinople,
  petersburg: Hardfork.Petersburg,
  istanbul: Hardfork.Istanbul,
  berlin: Hardfork.Berlin,
  london: Hardfork.London,
  paris: Hardfork.Paris,
  shanghai: Hardfork.Shanghai,
  cancun: Hardfork.Cancun,
  prague: Hardfork.Prague,
  // Forks for blob parameters alone (EIP-7892) are Osaka with other numbers.
  osaka: Hardfork.Osaka,
};

function createForkCommon(
  schedule: ForkSchedule,
  fork: ForkName,
  blobs: BlobParams | undefined,
): Common {
  const hardfork = LIBRARY_FORKS[fork];
  const common = createCustomCommon(
    {
      chainId: schedule.chainId.toString(),
      name: "varve-l1",
      depositContractAddress: schedule.depositContract,
    },
    Mainnet,
    { hardfork, customCrypto: { kzg: POINT_EVALUATION, keccak256: keccak256Bytes } },
  );
  // Every block, transaction and VM merges its package's parameters in again, which costs as much as
  // running a transfer. Once is enough; the VM's come last, as they do when a VM is made.
  const merged: readonly ParamsDict[] = [paramsBlock, paramsTx, paramsEVM, paramsVM];
  for (const params of merged) common.updateParams(params);
  if (blobs !== undefined) common.updateParams({ [hardfork]: toLibraryBlobs(blobs) });
  const { updateParams } = common;
  common.updateParams = function (this: Common, params: ParamsDict): void {
    if (!merged.includes(params)) updateParams.call(this, params);
  };
  // Its fork never changes; each EVM would listen for that as long as the process lives.
  common.events.on = () => common.events;
  return common;
}

function toLibraryBlobs({ targetBlobs, maxBlobs, updateFraction }: BlobParams) {
  return {
    targetBlobGasPerBlock: Number(targetBlobs * GAS_PER_BLOB),
    maxBlobGasPerBlock: Number(maxBlobs * GAS_PER_BLOB),
    blobGasPriceUpdateFraction: Number(updateFraction),
  };
}

/** Of all that KZG does, the EVM needs one check (precompile 0x0a); blobs never reach it. */
const POINT_EVALUATION: KZG = {
  verifyProof: (commitment, z, y, proof) =>
    verifyPointEvaluation({
      commitment: hexToBytes(commitment),
      z: hexToBytes(z),
      y: hexToBytes(y),
      proof: hexToBytes(proof),
    }) === true,
  blobToKzgCommitment: refuseBlobs,
  computeBlobProof: refuseBlobs,
  verifyBlobProofBatch: refuseBlobs,
  computeCells: refuseBlobs,
  computeCellsAndProofs: refuseBlobs,
  recoverCellsAndProofs: refuseBlobs,
  verifyCellKzgProofBatch: refuseBlobs,
};

function refuseBlobs(): never {
  throw new AssertionError("Broken invariant: blobs are checked and dropped at admission");
}

function readBlobSchedule(fields: Readonly<Record<string, unknown>>): ForkSchedule["blobs"] {
  const given = fields["blobSchedule"];
  const schedule = given === undefined || given === null ? {} : readObject(given, "blobSchedule");
  return BLOB_KEYS.flatMap(([name, usual]) => {
    const timestampSec = readUint(fields, `${name}Time`);
    const entry = schedule[name];
    const params = entry === undefined || entry === null ? usual : readBlobParams(entry, name);
    return timestampSec === undefined || params === undefined ? [] : [{ timestampSec, params }];
  });
}

function readBlobParams(value: unknown, name: string): BlobParams {
  const fields = readObject(value, `blobSchedule.${name}`);
  const require = (key: string, least: bigint, most: bigint): bigint => {
    const number = readUint(fields, key);
    const isRight = number !== undefined && number >= least && number <= most;
    if (!isRight) throw invalidConfig(`blobSchedule.${name}.${key}`, fields[key]);
    return number;
  };
  const maxBlobs = require("max", 0n, MAX_SCHEDULED_BLOBS);
  return {
    maxBlobs,
    targetBlobs: require("target", 0n, maxBlobs),
    updateFraction: require("baseFeeUpdateFraction", 1n, MAX_UINT64),
  };
}

function readObject(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidConfig(name, value);
  }
  return Object.fromEntries(Object.entries(value));
}

/** Numbers in JSON may be written as numbers, or as decimal or hex text. */
function readUint(
  fields: Readonly<Record<string, unknown>>,
  name: string,
): bigint | undefined {
  // Go reads keys in any case: a published vector of geth has "IstanbulBlock".
  const key = name in fields ? name : findKey(fields, name);
  const value = key === undefined ? undefined : fields[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "bigint" && value >= 0n) return value;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === "string" && /^(0x[0-9a-fA-F]+|\d+)$/.test(value)) return BigInt(value);
  throw invalidConfig(name, value);
}

function findKey(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  return Object.keys(fields).find((key) => key.toLowerCase() === name.toLowerCase());
}

function invalidConfig(name: string, value: unknown): RollupError<ForkErrorCode> {
  return new RollupError(
    "L1_CONFIG_INVALID",
    `Cannot read "${name}" of the chain's configuration as geth writes it: ` +
      `it is ${JSON.stringify(value) ?? "absent"}`,
    { details: { name }, mend: "Correct the configuration in the genesis file." },
  );
}

function unsupportedFork(name: string, place: ForkPlace): RollupError<ForkErrorCode> {
  assert(place.isMerged, "only forks of after the merge are scheduled by time");
  return new RollupError(
    "L1_FORK_UNSUPPORTED",
    `Cannot run block ${place.number} as fork "${name}" holds there: ` +
      "the last fork that this L1 knows is Osaka, with its blob-parameter forks",
    {
      details: { name, number: place.number, timestampSec: place.timestampSec },
      mend: "Use a genesis whose later forks are not scheduled, or begin later.",
    },
  );
}
