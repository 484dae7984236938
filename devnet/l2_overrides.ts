/**
 * Overrides of a call as the L2's program can have them.
 *
 * Owns what becomes of each, and what is refused because the program has no place for it. Does not
 * own their JSON (`rpc/overrides.ts`) or running anything.
 * @module
 */
import { type Address, address } from "../core/primitives/hex.ts";
import type { BlockEnvironment } from "../core/vm/executor.ts";
import type { AccountPatch } from "../core/vm/overlay_storage.ts";
import type { AccountOverride, BlockOverrides, TracedRules } from "./rpc/chain.ts";
import { RPC_CODES, RpcError } from "./rpc/errors.ts";
import { checksumAddress } from "./rpc/format.ts";

/** The program's numbers of blocks and seconds leave room for arithmetic. */
const MAX_PLACE = 1n << 63n;
const MAX_U64 = (1n << 64n) - 1n;

/** The program's precompiles: those of Osaka. */
export const L2_PRECOMPILES: ReadonlySet<Address> = new Set(
  [...Array.from({ length: 17 }, (_, index) => index + 1), 0x100].map((number) =>
    address(`0x${number.toString(16).padStart(40, "0")}`)
  ),
);

/** What tracers need to know of the program's rules. */
export const L2_RULES: TracedRules = {
  isDestroyedOnlyNew: true,
  hasDelegations: true,
  clearsEmpty: true,
  precompiles: L2_PRECOMPILES,
};

/**
 * The accounts of `overrides` as an overlay takes them.
 *
 * @throws RpcError -32000 for a precompile that is to move or to have code: precompiles are part of
 * the program, which is the same for every run.
 */
export function toAccountPatches(
  overrides: ReadonlyMap<Address, AccountOverride>,
): ReadonlyMap<Address, AccountPatch> {
  for (const [account, { movePrecompileTo, code }] of overrides) {
    const isPrecompile = L2_PRECOMPILES.has(account);
    if (movePrecompileTo !== undefined) {
      throw refused(
        account,
        isPrecompile
          ? "is a precompile of the L2's program, which cannot be moved"
          : "is not a precompile",
      );
    }
    if (isPrecompile && code !== undefined) {
      throw refused(account, "is a precompile of the L2's program, which cannot have code");
    }
  }
  return overrides;
}

/** @throws RpcError -32602 for numbers that no block of the L2 has. */
export function toEnvironmentOverrides(overrides: BlockOverrides): Partial<BlockEnvironment> {
  const { number, timestampSec, gasLimit, coinbase, prevRandao } = overrides;
  const { baseFeePerGasWei, blobBaseFeeWei } = overrides;
  requireAtMost("number", number, MAX_PLACE);
  requireAtMost("time", timestampSec, MAX_PLACE);
  requireAtMost("baseFeePerGas", baseFeePerGasWei, MAX_U64);
  requireAtMost("blobBaseFee", blobBaseFeeWei, MAX_U64);
  return {
    ...(number === undefined ? {} : { number }),
    ...(timestampSec === undefined ? {} : { timestampSec }),
    ...(gasLimit === undefined ? {} : { gasLimit }),
    ...(coinbase === undefined ? {} : { coinbase }),
    ...(prevRandao === undefined ? {} : { prevRandao }),
    ...(baseFeePerGasWei === undefined ? {} : { baseFeePerGasWei }),
    ...(blobBaseFeeWei === undefined ? {} : { blobBaseFeeWei }),
  };
}

function requireAtMost(name: string, value: bigint | undefined, most: bigint): void {
  if (value === undefined || value <= most) return;
  throw new RpcError(
    RPC_CODES.invalidParams,
    `invalid block override: ${name} ${value} is above ${most}`,
  );
}

function refused(account: Address, why: string): RpcError {
  return new RpcError(RPC_CODES.serverError, `account ${checksumAddress(account)} ${why}`);
}
