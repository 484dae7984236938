/**
 * The file that says where a rollup's contracts are, as `deploy` writes it and nodes read it.
 *
 * Owns its shape. A follower needs nothing else to know the chain: it says what genesis is made of,
 * too. Does not own deploying (`deploy.ts`).
 * @module
 */
import { RollupError } from "../core/primitives/errors.ts";
import {
  type Address,
  address,
  bytesToHex,
  type Hash32,
  hash32,
  hexToBytes,
} from "../core/primitives/hex.ts";

/** Where the contracts of a rollup are, and what they were made with. */
export interface Deployment {
  readonly l1ChainId: bigint;
  readonly l2ChainId: bigint;
  readonly rollup: Address;
  readonly verifier: Address;
  /** No event of the rollup is in an earlier block. */
  readonly deployedAtL1Block: bigint;
  readonly genesisStateRoot: Hash32;
  readonly genesisLeafCount: bigint;
  readonly programHash: Hash32;
  /** Both are part of genesis. */
  readonly gasPerPubdata: bigint;
  readonly coinbase: Address;
  /** As of the deployment; the contract says who they are now. */
  readonly admin: Address;
  readonly sequencer: Address;
  readonly aggregator: Address;
  readonly aggregatorTimeoutSec: bigint;
  readonly forceTimeoutSec: bigint;
}

/** A signed transaction of a deployment that is not finished. */
export interface JournalEntry {
  readonly nonce: bigint;
  /** Signed forms with the same nonce and code, by rising fees; any of them may be mined. */
  readonly attempts: readonly Uint8Array[];
}

/**
 * A deployment that was begun: the signed transactions are on disk before they are sent, so doing it
 * again after a crash finds them instead of repeating them.
 */
export interface Journal {
  readonly l1ChainId: bigint;
  readonly deployer: Address;
  /** In the order in which they are sent. */
  readonly entries: readonly JournalEntry[];
}

/** What the file may hold. */
export type DeploymentFile =
  | { readonly kind: "deployed"; readonly deployment: Deployment }
  | { readonly kind: "unfinished"; readonly journal: Journal };

/** Codes that this file throws. */
export type DeploymentErrorCode =
  | "DEPLOYMENT_MISSING"
  | "DEPLOYMENT_FILE_INVALID"
  | "DEPLOYMENT_UNFINISHED"
  | "DEPLOYMENT_FILE_UNUSABLE";

/** Version of the file's shape. */
const FILE_VERSION = 1;
/** Two journaled deployments with several attempts have less than 1 MiB. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_ENTRIES = 2;
const MAX_ATTEMPTS = 64;

/** Name of the file in a data folder. */
export const DEPLOYMENT_FILE = "deployment.json";

/**
 * The deployment in `path`.
 *
 * @throws `DEPLOYMENT_MISSING`, `DEPLOYMENT_UNFINISHED`, `DEPLOYMENT_FILE_INVALID`,
 * `DEPLOYMENT_FILE_UNUSABLE`.
 */
export function requireDeployment(path: string): Deployment {
  const file = readDeploymentFile(path);
  if (file?.kind === "deployed") return file.deployment;
  if (file === undefined) throw deploymentMissing(path);
  throw new RollupError<DeploymentErrorCode>(
    "DEPLOYMENT_UNFINISHED",
    `Cannot use "${path}" as a deployment: it was begun and not finished`,
    { details: { path }, mend: "Run the same `deploy` command again: it goes on where it ended." },
  );
}

/**
 * What `path` holds; `undefined` when there is no such file.
 *
 * @throws `DEPLOYMENT_FILE_INVALID`, `DEPLOYMENT_FILE_UNUSABLE`.
 */
export function readDeploymentFile(path: string): DeploymentFile | undefined {
  let text: string;
  try {
    if (Deno.statSync(path).size > MAX_FILE_BYTES) throw invalidFile(path, "it is far too long");
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof RollupError) throw error;
    throw unusableFile(path, error);
  }
  return parseDeploymentFile(text, path);
}

/** Writes the file whole or not at all; the folder is made if need be. */
export function writeDeploymentFile(path: string, file: DeploymentFile): void {
  const folder = /^(.*)[/\\][^/\\]*$/.exec(path)?.[1];
  const draft = `${path}.new`;
  try {
    if (folder !== undefined && folder !== "") Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(draft, deploymentFileToText(file));
    Deno.renameSync(draft, path);
  } catch (error) {
    throw unusableFile(path, error);
  }
}

/** The file as text: JSON for people too, numbers as numbers where JSON keeps them exact. */
export function deploymentFileToText(file: DeploymentFile): string {
  const value = file.kind === "deployed"
    ? { version: FILE_VERSION, ...deploymentToJson(file.deployment) }
    : { version: FILE_VERSION, unfinished: journalToJson(file.journal) };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** A deployment as plain JSON. */
export function deploymentToJson(
  deployment: Deployment,
): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    Object.entries(deployment).map(([name, value]: [string, string | bigint]) => [
      name,
      typeof value === "bigint" ? toJsonNumber(value) : value,
    ]),
  );
}

