/**
 * The base fee of EIP-1559 on L1.
 *
 * Owns the formula and its start. Does not own the fee market of the L2 (`core/vm`).
 * @module
 */

/** Base fee of the genesis block: 1 gwei, as anvil's. */
export const INITIAL_BASE_FEE_WEI = 1_000_000_000n;

const ELASTICITY = 2n;
const MAX_CHANGE_DENOMINATOR = 8n;

/** What the next base fee depends on. */
export interface BaseFeeParent {
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** `undefined` before London. */
  readonly baseFeePerGasWei: bigint | undefined;
}

/**
 * Base fee of the block after `parent`: towards half-full blocks, by at most an eighth. London's
 * first block has the initial one.
 */
export function nextBaseFeeWei(parent: BaseFeeParent): bigint {
  const { baseFeePerGasWei, gasUsed } = parent;
  if (baseFeePerGasWei === undefined) return INITIAL_BASE_FEE_WEI;
  const targetGas = parent.gasLimit / ELASTICITY;
  if (gasUsed === targetGas) return baseFeePerGasWei;
  if (gasUsed > targetGas) {
    const rise = baseFeePerGasWei * (gasUsed - targetGas) / targetGas / MAX_CHANGE_DENOMINATOR;
    return baseFeePerGasWei + (rise > 0n ? rise : 1n);
  }
  return baseFeePerGasWei -
    baseFeePerGasWei * (targetGas - gasUsed) / targetGas / MAX_CHANGE_DENOMINATOR;
}
