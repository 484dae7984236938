/**
 * EIP-7702 in TypeScript: what the authorizations of a transaction do to accounts.
 *
 * Owns the oracle's version of the rule. Does not own recovery (`core/vm/authorizations.ts`).
 * @module
 */
import { type Address, ZERO_HASH } from "../../core/primitives/hex.ts";
import type { Authorization } from "../../core/types/tx.ts";
import { delegationCode, recoverAuthority } from "../../core/vm/authorizations.ts";
import { isDelegation } from "../../core/vm/tx_rules.ts";
import type { WorldState } from "./world_state.ts";

/** `PER_EMPTY_ACCOUNT_COST` less `PER_AUTH_BASE_COST`: given back when the authority exists. */
const EXISTING_ACCOUNT_REFUND_GAS = 12_500n;

/** What authorizing did besides its writes. */
export interface AuthorizationEffects {
  readonly refundGas: bigint;
  /** Accounts that are warm from now on; also those whose authorization was then ignored. */
  readonly warmAddresses: readonly Address[];
}

/**
 * Applies `authorizations` in order; an invalid one is ignored and still paid for.
 *
 * The sender's nonce must have been raised before.
 */
export async function applyAuthorizations(
  state: WorldState,
  authorizations: readonly Authorization[],
  chainId: bigint,
): Promise<AuthorizationEffects> {
  let refundGas = 0n;
  const warmAddresses: Address[] = [];
  for (const authorization of authorizations) {
    const authority = recoverAuthority(authorization, chainId);
    if (authority === undefined) continue;
    warmAddresses.push(authority);
    const account = await state.account(authority);
    const code = await state.code(account.codeHash);
    if (code.length > 0 && !isDelegation(code)) continue;
    if (account.nonce !== authorization.nonce) continue;
    const exists = account.nonce > 0n || account.balanceWei > 0n || account.codeHash !== ZERO_HASH;
    if (exists) refundGas += EXISTING_ACCOUNT_REFUND_GAS;
    const codeHash = state.storeCode(delegationCode(authorization.address));
    await state.setAccount(authority, { ...account, nonce: account.nonce + 1n, codeHash });
  }
  return { refundGas, warmAddresses };
}
