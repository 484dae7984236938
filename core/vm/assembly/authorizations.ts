/**
 * EIP-7702: what the signed authorizations of a transaction do to accounts.
 *
 * The operator recovers who signed; whether the authorization counts is decided here. One that does
 * not is skipped and still paid for.
 */
import { delegateOf } from "./calls";
import { ACCOUNT_NONCE } from "./cells";
import {
  AUTHORIZATION_AUTHORITY,
  AUTHORIZATION_BYTES,
  AUTHORIZATION_CHAIN_ID,
  AUTHORIZATION_NONCE,
  AUTHORIZATION_RECOVERED,
  AUTHORIZATION_TARGET,
  FORK_PRAGUE,
  SLOT_CHAIN_ID,
  SLOT_FORK,
  TX_AUTHORIZATIONS_COUNT,
  TX_AUTHORIZATIONS_PTR,
  WORD_BYTES,
} from "./layout";
import { getNumber, slotPtr } from "./memory";
import {
  account,
  addRefund,
  codeOf,
  exists,
  hasCode,
  setCode,
  setNonce,
  warmAccount,
} from "./state";
import { loadAddress } from "./tx_frame";
import { equal, isZero, loadBE } from "./words";

/** EIP-2681: the last nonce can never be used. */
export const MAX_NONCE: u64 = u64.MAX_VALUE;

/** A delegation designator: 0xef0100 and an address. */
const DELEGATION_BYTES: u32 = 23;
const DELEGATION_PREFIX_BYTES: u32 = 3;
/** `PER_EMPTY_ACCOUNT_COST` less `PER_AUTH_BASE_COST`: given back when the authority exists. */
const EXISTING_ACCOUNT_REFUND_GAS: i64 = 12_500;

const chainId: usize = memory.data(WORD_BYTES, 16);
const ownChainId: usize = memory.data(WORD_BYTES, 16);
const address: usize = memory.data(WORD_BYTES, 16);
/** The address is filled in behind the prefix. */
const designator: usize = memory.data<u8>([
  0xef, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

/** Applies the authorizations of the frame in their order; the sender's nonce was raised before. */
export function applyAuthorizations(frame: usize): void {
  if (getNumber(SLOT_FORK) < <u64> FORK_PRAGUE) return;
  const count = load<u32>(frame + TX_AUTHORIZATIONS_COUNT);
  let authorization = <usize> load<u32>(frame + TX_AUTHORIZATIONS_PTR);
  for (let i: u32 = 0; i < count; i++, authorization += AUTHORIZATION_BYTES) {
    applyAuthorization(authorization);
  }
}

function applyAuthorization(authorization: usize): void {
  const nonce = load<u64>(authorization + AUTHORIZATION_NONCE);
  if (load<u32>(authorization + AUTHORIZATION_RECOVERED) != 1 || nonce == MAX_NONCE) return;
  loadBE(chainId, authorization + AUTHORIZATION_CHAIN_ID);
  loadBE(ownChainId, slotPtr(SLOT_CHAIN_ID));
  if (!isZero(chainId) && !equal(chainId, ownChainId)) return;
  loadAddress(address, authorization + AUTHORIZATION_AUTHORITY);
  const authority = account(address);
  // Warm also when it is skipped from here on.
  warmAccount(authority);
  if (hasCode(authority) && !isDelegated(authority)) return;
  if (load<u64>(authority + ACCOUNT_NONCE) != nonce) return;
  if (exists(authority)) addRefund(EXISTING_ACCOUNT_REFUND_GAS);
  delegate(authority, authorization + AUTHORIZATION_TARGET);
  setNonce(authority, nonce + 1);
}

/** Writes the designator of `target`, a big-endian word; none of them clears the delegation. */
function delegate(authority: usize, target: usize): void {
  loadAddress(address, target);
  if (isZero(address)) {
    setCode(authority, designator, 0);
    return;
  }
  const addressBytes = DELEGATION_BYTES - DELEGATION_PREFIX_BYTES;
  const source = target + WORD_BYTES - addressBytes;
  memory.copy(designator + DELEGATION_PREFIX_BYTES, source, addressBytes);
  setCode(authority, designator, DELEGATION_BYTES);
}

/** Whether the code of an account is a delegation; there are none before Prague. */
export function isDelegated(cell: usize): bool {
  return delegateOf(codeOf(cell)) != 0;
}
