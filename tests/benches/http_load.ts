/**
 * A cheap HTTP/1.1 client for benches: raw TCP, keep-alive, requests as bytes made beforehand.
 *
 * Owns sending and finding the end of each answer, with as little work as that takes, so that the
 * server is what is measured. Does not own what is asked. It understands answers that carry
 * `content-length`, as short ones of Deno and hyper do, and chunked ones.
 * @module
 */

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
const READ_BYTES = 1 << 16;
const CONTENT_LENGTH = "content-length:";
const CHUNKED = "transfer-encoding: chunked";
/** Longer lines before a chunk are no answer of a server that is worth measuring. */
const MAX_CHUNK_HEAD_BYTES = 64;

/** One answer: its body as text, which most callers only look at for errors. */
export type Check = (body: string) => void;

/** A connection that is kept alive; one request at a time. */
export interface Connection extends Disposable {
  /** Sends one request made by {@linkcode postRequest} and gives the body of its answer. */
  send(request: Uint8Array): Promise<string>;
}

/** The bytes of a POST of `body` to the server at `url`. */
export function postRequest(url: string, body: unknown): Uint8Array {
  const { host } = new URL(url);
  const text = ENCODER.encode(JSON.stringify(body));
  const head = ENCODER.encode(
    `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n` +
      `content-length: ${text.length}\r\n\r\n`,
  );
  const request = new Uint8Array(head.length + text.length);
  request.set(head);
  request.set(text, head.length);
  return request;
}

/** Opens a connection to the server at `url`. */
export async function connect(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const tcp = await Deno.connect({ hostname, port: Number(port) });
  tcp.setNoDelay(true);
  let buffer = new Uint8Array(READ_BYTES);
  return {
    send: async (request) => {
      await writeAll(tcp, request);
      let filled = 0;
      let body: BodyPlace | undefined;
      while (body === undefined || !isWhole(buffer.subarray(0, filled), body)) {
        if (filled === buffer.length) buffer = grown(buffer);
        const count = await tcp.read(buffer.subarray(filled));
        if (count === null) throw new Error("the server closed the connection");
        filled += count;
        body ??= findBody(buffer.subarray(0, filled));
      }
      return bodyText(buffer.subarray(0, filled), body);
    },
    [Symbol.dispose]: () => tcp.close(),
  };
}

/**
 * Sends every request once over `connections` connections, each with one request under way; the
 * milliseconds that it took.
 */
export async function load(
  url: string,
  requests: readonly Uint8Array[],
  connections: number,
  check: Check = refuseErrors,
): Promise<number> {
  const open = await Promise.all(Array.from({ length: connections }, () => connect(url)));
  try {
    let next = 0;
    const startMs = performance.now();
    await Promise.all(open.map(async (connection) => {
      for (;;) {
        const request = requests[next++];
        if (request === undefined) return;
        check(await connection.send(request));
      }
    }));
    return performance.now() - startMs;
  } finally {
    for (const connection of open) connection[Symbol.dispose]();
  }
}

/** Throws what holds a JSON-RPC error. */
export function refuseErrors(body: string): void {
  if (body.includes('"error"')) throw new Error(body.slice(0, 500));
}

async function writeAll(tcp: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  let written = await tcp.write(bytes);
  while (written < bytes.length) written += await tcp.write(bytes.subarray(written));
}

/** Where a body is; the length of a chunked one is known once its last chunk is there. */
type BodyPlace =
  | { readonly kind: "whole"; readonly at: number; readonly length: number }
  | { readonly kind: "chunked"; readonly at: number; seenUntil: number; readonly parts: Part[] };

/** Bytes of one chunk within what was read. */
type Part = readonly [from: number, until: number];

/** Where the body starts and how it ends, once the whole head is there. */
function findBody(bytes: Uint8Array): BodyPlace | undefined {
  const text = DECODER.decode(bytes.subarray(0, 2_048));
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = text.slice(0, headEnd).toLowerCase();
  const at = headEnd + 4;
  const lengthAt = head.indexOf(CONTENT_LENGTH);
  if (lengthAt >= 0) {
    return {
      kind: "whole",
      at,
      length: parseInt(head.slice(lengthAt + CONTENT_LENGTH.length), 10),
    };
  }
  if (!head.includes(CHUNKED)) throw new Error(`an answer of unknown length: ${head}`);
  return { kind: "chunked", at, seenUntil: at, parts: [] };
}

/** Whether `bytes` hold all of the body; remembers which chunks were seen. */
function isWhole(bytes: Uint8Array, body: BodyPlace): boolean {
  if (body.kind === "whole") return bytes.length >= body.at + body.length;
  for (;;) {
    const head = DECODER.decode(
      bytes.subarray(body.seenUntil, body.seenUntil + MAX_CHUNK_HEAD_BYTES),
    );
    const lineEnd = head.indexOf("\r\n");
    if (lineEnd < 0) return false;
    const size = parseInt(head, 16);
    const from = body.seenUntil + lineEnd + 2;
    const next = from + size + 2;
    if (bytes.length < next) return false;
    if (size === 0) return true;
    body.parts.push([from, from + size]);
    body.seenUntil = next;
  }
}

function bodyText(bytes: Uint8Array, body: BodyPlace): string {
  if (body.kind === "whole") return DECODER.decode(bytes.subarray(body.at, body.at + body.length));
  return body.parts.map(([from, until]) => DECODER.decode(bytes.subarray(from, until))).join("");
}

function grown(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * buffer.length);
  larger.set(buffer);
  return larger;
}
