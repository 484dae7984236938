/**
 * Which L1 a data folder belongs to, as a file in it.
 *
 * Owns the file, and the refusal of another L1 before anything else of the folder is touched: heads
 * and intents of one L1 mean nothing on another. Does not own the genesis that both must share.
 * @module
 */
import { RollupError } from "../core/primitives/errors.ts";
import { type Address, address } from "../core/primitives/hex.ts";

/** The L1 in the folder itself, or somebody else's with the rollup on it. */
export type L1Record =
  | { readonly kind: "embedded" }
  | { readonly kind: "external"; readonly l1ChainId: bigint; readonly rollup: Address };

/** Codes that this file throws. */
export type L1RecordErrorCode = "L1_MISMATCH" | "DATA_FOLDER_UNUSABLE";

const RECORD_FILE = "l1.json";

/**
 * Refuses an L1 that is not the folder's; a folder without a record belongs to none yet.
 *
 * @throws `L1_MISMATCH`, `DATA_FOLDER_UNUSABLE`
 */
export function checkL1Record(dataDir: string, wanted: L1Record): void {
  const found = readL1Record(dataDir);
  if (found === undefined || describe(found) === describe(wanted)) return;
  if (found.kind === "embedded") throw embeddedFolder(dataDir);
  throw new RollupError<L1RecordErrorCode>(
    "L1_MISMATCH",
    `Cannot open "${dataDir}" with ${describe(wanted)}: it belongs to ${describe(found)}`,
    {
      details: { dataDir, found, wanted },
      mend: `Give the \`--l1-rpc URL\` of chain ${found.l1ChainId} and the deployment of ` +
        `${found.rollup}, or start a new folder with \`--data DIR\`.`,
    },
  );
}

/** The refusal of somebody else's L1 by a folder that has its own. */
export function embeddedFolder(dataDir: string): RollupError<L1RecordErrorCode> {
  return new RollupError(
    "L1_MISMATCH",
    `Cannot open "${dataDir}" with an L1 elsewhere: it belongs to the embedded L1`,
    {
      details: { dataDir },
      mend: "Leave out --l1-rpc, or start a new folder with `--data DIR`.",
    },
  );
}

/** Writes down which L1 the folder belongs to, unless that is known. */
export function keepL1Record(dataDir: string, record: L1Record): void {
  if (readL1Record(dataDir) !== undefined) return;
  const value = record.kind === "embedded"
    ? record
    : { ...record, l1ChainId: String(record.l1ChainId) };
  const path = `${dataDir}/${RECORD_FILE}`;
  try {
    Deno.writeTextFileSync(`${path}.new`, `${JSON.stringify(value)}\n`);
    Deno.renameSync(`${path}.new`, path);
  } catch (cause) {
    throw unusable(dataDir, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/**
 * Which L1 the folder belongs to; `undefined` for a new one.
 *
 * @throws `DATA_FOLDER_UNUSABLE`
 */
export function readL1Record(dataDir: string): L1Record | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(`${dataDir}/${RECORD_FILE}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unusable(dataDir, error instanceof Error ? error.message : String(error), error);
  }
  const record = parseL1Record(text);
  if (record !== undefined) return record;
  throw unusable(dataDir, `${RECORD_FILE} in it is damaged`);
}

function parseL1Record(text: string): L1Record | undefined {
  try {
    const { kind, l1ChainId, rollup } = Object(JSON.parse(text));
    if (kind === "embedded") return { kind };
    const isExternal = kind === "external" && typeof rollup === "string" &&
      typeof l1ChainId === "string" && /^(0|[1-9]\d{0,77})$/.test(l1ChainId);
    return isExternal ? { kind, l1ChainId: BigInt(l1ChainId), rollup: address(rollup) } : undefined;
  } catch {
    // What is no JSON or no address is damaged all the same.
    return undefined;
  }
}

function describe(record: L1Record): string {
  return record.kind === "embedded"
    ? "the embedded L1"
    : `the rollup ${record.rollup} on L1 chain ${record.l1ChainId}`;
}

function unusable(
  dataDir: string,
  reason: string,
  cause?: unknown,
): RollupError<L1RecordErrorCode> {
  return new RollupError(
    "DATA_FOLDER_UNUSABLE",
    `Cannot use "${dataDir}" as a data folder: ${reason}`,
    {
      details: { dataDir },
      mend: "Name a folder that this user may write with `--data DIR`, or start a new one.",
      cause,
    },
  );
}
