/**
 * `deno task conformance:precompiles --vectors DIR`: files of precompile vectors in go-ethereum's
 * format against the program.
 *
 * Owns the flag and what is printed. Exits 1 when a case failed or none ran, 2 on misuse.
 * @module
 */
import { checkVectors } from "./check_vectors.ts";
import { createPrecompileRunner } from "./program_precompiles.ts";
import { readVectorFolder } from "./vector_folder.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const [flag, folder, ...rest] = args.flatMap((arg) =>
    arg.startsWith("--vectors=") ? ["--vectors", arg.slice("--vectors=".length)] : [arg]
  );
  if (flag !== "--vectors" || folder === undefined || folder === "" || rest.length > 0) {
    print("Usage: deno task conformance:precompiles --vectors DIR");
    return 2;
  }
  const files = readFiles(folder);
  if (typeof files === "string") {
    print(files);
    return 2;
  }
  const { passedCount, failures, notes } = await checkVectors(files, createPrecompileRunner());
  for (const note of notes) print(`note: ${note}`);
  for (const failure of failures) print(`FAIL ${failure}`);
  if (files.length === 0) print(`Cannot check vectors in "${folder}": it has no .json files`);
  print(`${passedCount} passed, ${failures.length} failed`);
  return failures.length > 0 || passedCount === 0 ? 1 : 0;
}

/** The folder's files, or why they cannot be read. */
function readFiles(folder: string): ReturnType<typeof readVectorFolder> | string {
  try {
    return readVectorFolder(folder);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `Cannot read vectors in "${folder}": ${error.message}`;
  }
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
