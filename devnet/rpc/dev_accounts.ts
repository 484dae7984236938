/**
 * Accounts that the node itself signs for: the public test mnemonic's, and only on a devnet.
 *
 * Owns finding one and signing messages with it. Does not own which accounts there are.
 * @module
 */
import { keccak256Bytes } from "../../core/crypto/keccak.ts";
import { signDigest } from "../../core/crypto/secp256k1.ts";
import { bigintToBytes, concatBytes } from "../../core/primitives/bytes.ts";
import { type Address, bytesToHex, type Hex } from "../../core/primitives/hex.ts";
import type { ChainBackend } from "./chain.ts";
import { invalidParams, refusal, RPC_CODES } from "./errors.ts";

/** A dev account with its key. */
export interface DevAccount {
  readonly from: Address;
  readonly privateKey: Uint8Array;
}

/**
 * The dev account `from`.
 *
 * @throws RpcError when there is none of that address.
 */
export function findDevAccount(chain: ChainBackend, from: Address | undefined): DevAccount {
  const account = senderOf(from);
  const privateKey = chain.devAccounts().get(account);
  if (privateKey !== undefined) return { from: account, privateKey };
  throw refusal(
    RPC_CODES.serverError,
    "ACCOUNT_UNKNOWN",
    "unknown account",
    `Use an account of eth_accounts, or sign for ${from} yourself and use eth_sendRawTransaction.`,
  );
}

/** Whether transactions of `account` go without a signature: it is impersonated, and no dev account. */
export function needsNoSignature(chain: ChainBackend, account: Address): boolean {
  return !chain.devAccounts().has(account) && chain.controls.isImpersonated(account);
}

/** The sender that a request names. @throws RpcError when it names none. */
export function senderOf(from: Address | undefined): Address {
  if (from !== undefined) return from;
  throw invalidParams("missing value for required argument 0 (transaction).from");
}

/** An EIP-191 signature: r, s, v with v of 27 or 28, 65 bytes. */
export function signMessage(privateKey: Uint8Array, message: Uint8Array): Hex {
  const prefix = new TextEncoder().encode(`\x19Ethereum Signed Message:\n${message.length}`);
  return signDigestBytes(privateKey, keccak256Bytes(concatBytes(prefix, message)));
}

/** A signature of 32 bytes: r, s, v with v of 27 or 28, 65 bytes. */
export function signDigestBytes(privateKey: Uint8Array, digest: Uint8Array): Hex {
  const { r, s, yParity } = signDigest(digest, privateKey);
  return bytesToHex(
    concatBytes(bigintToBytes(r, 32), bigintToBytes(s, 32), Uint8Array.of(27 + yParity)),
  );
}
