/**
 * `deno task conformance:trace --vectors DIR`: runs every tracer vector of go-ethereum below DIR on
 * the embedded L1.
 *
 * Owns the flag and what is printed: each failing case with its differences, suites that are
 * refused, and a last line with the counts. Exits 1 when a case failed or none ran, 2 on misuse.
 * @module
 */
import { listJsonFiles } from "../state/json_files.ts";
import { runVectors, type VectorFailure } from "./run_vectors.ts";

const USAGE = "Usage: deno task conformance:trace --vectors DIR";

if (import.meta.main) Deno.exit(await main(Deno.args, printLine));

/** Runs with these arguments; answers the exit code. */
export async function main(
  args: readonly string[],
  print: (line: string) => void,
): Promise<number> {
  const vectors = readFlag(args);
  if (vectors === undefined) {
    print(USAGE);
    return 2;
  }
  let paths: readonly string[];
  try {
    paths = listJsonFiles(Deno.realPathSync(vectors));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    print(`Cannot run tracer vectors of "${vectors}": there is no such file or folder`);
    return 2;
  }
  const { passedCount, failedCount, refusedCounts, otherCount } = await runVectors({
    paths,
    readFile: Deno.readTextFileSync,
    onFailure: (failure) => print(renderFailure(failure)),
  });
  for (const [suite, count] of refusedCounts) {
    print(`refused ${suite}: ${count} vectors are of a tracer that is not supported`);
  }
  if (otherCount > 0) print(`${otherCount} of ${paths.length} files lie in no folder of a tracer`);
  print(`${passedCount} passed, ${failedCount} failed`);
  return failedCount > 0 || passedCount === 0 ? 1 : 0;
}

function readFlag(args: readonly string[]): string | undefined {
  const [first, second, ...others] = args;
  if (others.length > 0) return undefined;
  if (first?.startsWith("--vectors=") && second === undefined) {
    return first.slice("--vectors=".length);
  }
  return first === "--vectors" ? second : undefined;
}

function renderFailure({ path, differences }: VectorFailure): string {
  return [`FAILED ${path}`, ...differences.map((line) => `  ${line}`)].join("\n");
}

function printLine(text: string): void {
  const bytes = new TextEncoder().encode(`${text}\n`);
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}
