/**
 * JSON-RPC over WebSockets: many requests at a time, and notifications.
 *
 * Owns the sockets, their bounds and their end. Does not own HTTP (`server.ts`).
 * @module
 */
import type { Log } from "../../core/primitives/ports.ts";
import { type Dispatcher, errorAnswer, type RpcMethods } from "./dispatch.ts";
import { refusal, RPC_CODES } from "./errors.ts";
import type { RpcLimits } from "./limits.ts";
import type { RpcSession } from "./subscriptions.ts";

/** All WebSockets of a port. */
export interface SocketServer {
  /** Takes a request to upgrade, or says with which status it cannot. */
  upgrade(request: Request): Response;
  /** Answers what was taken, then closes every socket. */
  close(): Promise<void>;
}

/** What {@linkcode createSocketServer} needs. */
export interface SocketServerOptions {
  readonly methods: RpcMethods;
  readonly dispatcher: Dispatcher;
  readonly limits: RpcLimits;
  readonly log: Log;
}

interface Connection {
  readonly socket: WebSocket;
  readonly session: RpcSession;
  readonly inFlight: Set<Promise<void>>;
  readonly closed: Promise<void>;
}

/** WebSocket close codes (RFC 6455, section 7.4.1). */
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const MESSAGE_TOO_BIG = 1009;
const TRY_AGAIN_LATER = 1013;

/** Sockets that answer through `dispatcher`. */
export function createSocketServer(options: SocketServerOptions): SocketServer {
  const { limits } = options;
  const connections = new Set<Connection>();
  let stopping = false;
  return {
    upgrade: (request) => {
      if (stopping || connections.size >= limits.maxSockets) {
        return new Response(`At most ${limits.maxSockets} WebSockets are open at a time.`, {
          status: 503,
        });
      }
      const { socket, response } = Deno.upgradeWebSocket(request);
      const connection = connect(socket, options, () => stopping);
      connections.add(connection);
      connection.closed.then(() => connections.delete(connection));
      return response;
    },
    close: async () => {
      stopping = true;
      const open = [...connections];
      await Promise.all(open.flatMap(({ inFlight }) => [...inFlight]));
      for (const { socket } of open) socket.close(GOING_AWAY, "the server is stopping");
      await Promise.all(open.map(({ closed }) => closed));
    },
  };
}

function connect(
  socket: WebSocket,
  options: SocketServerOptions,
  isStopping: () => boolean,
): Connection {
  const { methods, limits, log } = options;
  const inFlight = new Set<Promise<void>>();
  const send = (text: string): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > limits.maxSocketBufferedBytes) {
      log.warn("Closed a WebSocket as its client does not read", {
        bufferedBytes: socket.bufferedAmount,
      });
      socket.close(TRY_AGAIN_LATER, "too many bytes wait to be read");
      return;
    }
    socket.send(text);
  };
  const session = methods.openSession((notification) => send(JSON.stringify(notification)));
  const closed = new Promise<void>((resolve) => {
    socket.onclose = () => {
      session.close();
      resolve();
    };
  });
  // A close event follows each error and does the work.
  socket.onerror = () => log.debug("WebSocket failed");
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (isStopping()) return;
    if (typeof data !== "string") return socket.close(UNSUPPORTED_DATA, "text messages only");
    if (data.length > limits.maxBodyBytes) {
      return socket.close(MESSAGE_TOO_BIG, `at most ${limits.maxBodyBytes} bytes a message`);
    }
    if (inFlight.size >= limits.maxSocketRequestsInFlight) return send(tooManyInFlight(limits));
    const answer = answerMessage(data, { ...options, session, send });
    inFlight.add(answer);
    answer.finally(() => inFlight.delete(answer));
  };
  return { socket, session, inFlight, closed };
}

async function answerMessage(
  message: string,
  options: SocketServerOptions & {
    readonly session: RpcSession;
    readonly send: (text: string) => void;
  },
): Promise<void> {
  const { dispatcher, log, session, send } = options;
  try {
    const answer = await dispatcher.dispatchText(message, session);
    if (answer !== undefined) send(answer);
    session.activate();
  } catch (error) {
    log.warn("Could not answer a WebSocket message", {
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

function tooManyInFlight(limits: RpcLimits): string {
  const error = refusal(
    RPC_CODES.serverError,
    "REQUESTS_TOO_MANY",
    `too many requests: at most ${limits.maxSocketRequestsInFlight} at a time on one connection`,
    "Wait for answers before sending more.",
  );
  return JSON.stringify(errorAnswer(null, error));
}
