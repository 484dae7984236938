/**
 * The tracers against go-ethereum's vectors, and the comparison against itself. The vectors are
 * skipped where `../shared/vectors/geth` is absent.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { findDifferences } from "./compare.ts";
import { main } from "./main.ts";
import { runVectors } from "./run_vectors.ts";

const FOLDER = new URL("../../../../shared/vectors/geth/tracers/", import.meta.url);
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
  { name: `conformance:trace gives go-ethereum's traces${note}`, ignore: isAbsent },
  async () => {
    const lines: string[] = [];
    const exitCode = await main(["--vectors", FOLDER.pathname], (line) => lines.push(line));
    assertEquals([exitCode, lines.filter((line) => line.startsWith("FAILED"))], [0, []]);
    assertStringIncludes(lines.at(-1) ?? "", " passed, 0 failed");
  },
);

/** A transfer of 1 wei on a chain that has all forks of before the merge. */
function transferVector(result: unknown): string {
  return JSON.stringify({
    genesis: {
      config: { chainId: 1, homesteadBlock: 0, eip150Block: 0, eip155Block: 0, eip158Block: 0 },
      alloc: { [SENDER]: { balance: "0xde0b6b3a7640000" } },
    },
    context: {
      number: "1",
      difficulty: "1",
      timestamp: "1",
      gasLimit: "1000000",
      miner: `0x${"ee".repeat(20)}`,
    },
    input: RAW,
    result,
  });
}

// The example of EIP-155: nonce 9, 20 gwei, 21,000 gas, 1 ether to 0x3535….
const SENDER = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";
const RAW =
  "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a7640000" +
  "8025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276" +
  "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";

Deno.test("runVectors() fails a vector that it cannot run, and says why", async () => {
  const failures: string[] = [];
  const tally = await runVectors({
    paths: ["/suites/call_tracer/poor.json"],
    readFile: () => transferVector({}),
    onFailure: ({ differences }) => failures.push(...differences),
  });
  assertEquals([tally.passedCount, tally.failedCount], [0, 1]);
  assertStringIncludes(failures.join(), "cannot run it");
});

Deno.test("runVectors() passes over other folders and counts suites that are refused", async () => {
  const tally = await runVectors({
    paths: ["/suites/call_tracer_legacy/a.json", "/suites/notes/b.json"],
    readFile: () => "{}",
    onFailure: () => {},
  });
  assertEquals(tally, {
    passedCount: 0,
    failedCount: 0,
    refusedCounts: new Map([["call_tracer_legacy", 1]]),
    otherCount: 1,
  });
});

Deno.test("findDifferences() names what differs, is missing or is too much", () => {
  assertEquals(findDifferences({ a: 1, b: [1, 2] }, { a: 2, b: [1], c: 0 }, "plain"), [
    "result.a: want 1, got 2",
    "result.b.length: want 2, got 1",
    "result.c: want nothing, got 0",
  ]);
});

Deno.test("findDifferences() reads wanted frames as geth's test does", () => {
  const wanted = { type: "CALL", output: "0x", calls: [], logs: [{ data: "0x" }] };
  const got = { type: "CALL", logs: [{ data: "0x", index: "0x0", position: "0x0" }] };
  assertEquals(findDifferences(wanted, got, "frames"), []);
  assertEquals(findDifferences(wanted, got, "plain").length > 0, true);
});

Deno.test("main() explains misuse and folders without vectors", async () => {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  assertEquals(await main([], print), 2);
  assertEquals(await main(["--vectors", "does/not/exist"], print), 2);
  assertStringIncludes(lines[0] ?? "", "Usage:");
  assertStringIncludes(lines[1] ?? "", "there is no such file or folder");
});
