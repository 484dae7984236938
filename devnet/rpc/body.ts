/**
 * Bodies of HTTP requests, bounded in bytes and time, each and together, before anything looks at
 * them.
 *
 * Owns reading, and the one timer that all bodies of a port share: a timer for each would cost more
 * than the reading. Does not own what is said to a client that sends too much.
 * @module
 */
import type { RpcLimits } from "./limits.ts";

/** A whole body, or why there is none. */
export type Body =
  | { readonly kind: "whole"; readonly text: string }
  | { readonly kind: "too large" }
  | { readonly kind: "too slow" }
  /** Others that are arriving have used up what all may. */
  | { readonly kind: "too many" }
  /** The client left, or broke the framing. */
  | { readonly kind: "broken" }
  /** The reader was closed meanwhile. */
  | { readonly kind: "stopped" };

/** Reads the bodies of one port. */
export interface BodyReader {
  /**
   * Reads the body of `request`, whose `content-length` header is `lengthHeader`. Bytes that are
   * no UTF-8 become the replacement character, as in geth.
   */
  read(request: Request, lengthHeader: string | null): Promise<Body>;
  /** Ends every read that is under way as `stopped`. */
  close(): void;
}

interface Arrival {
  /** Looks of the timer before it came: cheaper than asking for the time. */
  readonly lookCount: number;
  readonly end: (body: Body) => void;
}

/** What one body has of the bytes that all may have. */
interface Share {
  /** Whether there is room for a body of this size. */
  grow(sizeBytes: number): boolean;
  release(): void;
}

const NO_SHARE: Share = { grow: () => true, release: () => {} };

/** Bodies up to this many bytes are not counted: all that connections can bring are little. */
const SMALL_BODY_BYTES = 65_536;
/** How often the timer looks, as a part of the time that a body may take. */
const LOOKS_PER_TIMEOUT = 4;

/** A reader with these limits. */
export function createBodyReader(
  limits: Pick<RpcLimits, "maxBodyBytes" | "maxBodiesBytes" | "bodyTimeoutMs">,
): BodyReader {
  const { maxBodyBytes, maxBodiesBytes, bodyTimeoutMs } = limits;
  let arrivingBytes = 0;
  // In order of arrival, so that only the first ones can be late.
  const arrivals = new Set<Arrival>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let lookCount = 0;
  const look = (): void => {
    lookCount++;
    for (const arrival of arrivals) {
      if (lookCount - arrival.lookCount <= LOOKS_PER_TIMEOUT) break;
      arrival.end({ kind: "too slow" });
    }
    if (arrivals.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  const createShare = (): Share => {
    let countedBytes = 0;
    let isReleased = false;
    return {
      grow: (sizeBytes) => {
        // A body in chunks may still be growing when nobody waits for it any more.
        if (isReleased || arrivingBytes + sizeBytes - countedBytes > maxBodiesBytes) return false;
        arrivingBytes += sizeBytes - countedBytes;
        countedBytes = sizeBytes;
        return true;
      },
      release: () => {
        if (!isReleased) arrivingBytes -= countedBytes;
        isReleased = true;
      },
    };
  };
  return {
    read: (request, lengthHeader) => {
      const saidBytes = lengthHeader === null ? 0 : Number(lengthHeader);
      if (saidBytes > maxBodyBytes) return Promise.resolve({ kind: "too large" });
      const isSmall = lengthHeader !== null && saidBytes <= SMALL_BODY_BYTES;
      const share = isSmall ? NO_SHARE : createShare();
      if (!share.grow(saidBytes)) return Promise.resolve({ kind: "too many" });
      timer ??= setInterval(look, Math.max(1, bodyTimeoutMs / LOOKS_PER_TIMEOUT));
      return new Promise((resolve) => {
        // A length that was said is a length that is kept: the HTTP layer reads no further.
        const reading = lengthHeader === null && request.body !== null
          ? readStream(request.body.getReader(), { maxBodyBytes, share })
          : readAtOnce(request);
        const arrival: Arrival = {
          lookCount,
          end: (body) => {
            arrivals.delete(arrival);
            share.release();
            resolve(body);
          },
        };
        arrivals.add(arrival);
        reading.then(arrival.end, () => arrival.end({ kind: "broken" }));
      });
    },
    close: () => {
      clearInterval(timer);
      timer = undefined;
      for (const arrival of arrivals) arrival.end({ kind: "stopped" });
    },
  };
}

async function readAtOnce(request: Request): Promise<Body> {
  return { kind: "whole", text: await request.text() };
}

/** Reads what comes in chunks of unknown number. A read that nobody waits for ends with the answer. */
async function readStream(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { maxBodyBytes, share }: { readonly maxBodyBytes: number; readonly share: Share },
): Promise<Body> {
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { kind: "whole", text: text + decoder.decode() };
    sizeBytes += value.length;
    if (sizeBytes > maxBodyBytes || !share.grow(sizeBytes)) {
      await reader.cancel();
      return { kind: sizeBytes > maxBodyBytes ? "too large" : "too many" };
    }
    text += decoder.decode(value, { stream: true });
  }
}
