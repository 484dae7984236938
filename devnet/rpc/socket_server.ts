/**
 * JSON-RPC over WebSockets: many requests at a time, and notifications.
 *
 * Owns the sockets, their bounds and their end. Does not own HTTP (`server.ts`).
 * @module
 */
import type { Log } from "../../core/primitives/ports.ts";
import { answersHeld, SHORT_ANSWER_CHARS } from "./answer_body.ts";
import { type AskedText, type Dispatcher, errorAnswer, type RpcMethods } from "./dispatch.ts";
import { refusal, RPC_CODES } from "./errors.ts";
import type { RpcLimits } from "./limits.ts";
import type { RpcCaller } from "./method.ts";
import type { RpcSession } from "./subscriptions.ts";

/** All WebSockets of a port. */
export interface SocketServer {
  /** Takes a request to upgrade, or says with which status it cannot. */
  upgrade(request: Request): Response;
  /** Open WebSockets. */
  count(): number;
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
  readonly inFlight: Set<Promise<void>>;
  /** Characters of the messages that are being answered. */
  askedChars(): number;
  readonly closed: Promise<void>;
}

/** What a connection knows of its port. */
interface SocketPort {
  readonly isStopping: () => boolean;
  /** Bytes that wait for the readers of all sockets. */
  readonly bufferedBytes: () => number;
  /** Characters of the messages of all sockets that are being answered. */
  readonly askedChars: () => number;
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
  const sum = (count: (connection: Connection) => number): number => {
    let total = 0;
    for (const connection of connections) total += count(connection);
    return total;
  };
  const port: SocketPort = {
    isStopping: () => stopping,
    bufferedBytes: () => sum(({ socket }) => socket.bufferedAmount),
    askedChars: () => sum((connection) => connection.askedChars()),
  };
  return {
    upgrade: (request) => {
      if (stopping || connections.size >= limits.maxSockets) {
        return new Response(`At most ${limits.maxSockets} WebSockets are open at a time.`, {
          status: 503,
        });
      }
      const { socket, response } = Deno.upgradeWebSocket(request);
      const connection = connect(socket, options, port);
      connections.add(connection);
      connection.closed.then(() => connections.delete(connection));
      return response;
    },
    count: () => connections.size,
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
  port: SocketPort,
): Connection {
  const { dispatcher, methods, limits, log } = options;
  const inFlight = new Set<Promise<void>>();
  const send = (text: string): void => sendBounded(socket, text, { limits, log, port });
  const session = methods.openSession((notification) => send(JSON.stringify(notification)));
  const caller: RpcCaller = { session, isGone: () => socket.readyState !== WebSocket.OPEN };
  const closed = new Promise<void>((resolve) => {
    socket.onclose = () => {
      session.close();
      resolve();
    };
  });
  // A close event follows each error and does the work.
  socket.onerror = () => log.debug("WebSocket failed");
  let askedChars = 0;
  let batchedRequests = 0;
  // One batch of a client at a time: together they would take every turn, and answers without end.
  let batches: Promise<void> = Promise.resolve();
  const hasRoom = (message: string): boolean => {
    if (inFlight.size >= limits.maxSocketRequestsInFlight) return false;
    if (message.length <= SHORT_ANSWER_CHARS) return true;
    return askedChars + message.length <= limits.maxSocketBufferedBytes &&
      port.askedChars() + message.length <= limits.maxSocketsBufferedBytes;
  };
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (port.isStopping() || socket.readyState !== WebSocket.OPEN) return;
    if (typeof data !== "string") return socket.close(UNSUPPORTED_DATA, "text messages only");
    if (data.length > limits.maxBodyBytes) {
      return socket.close(MESSAGE_TOO_BIG, `at most ${limits.maxBodyBytes} bytes a message`);
    }
    if (!hasRoom(data)) return send(tooManyInFlight(limits));
    const asked = dispatcher.read(data);
    const { batchLength = 0 } = asked;
    if (batchedRequests > 0 && batchedRequests + batchLength > limits.maxBatchRequests) {
      return send(tooManyInFlight(limits));
    }
    const answerNow = () => answerMessage(asked, { log, session, caller, send });
    askedChars += data.length;
    batchedRequests += batchLength;
    const answered = asked.batchLength === undefined ? answerNow() : batches.then(answerNow);
    if (asked.batchLength !== undefined) batches = answered;
    inFlight.add(answered);
    answered.finally(() => {
      inFlight.delete(answered);
      askedChars -= data.length;
      batchedRequests -= batchLength;
    });
  };
  return { socket, inFlight, askedChars: () => askedChars, closed };
}

/** Sends `text` unless the client does not read, or nobody does and it is long. */
function sendBounded(
  socket: WebSocket,
  text: string,
  { limits, log, port }: Pick<SocketServerOptions, "limits" | "log"> & {
    readonly port: SocketPort;
  },
): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  const { bufferedAmount } = socket;
  const isLong = text.length > SHORT_ANSWER_CHARS;
  const isFull = (bufferedAmount > 0 || isLong) &&
    port.bufferedBytes() + (isLong ? text.length : 0) > limits.maxSocketsBufferedBytes;
  if (bufferedAmount > limits.maxSocketBufferedBytes || (isFull && bufferedAmount > 0)) {
    log.warn("Closed a WebSocket as its client does not read", { bufferedBytes: bufferedAmount });
    socket.close(TRY_AGAIN_LATER, "too many bytes wait to be read");
    return;
  }
  // Who has read everything need not go because others do not read.
  socket.send(isFull ? JSON.stringify(errorAnswer(null, answersHeld())) : text);
}

/** Answers `asked` unless the client has gone meanwhile. */
async function answerMessage(
  asked: AskedText,
  { log, session, caller, send }: {
    readonly log: Log;
    readonly session: RpcSession;
    readonly caller: RpcCaller;
    readonly send: (text: string) => void;
  },
): Promise<void> {
  if (caller.isGone?.()) return;
  try {
    const answer = await asked.answer(caller);
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
    `too many requests: at most ${limits.maxSocketRequestsInFlight} at a time on one connection, ` +
      `and in batches ${limits.maxBatchRequests}`,
    "Wait for answers before sending more.",
  );
  return JSON.stringify(errorAnswer(null, error));
}
