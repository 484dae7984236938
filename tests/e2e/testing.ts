/**
 * Running the real CLI in real processes, for end-to-end tests.
 *
 * Owns spawning, reading and stopping them. Does not own what is expected of them.
 * @module
 */

/** The permissions that the tasks of the commands list. */
export const CLI_PERMISSIONS: readonly string[] = [
  "--unstable-kv",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-net=127.0.0.1,localhost,0.0.0.0",
];

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
export async function runCommand(...args: readonly string[]): Promise<CommandResult> {
  const command = new Deno.Command(Deno.execPath(), {
    args: cliArgs(...args),
    stdin: "null",
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
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
  const drained = drain(reader);
  return {
    pid: child.pid,
    l1Url: String(facts["l1RpcUrl"]),
    l2Url: String(facts["l2RpcUrl"]),
    facts,
    kill: (signal) => child.kill(signal),
    status: child.status,
    [Symbol.asyncDispose]: async () => {
      try {
        child.kill("SIGTERM");
      } catch (error) {
        // It has ended already, which is what is wanted.
        if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
      }
      await child.status;
      await Promise.all([drained, stderr]);
    },
  };
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

/** Asks until `isDone`, at most `tries` times 100 ms. */
export async function waitFor<Value>(
  ask: () => Promise<Value>,
  isDone: (value: Value) => boolean,
  tries = 200,
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
