/**
 * EIP-7702: what the signed authorizations of a transaction do to accounts.
 *
 * Owns recovery of the authority and the delegation it writes. Does not own the cost of an
 * authorization (`tx_rules.ts`) or following a delegation, which is the EVM's.
 * @module
 */
import { keccak256Bytes } from "../crypto/keccak.ts";
import { recoverAddress, SECP256K1_ORDER } from "../crypto/secp256k1.ts";
import { concatBytes, EMPTY_BYTES } from "../primitives/bytes.ts";
import { type Address, hexToBytes, ZERO_ADDRESS, ZERO_HASH } from "../primitives/hex.ts";
import { encodeRlp, uintToRlp } from "../primitives/rlp.ts";
import type { Authorization } from "../types/tx.ts";
import { isDelegation } from "./tx_rules.ts";
import type { WorldState } from "./world_state.ts";

/** First byte of what an authority signs. */
const MAGIC = Uint8Array.of(0x05);
const DELEGATION_PREFIX = Uint8Array.of(0xef, 0x01, 0x00);
const MAX_NONCE = (1n << 64n) - 1n;
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

/** The account that signed; `undefined` when the authorization is not for this chain or invalid. */
export function recoverAuthority(
  authorization: Authorization,
  chainId: bigint,
): Address | undefined {
  if (authorization.chainId !== 0n && authorization.chainId !== chainId) return undefined;
  if (authorization.nonce >= MAX_NONCE) return undefined;
  if (authorization.s > SECP256K1_ORDER / 2n) return undefined;
  return recoverAddress(authorizationDigest(authorization), authorization);
}

/** The 32 bytes that an authority signs: keccak256 of 0x05 and the RLP of the three fields. */
export function authorizationDigest(
  authorization: Pick<Authorization, "chainId" | "address" | "nonce">,
): Uint8Array {
  const fields = [
    uintToRlp(authorization.chainId),
    hexToBytes(authorization.address),
    uintToRlp(authorization.nonce),
  ];
  return keccak256Bytes(concatBytes(MAGIC, encodeRlp(fields)));
}

/** The code of an account that delegates to `target`; the zero address clears the delegation. */
export function delegationCode(target: Address): Uint8Array {
  return target === ZERO_ADDRESS ? EMPTY_BYTES : concatBytes(DELEGATION_PREFIX, hexToBytes(target));
}
