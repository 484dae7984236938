/**
 * The manifest of `fixtures/`: the SHA-256 and the source of every file there.
 *
 * Owns reading, checking and writing the manifest. Does not own what any fixture holds.
 * @module
 */

/** What the manifest says of one file. */
export interface FixtureEntry {
  readonly sha256: string;
  /** Where the file's content comes from. */
  readonly source: string;
}

/** Entries by path relative to the repository's root. */
export type FixtureManifest = ReadonlyMap<string, FixtureEntry>;

/** The manifest's path relative to the repository's root. */
export const MANIFEST_PATH = "fixtures/manifest.json";

/** Folders of `fixtures/` whose files the manifest lists. */
const FIXTURE_FOLDERS: readonly string[] = ["golden", "vectors", "wire"];

/** The SHA-256 of bytes, in hex without a prefix, as `sha256sum` prints it. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Reads and checks the manifest of the repository at `root`. */
export async function readManifest(root: URL): Promise<FixtureManifest> {
  const json: unknown = JSON.parse(await Deno.readTextFile(new URL(MANIFEST_PATH, root)));
  if (typeof json !== "object" || json === null) throw new TypeError("The manifest is no object");
  const entries = Object.entries(json).map(([path, entry]): [string, FixtureEntry] => {
    if (!isEntry(entry)) throw new TypeError(`The manifest's entry of ${path} is malformed`);
    return [path, { sha256: entry.sha256, source: entry.source }];
  });
  return new Map(entries);
}

/** Writes the manifest sorted by path, so that a change of it is easy to read. */
export async function writeManifest(root: URL, manifest: FixtureManifest): Promise<void> {
  const sorted = Object.fromEntries([...manifest].toSorted(([a], [b]) => a < b ? -1 : 1));
  const text = `${JSON.stringify(sorted, null, 2)}\n`;
  await Deno.writeTextFile(new URL(MANIFEST_PATH, root), text);
}

/** Every fixture file, sorted, as paths relative to `root`. */
export async function listFixtures(root: URL): Promise<string[]> {
  const lists = FIXTURE_FOLDERS.map((folder) => listFiles(root, `fixtures/${folder}/`));
  return (await Promise.all(lists)).flat().sort();
}

/** Files below `folder`, which ends in a slash; none when it is not there. */
async function listFiles(root: URL, folder: string): Promise<string[]> {
  const files: string[] = [];
  try {
    for await (const entry of Deno.readDir(new URL(folder, root))) {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory) files.push(...await listFiles(root, `${path}/`));
      else files.push(path);
    }
  } catch (error) {
    // Git keeps no empty folder.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files;
}

function isEntry(value: unknown): value is FixtureEntry {
  return typeof value === "object" && value !== null &&
    "sha256" in value && typeof value.sha256 === "string" && /^[0-9a-f]{64}$/.test(value.sha256) &&
    "source" in value && typeof value.source === "string" && value.source !== "";
}
