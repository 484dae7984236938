/**
 * Devnets in processes of their own, ours and anvil's, for benches that measure from outside.
 *
 * Owns starting, asking and ending them. Does not own what is measured. A process is ready when the
 * port that it printed answers `eth_chainId`.
 * @module
 */
import { anvilPath } from "../tools/foundry.ts";

/** A running devnet; disposing ends it and waits. */
export interface DevnetProcess extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  /** From spawning until every port answered, in milliseconds. */
  readonly startMs: number;
}

const ROOT = new URL("../../", import.meta.url);
const PERMISSIONS = [
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-net=127.0.0.1,localhost",
];

/** Starts our devnet, as its task does but on free ports; `url` is that of the L2. */
export function startVarve(dataDir: string, ...flags: readonly string[]): Promise<DevnetProcess> {
  const ports = ["--l1-port", "0", "--l2-port", "0"];
  return startProcess(Deno.execPath(), [
    ...["run", "--unstable-kv", ...PERMISSIONS, "cli/main.ts", "devnet", "--data", dataDir],
    ...ports,
    ...flags,
  ], 2);
}

/** Starts anvil with our chain id, or gives `undefined` where there is none. */
export async function startAnvil(...flags: readonly string[]): Promise<DevnetProcess | undefined> {
  const path = await anvilPath();
  if (path === undefined) return undefined;
  return await startProcess(path, ["--port", "0", "--chain-id", "901", ...flags], 1);
}

/** A folder that is gone when it is disposed. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "varve-bench-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** One JSON-RPC call; throws what is not a result. */
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

/** Resident memory of a process in MiB, as `ps` tells it; `undefined` where there is no `ps`. */
export async function residentMib(pid: number): Promise<number | undefined> {
  try {
    const ps = new Deno.Command("ps", { args: ["-o", "rss=", "-p", String(pid)] });
    const kib = Number(new TextDecoder().decode((await ps.output()).stdout).trim());
    return Number.isFinite(kib) ? kib / 1024 : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function startProcess(
  program: string,
  args: readonly string[],
  portCount: number,
): Promise<DevnetProcess> {
  const startedMs = performance.now();
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    env: { NO_COLOR: "1" },
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const ports: string[] = [];
  let text = "";
  while (ports.length < portCount) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${program} ended before it listened: ${text}`);
    text += value;
    ports.splice(0, ports.length, ...portsIn(text));
  }
  const drained = drain(reader);
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  await Promise.all(urls.map((url) => rpc(url, "eth_chainId")));
  return {
    pid: child.pid,
    // Our L2 is the last one printed.
    url: urls.at(-1) ?? "",
    startMs: performance.now() - startedMs,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
      await drained;
    },
  };
}

/** Ports of whole `Listening on` lines. */
function portsIn(text: string): string[] {
  return [...text.matchAll(/Listening on \S*?:(\d+)\b.*\n/g)].map(([, port]) => port ?? "");
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}
