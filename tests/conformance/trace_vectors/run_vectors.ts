/**
 * Runs all vectors of a folder.
 *
 * Owns the count and which files are passed over. Does not own one vector (`run_vector.ts`).
 * @module
 */
import { runVector } from "./run_vector.ts";
import { REFUSED_KINDS, VECTOR_KINDS } from "./vector_case.ts";

/** A vector that did not give what it wants. */
export interface VectorFailure {
  readonly path: string;
  readonly differences: readonly string[];
}

/** What became of a folder. */
export interface VectorTally {
  readonly passedCount: number;
  readonly failedCount: number;
  /** Vectors of suites that are refused, by suite. */
  readonly refusedCounts: ReadonlyMap<string, number>;
  /** Files in folders of no known name. */
  readonly otherCount: number;
}

/** Runs `paths`; the folder that a file lies in says what it is a vector of. */
export async function runVectors(options: {
  readonly paths: readonly string[];
  readonly readFile: (path: string) => string;
  readonly onFailure: (failure: VectorFailure) => void;
}): Promise<VectorTally> {
  let passedCount = 0;
  let failedCount = 0;
  let otherCount = 0;
  const refusedCounts = new Map<string, number>();
  for (const path of options.paths) {
    const folder = path.split("/").at(-2) ?? "";
    const kind = VECTOR_KINDS.get(folder);
    if (kind === undefined) {
      if (REFUSED_KINDS.has(folder)) {
        refusedCounts.set(folder, (refusedCounts.get(folder) ?? 0) + 1);
      } else otherCount++;
      continue;
    }
    const differences = await differencesOf(() => runVector(options.readFile(path), kind));
    if (differences.length === 0) passedCount++;
    else {
      failedCount++;
      options.onFailure({ path, differences });
    }
  }
  return { passedCount, failedCount, refusedCounts, otherCount };
}

/** A vector that cannot be run has failed; why is the difference. */
async function differencesOf(
  run: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    return await run();
  } catch (error) {
    return [`cannot run it: ${error instanceof Error ? error.message : String(error)}`];
  }
}
