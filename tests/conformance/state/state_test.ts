/**
 * The runner of state tests, held to files of our own in both formats, and the program, held to a
 * sample of ethereum/tests. Skipped in part where `../shared/vectors/ethereum-tests` is absent;
 * `deno task conformance:state` runs them all.
 */
import { MerklePatriciaTrie } from "@ethereumjs/mpt";
import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { bytesToHash32 } from "../../../core/primitives/hex.ts";
import { createProgram } from "../../../core/vm/host/instance.ts";
import { forkRules } from "./fork_rules.ts";
import { listJsonFiles } from "./json_files.ts";
import { main } from "./main.ts";
import { EMPTY_TRIE_ROOT, merkleTrieRoot } from "./merkle_trie.ts";
import { type Failure, runStateTests } from "./run_state_tests.ts";

const FIXTURES = decodeURIComponent(new URL("fixtures/", import.meta.url).pathname);
const SUITE = decodeURIComponent(
  new URL("../../../../shared/vectors/ethereum-tests/GeneralStateTests/", import.meta.url).pathname,
);
const isAbsent = !exists(SUITE);
const note = isAbsent ? " (skipped: ../shared/vectors/ethereum-tests is absent)" : "";
/** Every how many files one is in the sample: about 150 over all folders. */
const SAMPLE_STEP = 14;

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function runFiles(paths: readonly string[]) {
  const failures: Failure[] = [];
  const tally = await runStateTests({
    paths,
    readFile: Deno.readTextFileSync,
    createProgram,
    onFailure: (failure) => void failures.push(failure),
  });
  return { tally, failures };
}

async function runText(text: string) {
  const failures: Failure[] = [];
  const tally = await runStateTests({
    paths: ["given.json"],
    readFile: () => text,
    createProgram,
    onFailure: (failure) => void failures.push(failure),
  });
  return { tally, failures };
}

Deno.test({
  name: `runStateTests() passes a sample of ethereum/tests${note}`,
  ignore: isAbsent,
  fn: async () => {
    const sample = listJsonFiles(SUITE).filter((_path, index) => index % SAMPLE_STEP === 0);
    const { tally, failures } = await runFiles(sample);
    assertEquals(failures, []);
    assertEquals(tally.passedCount >= sample.length, true);
    assertEquals(tally.otherFileCount, 0);
  },
});

Deno.test("runStateTests() passes every variant of a file in the older format", async () => {
  const { tally, failures } = await runFiles([`${FIXTURES}older_format.json`]);
  assertEquals(failures, []);
  // Seven of Cancun and one of Prague; the file's post of London is no case.
  assertEquals(tally, { passedCount: 8, failedCount: 0, otherFileCount: 0 });
});

Deno.test("runStateTests() passes set-code and blob transactions in the newer format", async () => {
  const { tally, failures } = await runFiles([`${FIXTURES}newer_format.json`]);
  assertEquals(failures, []);
  assertEquals(tally, { passedCount: 3, failedCount: 0, otherFileCount: 0 });
});

Deno.test("runStateTests() says what differs in each case that is wrong", async () => {
  const { tally, failures } = await runFiles([`${FIXTURES}wrong.json`]);
  // The first case of the file is right: one that fails must not be missed beside it.
  assertEquals(tally, { passedCount: 1, failedCount: 5, otherFileCount: 0 });
  const lines = failures.map(({ differences }) => differences.join("\n"));
  assertMatch(lines[0] ?? "", /^logs: expected hash 0x1dcc\w+, got 0x\w+ of 1 logs$/);
  assertMatch(lines[1] ?? "", /^transaction: expected \S+TOO_LOW, but it ran$/);
  assertMatch(lines[2] ?? "", /^transaction: expected to run, .* INVALID_INTRINSIC_GAS$/);
  assertMatch(lines[3] ?? "", /^state root: expected 0x\w+, got 0x\w+$/);
  assertMatch(
    lines[4] ?? "",
    /^state root: .*\n0x\w+c0de1 slot 0x0+1: expected 0x0+9, got 0x0+4\n0x0+fe should not be there$/,
  );
  assertEquals(failures[4]?.caseName, "wrongState [Osaka, data 0, gas 0, value 0]");
});

