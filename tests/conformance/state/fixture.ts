/**
 * Files in the format of GeneralStateTests: those of ethereum/tests and the newer ones that
 * ethereum/execution-spec-tests fills.
 *
 * Owns what a file says, as data. Does not own the transaction that a post means
 * (`transaction.ts`) or running it (`run_state_tests.ts`).
 * @module
 */
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { privateKeyToAddress } from "../../../core/crypto/secp256k1.ts";
import { type Address, type Hash32, ZERO_HASH } from "../../../core/primitives/hex.ts";
import type { AccessListEntry, Authorization } from "../../../core/types/tx.ts";
import type { Fork } from "../../../core/vm/host/program.ts";
import type { BlobSchedule } from "./fork_rules.ts";
import {
  isJsonObject,
  type JsonObject,
  malformed,
  toAddress,
  toBytes,
  toIndex,
  toInteger,
  toList,
  toObject,
  toText,
  toWord,
} from "./json_fields.ts";

/** Forks whose posts are run, oldest first. */
export const FORKS: readonly Fork[] = ["Cancun", "Prague", "Osaka"];

/** One named test: a world, a transaction in variants, and what comes of each. */
export interface StateTest {
  readonly name: string;
  readonly environment: TestEnvironment;
  readonly pre: ReadonlyMap<Address, TestAccount>;
  readonly transaction: TransactionTemplate;
  /** Only of the forks in {@linkcode FORKS}. */
  readonly posts: ReadonlyMap<Fork, readonly Post[]>;
  readonly chainId: bigint;
  readonly blobSchedules: ReadonlyMap<Fork, BlobSchedule>;
}

/** The block that the transaction is in. */
export interface TestEnvironment {
  readonly coinbase: Address;
  readonly gasLimit: bigint;
  readonly number: bigint;
  readonly timestampSec: bigint;
  readonly baseFeePerGasWei: bigint;
  readonly prevRandao: Hash32;
  readonly excessBlobGas: bigint;
}

/** An account before or after. */
export interface TestAccount {
  readonly nonce: bigint;
  readonly balanceWei: bigint;
  readonly code: Uint8Array;
  /** `ZERO_HASH` for no code. */
  readonly codeHash: Hash32;
  /** Without zeros. */
  readonly storage: ReadonlyMap<Hash32, Hash32>;
}

/** The transaction; gas, value and data are lists that a post points into. */
export interface TransactionTemplate {
  readonly type: 0 | 1 | 2 | 3 | 4;
  readonly sender: Address;
  readonly to: Address | undefined;
  readonly nonce: bigint;
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
  readonly maxFeePerBlobGasWei: bigint;
  readonly gasLimits: readonly bigint[];
  readonly valuesWei: readonly bigint[];
  readonly data: readonly Uint8Array[];
  /** By the index of `data`; `undefined` makes it a legacy transaction. */
  readonly accessLists: readonly (readonly AccessListEntry[] | undefined)[];
  readonly authorizations: readonly SignedAuthorization[];
  readonly blobHashes: readonly Hash32[];
}

/** An authorization whose y parity may be more than the two of a signature. */
export type SignedAuthorization = Omit<Authorization, "yParity"> & { readonly yParity: bigint };

/** What comes of one variant under one fork. */
export interface Post {
  readonly indexes: { readonly data: number; readonly gas: number; readonly value: number };
  readonly stateRoot: Hash32;
  /** keccak256 of the RLP of all logs. */
  readonly logsHash: Hash32;
  /** The name of the exception when the transaction must be refused. */
  readonly exception: string | undefined;
  readonly txBytes: Uint8Array | undefined;
  /** All accounts, where the file has them. */
  readonly state: ReadonlyMap<Address, TestAccount> | undefined;
}

/** Whether a JSON value is a state test and not one of another kind. */
export function isStateTest(value: unknown): value is JsonObject {
  if (!isJsonObject(value)) return false;
  // One that lacks a part is a test that cannot pass, not something else.
  return ["env", "pre", "transaction", "post"].filter((key) => key in value).length >= 2;
}

