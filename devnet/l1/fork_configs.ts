/**
 * Which forks a chain has, as EIP-7910 tells it.
 *
 * Owns names, fork ids (EIP-2124, EIP-6122) and the order of forks by time. Does not own the rules
 * (`forks.ts`).
 * @module
 */
import { getActivePrecompiles } from "@ethereumjs/evm";
import { bigintToBytes, concatBytes } from "../../core/primitives/bytes.ts";
import {
  type Address,
  address,
  type Hash32,
  type Hex,
  hexToBytes,
} from "../../core/primitives/hex.ts";
import type { ForkConfig, ForkConfigs } from "../rpc/chain.ts";
import { type ForkSchedule, type L1Rules, rulesAt } from "./forks.ts";
import {
  BEACON_ROOTS_ADDRESS,
  CONSOLIDATION_QUEUE_ADDRESS,
  HISTORY_ADDRESS,
  WITHDRAWAL_QUEUE_ADDRESS,
} from "./system_contracts.ts";

/** Where a chain began and where it is. */
export interface ForkMoment {
  readonly genesis: { readonly hash: Hash32; readonly timestampSec: bigint };
  readonly nowSec: bigint;
}

const PRECOMPILE_NAMES: Readonly<Record<string, string>> = {
  "1": "ECREC",
  "2": "SHA256",
  "3": "RIPEMD160",
  "4": "ID",
  "5": "MODEXP",
  "6": "BN254_ADD",
  "7": "BN254_MUL",
  "8": "BN254_PAIRING",
  "9": "BLAKE2F",
  "a": "KZG_POINT_EVALUATION",
  "b": "BLS12_G1ADD",
  "c": "BLS12_G1MSM",
  "d": "BLS12_G2ADD",
  "e": "BLS12_G2MSM",
  "f": "BLS12_PAIRING_CHECK",
  "10": "BLS12_MAP_FP_TO_G1",
  "11": "BLS12_MAP_FP2_TO_G2",
  "100": "P256VERIFY",
};

/** The fork that holds, the one after it and the last one. */
export function listForkConfigs(forks: ForkSchedule, moment: ForkMoment): ForkConfigs {
  const times = [
    ...new Set([
      ...forks.byTime.map(({ timestampSec }) => timestampSec),
      ...forks.blobs.map(({ timestampSec }) => timestampSec),
    ]),
  ].toSorted((left, right) => left < right ? -1 : 1);
  const describe = (time: bigint | undefined) =>
    time === undefined ? undefined : describeFork(forks, moment, time);
  const next = times.find((time) => time > moment.nowSec);
  return {
    current: describe(times.findLast((time) => time <= moment.nowSec)),
    next: describe(next),
    last: next === undefined ? undefined : describe(times.at(-1)),
  };
}

function describeFork(forks: ForkSchedule, { genesis }: ForkMoment, time: bigint): ForkConfig {
  const lastNumber = forks.byNumber.at(-1)?.number ?? 0n;
  const rules = rulesAt(forks, { number: lastNumber, timestampSec: time, isMerged: true });
  const { blobs, common } = rules;
  const precompiles = [...getActivePrecompiles(common).keys()].flatMap((key) => {
    const name = PRECOMPILE_NAMES[key.replace(/^0+/, "")];
    return name === undefined ? [] : [[name, address(`0x${key}`)] as const];
  });
  return {
    activationTimeSec: genesis.timestampSec >= time ? 0n : time,
    blobSchedule: blobs === undefined ? undefined : {
      target: blobs.targetBlobs,
      max: blobs.maxBlobs,
      baseFeeUpdateFraction: blobs.updateFraction,
    },
    forkId: forkId(forks, genesis, time),
    precompiles: Object.fromEntries(precompiles),
    systemContracts: systemContracts(forks, rules),
  };
}

function systemContracts(
  { depositContract }: ForkSchedule,
  rules: L1Rules,
): Readonly<Record<string, Address>> {
  return {
    ...(rules.isActive("cancun") ? { BEACON_ROOTS_ADDRESS } : {}),
    ...(rules.isActive("prague")
      ? {
        CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS: CONSOLIDATION_QUEUE_ADDRESS,
        DEPOSIT_CONTRACT_ADDRESS: depositContract,
        HISTORY_STORAGE_ADDRESS: HISTORY_ADDRESS,
        WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS: WITHDRAWAL_QUEUE_ADDRESS,
      }
      : {}),
  };
}

/** CRC-32 of the genesis hash and all forks up to `time`, as 4 bytes. */
function forkId(
  { boundaries }: ForkSchedule,
  genesis: ForkMoment["genesis"],
  time: bigint,
): Hex {
  const passed = [
    ...boundaries.numbers.filter((number) => number > 0n),
    ...boundaries.times.filter((each) => each > genesis.timestampSec && each <= time),
  ];
  const parts = passed.map((boundary) => bigintToBytes(boundary, 8));
  const checksum = crc32(concatBytes(hexToBytes(genesis.hash), ...parts));
  return `0x${checksum.toString(16).padStart(8, "0")}`;
}

/** The reversed polynomial of IEEE 802.3. */
const CRC_POLYNOMIAL = 0xedb88320;

function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      sum = (sum & 1) === 1 ? (sum >>> 1) ^ CRC_POLYNOMIAL : sum >>> 1;
    }
  }
  return (sum ^ 0xffffffff) >>> 0;
}