Deno.test("runStateTests() takes what it cannot read for a failure", async () => {
  const noJson = await runText("{");
  assertMatch(noJson.failures[0]?.differences[0] ?? "", /^Cannot read field "the file" as JSON/);
  const fields = { env: {}, pre: {}, transaction: {}, post: {} };
  const noFields = await runText(JSON.stringify({ bare: fields }));
  assertEquals(noFields.tally, { passedCount: 0, failedCount: 1, otherFileCount: 0 });
  assertMatch(noFields.failures[0]?.differences[0] ?? "", /"env\.currentCoinbase"/);
});

Deno.test("runStateTests() counts files of another kind and runs nothing of them", async () => {
  const { tally } = await runText(JSON.stringify({ blockTest: { blocks: [] } }));
  assertEquals(tally, { passedCount: 0, failedCount: 0, otherFileCount: 1 });
});

Deno.test("main() answers 1 when a case failed or none ran, 2 on misuse", async () => {
  const lines: string[] = [];
  const run = (...args: string[]) => main(args, (line) => void lines.push(line));
  assertEquals(await run("--vectors", `${FIXTURES}newer_format.json`, "--fork", "Osaka"), 0);
  assertEquals(lines.splice(0), ["2 passed, 0 failed"]);
  assertEquals(await run("--vectors", `${FIXTURES}newer_format.json`, "--fork", "Cancun"), 1);
  assertEquals(lines.splice(0), ["0 passed, 0 failed"]);
  assertEquals(await run("--vectors", FIXTURES), 1);
  assertEquals(lines.filter((line) => line.startsWith("FAILED")).length, 5);
  assertEquals(lines.splice(0).at(-1), "12 passed, 5 failed");
  assertEquals(await run("--vectors", `${FIXTURES}absent`), 2);
  assertEquals(await run("--fork", "Cancun"), 2);
  assertEquals(await run("--vectors", FIXTURES, "--fork", "London"), 2);
});

Deno.test("forkRules() prices blobs as EIP-4844 and bounds them as EIP-7594", () => {
  const prices = [0n, 2_314_057n, 2_314_058n, 10_485_760n].map((excess) =>
    forkRules("Cancun", excess).blobBaseFeeWei
  );
  assertEquals(prices, [1n, 1n, 2n, 23n]);
  const own = { maxBlobs: 4, updateFraction: 1_000_000n };
  assertEquals(forkRules("Osaka", 0n).maxBlobs, 6);
  assertEquals(forkRules("Osaka", 0n, own).maxBlobs, 4);
  assertEquals(forkRules("Prague", 0n).maxBlobs, 9);
  assertEquals(forkRules("Osaka", 0n).maxTxGas, 16_777_216n);
});

Deno.test("merkleTrieRoot() agrees with @ethereumjs/mpt", async () => {
  assertEquals(merkleTrieRoot([]), EMPTY_TRIE_ROOT);
  // Few first digits, so that keys share long paths; short values, so that nodes are embedded.
  const key = fc.array(fc.constantFrom(0x00, 0x01, 0x10), { minLength: 32, maxLength: 32 })
    .map((bytes) => Uint8Array.from(bytes).toHex());
  const value = fc.uint8Array({ minLength: 1, maxLength: 40 });
  const entries = fc.array(fc.record({ nibbles: key, value }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(entries, async (given) => {
      const unique = [...new Map(given.map((entry) => [entry.nibbles, entry])).values()];
      const trie = new MerklePatriciaTrie();
      for (const entry of unique) await trie.put(Uint8Array.fromHex(entry.nibbles), entry.value);
      assertEquals(merkleTrieRoot(unique), bytesToHash32(trie.root()));
    }),
    { seed: 20_261_121, numRuns: 100 },
  );
});
