/**
 * The embedded L1 against execution-apis' RPC tests, and the runner against itself. The tests are
 * skipped where `../shared/vectors/execution-apis` is absent.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { findDifferences } from "./compare.ts";
import { main, readSuite } from "./main.ts";
import { runVectors } from "./run_vectors.ts";
import { parseVectorFile } from "./vector_files.ts";

const FOLDER = new URL("../../../../shared/vectors/execution-apis", import.meta.url).pathname;
const isAbsent = !exists(FOLDER);
const note = isAbsent ? " (skipped: ../shared/vectors/execution-apis is absent)" : "";

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test(
  { name: `the embedded L1 answers as execution-apis wants${note}`, ignore: isAbsent },
  async () => {
    const suite = readSuite(FOLDER);
    if (typeof suite === "string") throw new Error(suite);
    const { passedCount, failures, skipped } = await runVectors(suite.files, suite.recorded);
    assertEquals(failures, []);
    assertEquals(skipped.filter((name) => !name.startsWith("testing_")), []);
    assertEquals(passedCount, suite.files.length - skipped.length);
  },
);

const ANSWER = { jsonrpc: "2.0", id: 1, result: { a: "0x1", list: ["0x2"] } };

Deno.test("findDifferences() names the path of what differs", () => {
  assertEquals(findDifferences(ANSWER, ANSWER, "equal"), []);
  const other = { ...ANSWER, result: { a: "0x1", list: ["0x3"], more: true } };
  assertEquals(findDifferences(ANSWER, other, "equal"), [
    'result.list[0]: want "0x2", got "0x3"',
    "result.more: want nothing, got true",
  ]);
});

Deno.test("findDifferences() ignores the words of an error, not its code or data", () => {
  const error = { error: { code: 3, message: "one", data: "0x" } };
  assertEquals(
    findDifferences(error, { error: { ...error.error, message: "two" } }, "equal"),
    [],
  );
  assertEquals(findDifferences(error, { error: { code: 4, data: "0x" } }, "equal").length, 1);
  assertEquals(findDifferences(error, { error: { code: 3 } }, "equal").length, 1);
  assertEquals(findDifferences({ error: { code: 3 } }, ANSWER, "shape").length > 0, true);
});

Deno.test("findDifferences() of shapes lets values differ, not kinds or names", () => {
  const other = { ...ANSWER, result: { a: "0x9", list: [] } };
  assertEquals(findDifferences(ANSWER, other, "shape"), []);
  assertEquals(findDifferences(ANSWER, { ...ANSWER, result: { a: 1, list: [] } }, "shape"), [
    "result.a: want hex, got number",
  ]);
  assertEquals(findDifferences(ANSWER, { ...ANSWER, result: { a: "0x9" } }, "shape"), [
    "result.list: want a list, got nothing",
  ]);
});

Deno.test("findDifferences() of shapes takes accounts and nonces for data", () => {
  const pool = (account: string, entry: unknown) => ({ pending: { [account]: { "0": entry } } });
  const one = `0x${"11".repeat(20)}`;
  const other = `0x${"22".repeat(20)}`;
  assertEquals(findDifferences(pool(one, { a: 1 }), pool(other, { a: 2 }), "shape"), []);
  assertEquals(findDifferences(pool(one, { a: 1 }), { pending: {} }, "shape"), []);
  assertEquals(findDifferences(pool(one, { a: 1 }), pool(other, { b: 1 }), "shape"), [
    "pending.*.*.a: want number, got nothing",
    "pending.*.*.b: want nothing, got number",
  ]);
});

Deno.test("parseVectorFile() reads comments, requests and answers", () => {
  const text = '// words\n// speconly: shape\n>> {"id":1}\n<< {"id":1,"result":2}\n';
  assertEquals(parseVectorFile("eth_x/a.io", text), {
    name: "eth_x/a.io",
    method: "eth_x",
    isShapeOnly: true,
    exchanges: [{ request: '{"id":1}', answer: { id: 1, result: 2 } }],
  });
  for (const wrong of ["", "// words", ">> {}", "<< {}", "hello", ">> {}\n<< {"]) {
    assertThrows(() => parseVectorFile("eth_x/a.io", wrong), wrong);
  }
});

Deno.test("main() refuses other flags and folders that are not there", async () => {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  assertEquals(await main([], print), 2);
  assertEquals(await main(["--vectors"], print), 2);
  assertEquals(await main(["--vectors", `${FOLDER}-not-there`], print), 2);
  assert(lines.at(-1)?.startsWith("Cannot read the RPC tests in"));
});
