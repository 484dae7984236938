/**
 * Where the real `cast`, `anvil` and `forge` are: binaries of pinned npm packages in Deno's own cache.
 *
 * Owns the pinned version and the search. Does not own how a test starts or stops them.
 * @module
 */

/** The Foundry tools that tests use as real peers. */
export type FoundryTool = "anvil" | "cast" | "forge";

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
 * itself.
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

/** The path of `forge`, or `undefined` with the reason on stderr. */
export function forgePath(): Promise<string | undefined> {
  return pathOrNotice("forge");
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
  const id = `@foundry-rs/${tool}-${platform}@${FOUNDRY_VERSION}`;
  // Run at the repository's root, so that its `deno.lock` is the one that counts.
  const command = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `npm:${id}`],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  });
  const { success, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  if (!success) return { reason: `Cannot fetch ${id}: ${text.decode(stderr).trim()}` };
  const folder = packageFolder(JSON.parse(text.decode(stdout)), id);
  if (folder === undefined) return { reason: `Cannot find ${id} in Deno's npm cache` };
  return { path: `${folder}/bin/${tool}${Deno.build.os === "windows" ? ".exe" : ""}` };
}

/** The cache folder of the package `id` in the answer of `deno info --json`. */
function packageFolder(info: unknown, id: string): string | undefined {
  const localPath = memberOf(memberOf(memberOf(info, "npmPackages"), id), "localPath");
  return typeof localPath === "string" ? localPath : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}
