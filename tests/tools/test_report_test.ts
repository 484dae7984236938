import { assertEquals } from "@std/assert";
import { addCounts, closingLine, countJunit, judgeRun, NO_TESTS } from "./test_report.ts";

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="7" failures="3" errors="0" time="0.009">
  <testsuite name="./a_test.ts" tests="6" disabled="1" errors="0" failures="3">
    <testcase name="passes" classname="./a_test.ts" time="0.000" line="1" col="6">
    </testcase>
    <testcase name="bad &lt;x&gt;" classname="./a_test.ts" time="0.002" line="1" col="33">
      <failure message="Uncaught Error: x">Error: &lt;testcase name=&quot;x&quot;</failure>
    </testcase>
    <testcase name="is left out" classname="./a_test.ts" time="0.000" line="1" col="93">
      <skipped/>
    </testcase>
    <testcase name="steps" classname="./a_test.ts" time="0.001" line="2" col="6">
      <failure message="1 test step failed">1 test step failed.</failure>
    </testcase>
    <testcase name="steps &gt; first" classname="./a_test.ts" time="0.000" line="2" col="43">
    </testcase>
    <testcase name="steps &gt; second" classname="./a_test.ts" time="0.000" line="2" col="73">
      <failure message="Uncaught Error: no">Error: no</failure>
    </testcase>
  </testsuite>
  <testsuite name="./b_test.ts" tests="1" disabled="0" errors="0" failures="0">
    <testcase name="a &gt; b holds" classname="./b_test.ts" time="0.000" line="1" col="6">
    </testcase>
  </testsuite>
</testsuites>
`;

Deno.test("countJunit() counts tests by outcome and leaves out their steps", () => {
  assertEquals(countJunit(REPORT), { passed: 2, failed: 2, skipped: 1 });
});

Deno.test("countJunit() finds nothing in a report without cases", () => {
  assertEquals(countJunit(`<testsuites name="deno test" tests="0"></testsuites>`), NO_TESTS);
});

Deno.test("closingLine() names skipped tests only when there are any", () => {
  const counts = addCounts({ passed: 1, failed: 0, skipped: 0 }, { ...NO_TESTS, passed: 2 });
  assertEquals(closingLine(counts), "3 passed, 0 failed");
  assertEquals(closingLine({ ...counts, skipped: 4 }), "3 passed, 0 failed, 4 skipped");
});

Deno.test("judgeRun() accepts a run in which some test ran and none failed", () => {
  const counts = { passed: 1, failed: 0, skipped: 2 };
  assertEquals(judgeRun(counts, true), { counts });
});

Deno.test("judgeRun() counts a failure of Deno itself as one failed test", () => {
  assertEquals(judgeRun({ passed: 3, failed: 0, skipped: 0 }, false), {
    counts: { passed: 3, failed: 1, skipped: 0 },
    reason: "failed outside of a test, see above",
  });
  const failed = { passed: 3, failed: 2, skipped: 0 };
  assertEquals(judgeRun(failed, false), { counts: failed, reason: "failed" });
});

Deno.test("judgeRun() counts files without any test as one failed test", () => {
  assertEquals(judgeRun(NO_TESTS, true).counts, { ...NO_TESTS, failed: 1 });
});
