/**
 * Data folders as a process leaves them that dies after a commit, without a process that dies.
 *
 * Owns holding every other commit while the folder is copied: nothing is under way then, so the copy
 * is what a `kill -9` at that moment leaves on disk. Does not own what runs meanwhile.
 * @module
 */

/** The folders, in order. */
export interface FolderCopies extends AsyncDisposable {
  readonly copies: readonly { readonly dataDir: string; readonly commits: number }[];
  /** How many commits there were in all. */
  readonly commits: number;
}

/** Runs `task`, and copies `dataDir` after each commit whose count `isWanted`. */
export async function copyDuring(
  dataDir: string,
  isWanted: (commits: number) => boolean,
  task: () => Promise<unknown>,
): Promise<FolderCopies> {
  const root = await Deno.makeTempDir({ prefix: "varve-copies-" });
  const copies: { dataDir: string; commits: number }[] = [];
  let commits = 0;
  let underWay = 0;
  let copying: Promise<void> | undefined;
  const prototype = Deno.AtomicOperation.prototype;
  const { commit } = prototype;
  const copyNow = async (count: number): Promise<void> => {
    while (underWay > 0) await new Promise((go) => setTimeout(go, 1));
    const to = `${root}/${count}`;
    await copyFolder(dataDir, to);
    copies.push({ dataDir: to, commits: count });
  };
  prototype.commit = async function () {
    while (copying !== undefined) await copying;
    underWay++;
    const result = await commit.call(this).finally(() => underWay--);
    const count = ++commits;
    if (isWanted(count)) {
      copying = copyNow(count).finally(() => {
        copying = undefined;
      });
      await copying;
    }
    return result;
  };
  try {
    await task();
  } finally {
    prototype.commit = commit;
  }
  return {
    copies,
    commits,
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
    else await copyFolder(`${from}/${name}`, `${to}/${name}`);
  }
}
