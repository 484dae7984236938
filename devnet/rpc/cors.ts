/**
 * CORS: which pages may read the answers, said in headers.
 *
 * Owns those headers and the answer to a preflight. Does not own which pages may ask at all
 * (`access.ts`): a request of a page that may not is refused before anything here is looked at.
 * @module
 */

/** What a port says to pages. */
export interface CorsRules {
  /** Headers of an answer to a page of `origin`; `undefined` when it must not read it. */
  headersFor(origin: string): Readonly<Record<string, string>> | undefined;
  /** The answer to an `OPTIONS` request of such a page; `undefined` as above. */
  preflight(request: Request, origin: string): Response | undefined;
}

/** Seconds for which a browser need not ask again. */
const MAX_AGE_SEC = "600";
/** Origins whose headers are kept ready. */
const MAX_KEPT_ORIGINS = 64;

/** Rules for the pages of `origins`, of which `*` is every one; none when the list is empty. */
export function createCorsRules(origins: readonly string[]): CorsRules {
  const takesAny = origins.includes("*");
  const headersByOrigin = new Map<string, Readonly<Record<string, string>>>();
  const headersFor = (origin: string): Readonly<Record<string, string>> | undefined => {
    if (!takesAny && !origins.includes(origin)) return undefined;
    const kept = headersByOrigin.get(origin);
    if (kept !== undefined) return kept;
    const headers = {
      "access-control-allow-origin": takesAny ? "*" : origin,
      // What one page may read must not be handed to another by a cache.
      ...(takesAny ? {} : { vary: "Origin" }),
    };
    if (headersByOrigin.size >= MAX_KEPT_ORIGINS) headersByOrigin.clear();
    headersByOrigin.set(origin, headers);
    return headers;
  };
  return {
    headersFor,
    preflight: (request, origin) => {
      const allowed = headersFor(origin);
      if (allowed === undefined) return undefined;
      const isPrivate = request.headers.get("access-control-request-private-network") === "true";
      return new Response(null, {
        status: 204,
        headers: {
          ...allowed,
          "access-control-allow-methods": "POST, GET, OPTIONS",
          "access-control-allow-headers": "*",
          "access-control-max-age": MAX_AGE_SEC,
          // Chrome asks before a public page reaches this machine.
          ...(isPrivate ? { "access-control-allow-private-network": "true" } : {}),
        },
      });
    },
  };
}
