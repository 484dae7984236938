/**
 * Vectors run through a precompile and compared: output, exact gas, failure.
 *
 * Owns the comparison and the counting. Does not own the precompile, which is a parameter, nor where
 * files come from.
 * @module
 */
import type { Fork } from "../../../core/vm/host/program.ts";
import { parseVectors, type PrecompileVector, rulesOf, type VectorRules } from "./vector_files.ts";

/** What a precompile did. */
export interface PrecompileRun {
  readonly isSuccess: boolean;
  readonly gasUsed: bigint;
  readonly output: Uint8Array;
}

/** One precompile call as a message. */
export interface PrecompileCall {
  readonly fork: Fork;
  readonly precompile: number;
  readonly input: Uint8Array;
  readonly gas: bigint;
}

/** Whatever runs precompiles. */
export type PrecompileRunner = (call: PrecompileCall) => Promise<PrecompileRun>;

/** A file of vectors that has been read. */
export interface VectorFile {
  readonly name: string;
  readonly text: string;
}

/** What came of the files; each case counts once, however many forks it ran under. */
export interface VectorReport {
  readonly passedCount: number;
  /** One line for each case, or file, that failed. */
  readonly failures: readonly string[];
  /** What was left out of a comparison, and why. */
  readonly notes: readonly string[];
}

/** More than any vector costs, for cases that must fail or do not say what they cost. */
const PLENTY_OF_GAS = 1_000_000_000n;

/** Runs every case of every file. */
export async function checkVectors(
  files: readonly VectorFile[],
  run: PrecompileRunner,
): Promise<VectorReport> {
  const failures: string[] = [];
  const notes: string[] = [];
  let passedCount = 0;
  for (const { name, text } of files) {
    const rules = rulesOf(name);
    if (rules === undefined) {
      failures.push(`${name}: no precompile is known by this name`);
      continue;
    }
    const vectors = readCases(text);
    if (typeof vectors === "string") {
      failures.push(`${name}: ${vectors}`);
      continue;
    }
    if (rules.gasNote !== undefined) notes.push(`${name}: ${rules.gasNote}`);
    for (const vector of vectors) {
      const trouble = await checkVector(vector, rules, run);
      if (trouble === undefined) passedCount++;
      else failures.push(`${name}: ${vector.name}: ${trouble}`);
    }
  }
  return { passedCount, failures, notes };
}

/** The cases of a file, or why it has none. */
function readCases(text: string): readonly PrecompileVector[] | string {
  try {
    const vectors = parseVectors(text);
    return vectors.length === 0 ? "the file has no cases" : vectors;
  } catch (error) {
    return `the file is not in the format: ${error instanceof Error ? error.message : error}`;
  }
}

async function checkVector(
  vector: PrecompileVector,
  rules: VectorRules,
  run: PrecompileRunner,
): Promise<string | undefined> {
  for (const fork of rules.forks) {
    const { precompile } = rules;
    const call = { fork, precompile, input: vector.input };
    try {
      const trouble = await checkUnderFork(vector, rules, (gas) => run({ ...call, gas }));
      if (trouble !== undefined) return `${fork}: ${trouble}`;
    } catch (error) {
      return `${fork}: threw ${error instanceof Error ? error.stack ?? error.message : error}`;
    }
  }
  return undefined;
}

async function checkUnderFork(
  vector: PrecompileVector,
  rules: VectorRules,
  run: (gas: bigint) => Promise<PrecompileRun>,
): Promise<string | undefined> {
  const { expected } = vector;
  const price = rules.gasNote === undefined ? vector.gas : undefined;
  // With exactly its price where that is known, so that a precompile that wants more fails.
  const gas = expected === undefined ? PLENTY_OF_GAS : price ?? PLENTY_OF_GAS;
  const { isSuccess, gasUsed, output } = await run(gas);
  if (expected === undefined) {
    if (isSuccess) return `succeeded with ${output.toHex()}, expected a failure`;
    return gasUsed === gas ? undefined : `failed with ${gasUsed} of ${gas} gas used`;
  }
  if (!isSuccess) return `failed with ${gas} gas, expected ${expected.toHex()}`;
  if (output.toHex() !== expected.toHex()) {
    return `answered ${output.toHex()}, expected ${expected.toHex()}`;
  }
  if (price === undefined) return undefined;
  if (gasUsed !== price) return `used ${gasUsed} gas, expected ${price}`;
  if (price > 0n && (await run(price - 1n)).isSuccess) return `succeeded with ${price - 1n} gas`;
  return undefined;
}
