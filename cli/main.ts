/**
 * The entry of the tool: the only file of this room that touches the process.
 *
 * Owns the wiring of the world: arguments, environment, streams, signals, exit code, and the doors
 * to the heavy modules, which load when a command first uses them. Decides nothing (`run.ts`).
 * @module
 */
import type { Engine } from "../core/engine/engine.ts";
import { bytesToHex } from "../core/primitives/hex.ts";
import { commands } from "./commands/mod.ts";
import type { Services } from "./connect.ts";
import { runCli, type World } from "./run.ts";

/** Signals closer together than this come from one Ctrl-C. */
const SAME_KEYPRESS_MS = 1_000;

const services: Services = {
  openEngine: async (options) => (await import("../devnet/open_engine.ts")).openEngine(options),
  openRemoteEngine,
  startDevnet: async (options) => (await import("../devnet/devnet.ts")).startDevnet(options),
  deploy: async (options) => (await import("../devnet/deploy_rollup.ts")).deployTo(options),
  proveJob: async (job) => (await import("../core/engine/prove_job.ts")).proveJob(job),
  readL1Key: async (source) => (await import("../devnet/l1_connection.ts")).readL1Key(source),
  absolutePath: (path) => /^([\\/]|[A-Za-z]:)/.test(path) ? path : `${Deno.cwd()}/${path}`,
  devnetAccounts: async () =>
    (await import("../devnet/accounts.ts")).DEV_ACCOUNTS.map(({ address, privateKey }) => ({
      address,
      privateKey: bytesToHex(privateKey),
    })),
};

if (import.meta.main) Deno.exit(await runCli(Deno.args, commands, createWorld()));

async function openRemoteEngine(rpcUrl: string): Promise<Engine> {
  const { httpRequest, requireNetAccess } = await import("../devnet/rpc/http_client.ts");
  requireNetAccess(rpcUrl);
  const { createRemoteEngine } = await import("../core/engine/remote_engine.ts");
  return createRemoteEngine({ request: httpRequest(rpcUrl), url: rpcUrl });
}

function createWorld(): World {
  const encoder = new TextEncoder();
  return {
    services,
    env: (name) => Deno.env.get(name),
    readFile: readWorkingFile,
    writeOut: (text) => writeAll(Deno.stdout, encoder.encode(text)),
    writeError: (text) => writeAll(Deno.stderr, encoder.encode(text)),
    interruptSignal: createInterruptSignal(),
    wait,
  };
}

async function readWorkingFile(name: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  try {
    for (let offset = 0; offset < bytes.length;) offset += stream.writeSync(bytes.subarray(offset));
  } catch (error) {
    // The reader went away, as `| head` does: there is no one left to tell, and no fault.
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw error;
  }
}

/** One signal for the whole run; a second Ctrl-C ends the process at once. */
function createInterruptSignal(): () => AbortSignal {
  let controller: AbortController | undefined;
  return () => {
    if (controller !== undefined) return controller.signal;
    const created = new AbortController();
    controller = created;
    let abortedAtMs = 0;
    const interrupt = () => {
      // A task runner passes on what the terminal has sent already: that is one Ctrl-C, not two.
      if (created.signal.aborted && Date.now() - abortedAtMs > SAME_KEYPRESS_MS) Deno.exit(130);
      if (!created.signal.aborted) abortedAtMs = Date.now();
      created.abort();
    };
    Deno.addSignalListener("SIGINT", interrupt);
    if (Deno.build.os !== "windows") {
      Deno.addSignalListener("SIGTERM", interrupt);
      // The terminal was closed: nobody is left to press Ctrl-C.
      Deno.addSignalListener("SIGHUP", interrupt);
    }
    return created.signal;
  };
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}
