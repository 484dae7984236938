/**
 * Which tests there are and what each may touch, as one table.
 *
 * Owns the groups and how a test file finds its group. Does not own how they are run.
 * @module
 */

/** Tests that run together under one set of permissions. */
export interface TestGroup {
  readonly name: string;
  /** Files and folders, relative to the repository's root; a more exact path of a group wins. */
  readonly paths: readonly string[];
  /**
   * Deno's flags. `{deno}`, `{cast}`, `{anvil}`, `{forge}` and `{chromium}` stand for those programs and `{temp}` for a
   * fresh folder; a program that this machine does not have is left out.
   */
  readonly permissions: readonly string[];
  /** Whether files may run side by side: only where they share nothing. */
  readonly isParallel: boolean;
}

/** Every group, in the order in which they run: what fails fast comes first. */
export const TEST_GROUPS: readonly TestGroup[] = [
  { name: "unit", paths: ["core", "devnet", "cli"], permissions: [], isParallel: true },
  {
    name: "tidy",
    paths: ["tests/tidy_test.ts", "tests/tools"],
    permissions: ["--allow-read"],
    isParallel: true,
  },
  {
    name: "conformance",
    paths: ["tests/conformance", "tests/golden", "tests/oracle"],
    // @ethereumjs asks for the environment; suites read their vectors and use fresh folders.
    permissions: ["--allow-read", "--allow-write={temp}", "--allow-env", "--allow-net=127.0.0.1"],
    isParallel: true,
  },
  {
    name: "simulation",
    paths: ["tests/simulation"],
    permissions: ["--allow-read", "--allow-write={temp}", "--allow-env"],
    isParallel: true,
  },
  {
    name: "fuzz",
    paths: ["tests/fuzz"],
    permissions: ["--allow-read", "--allow-env"],
    isParallel: true,
  },
  {
    name: "e2e",
    paths: [
      "tests/e2e",
      "tests/tools/foundry_test.ts",
      // Runs anvil.
      "tests/conformance/l1_client/anvil_test.ts",
    ],
    permissions: [
      "--allow-read",
      "--allow-write={temp}",
      "--allow-env",
      "--allow-net=127.0.0.1,localhost,[::1]",
      "--allow-run={deno},{cast},{anvil},{forge}",
    ],
    isParallel: false,
  },
  {
    name: "browser",
    paths: ["tests/browser"],
    // playwright wants to know the system; the browser keeps its profile in the fresh folder.
    permissions: [
      "--allow-read",
      "--allow-write={temp}",
      "--allow-env",
      "--allow-sys",
      "--allow-net=127.0.0.1,localhost",
      "--allow-run={deno},{chromium}",
    ],
    isParallel: false,
  },
];

/** The group that owns the test file at `path`: the one that names the longest part of it. */
export function groupOf(path: string): TestGroup | undefined {
  let owner: TestGroup | undefined;
  let ownedLength = 0;
  for (const group of TEST_GROUPS) {
    for (const owned of group.paths) {
      const isOwned = path === owned || path.startsWith(`${owned}/`);
      if (isOwned && owned.length > ownedLength) [owner, ownedLength] = [group, owned.length];
    }
  }
  return owner;
}

/** Test files below `root`, sorted, as paths relative to it; hidden folders are passed over. */
export async function listTestFiles(root: URL, folder = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(new URL(folder, root))) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (entry.isDirectory) files.push(...await listTestFiles(root, `${folder}${entry.name}/`));
    else if (entry.name.endsWith("_test.ts")) files.push(`${folder}${entry.name}`);
  }
  return files.sort();
}
