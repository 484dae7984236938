/**
 * The commands of the documents, run as they are written.
 *
 * Each line of a `sh` block of README.md is one command, in order. Three things are replaced, and
 * nothing else: the programs that `npx` would fetch by those that are here, the ports by free ones,
 * and the folder of the example by a temporary one. A line of another form fails the test, so that
 * whoever writes it says here how it is run.
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { assert } from "../../core/primitives/errors.ts";
import { FOUNDRY_VERSION } from "../tools/foundry.ts";
import { ANVIL, startAnvil } from "./anvil.ts";
import {
  type DocumentedDevnet,
  readDocument,
  runLine,
  shellBlocks,
  startDocumentedDevnet,
  taskNames,
  taskOf,
} from "./documents.ts";
import {
  ACCOUNT_0,
  ACCOUNT_1,
  CAST,
  type CommandResult,
  endProcess,
  rpc,
  rpcBlock,
  runProgram,
  temporaryFolder,
  waitFor,
} from "./testing.ts";

/** Where the README's devnet listens, and its folder by hand. */
const L2_URL = "http://127.0.0.1:9545";
const FOLDER = "my-rollup";

Deno.test({
  name: "README.md: its commands do what it says",
  ignore: CAST === undefined || ANVIL === undefined,
  fn: async (t) => {
    const blocks = shellBlocks(await readDocument("README.md"));
    const [start, cast, test, onAnvil, byHand, ...others] = blocks;
    assert(
      start !== undefined && cast !== undefined && test !== undefined && onAnvil !== undefined &&
        byHand !== undefined,
      "the README has its five blocks of commands",
    );
    assertEquals(others, []);
    await using folder = await temporaryFolder();
    {
      await using devnet = await startReadmeDevnet(start, `${folder.path}/devnet`);
      await t.step("the devnet starts, and cast sees its block become final", async () => {
        const [send, finalized, ...rest] = cast;
        assert(send !== undefined && finalized !== undefined, "it sends, then looks");
        assertEquals(rest, []);
        const sent = await runCast(send, devnet.l2Url);
        assertEquals(sent.code, 0, sent.stderr);
        assertStringIncludes(sent.stdout, "1 (success)");
        const latest = Object(await rpc(devnet.l2Url, "eth_getBlockByNumber", "latest", false));
        assertEquals(latest.number, "0x1");
        const shown = await waitFor(
          () => runCast(finalized, devnet.l2Url),
          ({ stdout }) => stdout.includes(latest.hash),
        );
        assertEquals(shown.code, 0);
      });
      await t.step("Ctrl-C ends it with 0", async () => {
        endProcess(devnet.child, "SIGINT");
        assertEquals((await devnet.child.status).code, 0);
      });
    }
    await t.step("the task that tests exists", async () => {
      const tasks = await taskNames();
      for (const line of test) assert(tasks.has(taskOf(line).name), `deno.json has: ${line}`);
    });
    await t.step("a devnet deploys on anvil, and its block becomes final there", async () => {
      const [anvilLine, devnetLine, ...rest] = onAnvil;
      assert(anvilLine !== undefined && devnetLine !== undefined, "it starts both");
      assertEquals(rest, []);
      assertStringIncludes(anvilLine, `npx -y @foundry-rs/anvil@${FOUNDRY_VERSION} --port 8645`);
      await using anvil = await startAnvil({ chainId: 31_337 });
      const line = devnetLine.replace("http://127.0.0.1:8645", anvil.url)
        .replace("my-node", `${folder.path}/on-anvil`);
      await using devnet = await startReadmeDevnet([line], `${folder.path}/on-anvil`);
      const transaction = { from: ACCOUNT_0, to: ACCOUNT_1, value: "0x1" };
      await rpc(devnet.l2Url, "eth_sendTransaction", transaction);
      await waitFor(
        () => rpcBlock(devnet.l2Url, "finalized"),
        ({ number }) => number === "0x1",
      );
    });
    await t.step("the script by hand ends with a consolidated batch", async () => {
      const results: CommandResult[] = [];
      for (const line of byHand) {
        const { name, args } = taskOf(line.replaceAll(FOLDER, `${folder.path}/by-hand`));
        const result = await runProgram(Deno.execPath(), ["task", name, ...args]);
        assertEquals(result.code, 0, `${line}: ${result.stderr}`);
        results.push(result);
      }
      assertEquals(results.length, 7);
      assertStringIncludes(results.at(-1)?.stdout ?? "", "consolidated");
    });
  },
});

Deno.test("README.md and CONTRIBUTING.md name only tasks that exist", async () => {
  const tasks = await taskNames();
  let count = 0;
  for (const path of ["README.md", "CONTRIBUTING.md"]) {
    const text = await readDocument(path);
    for (const [words, name] of text.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z][a-z:-]*)/g)) {
      assert(name !== undefined && tasks.has(name), `deno.json has "${words}" of ${path}`);
      count++;
    }
  }
  assert(count >= 10, "the documents name their tasks as `deno task NAME`");
});

function runCast(line: string, l2Url: string): Promise<CommandResult> {
  assertStringIncludes(line, L2_URL);
  return runLine(line.replace(L2_URL, l2Url));
}

/** Starts the README's devnet as its user would; the folder comes from the environment. */
async function startReadmeDevnet(
  lines: readonly string[],
  dataDir: string,
): Promise<DocumentedDevnet> {
  assertEquals(lines.length, 1);
  return await startDocumentedDevnet(lines[0] ?? "", { VARVE_DATA: dataDir });
}
