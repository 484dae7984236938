/**
 * Running the real CLI in real processes, for end-to-end tests.
 *
 * Owns spawning, reading and stopping them. Does not own what is expected of them.
 * @module
 */

import { compileSources } from "../tools/build_contracts.ts";
import { castPath } from "../tools/foundry.ts";

/** The permissions that the tasks of the commands list. */
export const CLI_PERMISSIONS: readonly string[] = [
  "--unstable-kv",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-net=127.0.0.1,localhost,0.0.0.0",
];

/** The key of devnet account 0, public as the whole mnemonic. */
export const KEY_0 = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/** Devnet account 0. */
export const ACCOUNT_0 = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

/** Devnet account 1. */
export const ACCOUNT_1 = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/** `cast` of this machine; `undefined`, with the reason on stderr, where there is none. */
export const CAST = await castPath();

/** A folder that is gone at the end of its block. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes a folder of its own for one test. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await Deno.makeTempDir({ prefix: "varve-e2e-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Runs `cast` against `url` and gives its trimmed stdout; throws with its stderr. */
export async function cast(
  url: string,
  command: string,
  ...args: readonly string[]
): Promise<string> {
  const result = await tryCast(url, command, ...args);
  if (result.code !== 0) throw new Error(`cast ${command} ${args.join(" ")}: ${result.stderr}`);
  return result.stdout.trim();
}

/** Runs `cast` against `url`, whatever comes of it. */
export function tryCast(
  url: string,
  command: string,
  ...args: readonly string[]
): Promise<CommandResult> {
  if (CAST === undefined) throw new Error("a test that needs cast is skipped where there is none");
  // Behind `--create` every word counts as the constructor's, so flags come first.
  return runProgram(CAST, [command, "--rpc-url", url, ...args]);
}

/** Init code of `Counter.sol` without its constructor's argument. */
export async function counterBytecode(): Promise<`0x${string}`> {
  const source = await Deno.readTextFile(new URL("Counter.sol", import.meta.url));
  const counter = (await compileSources({ "Counter.sol": source })).get("Counter");
  if (counter === undefined) throw new Error("the compiler gives what the source holds");
  return counter.bytecode;
}

/** What a finished command left. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Arguments to Deno for one command. */
export function cliArgs(...args: readonly string[]): string[] {
  return ["run", ...CLI_PERMISSIONS, "cli/main.ts", ...args];
}

/** Runs a command to its end. */
export function runCommand(...args: readonly string[]): Promise<CommandResult> {
  return runProgram(Deno.execPath(), cliArgs(...args));
}

/** Runs any program to its end. */
export async function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const command = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    env: { NO_COLOR: "1", ...env },
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs a command with `--json` that must be refused, and gives its error. */
export async function runRefused(
  ...args: readonly string[]
): Promise<{ readonly code: string; readonly message: string; readonly mend: string }> {
  const result = await runCommand(...args, "--json");
  if (result.code !== 1) {
    throw new Error(`${args.join(" ")} exited ${result.code}: ${result.stdout}`);
  }
  const { error } = JSON.parse(result.stdout);
  return error;
}

/** Runs a command with `--json`, expects success and gives its one document. */
export async function runJson(...args: readonly string[]): Promise<Record<string, unknown>> {
  const result = await runCommand(...args, "--json");
  if (result.code !== 0) {
    throw new Error(`${args.join(" ")} exited ${result.code}: ${result.stdout}${result.stderr}`);
  }
  const parsed: unknown = JSON.parse(result.stdout);
  if (typeof parsed !== "object" || parsed === null) throw new Error("the document is no object");
  return Object.fromEntries(Object.entries(parsed));
}

/** A devnet in a process of its own, on free ports. */
export interface DevnetProcess extends AsyncDisposable {
  readonly pid: number;
  readonly l1Url: string;
  readonly l2Url: string;
  readonly facts: Record<string, unknown>;
  kill(signal: Deno.Signal): void;
  readonly status: Promise<Deno.CommandStatus>;
}

/** Starts a devnet and waits for its JSON document, which it prints when both ports answer. */
export async function startDevnetProcess(
  dataDir: string,
  ...args: readonly string[]
): Promise<DevnetProcess> {
  const ports = ["--l1-port", "0", "--l2-port", "0"];
  const child = new Deno.Command(Deno.execPath(), {
    args: cliArgs("devnet", "--data-dir", dataDir, ...ports, "--json", ...args),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let facts: Record<string, unknown> | undefined;
  while (facts === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the devnet ended before it was ready: ${text}${await stderr}`);
    text += value;
    facts = tryParse(text);
  }
  if ("error" in facts) throw new Error(`the devnet did not start: ${text}`);
  const drained = drain(reader);
  return {
    pid: child.pid,
    l1Url: String(facts["l1RpcUrl"]),
    l2Url: String(facts["l2RpcUrl"]),
    facts,
    kill: (signal) => child.kill(signal),
    status: child.status,
    [Symbol.asyncDispose]: async () => {
      endProcess(child, "SIGTERM");
      await child.status;
      await Promise.all([drained, stderr]);
    },
  };
}

/** Sends `signal` to a process that may have ended already. */
export function endProcess(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It has ended, which is what is wanted.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** One JSON-RPC call. */
export async function rpc(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer: unknown = await response.json();
  if (typeof answer !== "object" || answer === null || !("result" in answer)) {
    throw new Error(`${method}: ${JSON.stringify(answer)}`);
  }
  return answer.result;
}

/** What tests ask of a block's JSON. */
export interface RpcBlock {
  readonly number: string;
  readonly hash: string;
  readonly stateRoot: string;
}

/** The block at a tag or number. */
export async function rpcBlock(url: string, block: string): Promise<RpcBlock> {
  const answer = await rpc(url, "eth_getBlockByNumber", block, false);
  const { number, hash, stateRoot } = Object(answer);
  return { number: String(number), hash: String(hash), stateRoot: String(stateRoot) };
}

/** Asks until `isDone`, at most `tries` times 100 ms. */
export async function waitFor<Value>(
  ask: () => Promise<Value>,
  isDone: (value: Value) => boolean,
  tries = 600,
): Promise<Value> {
  let last: Value | undefined;
  for (let attempt = 0; attempt < tries; attempt++) {
    last = await ask();
    if (isDone(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`gave up waiting; the last answer was ${JSON.stringify(last)}`);
}

function tryParse(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    return Object.fromEntries(Object.entries(parsed));
  } catch {
    // The document is not whole yet.
    return undefined;
  }
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}
