/**
 * `deno task conformance:rpc --vectors DIR`: execution-apis' RPC tests on the embedded L1, which
 * starts from `DIR/genesis.json` and `DIR/chain.rlp` and is asked what `DIR/tests` says.
 *
 * Owns the flag and what is printed. Exits 1 when a case failed or none ran, 2 on misuse.
 * @module
 */
import { type RecordedChain, runVectors } from "./run_vectors.ts";
import { readVectorFiles, type VectorFile } from "./vector_files.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

/** Runs with these arguments; answers the exit code. */
export async function main(
  args: readonly string[],
  print: (line: string) => void = printLine,
): Promise<number> {
  const [flag, folder, ...rest] = args.flatMap((arg) =>
    arg.startsWith("--vectors=") ? ["--vectors", arg.slice("--vectors=".length)] : [arg]
  );
  if (flag !== "--vectors" || folder === undefined || folder === "" || rest.length > 0) {
    print("Usage: deno task conformance:rpc --vectors DIR");
    return 2;
  }
  const suite = readSuite(folder);
  if (typeof suite === "string") {
    print(suite);
    return 2;
  }
  const { passedCount, failures, skipped } = await runVectors(suite.files, suite.recorded);
  for (const name of skipped) print(`engine-only, not run: ${name}`);
  for (const { name, differences } of failures) {
    print(`FAIL ${name}`);
    for (const difference of differences) print(`     ${difference}`);
  }
  print(`${passedCount} passed, ${failures.length} failed`);
  return failures.length > 0 || passedCount === 0 ? 1 : 0;
}

/** A folder of the suite. */
export interface Suite {
  readonly files: readonly VectorFile[];
  readonly recorded: RecordedChain;
}

/** The suite in `folder`, or why it cannot be read. */
export function readSuite(folder: string): Suite | string {
  const root = folder.replace(/\/+$/, "");
  // In the suite's own repository the chain lies among the tests.
  const chain = exists(`${root}/genesis.json`) ? root : `${root}/tests`;
  try {
    return {
      files: readVectorFiles(`${root}/tests`),
      recorded: {
        genesis: Deno.readTextFileSync(`${chain}/genesis.json`),
        chain: Deno.readFileSync(`${chain}/chain.rlp`),
      },
    };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `Cannot read the RPC tests in "${folder}": ${error.message}`;
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function printLine(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
