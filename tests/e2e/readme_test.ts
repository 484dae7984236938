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
import {
  CAST,
  type CommandResult,
  endProcess,
  rpc,
  runProgram,
  temporaryFolder,
  waitFor,
} from "./testing.ts";

const ROOT = new URL("../../", import.meta.url);
const DENO = `npx -y deno@${Deno.version.deno} task `;
const CAST_PACKAGE = `npx -y @foundry-rs/cast@${FOUNDRY_VERSION} `;
/** Where the README's devnet listens, and its folder by hand. */
const L2_URL = "http://127.0.0.1:9545";
const FOLDER = "my-rollup";

interface ReadmeDevnet extends AsyncDisposable {
  readonly l2Url: string;
  readonly child: Deno.ChildProcess;
}

Deno.test({
  name: "README.md: its commands do what it says",
  ignore: CAST === undefined,
  fn: async (t) => {
    const [start, cast, test, byHand, ...others] = shellBlocks(await readDocument("README.md"));
    assert(
      start !== undefined && cast !== undefined && test !== undefined && byHand !== undefined,
      "the README has its four blocks of commands",
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

/** The lines of each `sh` block. */
function shellBlocks(text: string): string[][] {
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = ""]) =>
    block.split("\n").filter((line) => line !== "")
  );
}

/** Words of a line without anything that only a shell could do. */
function splitLine(line: string): string[] {
  assertEquals(line.replace(/[\w\s:/.,@=-]/g, ""), "", `plain words: ${line}`);
  return line.split(" ");
}

function taskOf(line: string): { readonly name: string; readonly args: readonly string[] } {
  assert(line.startsWith(DENO), `a line runs a task as ${DENO}…: ${line}`);
  const [name, ...args] = splitLine(line.slice(DENO.length));
  assert(name !== undefined, "splitting gives one word at least");
  return { name, args };
}

function runCast(line: string, l2Url: string): Promise<CommandResult> {
  assert(line.startsWith(CAST_PACKAGE) && CAST !== undefined, `a line runs cast: ${line}`);
  assertStringIncludes(line, L2_URL);
  return runProgram(CAST, splitLine(line.slice(CAST_PACKAGE.length).replace(L2_URL, l2Url)));
}

/** Starts the README's devnet as its user would; ports and folder come from the environment. */
async function startReadmeDevnet(
  lines: readonly string[],
  dataDir: string,
): Promise<ReadmeDevnet> {
  assertEquals(lines.length, 1);
  const { name, args } = taskOf(lines[0] ?? "");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", name, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", VARVE_L1_PORT: "0", VARVE_L2_PORT: "0", VARVE_DATA: dataDir },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let banner = "";
  let address: string | undefined;
  while (address === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the devnet ended before it was ready: ${banner}${await errors}`);
    banner += value;
    address = /Listening on (\S+) \(L2\)/.exec(banner)?.[1];
  }
  const drained = (async () => {
    while (!(await reader.read()).done);
  })();
  return {
    child,
    l2Url: `http://${address}`,
    [Symbol.asyncDispose]: async () => {
      endProcess(child, "SIGTERM");
      await child.status;
      await Promise.all([drained, errors]);
    },
  };
}

async function readDocument(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

async function taskNames(): Promise<ReadonlySet<string>> {
  const config: unknown = JSON.parse(await readDocument("deno.json"));
  return new Set(Object.keys(Object(Object(config).tasks)));
}
