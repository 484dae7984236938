/**
 * A port that stays open as long as the process means it to.
 *
 * Owns listening, and listening again when the runtime has stopped. Does not own what is answered
 * (`server.ts`).
 * @module
 */
import { RollupError } from "../../core/primitives/errors.ts";
import type { Log } from "../../core/primitives/ports.ts";
import { pause } from "../pause.ts";
import { hostForUrl } from "./access.ts";

/** Codes that this file throws. */
export type ListenerErrorCode = "PORT_IN_USE";

/** Opens a port; `Deno.serve` is one. */
export type Serve = (
  options: Deno.ServeTcpOptions,
  handler: Deno.ServeHandler<Deno.NetAddr>,
) => Pick<Deno.HttpServer<Deno.NetAddr>, "addr" | "finished">;

/** What {@linkcode keepListening} needs. */
export interface ListenerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Flag that chooses the port, for the message when it is taken; `--port` by default. */
  readonly portFlag?: string;
  readonly log: Log;
  /** Closes the port and its connections. */
  readonly signal: AbortSignal;
  readonly serve?: Serve;
}

/** An open port. */
export interface Listener {
  readonly addr: Deno.NetAddr;
  /** Resolves once the port is closed. */
  readonly finished: Promise<void>;
}

/** Milliseconds between two tries to listen again. */
const LISTEN_AGAIN_MS = 100;

/**
 * Listens until `signal`. Connections may use up the files that a process may open, and then the
 * runtime stops listening: those that it has are served on, and once some have gone it listens again.
 *
 * @throws `PORT_IN_USE`
 */
export function keepListening(
  options: ListenerOptions,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): Listener {
  const { log, signal } = options;
  let server: ReturnType<Serve> | undefined = listen(options, handler);
  const { addr } = server;
  const untilClosed = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        server ??= listen({ ...options, port: addr.port }, handler);
        return await server.finished;
      } catch (error) {
        if (server !== undefined && !signal.aborted) {
          log.warn("Stopped listening until connections are closed", {
            port: addr.port,
            error: error instanceof Error ? error.message : String(error),
          });
        }
        server = undefined;
        await pause(LISTEN_AGAIN_MS, signal);
      }
    }
  };
  return { addr, finished: untilClosed() };
}

function listen(
  { host, port, portFlag = "--port", signal, serve = Deno.serve }: ListenerOptions,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): ReturnType<Serve> {
  try {
    return serve({ hostname: host, port, signal, onListen: () => {} }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new RollupError<ListenerErrorCode>(
      "PORT_IN_USE",
      `Cannot listen on ${hostForUrl(host)}:${port}: another program does`,
      {
        details: { host, port },
        mend: `Choose another port with \`${portFlag} N\`, or \`${portFlag} 0\` for any free one.`,
        cause: error,
      },
    );
  }
}
