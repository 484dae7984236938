/**
 * Unpacking what a client has packed: a few bytes of gzip can hold a thousand times as many.
 *
 * Owns how far it unpacks, and stops there. Does not own what is inside.
 * @module
 */
import { joinBytes } from "../../core/primitives/bytes.ts";

/** How far {@linkcode gunzipBounded} unpacks. */
export interface GunzipBounds {
  /** Bytes, whatever the packed size. */
  readonly maxBytes: number;
  /** Bytes for each packed byte. */
  readonly maxRatio: number;
  /** Bytes that are allowed whatever the ratio. */
  readonly freeBytes: number;
}

/** More than any devnet's state, and than a request can bring of any chain's. */
const DUMP_BOUNDS: GunzipBounds = {
  maxBytes: 128_000_000,
  maxRatio: 100,
  freeBytes: 16_000_000,
};

/**
 * The bytes that `packed` holds.
 *
 * @throws RangeError when there are more than `bounds` allow; TypeError for what is no gzip
 */
export async function gunzipBounded(
  packed: Uint8Array,
  bounds: GunzipBounds = DUMP_BOUNDS,
): Promise<Uint8Array> {
  const { maxBytes, maxRatio, freeBytes } = bounds;
  const most = Math.min(maxBytes, Math.max(freeBytes, packed.length * maxRatio));
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of pieces(packed).pipeThrough(new DecompressionStream("gzip"))) {
    sizeBytes += part.length;
    if (sizeBytes > most) {
      throw new RangeError(
        `Cannot unpack ${packed.length} bytes as they hold more than the ${most} allowed`,
      );
    }
    parts.push(part);
  }
  return joinBytes(parts);
}

/** One piece unpacks at once, so it must not be long. */
const PIECE_BYTES = 16_384;

function pieces(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = 0;
  return new ReadableStream({
    pull: (controller) => {
      // The whole stream asks before the end of its input has been seen.
      if (offset >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(offset, offset += PIECE_BYTES));
    },
  }, { highWaterMark: 0 });
}
