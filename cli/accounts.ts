/**
 * Names of accounts on the command line: an address, or the index of a devnet account.
 *
 * Owns reading such a name. Does not own the accounts (`devnet/accounts.ts`).
 * @module
 */
import { type Address, address, type Hex, hexToBytes } from "../core/primitives/hex.ts";
import { parseQuantity, usageError } from "./args.ts";
import type { DevnetAccount } from "./connect.ts";

/**
 * The address that `text` names.
 *
 * @param source The flag or argument that `text` came from, for messages.
 * @throws `USAGE_INVALID_VALUE`
 */
export function readAddress(
  text: string,
  source: string,
  accounts: readonly DevnetAccount[],
): Address {
  const index = /^\d{1,3}$/.test(text) ? parseQuantity(text) : undefined;
  const account = index === undefined ? undefined : accounts[Number(index)];
  if (account !== undefined) return account.address;
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return address(text);
  throw invalidAccount(text, source, accounts.length);
}

/**
 * The devnet account that `text` names, with its key.
 *
 * @throws `USAGE_INVALID_VALUE` also for an address of nobody's here.
 */
export function readDevnetAccount(
  text: string,
  source: string,
  accounts: readonly DevnetAccount[],
): DevnetAccount {
  const wanted = readAddress(text, source, accounts);
  const account = accounts.find((candidate) => candidate.address === wanted);
  if (account !== undefined) return account;
  throw usageError(
    "USAGE_INVALID_VALUE",
    `Cannot sign as ${wanted} of ${source}: it is not a devnet account, so its key is not known`,
    {
      details: { source, address: wanted },
      mend: "Give --private-key, or --from with an index from 0 to " +
        `${accounts.length - 1} or the address of a devnet account.`,
    },
  );
}

/** An account that can sign. */
export interface Signer {
  readonly address: Address;
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
}

/**
 * The account of a private key; the key is repeated nowhere.
 *
 * @param source The flag that it came from, for messages.
 * @throws `USAGE_INVALID_VALUE`
 */
export async function readPrivateKey(key: Hex, source: string): Promise<Signer> {
  const { privateKeyToAddress, SECP256K1_ORDER } = await import("../core/crypto/secp256k1.ts");
  const isKey = key.length === 66 && BigInt(key) > 0n && BigInt(key) < SECP256K1_ORDER;
  if (!isKey) {
    throw usageError("USAGE_INVALID_VALUE", `Cannot sign with the value of ${source}`, {
      details: { source },
      mend: `Give ${source} 32 bytes of hex after 0x, above 0 and below the curve's order.`,
    });
  }
  const privateKey = hexToBytes(key);
  return { address: privateKeyToAddress(privateKey), privateKey };
}

function invalidAccount(text: string, source: string, accountCount: number) {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return usageError("USAGE_INVALID_VALUE", `Cannot read "${shown}" of ${source} as an account`, {
    details: { source, value: shown },
    mend: `Give a 20-byte address, or the index of a devnet account: 0 to ${accountCount - 1}.`,
  });
}