/** The test `name` of a file. @throws `STATE_TEST_MALFORMED` */
export function readStateTest(name: string, test: JsonObject): StateTest {
  const config = test.config === undefined ? {} : toObject(test.config, "config");
  const chainId = config.chainid ?? config.chainId;
  return {
    name,
    environment: readEnvironment(toObject(test.env, "env")),
    pre: readAccounts(test.pre, "pre"),
    transaction: readTransaction(toObject(test.transaction, "transaction")),
    posts: readPosts(toObject(test.post, "post")),
    chainId: chainId === undefined ? 1n : toInteger(chainId, "config.chainid"),
    blobSchedules: readBlobSchedules(config.blobSchedule),
  };
}

function readEnvironment(env: JsonObject): TestEnvironment {
  const optional = (key: string, otherwise: bigint): bigint =>
    env[key] === undefined ? otherwise : toInteger(env[key], `env.${key}`);
  const required = (key: string): bigint => toInteger(env[key], `env.${key}`);
  const random = env.currentRandom ?? env.currentDifficulty;
  return {
    coinbase: toAddress(env.currentCoinbase, "env.currentCoinbase"),
    gasLimit: required("currentGasLimit"),
    number: required("currentNumber"),
    timestampSec: required("currentTimestamp"),
    // What retesteth takes where a test is older than the fee market.
    baseFeePerGasWei: optional("currentBaseFee", 10n),
    prevRandao: random === undefined ? ZERO_HASH : toWord(random, "env.currentRandom"),
    excessBlobGas: optional("currentExcessBlobGas", 0n),
  };
}

function readAccounts(value: unknown, name: string): ReadonlyMap<Address, TestAccount> {
  const accounts = new Map<Address, TestAccount>();
  for (const [key, fields] of Object.entries(toObject(value, name))) {
    const where = `${name}.${key}`;
    accounts.set(toAddress(key, where), readAccount(toObject(fields, where), where));
  }
  return accounts;
}

function readAccount(fields: JsonObject, name: string): TestAccount {
  const code = toBytes(fields.code ?? "0x", `${name}.code`);
  const storage = new Map<Hash32, Hash32>();
  for (const [key, value] of Object.entries(toObject(fields.storage ?? {}, `${name}.storage`))) {
    const word = toWord(value, `${name}.storage.${key}`);
    if (word !== ZERO_HASH) storage.set(toWord(key, `${name}.storage`), word);
  }
  return {
    nonce: toInteger(fields.nonce ?? "0x00", `${name}.nonce`),
    balanceWei: toInteger(fields.balance ?? "0x00", `${name}.balance`),
    code,
    codeHash: code.length === 0 ? ZERO_HASH : keccak256(code),
    storage,
  };
}

function readTransaction(tx: JsonObject): TransactionTemplate {
  const integer = (key: string): bigint =>
    tx[key] === undefined ? 0n : toInteger(tx[key], `transaction.${key}`);
  const list = (key: string): readonly unknown[] =>
    tx[key] === undefined || tx[key] === null ? [] : toList(tx[key], `transaction.${key}`);
  const integers = (key: string) =>
    toList(tx[key], `transaction.${key}`).map((entry) => toInteger(entry, `transaction.${key}`));
  const accessLists = list("accessLists").map(readAccessList);
  const hasFeeMarket = tx.maxFeePerGas !== undefined;
  const to = tx.to === undefined || tx.to === null ? "" : toText(tx.to, "transaction.to");
  return {
    type: typeOf(tx, accessLists),
    sender: readSender(tx),
    to: to === "" || to === "0x" ? undefined : toAddress(to, "transaction.to"),
    nonce: integer("nonce"),
    maxFeePerGasWei: integer(hasFeeMarket ? "maxFeePerGas" : "gasPrice"),
    maxPriorityFeePerGasWei: integer(hasFeeMarket ? "maxPriorityFeePerGas" : "gasPrice"),
    maxFeePerBlobGasWei: integer("maxFeePerBlobGas"),
    gasLimits: integers("gasLimit"),
    valuesWei: integers("value"),
    data: toList(tx.data, "transaction.data").map((entry) => toBytes(entry, "transaction.data")),
    accessLists,
    authorizations: list("authorizationList").map(readAuthorization),
    blobHashes: list("blobVersionedHashes").map((hash) => toWord(hash, "blobVersionedHashes")),
  };
}

