/**
 * EIP-7702: who signed an authorization, and the code that it writes.
 *
 * Owns recovery of the authority and the delegation. Does not own what an authorization costs and
 * does, or following a delegation: that is the program's.
 * @module
 */
import { keccak256Bytes } from "../crypto/keccak.ts";
import { recoverAddress, SECP256K1_ORDER } from "../crypto/secp256k1.ts";
import { concatBytes, EMPTY_BYTES } from "../primitives/bytes.ts";
import { type Address, hexToBytes, ZERO_ADDRESS } from "../primitives/hex.ts";
import { encodeRlp, uintToRlp } from "../primitives/rlp.ts";
import type { Authorization } from "../types/tx.ts";

/** First byte of what an authority signs. */
const MAGIC = Uint8Array.of(0x05);
const DELEGATION_PREFIX = Uint8Array.of(0xef, 0x01, 0x00);
const MAX_NONCE = (1n << 64n) - 1n;

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