/** @throws `DEPLOYMENT_FILE_INVALID` */
export function parseDeploymentFile(text: string, path: string): DeploymentFile {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalidFile(path, "it is not JSON", cause);
  }
  const fields = createFields(parsed, path);
  if (fields.quantity("version") !== BigInt(FILE_VERSION)) {
    throw invalidFile(path, `its version is not ${FILE_VERSION}`);
  }
  const unfinished = fields.get("unfinished");
  if (unfinished !== undefined) {
    return { kind: "unfinished", journal: readJournal(unfinished, path) };
  }
  return {
    kind: "deployed",
    deployment: {
      l1ChainId: fields.quantity("l1ChainId"),
      l2ChainId: fields.quantity("l2ChainId"),
      rollup: fields.text("rollup", address),
      verifier: fields.text("verifier", address),
      deployedAtL1Block: fields.quantity("deployedAtL1Block"),
      genesisStateRoot: fields.text("genesisStateRoot", hash32),
      genesisLeafCount: fields.quantity("genesisLeafCount"),
      programHash: fields.text("programHash", hash32),
      gasPerPubdata: fields.quantity("gasPerPubdata"),
      coinbase: fields.text("coinbase", address),
      admin: fields.text("admin", address),
      sequencer: fields.text("sequencer", address),
      aggregator: fields.text("aggregator", address),
      aggregatorTimeoutSec: fields.quantity("aggregatorTimeoutSec"),
      forceTimeoutSec: fields.quantity("forceTimeoutSec"),
    },
  };
}

function journalToJson(journal: Journal): unknown {
  return {
    l1ChainId: toJsonNumber(journal.l1ChainId),
    deployer: journal.deployer,
    transactions: journal.entries.map(({ nonce, attempts }) => ({
      nonce: toJsonNumber(nonce),
      attempts: attempts.map(bytesToHex),
    })),
  };
}

function readJournal(value: unknown, path: string): Journal {
  const fields = createFields(value, path);
  return {
    l1ChainId: fields.quantity("l1ChainId"),
    deployer: fields.text("deployer", address),
    entries: fields.list("transactions", MAX_ENTRIES).map((each) => {
      const entry = createFields(each, path);
      return {
        nonce: entry.quantity("nonce"),
        attempts: entry.list("attempts", MAX_ATTEMPTS).map((raw) => {
          if (typeof raw !== "string") throw invalidFile(path, "an attempt is no text");
          return readText(raw, "attempts", hexToBytes, path);
        }),
      };
    }),
  };
}

/** Typed reads of one object's fields; each throws `DEPLOYMENT_FILE_INVALID` with their name. */
interface Fields {
  get(field: string): unknown;
  quantity(field: string): bigint;
  text<Value>(field: string, parse: (text: string) => Value): Value;
  list(field: string, maxCount: number): readonly unknown[];
}

function createFields(value: unknown, path: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidFile(path, "it is no object");
  }
  const values = new Map<string, unknown>(Object.entries(value));
  return {
    get: (field) => values.get(field),
    quantity: (field) => {
      const found = values.get(field);
      const isNumber = typeof found === "number" && Number.isSafeInteger(found) && found >= 0;
      const isText = typeof found === "string" && /^(0|[1-9]\d{0,77})$/.test(found);
      if (!isNumber && !isText) throw invalidFile(path, `"${field}" is no number`);
      return BigInt(found);
    },
    text: (field, parse) => {
      const found = values.get(field);
      if (typeof found !== "string") throw invalidFile(path, `"${field}" is missing`);
      return readText(found, field, parse, path);
    },
    list: (field, maxCount) => {
      const found = values.get(field);
      if (!Array.isArray(found) || found.length > maxCount) {
        throw invalidFile(path, `"${field}" is no list of at most ${maxCount}`);
      }
      return found;
    },
  };
}

function readText<Value>(
  text: string,
  field: string,
  parse: (text: string) => Value,
  path: string,
): Value {
  try {
    return parse(text);
  } catch (cause) {
    throw invalidFile(path, `"${field}" has another shape`, cause);
  }
}

function toJsonNumber(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}

function deploymentMissing(path: string): RollupError<DeploymentErrorCode> {
  return new RollupError(
    "DEPLOYMENT_MISSING",
    `Cannot find the rollup's contracts on L1: there is no "${path}"`,
    {
      details: { path },
      mend:
        "Run `deploy` first, start with `devnet --deploy`, or name the file that `deploy` wrote " +
        "with `--deployment FILE`.",
    },
  );
}

function invalidFile(
  path: string,
  reason: string,
  cause?: unknown,
): RollupError<DeploymentErrorCode> {
  return new RollupError(
    "DEPLOYMENT_FILE_INVALID",
    `Cannot read "${path}" as a deployment: ${reason}`,
    {
      details: { path, reason },
      mend: "Name the file that `deploy` wrote with `--deployment FILE`, or deploy again.",
      cause,
    },
  );
}

function unusableFile(path: string, cause: unknown): RollupError<DeploymentErrorCode> {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RollupError("DEPLOYMENT_FILE_UNUSABLE", `Cannot use the file "${path}": ${reason}`, {
    details: { path },
    mend: "Name a file that this user may read and write.",
    cause,
  });
}
