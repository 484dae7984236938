/**
 * The program's precompiles against go-ethereum's vectors, and the checker against itself. The
 * vectors are skipped where `../shared/vectors/geth` is absent.
 */
import { assertEquals } from "@std/assert";
import { checkVectors, type PrecompileRunner, type VectorFile } from "./check_vectors.ts";
import { createPrecompileRunner } from "./program_precompiles.ts";
import { readVectorFolder } from "./vector_folder.ts";

const FOLDER = new URL("../../../../shared/vectors/geth/vm-testdata/precompiles/", import.meta.url);
const isAbsent = !exists(FOLDER);
const note = isAbsent ? " (skipped: ../shared/vectors/geth is absent)" : "";

function exists(url: URL): boolean {
  try {
    return Deno.statSync(url).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test(
  { name: `runPrecompile() gives go-ethereum's outputs and gas${note}`, ignore: isAbsent },
  async () => {
    const { passedCount, failures } = await checkVectors(
      readVectorFolder(FOLDER),
      createPrecompileRunner(),
    );
    assertEquals(failures, []);
    assertEquals(passedCount > 0, true);
  },
);

/** A file of one case for the identity precompile, which copies its input for 18 gas. */
function identityFile(
  changes: Readonly<Record<string, unknown>>,
  name = "identity.json",
): VectorFile {
  const vector = { Name: "copy", Input: "01", Expected: "01", Gas: 18, ...changes };
  return { name, text: JSON.stringify([vector]) };
}

Deno.test("checkVectors() passes and counts a case that holds", async () => {
  const report = await checkVectors([identityFile({})], createPrecompileRunner());
  assertEquals(report, { passedCount: 1, failures: [], notes: [] });
});

Deno.test("checkVectors() names a case whose output, gas or failure differs", async () => {
  const run = createPrecompileRunner();
  const wrong = [
    identityFile({ Expected: "02" }),
    identityFile({ Gas: 17 }),
    identityFile({ Gas: 19 }),
    identityFile({ ExpectedError: "anything" }),
    identityFile({}, "fail-blsMapG1.json"),
  ];
  for (const file of wrong) {
    const { passedCount, failures } = await checkVectors([file], run);
    assertEquals([passedCount, failures.length], [0, 1], file.text);
    assertEquals(failures[0]?.startsWith(`${file.name}: copy: `), true);
  }
});

Deno.test("checkVectors() finds a precompile that takes less gas than it says", async () => {
  const generous: PrecompileRunner = ({ input }) =>
    Promise.resolve({ isSuccess: true, gasUsed: 18n, output: input });
  const { failures } = await checkVectors([identityFile({})], generous);
  assertEquals(failures, ["identity.json: copy: Cancun: succeeded with 17 gas"]);
});

Deno.test("checkVectors() counts files that it cannot use as failures", async () => {
  const files: readonly VectorFile[] = [
    identityFile({}, "unheardOf.json"),
    { name: "identity.json", text: "[" },
    { name: "identity.json", text: "{}" },
    { name: "identity.json", text: "[]" },
    { name: "identity.json", text: `[{"Input":"01"}]` },
    identityFile({ Input: "0" }),
    identityFile({ Gas: "18" }),
  ];
  const { passedCount, failures } = await checkVectors(files, createPrecompileRunner());
  assertEquals([passedCount, failures.length], [0, files.length]);
});
