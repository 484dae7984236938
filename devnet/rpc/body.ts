/**
 * The body of an HTTP request, bounded in bytes and time before anything looks at it.
 *
 * Owns reading. Does not own what is said to a client that sends too much.
 * @module
 */
import type { RpcLimits } from "./limits.ts";

/** A whole body, or why there is none. */
export type Body =
  | { readonly kind: "whole"; readonly text: string }
  | { readonly kind: "too large" }
  | { readonly kind: "too slow" };

/** Reads the body of `request`; bytes that are no UTF-8 become what no JSON parser takes. */
export async function readBody(
  request: Request,
  limits: Pick<RpcLimits, "maxBodyBytes" | "bodyTimeoutMs">,
): Promise<Body> {
  if (Number(request.headers.get("content-length") ?? 0) > limits.maxBodyBytes) {
    return { kind: "too large" };
  }
  if (request.body === null) return { kind: "whole", text: "" };
  const reader = request.body.getReader();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // Ends the pending read below, which then sees that it is late.
    reader.cancel().catch(() => undefined);
  }, limits.bodyTimeoutMs);
  try {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    while (true) {
      const { done, value } = await reader.read();
      if (isLate) return { kind: "too slow" };
      if (done) return { kind: "whole", text: decode(chunks, sizeBytes) };
      sizeBytes += value.length;
      if (sizeBytes > limits.maxBodyBytes) {
        await reader.cancel();
        return { kind: "too large" };
      }
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
  }
}

function decode(chunks: readonly Uint8Array[], sizeBytes: number): string {
  const bytes = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return new TextDecoder().decode(bytes);
}
