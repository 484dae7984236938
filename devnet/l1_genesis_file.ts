/**
 * The genesis file of an embedded L1 that somebody else's chain starts, kept in the data folder.
 *
 * Owns reading the files that are named, and that a folder remembers its own: commands without the
 * devnet open the same chain. Does not own what is in them (`l1/genesis_json.ts`,
 * `l1/chain_import.ts`).
 * @module
 */
import { RollupError } from "../core/primitives/errors.ts";
import type { L1GenesisSource } from "./l1/embedded_l1.ts";

/** Where an imported L1 comes from. */
export interface L1ImportFiles {
  /** A geth `genesis.json`. */
  readonly genesisFile: string;
  /** Blocks as `geth export` writes them, packed with gzip or not. */
  readonly chainFile?: string;
}

/** Codes that this file throws. */
export type L1GenesisFileErrorCode = "L1_IMPORT_UNREADABLE";

const KEPT_FILE = "l1-genesis.json";

/**
 * What `files` hold, or the genesis that the folder was made with; `undefined` for the devnet's own.
 *
 * @throws `L1_IMPORT_UNREADABLE`
 */
export async function readL1Import(
  dataDir: string,
  files: L1ImportFiles | undefined,
): Promise<Extract<L1GenesisSource, { readonly geth: string }> | undefined> {
  if (files === undefined) {
    const geth = readKept(dataDir);
    return geth === undefined ? undefined : { geth };
  }
  const geth = read(files.genesisFile, Deno.readTextFileSync);
  const { chainFile } = files;
  if (chainFile === undefined) return { geth };
  const chain = read(chainFile, Deno.readFileSync);
  // `geth export` packs what it writes into a file whose name ends in .gz.
  const isPacked = chain[0] === 0x1f && chain[1] === 0x8b;
  return { geth, chain: isPacked ? await gunzip(chainFile, chain) : chain };
}

/** Writes down the genesis that the chain of the folder was made from. */
export function keepL1Genesis(dataDir: string, geth: string): void {
  if (readKept(dataDir) === undefined) Deno.writeTextFileSync(`${dataDir}/${KEPT_FILE}`, geth);
}

async function gunzip(path: string, packed: Uint8Array): Promise<Uint8Array> {
  try {
    const stream = new Blob([packed.slice()]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await new Response(stream).bytes();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readKept(dataDir: string): string | undefined {
  try {
    return Deno.readTextFileSync(`${dataDir}/${KEPT_FILE}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unreadable(`${dataDir}/${KEPT_FILE}`, error);
  }
}

function read<Content>(path: string, readFile: (path: string) => Content): Content {
  try {
    return readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): RollupError<L1GenesisFileErrorCode> {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RollupError(
    "L1_IMPORT_UNREADABLE",
    `Cannot read "${path}" to start the embedded L1 from: ${reason}`,
    {
      details: { path },
      mend: "Name a whole file that is there, and that this process may read.",
      cause,
    },
  );
}
