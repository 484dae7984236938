/**
 * Genesis files as geth reads them.
 *
 * Owns the shape of the file and what is left to geth's defaults. Does not own forks (`forks.ts`) or
 * the block (`genesis.ts`).
 * @module
 */
import { bytesToBigint } from "../../core/primitives/bytes.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bigintToHash32,
  bytesToHex,
  type Hash32,
  type Hex,
  hexToBytes,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import { EMPTY_REQUESTS_HASH, EMPTY_TRIE_ROOT } from "../../core/types/block.ts";
import type { GenesisAccount } from "../../core/types/genesis.ts";
import type { HeaderFields } from "../chain_header.ts";
import { INITIAL_BASE_FEE_WEI } from "./base_fee.ts";
import { checkForkSchedule, type ForkSchedule, parseForkSchedule, rulesAt } from "./forks.ts";
import { EMPTY_GENESIS_HEADER, hashGenesis, type L1Genesis } from "./genesis.ts";

/** Codes that this file throws. */
export type GenesisJsonErrorCode = "L1_GENESIS_MALFORMED";

/** geth's gas limit of a genesis that names none. */
const DEFAULT_GAS_LIMIT = 4_712_388n;
/** geth's difficulty of a genesis that names none. */
const DEFAULT_DIFFICULTY = 131_072n;
const MAX_UINT64 = (1n << 64n) - 1n;
const MAX_UINT256 = (1n << 256n) - 1n;
/** geth's; what London's first block doubles still has 64 bits. */
const MAX_GAS_LIMIT = (1n << 63n) - 1n;
/** Times of blocks go through clocks, which count in safe integers of milliseconds. */
const MAX_TIMESTAMP_SEC = BigInt(Number.MAX_SAFE_INTEGER) / 1_000n;

type Fields = Readonly<Record<string, unknown>>;

/**
 * The genesis that the text of a geth `genesis.json` describes.
 *
 * @throws `L1_GENESIS_MALFORMED`, `L1_CONFIG_INVALID`, `L1_FORK_UNSUPPORTED`
 */
export function parseGethGenesis(text: string): L1Genesis {
  const fields = toFields(parseJson(text), "genesis");
  const forks = parseForkSchedule(fields["config"]);
  checkForkSchedule(fields["config"]);
  const number = readUint(fields, "number") ?? 0n;
  if (number !== 0n) throw malformed("number", number);
  const header = readHeader(fields, forks);
  const accounts = parseAlloc(fields["alloc"]);
  return {
    forks,
    header,
    accounts,
    genesisHash: hashGenesis({ config: fields["config"], header, accounts }),
  };
}

/** The accounts of an `alloc` object; addresses with or without `0x`. @throws as above */
export function parseAlloc(alloc: unknown): readonly GenesisAccount[] {
  const accounts = toEntries(alloc ?? {}, "alloc").map(([key, value]) => {
    const entry = toFields(value, `alloc.${key}`);
    return {
      address: parseAddress(key, "alloc"),
      balanceWei: readUint(entry, "balance") ?? 0n,
      nonce: readUint(entry, "nonce", MAX_UINT64) ?? 0n,
      code: readBytes(entry, "code") ?? "0x",
      storage: toEntries(entry["storage"] ?? {}, "storage").map(([slot, word]) => ({
        slot: toWord(slot, "storage"),
        value: toWord(word, "storage"),
      })).filter((pair) => pair.value !== ZERO_HASH),
    };
  });
  // The same accounts in another order are the same genesis.
  return accounts.toSorted((left, right) => left.address < right.address ? -1 : 1);
}

