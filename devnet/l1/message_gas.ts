/**
 * What a message costs before its first opcode, in each fork of Ethereum.
 *
 * Owns the sums for L1, whose imported chains know every fork. Does not own those of the L2, which
 * has one (`core/types/tx_gas.ts`).
 * @module
 */
import type { Common } from "@ethereumjs/common";
import type { Address } from "../../core/primitives/hex.ts";
import type { AccessListEntry, Authorization } from "../../core/types/tx.ts";

/** What these costs depend on. */
export interface PricedL1Message {
  readonly to: Address | undefined;
  readonly data: Uint8Array;
  readonly accessList: readonly AccessListEntry[];
  readonly authorizations: readonly Authorization[] | undefined;
}

const TX_BASE_GAS = 21_000n;
/** EIP-2, from Homestead on. */
const CREATION_GAS = 32_000n;
/** EIP-3860: per started word of init code. */
const INIT_CODE_WORD_GAS = 2n;
const ZERO_BYTE_GAS = 4n;
/** Before EIP-2028 and after it. */
const FRONTIER_NONZERO_BYTE_GAS = 68n;
const NONZERO_BYTE_GAS = 16n;
/** EIP-7623. */
const FLOOR_TOKEN_GAS = 10n;
const TOKENS_PER_NONZERO_BYTE = 4n;
/** EIP-2930. */
const ACCESS_LIST_ADDRESS_GAS = 2_400n;
const ACCESS_LIST_STORAGE_KEY_GAS = 1_900n;
/** EIP-7702. */
const AUTHORIZATION_GAS = 25_000n;

/** Gas of `message` whatever it does, by the rules of `common`; the floor is 0 before Prague. */
export function priceL1Message(
  message: PricedL1Message,
  common: Common,
): { readonly intrinsicGas: bigint; readonly floorGas: bigint } {
  const { to, data, accessList, authorizations = [] } = message;
  const zeroBytes = BigInt(data.reduce((count, byte) => byte === 0 ? count + 1 : count, 0));
  const nonzeroBytes = BigInt(data.length) - zeroBytes;
  const nonzeroByteGas = common.gteHardfork("istanbul")
    ? NONZERO_BYTE_GAS
    : FRONTIER_NONZERO_BYTE_GAS;
  let intrinsicGas = TX_BASE_GAS + ZERO_BYTE_GAS * zeroBytes + nonzeroByteGas * nonzeroBytes;
  if (to === undefined && common.gteHardfork("homestead")) intrinsicGas += CREATION_GAS;
  if (to === undefined && common.isActivatedEIP(3860)) {
    intrinsicGas += INIT_CODE_WORD_GAS * BigInt(Math.ceil(data.length / 32));
  }
  for (const { storageKeys } of accessList) {
    intrinsicGas += ACCESS_LIST_ADDRESS_GAS;
    intrinsicGas += ACCESS_LIST_STORAGE_KEY_GAS * BigInt(storageKeys.length);
  }
  intrinsicGas += AUTHORIZATION_GAS * BigInt(authorizations.length);
  const tokens = zeroBytes + TOKENS_PER_NONZERO_BYTE * nonzeroBytes;
  const floorGas = common.isActivatedEIP(7623) ? TX_BASE_GAS + FLOOR_TOKEN_GAS * tokens : 0n;
  return { intrinsicGas, floorGas };
}
