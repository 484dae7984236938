/**
 * Finds the JSON files of a suite.
 *
 * Owns the walk. Does not own what is in the files.
 * @module
 */

/**
 * Paths of the JSON files below the folder `path`, sorted, or `path` itself when it is a file.
 * Hidden folders are passed over: suites keep their indexes there.
 */
export function listJsonFiles(path: string): readonly string[] {
  if (!Deno.statSync(path).isDirectory) return [path];
  const paths: string[] = [];
  const walk = (folder: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      if (name.startsWith(".")) continue;
      const inside = `${folder.replace(/\/$/, "")}/${name}`;
      if (isDirectory) walk(inside);
      else if (name.endsWith(".json")) paths.push(inside);
    }
  };
  walk(path);
  return paths.sort();
}
