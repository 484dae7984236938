/**
 * Running the commands of a document as they are written.
 *
 * Owns what a line may be: a task of this repository or `cast`, words without anything that only a
 * shell could do, and a remark on what comes of it. The programs that `npx` would fetch are replaced
 * by those that are here; what else differs is for the caller to say. Does not own the documents.
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { assert } from "../../core/primitives/errors.ts";
import { FOUNDRY_VERSION } from "../tools/foundry.ts";
import { CAST, type CommandResult, endProcess, runProgram } from "./testing.ts";

const ROOT = new URL("../../", import.meta.url);
const DENO = `npx -y deno@${Deno.version.deno} task `;
const CAST_PACKAGE = `npx -y @foundry-rs/cast@${FOUNDRY_VERSION} `;

/** The text of a file of the repository. */
export async function readDocument(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

/** The lines of each `sh` block. */
export function shellBlocks(text: string): string[][] {
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = ""]) =>
    block.split("\n").filter((line) => line !== "")
  );
}

/** The names of the tasks of `deno.json`. */
export async function taskNames(): Promise<ReadonlySet<string>> {
  const config: unknown = JSON.parse(await readDocument("deno.json"));
  return new Set(Object.keys(Object(Object(config).tasks)));
}

/** The task that a line runs, and its arguments. */
export function taskOf(line: string): { readonly name: string; readonly args: readonly string[] } {
  assert(line.startsWith(DENO), `a line runs a task as ${DENO}…: ${line}`);
  const [name, ...args] = splitLine(line.slice(DENO.length));
  assert(name !== undefined, "splitting gives one word at least");
  return { name, args };
}

/** Words of a line without anything that only a shell could do. */
function splitLine(line: string): string[] {
  assertEquals(line.replace(/[\w\s:/.,@=-]/g, ""), "", `plain words: ${line}`);
  return line.split(" ");
}

/** Runs a line to its end. */
export async function runLine(line: string): Promise<CommandResult> {
  if (line.startsWith(CAST_PACKAGE)) {
    assert(CAST !== undefined, "a test of a document with cast is skipped where there is none");
    return await runProgram(CAST, splitLine(line.slice(CAST_PACKAGE.length)));
  }
  const { name, args } = taskOf(line);
  return await runProgram(Deno.execPath(), ["task", name, ...args]);
}

/**
 * Runs a line and holds the outcome against the remark behind it: `refused: CODE` with what the
 * message says after a comma, `shows: TEXT`, or success where there is none.
 */
export async function runRemarkedLine(line: string): Promise<void> {
  const [command = "", remark] = line.split("  # ");
  const [, kind, wanted = ""] = /^(refused|shows): (.+)$/.exec(remark ?? "") ?? [];
  assert(remark === undefined || kind !== undefined, `a remark says refused or shows: ${line}`);
  const { code, stdout, stderr } = await runLine(command);
  if (kind === "refused") {
    assertEquals(code, 1, `${line}: ${stdout}${stderr}`);
    const [errorCode, ...texts] = wanted.split(", ");
    assertStringIncludes(stderr, `Error ${errorCode}: `, line);
    for (const text of texts) assertStringIncludes(stderr, text, line);
    return;
  }
  assertEquals(code, 0, `${line}: ${stdout}${stderr}`);
  assertStringIncludes(stdout, wanted, line);
}

/** A devnet that a document has started. */
export interface DocumentedDevnet extends AsyncDisposable {
  /** `undefined` when the L1 is somebody else's. */
  readonly l1Url: string | undefined;
  readonly l2Url: string;
  readonly child: Deno.ChildProcess;
}

/** Starts a devnet as the reader would, on free ports that come from the environment. */
export async function startDocumentedDevnet(
  line: string,
  env: Readonly<Record<string, string>> = {},
): Promise<DocumentedDevnet> {
  const { name, args } = taskOf(line);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", name, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", VARVE_L1_PORT: "0", VARVE_L2_PORT: "0", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let banner = "";
  let address: string | undefined;
  while (address === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the devnet ended before it was ready: ${banner}${await errors}`);
    banner += value;
    address = /Listening on (\S+) \(L2\)/.exec(banner)?.[1];
  }
  const l1Address = /Listening on (\S+) \(L1\)/.exec(banner)?.[1];
  const drained = (async () => {
    while (!(await reader.read()).done);
  })();
  return {
    child,
    l1Url: l1Address === undefined ? undefined : `http://${l1Address}`,
    l2Url: `http://${address}`,
    [Symbol.asyncDispose]: async () => {
      endProcess(child, "SIGTERM");
      await child.status;
      await Promise.all([drained, errors]);
    },
  };
}
