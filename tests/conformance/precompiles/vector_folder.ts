/**
 * Where files of vectors lie in a folder.
 *
 * @module
 */
import type { VectorFile } from "./check_vectors.ts";

/** go-ethereum keeps them in a folder of this name, beside those of opcodes. */
const NESTED_FOLDER = "precompiles";

/**
 * The file at `path`, or every `.json` file below it, sorted; where there are folders `precompiles`
 * below it, theirs alone.
 */
export function readVectorFolder(path: URL | string): readonly VectorFile[] {
  const root = `${path}`.replace(/\/*$/, "");
  const paths = Deno.statSync(toPath(root)).isFile ? [root] : [...listJson(root)].sort();
  const nested = paths.filter((each) =>
    each.slice(root.length).split("/").slice(0, -1).includes(NESTED_FOLDER)
  );
  return (nested.length > 0 ? nested : paths).map((each) => ({
    name: each.slice(each.lastIndexOf("/") + 1),
    text: Deno.readTextFileSync(toPath(each)),
  }));
}

function* listJson(folder: string): Iterable<string> {
  for (const entry of Deno.readDirSync(toPath(folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* listJson(path);
    else if (entry.name.endsWith(".json")) yield path;
  }
}

function toPath(path: string): URL | string {
  return path.startsWith("file:") ? new URL(path) : path;
}