function readHeader(fields: Fields, forks: ForkSchedule): Omit<HeaderFields, "stateRoot"> {
  const timestampSec = readUint(fields, "timestamp", MAX_TIMESTAMP_SEC) ?? 0n;
  const mixHash = toWord(fields["mixhash"] ?? ZERO_HASH, "mixHash");
  const difficulty = readUint(fields, "difficulty") ??
    (mixHash === ZERO_HASH ? DEFAULT_DIFFICULTY : 0n);
  const gasLimit = readUint(fields, "gasLimit", MAX_GAS_LIMIT) ?? 0n;
  const nonce = readUint(fields, "nonce", MAX_UINT64) ?? 0n;
  // As geth: a fork of after the merge counts in a genesis whatever its difficulty.
  const rules = rulesAt(forks, { number: 0n, timestampSec, isMerged: true });
  const has = (fork: "london" | "shanghai" | "cancun" | "prague") => rules.isActive(fork);
  return {
    ...EMPTY_GENESIS_HEADER,
    parentHash: toWord(fields["parenthash"] ?? ZERO_HASH, "parentHash"),
    miner: parseAddress(fields["coinbase"] ?? ZERO_ADDRESS, "coinbase"),
    difficulty,
    gasLimit: gasLimit === 0n ? DEFAULT_GAS_LIMIT : gasLimit,
    gasUsed: readUint(fields, "gasUsed", MAX_UINT64) ?? 0n,
    timestampSec,
    extraData: readBytes(fields, "extraData") ?? "0x",
    mixHash,
    nonce: `0x${nonce.toString(16).padStart(16, "0")}`,
    baseFeePerGasWei: has("london")
      ? readUint(fields, "baseFeePerGas") ?? INITIAL_BASE_FEE_WEI
      : undefined,
    withdrawalsRoot: has("shanghai") ? EMPTY_TRIE_ROOT : undefined,
    blobGasUsed: has("cancun") ? readUint(fields, "blobGasUsed", MAX_UINT64) ?? 0n : undefined,
    excessBlobGas: has("cancun") ? readUint(fields, "excessBlobGas", MAX_UINT64) ?? 0n : undefined,
    parentBeaconBlockRoot: has("cancun") ? ZERO_HASH : undefined,
    requestsHash: has("prague") ? EMPTY_REQUESTS_HASH : undefined,
  };
}

/** JSON whose integers keep all their digits: difficulties do not fit a double. */
function parseJson(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === "number" && !Number.isSafeInteger(value) &&
      context?.source !== undefined && /^\d+$/.test(context.source)
      ? context.source
      : value;
  try {
    return JSON.parse(text, reviver);
  } catch (cause) {
    throw malformed("genesis", text.slice(0, 40), cause);
  }
}

function toEntries(value: unknown, name: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed(name, value);
  }
  return Object.entries(value);
}

/** The fields by their names in small letters: Go reads keys in any case. */
function toFields(value: unknown, name: string): Fields {
  return Object.fromEntries(
    toEntries(value, name).map(([key, field]) => [
      key.toLowerCase(),
      field,
    ]),
  );
}

function readUint(fields: Fields, name: string, most = MAX_UINT256): bigint | undefined {
  const value = fields[name.toLowerCase()];
  if (value === undefined || value === null) return undefined;
  const number = toUint(value);
  if (number === undefined || number > most) throw malformed(name, value);
  return number;
}

function toUint(value: unknown): bigint | undefined {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return BigInt(value);
  if (value === "" || value === "0x") return 0n;
  const isNumber = typeof value === "string" && /^(0[xX][0-9a-fA-F]+|\d+)$/.test(value);
  return isNumber ? BigInt(value) : undefined;
}

function readBytes(fields: Fields, name: string): Hex | undefined {
  const value = fields[name.toLowerCase()];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw malformed(name, value);
  try {
    return bytesToHex(hexToBytes(prefixed(value)));
  } catch (cause) {
    throw malformed(name, value, cause);
  }
}

/** 32 bytes, of which leading zeros may be left out. */
function toWord(value: unknown, name: string): Hash32 {
  if (typeof value !== "string" || !/^(0[xX])?[0-9a-fA-F]{0,64}$/.test(value)) {
    throw malformed(name, value);
  }
  const digits = prefixed(value).slice(2);
  return bigintToHash32(bytesToBigint(Uint8Array.fromHex(digits.padStart(64, "0"))));
}

function parseAddress(value: unknown, name: string): Address {
  if (typeof value !== "string") throw malformed(name, value);
  try {
    return address(prefixed(value));
  } catch (cause) {
    throw malformed(name, value, cause);
  }
}

function prefixed(text: string): Hex {
  return `0x${/^0[xX]/.test(text) ? text.slice(2) : text}`;
}

function malformed(
  name: string,
  value: unknown,
  cause?: unknown,
): RollupError<GenesisJsonErrorCode> {
  const shown = typeof value === "bigint" ? value.toString() : JSON.stringify(value) ?? "absent";
  return new RollupError(
    "L1_GENESIS_MALFORMED",
    `Cannot read "${name}" of the genesis file as geth writes it: it is ${shown.slice(0, 80)}`,
    { details: { name }, mend: "Give a genesis.json that `geth init` takes.", cause },
  );
}
