/**
 * Counts of a test run, read from Deno's JUnit report.
 *
 * Owns counting and the closing line. Does not run anything.
 * @module
 */

/** How many tests ended in each way; steps belong to their test and are not counted. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Nothing ran. */
export const NO_TESTS: TestCounts = { passed: 0, failed: 0, skipped: 0 };

/** The sum of two runs. */
export function addCounts(a: TestCounts, b: TestCounts): TestCounts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/** Counts of a run that are final, and why the run failed where it did. */
export interface Verdict {
  readonly counts: TestCounts;
  readonly reason?: string;
}

/**
 * Judges a run of test files by its counts and by whether Deno itself succeeded.
 *
 * A run is one failure more where Deno failed without a failed test (a type error, a leak, an
 * `only`), and where no test ran although there were files.
 */
export function judgeRun(counts: TestCounts, success: boolean): Verdict {
  if (counts.failed > 0) return { counts, reason: "failed" };
  const failedCounts = addCounts(counts, { ...NO_TESTS, failed: 1 });
  if (!success) return { counts: failedCounts, reason: "failed outside of a test, see above" };
  if (counts.passed + counts.skipped > 0) return { counts };
  return { counts: failedCounts, reason: "failed, as it has test files but no test ran" };
}

/** The line that closes a run; skipped tests are named only when there are any. */
export function closingLine(counts: TestCounts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

/**
 * Counts the tests of a JUnit report as Deno writes it.
 *
 * Deno lists a step as a case of its own, named `test > step`, after its test; such cases are left
 * out, as a failed step fails its test too.
 */
export function countJunit(xml: string): TestCounts {
  let counts = NO_TESTS;
  for (const suite of xml.split("<testsuite ").slice(1)) {
    const names = new Set<string>();
    for (const testcase of suite.split("<testcase ").slice(1)) {
      const name = /^name="([^"]*)"/.exec(testcase)?.[1] ?? "";
      if (isStep(name, names)) continue;
      names.add(name);
      counts = addCounts(counts, outcomeOf(testcase));
    }
  }
  return counts;
}

function isStep(name: string, testNames: ReadonlySet<string>): boolean {
  const parts = name.split(" &gt; ");
  return parts.some((_, index) => index > 0 && testNames.has(parts.slice(0, index).join(" &gt; ")));
}

function outcomeOf(testcase: string): TestCounts {
  if (/<(failure|error)[ >]/.test(testcase)) return { ...NO_TESTS, failed: 1 };
  if (/<skipped[ />]/.test(testcase)) return { ...NO_TESTS, skipped: 1 };
  return { ...NO_TESTS, passed: 1 };
}
