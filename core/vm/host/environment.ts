/**
 * Writes environments into the program's memory.
 *
 * Owns the slots of an environment. Does not own what is in one (`translation.ts`).
 * @module
 */
import * as layout from "../assembly/layout.ts";
import type { MemoryView } from "./memory_view.ts";
import type { Fork, ProgramEnvironment } from "./program.ts";

const FORKS: Readonly<Record<Fork, number>> = {
  Cancun: layout.FORK_CANCUN,
  Prague: layout.FORK_PRAGUE,
  Osaka: layout.FORK_OSAKA,
};

/** All that {@linkcode writeEnvironment} writes. */
const ENVIRONMENT_FIELDS = [
  "chainId",
  "number",
  "timestampSec",
  "coinbase",
  "gasLimit",
  "baseFeePerGasWei",
  "prevRandao",
  "parentHash",
  "gasPerPubdata",
  "blobBaseFeeWei",
  "profile",
  "fork",
  "maxBlobs",
  "maxTxGas",
] as const satisfies readonly (keyof ProgramEnvironment)[];

/** Whether both would be written alike. */
export function isSameEnvironment(left: ProgramEnvironment, right: ProgramEnvironment): boolean {
  return ENVIRONMENT_FIELDS.every((field) => left[field] === right[field]);
}

/** Writes what the program reads of the block that it runs in, and never changes. */
export function writeEnvironment(memory: MemoryView, environment: ProgramEnvironment): void {
  const at = (slot: number) => slot * layout.WORD_BYTES;
  const profile = environment.profile === "rollup"
    ? layout.PROFILE_ROLLUP
    : layout.PROFILE_ETHEREUM;
  memory.setAccount(at(layout.SLOT_OPERATOR), environment.coinbase);
  // Nobody can choose slots ahead of it so that they collide in the program's hash tables.
  memory.setNumber(layout.SLOT_TABLE_SEED, BigInt(environment.parentHash) >> 192n);
  memory.setHash(at(layout.SLOT_PARENT_HASH), environment.parentHash);
  memory.setNumber(layout.SLOT_TIMESTAMP, environment.timestampSec);
  memory.setNumber(layout.SLOT_NUMBER, environment.number);
  memory.setNumber(layout.SLOT_GAS_PER_PUBDATA, environment.gasPerPubdata);
  memory.setWord(at(layout.SLOT_CHAIN_ID), environment.chainId);
  memory.setWord(at(layout.SLOT_BASE_FEE), environment.baseFeePerGasWei);
  memory.setNumber(layout.SLOT_PROFILE, BigInt(profile));
  memory.setNumber(layout.SLOT_FORK, BigInt(FORKS[environment.fork]));
  memory.setNumber(layout.SLOT_GAS_LIMIT, environment.gasLimit);
  memory.setHash(at(layout.SLOT_PREV_RANDAO), environment.prevRandao);
  memory.setWord(at(layout.SLOT_BLOB_BASE_FEE), environment.blobBaseFeeWei);
  memory.setNumber(layout.SLOT_MAX_BLOBS, BigInt(environment.maxBlobs));
  memory.setNumber(layout.SLOT_MAX_TX_GAS, environment.maxTxGas);
}