/** The fields that are there tell the type. */
function typeOf(
  tx: JsonObject,
  accessLists: readonly (readonly AccessListEntry[] | undefined)[],
): TransactionTemplate["type"] {
  if (tx.authorizationList !== undefined && tx.authorizationList !== null) return 4;
  if (tx.maxFeePerBlobGas !== undefined || tx.blobVersionedHashes !== undefined) return 3;
  if (tx.maxFeePerGas !== undefined) return 2;
  return accessLists.some((list) => list !== undefined) ? 1 : 0;
}

function readSender(tx: JsonObject): Address {
  if (tx.sender !== undefined) return toAddress(tx.sender, "transaction.sender");
  const key = toBytes(tx.secretKey, "transaction.secretKey");
  if (key.length !== 32) throw malformed("transaction.secretKey", "32 bytes", tx.secretKey);
  return privateKeyToAddress(key);
}

function readAccessList(value: unknown): readonly AccessListEntry[] | undefined {
  if (value === null) return undefined;
  return toList(value, "transaction.accessLists").map((entry) => {
    const fields = toObject(entry, "transaction.accessLists");
    const keys = toList(fields.storageKeys, "transaction.accessLists.storageKeys");
    return {
      address: toAddress(fields.address, "transaction.accessLists.address"),
      storageKeys: keys.map((key) => toWord(key, "transaction.accessLists.storageKeys")),
    };
  });
}

function readAuthorization(value: unknown): SignedAuthorization {
  const fields = toObject(value, "transaction.authorizationList");
  const integer = (key: string, field: unknown) =>
    toInteger(field, `transaction.authorizationList.${key}`);
  return {
    chainId: integer("chainId", fields.chainId),
    address: toAddress(fields.address, "transaction.authorizationList.address"),
    nonce: integer("nonce", fields.nonce),
    yParity: integer("yParity", fields.yParity ?? fields.v),
    r: integer("r", fields.r),
    s: integer("s", fields.s),
  };
}

function readPosts(post: JsonObject): ReadonlyMap<Fork, readonly Post[]> {
  const posts = new Map<Fork, readonly Post[]>();
  for (const fork of FORKS) {
    if (post[fork] === undefined) continue;
    posts.set(fork, toList(post[fork], `post.${fork}`).map((entry) => readPost(entry, fork)));
  }
  return posts;
}

function readPost(value: unknown, fork: Fork): Post {
  const post = toObject(value, `post.${fork}`);
  const indexes = toObject(post.indexes, `post.${fork}.indexes`);
  const index = (key: string) => toIndex(indexes[key], `post.${fork}.indexes.${key}`);
  const { expectException: exception, txbytes, state } = post;
  return {
    indexes: { data: index("data"), gas: index("gas"), value: index("value") },
    stateRoot: toWord(post.hash, `post.${fork}.hash`),
    logsHash: toWord(post.logs, `post.${fork}.logs`),
    exception: exception === undefined || exception === null
      ? undefined
      : toText(exception, `post.${fork}.expectException`),
    txBytes: txbytes === undefined ? undefined : toBytes(txbytes, `post.${fork}.txbytes`),
    state: isJsonObject(state) ? readAccounts(state, `post.${fork}.state`) : undefined,
  };
}

function readBlobSchedules(value: unknown): ReadonlyMap<Fork, BlobSchedule> {
  const schedules = new Map<Fork, BlobSchedule>();
  if (value === undefined) return schedules;
  const all = toObject(value, "config.blobSchedule");
  for (const fork of FORKS) {
    if (all[fork] === undefined) continue;
    const fields = toObject(all[fork], `config.blobSchedule.${fork}`);
    const { max, baseFeeUpdateFraction } = fields;
    schedules.set(fork, {
      maxBlobs: Number(toInteger(max, `config.blobSchedule.${fork}.max`)),
      updateFraction: toInteger(baseFeeUpdateFraction, `config.blobSchedule.${fork}.fraction`),
    });
  }
  return schedules;
}
