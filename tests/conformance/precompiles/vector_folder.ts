/**
 * Where files of vectors lie in a folder.
 *
 * @module
 */
import type { VectorFile } from "./check_vectors.ts";

/** go-ethereum keeps them in this folder of `core/vm/testdata`, beside those of opcodes. */
const NESTED_FOLDER = "precompiles";

/** Every `.json` file of `folder`, or of its `precompiles` when it has that; sorted by name. */
export function readVectorFolder(folder: URL | string): readonly VectorFile[] {
  const path = `${folder}`.replace(/\/*$/, "/");
  const nested = [...readFolder(path)].find((entry) =>
    entry.isDirectory && entry.name === NESTED_FOLDER
  );
  if (nested !== undefined) return readVectorFolder(`${path}${NESTED_FOLDER}`);
  return [...readFolder(path)]
    .filter((entry) => entry.isFile && entry.name.endsWith(".json"))
    .map((entry) => entry.name)
    .sort()
    .map((name) => ({ name, text: Deno.readTextFileSync(toPath(`${path}${name}`)) }));
}

function readFolder(path: string): Iterable<Deno.DirEntry> {
  return Deno.readDirSync(toPath(path));
}

function toPath(path: string): URL | string {
  return path.startsWith("file:") ? new URL(path) : path;
}
