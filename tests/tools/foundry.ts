/**
 * Where the real `cast` and `anvil` are: binaries of pinned npm packages in Deno's own cache.
 *
 * Owns the pinned version and the search. Does not own how a test starts or stops them.
 * @module
 */

/** The Foundry tools that tests use as real peers. */
export type FoundryTool = "anvil" | "cast";

/** A binary that can be run, or why there is none on this machine. */
export type FoundryBinary = { readonly path: string } | { readonly reason: string };

/** The one Foundry version; `deno.lock` holds the hash of each platform package once fetched. */
export const FOUNDRY_VERSION = "1.7.1";

/** Foundry's name of each platform that it publishes, by `Deno.build.os` and `Deno.build.arch`. */
const PLATFORMS: Readonly<Record<string, string>> = {
  "darwin-aarch64": "darwin-arm64",
  "darwin-x86_64": "darwin-amd64",
  "linux-aarch64": "linux-arm64",
  "linux-x86_64": "linux-amd64",
  "windows-x86_64": "win32-amd64",
};

const ROOT = new URL("../../", import.meta.url);

const found = new Map<FoundryTool, Promise<FoundryBinary>>();

/**
 * Finds a tool's binary and, the first time on a machine, lets Deno fetch its npm package.
 *
 * The platform's package is asked for by name, and not through its wrapper: Deno runs no install
 * scripts, and a wrapper wants every platform's package to exist. Needs `--allow-run` of Deno
 * itself and `--allow-read`.
 */
export function findFoundry(tool: FoundryTool): Promise<FoundryBinary> {
  const known = found.get(tool);
  if (known !== undefined) return known;
  const search = searchFoundry(tool);
  found.set(tool, search);
  return search;
}

/** The path of `cast`, or `undefined` with the reason on stderr. */
export function castPath(): Promise<string | undefined> {
  return pathOrNotice("cast");
}

/** The path of `anvil`, or `undefined` with the reason on stderr. */
export function anvilPath(): Promise<string | undefined> {
  return pathOrNotice("anvil");
}

async function pathOrNotice(tool: FoundryTool): Promise<string | undefined> {
  const binary = await findFoundry(tool);
  if ("path" in binary) return binary.path;
  await Deno.stderr.write(new TextEncoder().encode(`skipped: ${binary.reason}\n`));
  return undefined;
}

async function searchFoundry(tool: FoundryTool): Promise<FoundryBinary> {
  const platform = PLATFORMS[`${Deno.build.os}-${Deno.build.arch}`];
  if (platform === undefined) {
    return { reason: `Foundry has no ${tool} for ${Deno.build.os} on ${Deno.build.arch}` };
  }
  const name = `@foundry-rs/${tool}-${platform}`;
  const info = await runDeno(["info", "--json"]);
  if (!info.success) return { reason: `Cannot find Deno's npm cache: ${info.stderr}` };
  const npmCache = npmCacheOf(info.stdout);
  if (npmCache === undefined) return { reason: "Cannot find Deno's npm cache: it has no npmCache" };
  const file = `${name}/${FOUNDRY_VERSION}/bin/${tool}${Deno.build.os === "windows" ? ".exe" : ""}`;
  const cached = await findInCache(npmCache, file);
  if (cached !== undefined) return { path: cached };
  const fetched = await runDeno(["cache", "--quiet", `npm:${name}@${FOUNDRY_VERSION}`]);
  if (!fetched.success) return { reason: `Cannot fetch ${name}: ${fetched.stderr}` };
  const path = await findInCache(npmCache, file);
  return path === undefined ? { reason: `${name} is fetched but holds no ${file}` } : { path };
}

interface DenoRun {
  readonly success: boolean;
  readonly stdout: string;
  /** The first line that is not empty: enough to say why. */
  readonly stderr: string;
}

/** Runs Deno itself at the repository's root, so that its `deno.lock` is the one that counts. */
async function runDeno(args: string[]): Promise<DenoRun> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  const firstLine = text.decode(stderr).split("\n").find((line) => line.trim() !== "");
  return { success, stdout: text.decode(stdout), stderr: firstLine ?? "no message" };
}

function npmCacheOf(json: string): string | undefined {
  const info: unknown = JSON.parse(json);
  if (typeof info !== "object" || info === null || !("npmCache" in info)) return undefined;
  return typeof info.npmCache === "string" ? info.npmCache : undefined;
}

/** The first registry folder of the cache that holds `file`: its name follows the registry. */
async function findInCache(npmCache: string, file: string): Promise<string | undefined> {
  for (const registry of await foldersBelow(npmCache, 2)) {
    const path = `${registry}/${file}`;
    try {
      if ((await Deno.stat(path)).isFile) return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

/** The folders below `folder`, as deep as a registry with a path in its address is kept. */
async function foldersBelow(folder: string, depth: number): Promise<string[]> {
  const folders: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (!entry.isDirectory) continue;
      const path = `${folder}/${entry.name}`;
      folders.push(path);
      // Packages themselves start with a scope or sit beside a registry.json: no registry is there.
      if (depth > 1 && !entry.name.startsWith("@")) {
        folders.push(...await foldersBelow(path, depth - 1));
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return folders;
}
