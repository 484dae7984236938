/**
 * Rewrites `fixtures/golden` from fixed seeds and says what changed.
 *
 * Owns the list of golden files and their lines in the manifest. Never touches `fixtures/wire`
 * (frozen formats) or `fixtures/vectors` (published numbers): these are added by hand.
 * @module
 */

import { commands } from "../../cli/commands/mod.ts";
import { renderCommandHelp, renderToolHelp } from "../../cli/help.ts";
import { reportGas } from "../golden/gas_report.ts";
import { runGoldenFlow } from "../golden/golden_flow.ts";
import {
  type FixtureEntry,
  listFixtures,
  readManifest,
  sha256Hex,
  writeManifest,
} from "./fixtures.ts";

const ROOT = new URL("../../", import.meta.url);

/** A file of `fixtures/golden`, as it should be now. */
interface GoldenFile {
  readonly path: string;
  readonly source: string;
  readonly text: string;
}

if (import.meta.main) await updateFixtures();

async function updateFixtures(): Promise<void> {
  const manifest = new Map<string, FixtureEntry>(await readManifest(ROOT));
  const files = [...renderHelpFiles(), await recordFlow(), await recordGas()];
  for (const { path, source, text } of files) {
    say(`${path}: ${await writeIfChanged(path, text)}`);
    manifest.set(path, { sha256: await sha256Hex(new TextEncoder().encode(text)), source });
  }
  const present = new Set(await listFixtures(ROOT));
  for (const path of manifest.keys()) {
    if (path.startsWith("fixtures/golden/") && !present.has(path)) manifest.delete(path);
  }
  await writeManifest(ROOT, manifest);
}

function renderHelpFiles(): GoldenFile[] {
  const source = "recorded by `deno task fixtures:update` from the commands' declarations";
  const texts = commands.map((command) => [command.name, renderCommandHelp(command)] as const);
  return [["varve", renderToolHelp(commands)] as const, ...texts].map(([name, text]) => ({
    path: `fixtures/golden/help/${name}.txt`,
    source,
    text,
  }));
}

async function recordFlow(): Promise<GoldenFile> {
  const dataDir = await Deno.makeTempDir({ dir: "fixtures", prefix: ".flow-" });
  try {
    const record = await runGoldenFlow(dataDir);
    return {
      path: "fixtures/golden/flow.json",
      source:
        "recorded by `deno task fixtures:update` from the flow in tests/golden/golden_flow.ts",
      text: `${JSON.stringify(record, null, 2)}\n`,
    };
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

async function recordGas(): Promise<GoldenFile> {
  return {
    path: "fixtures/golden/gas.json",
    source: "recorded by `deno task fixtures:update` from the calls in tests/golden/gas_report.ts",
    text: `${JSON.stringify(await reportGas(), null, 2)}\n`,
  };
}

async function writeIfChanged(path: string, text: string): Promise<"new" | "changed" | "same"> {
  const url = new URL(path, ROOT);
  const before = await readIfPresent(url);
  if (before === text) return "same";
  await Deno.mkdir(new URL(".", url), { recursive: true });
  await Deno.writeTextFile(url, text);
  return before === undefined ? "new" : "changed";
}

async function readIfPresent(url: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(url);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
