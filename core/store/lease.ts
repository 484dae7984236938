/**
 * Who owns a data folder: one process at a time, named in a locked file.
 *
 * Two writers on one KV file lose most of their commits to "database is locked", so ownership is
 * decided before KV is opened. The operating system frees the lock when the owner dies, however it
 * dies. Does not own KV.
 * @module
 */
import { RollupError } from "../primitives/errors.ts";
import type { StoreErrorCode } from "./table.ts";

/** What the owner of a folder says of itself. */
export interface LeaseInfo {
  readonly pid: number;
  /** Where its `varve_*` methods answer; absent for a short command. */
  readonly rpcUrl: string | undefined;
  /** Where its L1 answers and which rollup there is its own; absent with {@linkcode rpcUrl}. */
  readonly l1?: LeasedL1;
}

/** What another process needs to ask or send to the same L1. */
export interface LeasedL1 {
  /** May hold a provider's key: never shown. */
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly rollup: string;
}

/** An owned data folder. */
export interface Lease {
  /** Tells others where to reach this process. */
  publish(info: LeaseInfo): void;
  release(): void;
}

const LEASE_FILE = "lease.json";

/**
 * Takes the folder for this process; it is created if need be.
 *
 * @throws `DATA_FOLDER_OWNED` with the owner's process id and address in `details`.
 */
export function acquireLease(dataDir: string, info: LeaseInfo): Lease {
  const file = openLeaseFile(dataDir);
  if (!file.tryLockSync(true)) {
    file.close();
    const owner = readLeaseFile(dataDir);
    throw new RollupError<StoreErrorCode>(
      "DATA_FOLDER_OWNED",
      `Cannot open "${dataDir}" as another process owns it: process ${owner?.pid ?? "unknown"}${
        owner?.rpcUrl === undefined ? "" : ` at ${owner.rpcUrl}`
      }`,
      {
        details: { dataDir, pid: owner?.pid, rpcUrl: owner?.rpcUrl },
        mend: "Stop that process, or choose another folder with `--data DIR`.",
      },
    );
  }
  const publish = (published: LeaseInfo) => {
    const bytes = new TextEncoder().encode(JSON.stringify(published));
    file.truncateSync(0);
    file.seekSync(0, Deno.SeekMode.Start);
    file.writeSync(bytes);
  };
  publish(info);
  return {
    publish,
    release: () => {
      file.truncateSync(0);
      file.unlockSync();
      file.close();
    },
  };
}

/** The live owner of the folder, or `undefined` when nobody holds it. */
export function readLease(dataDir: string): LeaseInfo | undefined {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(`${dataDir}/${LEASE_FILE}`, { read: true, write: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unusableFolder(dataDir, error);
  }
  try {
    // A lock that can be taken has no owner.
    if (file.tryLockSync(true)) {
      file.unlockSync();
      return undefined;
    }
  } finally {
    file.close();
  }
  return readLeaseFile(dataDir) ?? { pid: 0, rpcUrl: undefined };
}

function openLeaseFile(dataDir: string): Deno.FsFile {
  try {
    Deno.mkdirSync(dataDir, { recursive: true });
    // The address of an L1 may hold a key: it is the owner's alone.
    const options = { read: true, write: true, create: true, mode: 0o600 };
    return Deno.openSync(`${dataDir}/${LEASE_FILE}`, options);
  } catch (error) {
    throw unusableFolder(dataDir, error);
  }
}

function unusableFolder(dataDir: string, cause: unknown): RollupError<StoreErrorCode> {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RollupError(
    "DATA_FOLDER_UNUSABLE",
    `Cannot use "${dataDir}" as a data folder: ${reason}`,
    {
      details: { dataDir },
      mend: "Name a folder that this user may write with `--data DIR`.",
      cause,
    },
  );
}

function readLeaseFile(dataDir: string): LeaseInfo | undefined {
  try {
    const text = Deno.readTextFileSync(`${dataDir}/${LEASE_FILE}`);
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || !("pid" in parsed)) return undefined;
    const rpcUrl = "rpcUrl" in parsed && typeof parsed.rpcUrl === "string"
      ? parsed.rpcUrl
      : undefined;
    if (typeof parsed.pid !== "number") return undefined;
    const l1 = "l1" in parsed ? readLeasedL1(parsed.l1) : undefined;
    return { pid: parsed.pid, rpcUrl, ...(l1 === undefined ? {} : { l1 }) };
  } catch {
    // The owner may be writing it this moment; who asks treats it as an owner without address.
    return undefined;
  }
}

function readLeasedL1(value: unknown): LeasedL1 | undefined {
  const { rpcUrl, chainId, rollup } = Object(value);
  const isWhole = typeof rpcUrl === "string" && typeof chainId === "number" &&
    typeof rollup === "string";
  return isWhole ? { rpcUrl, chainId, rollup } : undefined;
}
