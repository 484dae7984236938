/**
 * A state that is other than it was, for one call.
 *
 * Owns what each field of an override does to a world, in geth's order and words. Does not own the
 * JSON of overrides (`rpc/overrides.ts`).
 * @module
 */
import type { PrecompileFunc } from "@ethereumjs/evm";
import { Account } from "@ethereumjs/util";
import { type Address, hexToBytes } from "../../core/primitives/hex.ts";
import type { AccountOverride } from "../rpc/chain.ts";
import { RPC_CODES, RpcError } from "../rpc/errors.ts";
import { checksumAddress } from "../rpc/format.ts";
import { type L1World, toLibraryAddress } from "./library.ts";
import { createTurns } from "./turns.ts";

/**
 * Puts `overrides` into `world`.
 *
 * @throws RpcError -32000 for a precompile that is none, or an account that is overridden twice.
 */
export async function applyStateOverrides(
  world: L1World,
  overrides: ReadonlyMap<Address, AccountOverride>,
): Promise<void> {
  const { precompiles } = world.vm.evm;
  const moved = new Set<Address>();
  for (const [account, override] of [...overrides].toSorted(([a], [b]) => a < b ? -1 : 1)) {
    if (moved.has(account)) {
      throw refused(account, "has already been overridden by a precompile");
    }
    const precompile = precompiles.get(account.slice(2));
    const { movePrecompileTo } = override;
    if (movePrecompileTo !== undefined) {
      if (precompile === undefined) throw refused(account, "is not a precompile");
      if (overrides.has(movePrecompileTo)) {
        throw refused(movePrecompileTo, "is already overridden");
      }
      movePrecompile(precompiles, movePrecompileTo, precompile);
      moved.add(movePrecompileTo);
    }
    precompiles.delete(account.slice(2));
    await overrideAccount(world, account, override);
  }
}

function movePrecompile(
  precompiles: Map<string, PrecompileFunc>,
  to: Address,
  precompile: PrecompileFunc,
): void {
  precompiles.set(to.slice(2), precompile);
}

async function overrideAccount(
  { state }: L1World,
  account: Address,
  override: AccountOverride,
): Promise<void> {
  const { nonce, balanceWei, code, state: storage, stateDiff } = override;
  const libraryAddress = toLibraryAddress(account);
  const isChanged = nonce !== undefined || balanceWei !== undefined || code !== undefined ||
    storage !== undefined || stateDiff !== undefined;
  if (!isChanged) return;
  const found = await state.getAccount(libraryAddress) ?? new Account();
  found.nonce = nonce ?? found.nonce;
  found.balance = balanceWei ?? found.balance;
  await state.putAccount(libraryAddress, found);
  if (code !== undefined) await state.putCode(libraryAddress, code);
  if (storage !== undefined) await state.clearStorage(libraryAddress);
  const turns = createTurns();
  for (const [slot, value] of storage ?? stateDiff ?? []) {
    await turns.handOn();
    await state.putStorage(libraryAddress, hexToBytes(slot), hexToBytes(value));
  }
}

function refused(account: Address, why: string): RpcError {
  return new RpcError(RPC_CODES.serverError, `account ${checksumAddress(account)} ${why}`);
}
