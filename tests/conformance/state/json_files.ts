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
    for (const { name, isDirectory, isSymlink } of Deno.readDirSync(folder)) {
      if (name.startsWith(".")) continue;
      const inside = `${folder.replace(/\/$/, "")}/${name}`;
      if (isDirectory || (isSymlink && isLinkedFolder(inside, folder))) walk(inside);
      else if (name.toLowerCase().endsWith(".json")) paths.push(inside);
    }
  };
  walk(path);
  return paths.sort();
}

/** A link to a folder that it does not lie in, or the walk would not end. */
function isLinkedFolder(link: string, folder: string): boolean {
  try {
    const target = Deno.realPathSync(link);
    return Deno.statSync(target).isDirectory &&
      !`${Deno.realPathSync(folder)}/`.startsWith(`${target}/`);
  } catch (error) {
    // A link to nowhere is reported as a file that cannot be read, if its name is one.
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
