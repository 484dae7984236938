/**
 * What a block's opcodes and fees depend on, computed from its parent.
 *
 * Owns the base fee rule (EIP-1559) and the deterministic PREVRANDAO. Does not own when a block is
 * made or the transactions in it.
 * @module
 */
import { keccak256 } from "../crypto/keccak.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { assert } from "../primitives/errors.ts";
import { type Hash32, hexToBytes } from "../primitives/hex.ts";
import type { BlockHeader } from "../types/block.ts";
import type { ChainConfig } from "../types/genesis.ts";
import type { BlockEnvironment } from "./executor.ts";

/** EIP-1559: the gas limit is this many times the target. */
export const ELASTICITY_MULTIPLIER = 2n;
/** EIP-1559: the base fee moves by at most one part in this many. */
export const BASE_FEE_MAX_CHANGE_DENOMINATOR = 8n;

const PREV_RANDAO_DOMAIN = new TextEncoder().encode("varve/prevrandao");

/** The part of a chain's configuration that its blocks depend on. */
export type BlockConfig = Pick<
  ChainConfig,
  "chainId" | "coinbase" | "blockGasLimit" | "gasPerPubdata"
>;

/** What {@linkcode nextEnvironment} is made from. */
export interface NextBlock {
  readonly config: BlockConfig;
  readonly parent: BlockHeader;
  readonly parentHash: Hash32;
  /** Greater than the parent's. */
  readonly timestampSec: bigint;
}

/** The environment of the block after `parent`. */
export function nextEnvironment(
  { config, parent, parentHash, timestampSec }: NextBlock,
): BlockEnvironment {
  assert(timestampSec > parent.timestampSec, "timestamps of blocks strictly increase");
  return {
    chainId: config.chainId,
    number: parent.number + 1n,
    timestampSec,
    coinbase: config.coinbase,
    gasLimit: config.blockGasLimit,
    baseFeePerGasWei: nextBaseFeePerGasWei(parent),
    prevRandao: prevRandaoAfter(parentHash),
    parentHash,
    gasPerPubdata: config.gasPerPubdata,
  };
}

/** The base fee of the block after `parent` (EIP-1559); it never reaches 0 from above 7 wei. */
export function nextBaseFeePerGasWei(
  parent: Pick<BlockHeader, "gasLimit" | "gasUsed" | "baseFeePerGasWei">,
): bigint {
  const { gasUsed, baseFeePerGasWei } = parent;
  const targetGas = parent.gasLimit / ELASTICITY_MULTIPLIER;
  if (gasUsed === targetGas || targetGas === 0n) return baseFeePerGasWei;
  const distance = gasUsed > targetGas ? gasUsed - targetGas : targetGas - gasUsed;
  const change = baseFeePerGasWei * distance / targetGas / BASE_FEE_MAX_CHANGE_DENOMINATOR;
  if (gasUsed < targetGas) return baseFeePerGasWei - change;
  return baseFeePerGasWei + (change > 1n ? change : 1n);
}

/**
 * What PREVRANDAO answers in the child of `parentHash`: keccak256 of a domain and that hash.
 *
 * Everybody can compute it ahead, so contracts must not draw lots with it; it exists so that every
 * node and the proof agree without another input.
 */
export function prevRandaoAfter(parentHash: Hash32): Hash32 {
  return keccak256(concatBytes(PREV_RANDAO_DOMAIN, hexToBytes(parentHash)));
}
