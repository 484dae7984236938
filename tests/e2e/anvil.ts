/**
 * A real anvil as the L1 of end-to-end tests, and a devnet on it.
 *
 * Owns starting and stopping both. Does not own what is expected of them.
 * @module
 */
import { anvilPath } from "../tools/foundry.ts";
import { cliArgs, endProcess } from "./testing.ts";

/** `anvil` of this machine; `undefined`, with the reason on stderr, where there is none. */
export const ANVIL = await anvilPath();

/** How an anvil is started. */
export interface AnvilOptions {
  readonly chainId: number;
  /** 0, any free one, unless an earlier one is to come back. */
  readonly port?: number;
  /** Where its state is kept from one run to the next. */
  readonly statePath?: string;
  readonly args?: readonly string[];
}

/** An anvil that answers. */
export interface Anvil extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

/** Starts anvil; it answers when the promise resolves. */
export async function startAnvil(options: AnvilOptions): Promise<Anvil> {
  const { chainId, port = 0, statePath, args = [] } = options;
  const child = new Deno.Command(ANVIL ?? "anvil", {
    args: [
      ...["--port", String(port), "--chain-id", String(chainId)],
      ...(statePath === undefined ? [] : ["--state", statePath, "--preserve-historical-states"]),
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let found: string | undefined;
  while (found === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`anvil ended before it listened: ${text}`);
    text += value;
    found = /Listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
  }
  const drained = drain(reader);
  return {
    url: `http://127.0.0.1:${found}`,
    port: Number(found),
    [Symbol.asyncDispose]: async () => {
      endProcess(child, "SIGINT");
      await child.status;
      await drained;
    },
  };
}

/** A devnet on an L1 elsewhere, in a process of its own. */
export interface DevnetOnL1 extends AsyncDisposable {
  readonly l2Url: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly status: Promise<Deno.CommandStatus>;
  /** What it has written to stderr so far. */
  readonly log: () => string;
  kill(signal: Deno.Signal): void;
}

/** Starts a devnet with `--l1-rpc` and waits for its JSON document. */
export async function startDevnetOnL1(...args: readonly string[]): Promise<DevnetOnL1> {
  const child = new Deno.Command(Deno.execPath(), {
    args: cliArgs("devnet", "--l2-port", "0", "--json", ...args),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  let log = "";
  const errors = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.endsWith("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  const drained = drain(reader);
  const facts: Readonly<Record<string, unknown>> = text === "" ? {} : JSON.parse(text);
  const stop = async () => {
    endProcess(child, "SIGTERM");
    await child.status;
    await Promise.all([drained, errors]);
  };
  if (typeof facts["l2RpcUrl"] !== "string") {
    await stop();
    throw new Error(`the devnet did not start: ${text}${log}`);
  }
  return {
    l2Url: facts["l2RpcUrl"],
    facts,
    status: child.status,
    log: () => log,
    kill: (signal) => endProcess(child, signal),
    [Symbol.asyncDispose]: stop,
  };
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}
