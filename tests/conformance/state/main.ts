/**
 * `deno task conformance:state --vectors DIR [--fork Cancun|Prague|Osaka]`: runs every state test
 * below DIR on the program.
 *
 * Owns the flags and what is printed: each failing case, and a last line with the counts. Exits 1
 * when a case failed or none ran, 2 on misuse.
 * @module
 */
import { createProgram } from "../../../core/vm/host/instance.ts";
import type { Fork } from "../../../core/vm/host/program.ts";
import { FORKS } from "./fixture.ts";
import { listJsonFiles } from "./json_files.ts";
import { type Failure, runStateTests } from "./run_state_tests.ts";

const USAGE = "Usage: deno task conformance:state --vectors DIR [--fork Cancun|Prague|Osaka]";

if (import.meta.main) Deno.exit(await main(Deno.args, printLine));

/** Runs with these arguments; answers the exit code. */
export async function main(
  args: readonly string[],
  print: (line: string) => void,
): Promise<number> {
  const flags = readFlags(args);
  if (flags === undefined) {
    print(USAGE);
    return 2;
  }
  let paths: readonly string[];
  try {
    paths = listJsonFiles(flags.vectors);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    print(`Cannot run state tests of "${flags.vectors}": there is no such file or folder`);
    return 2;
  }
  const tally = await runStateTests({
    paths,
    readFile: Deno.readTextFileSync,
    createProgram,
    ...(flags.fork === undefined ? {} : { fork: flags.fork }),
    onFailure: (failure) => print(renderFailure(failure)),
  });
  const { passedCount, failedCount, otherFileCount } = tally;
  if (otherFileCount > 0) print(`${otherFileCount} of ${paths.length} files hold no state test`);
  print(`${passedCount} passed, ${failedCount} failed`);
  return failedCount > 0 || passedCount === 0 ? 1 : 0;
}

interface Flags {
  readonly vectors: string;
  readonly fork: Fork | undefined;
}

/** The flags, or `undefined` when anything else is there. */
function readFlags(line: readonly string[]): Flags | undefined {
  // `--fork=Osaka` is `--fork Osaka`.
  const args = line.flatMap((arg) => {
    const sign = arg.startsWith("--") ? arg.indexOf("=") : -1;
    return sign < 0 ? [arg] : [arg.slice(0, sign), arg.slice(sign + 1)];
  });
  const values = new Map<string, string>();
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = [args[at], args[at + 1]];
    if ((name !== "--vectors" && name !== "--fork") || value === undefined) return undefined;
    values.set(name, value);
  }
  const vectors = values.get("--vectors");
  const wanted = values.get("--fork")?.toLowerCase();
  const fork = FORKS.find((known) => known.toLowerCase() === wanted);
  if (vectors === undefined || (values.has("--fork") && fork === undefined)) return undefined;
  return { vectors, fork };
}

function renderFailure({ path, caseName, differences }: Failure): string {
  const title = caseName === undefined ? path : `${path}: ${caseName}`;
  return [`FAILED ${title}`, ...differences.map((line) => `  ${line}`)].join("\n");
}

function printLine(text: string): void {
  const bytes = new TextEncoder().encode(`${text}\n`);
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}
