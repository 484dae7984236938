/**
 * Who may ask: the names that a client may call the server by, and the pages that may ask.
 *
 * Owns the guard against DNS rebinding and against foreign pages. Does not own authentication:
 * whoever reaches the port from this machine may use it. Which pages may read the answers is said
 * elsewhere (`cors.ts`).
 * @module
 */
import { refusal, RPC_CODES, type RpcError } from "./errors.ts";

/** What {@linkcode createAccessRules} needs. */
export interface AccessOptions {
  /** Address that the server listens on. */
  readonly host: string;
  /** Other names that it goes by; `*` for any. */
  readonly allowedHosts?: readonly string[];
  /** Pages that may ask besides those of this machine; `*` for any. */
  readonly allowedOrigins?: readonly string[];
}

/** The question asked of every request. */
export interface AccessRules {
  /** Why a request with these headers is refused; `undefined` when it may pass. */
  refuse(headers: { readonly host: string | null; readonly origin: string | null }):
    | RpcError
    | undefined;
}

const LOCAL_HOSTS: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];
const WILDCARD_HOSTS: readonly string[] = ["0.0.0.0", "[::]", "::"];
/** Wallets ask from their own page; the user who installed one trusts it more than us. */
const EXTENSION_SCHEMES: readonly string[] = [
  "chrome-extension:",
  "moz-extension:",
  "safari-web-extension:",
];

/** Rules of a server that listens on `host`. */
export function createAccessRules(options: AccessOptions): AccessRules {
  const { host, allowedHosts = [], allowedOrigins = [] } = options;
  const names = new Set([...LOCAL_HOSTS, ...[host, ...allowedHosts].map(hostForUrl)]);
  const takesAnyName = names.has("*");
  // Who listens everywhere is called by any of its addresses; rebinding needs a name.
  const takesAddresses = WILDCARD_HOSTS.includes(host);
  const isKnownHost = (name: string): boolean =>
    takesAnyName || names.has(name) || (takesAddresses && isIpLiteral(name));
  const isKnownOrigin = (origin: string): boolean => {
    if (allowedOrigins.includes(origin) || allowedOrigins.includes("*")) return true;
    const url = URL.parse(origin);
    if (url === null) return false;
    if (EXTENSION_SCHEMES.includes(url.protocol)) return true;
    return (url.protocol === "http:" || url.protocol === "https:") && names.has(url.hostname);
  };
  const refuseHost = remember((host: string) => {
    const name = URL.parse(`http://${host}`)?.hostname;
    return name === undefined || !isKnownHost(name) ? hostRefused(host) : undefined;
  });
  const refuseOrigin = remember((origin: string) =>
    isKnownOrigin(origin) ? undefined : originRefused(origin)
  );
  return {
    refuse: ({ host, origin }) => {
      if (host === null) return hostRefused(null);
      return refuseHost(host) ?? (origin === null ? undefined : refuseOrigin(origin));
    },
  };
}

/** Header values whose verdict is kept: parsing one as a URL costs more than a cheap request. */
const MAX_KEPT_VERDICTS = 64;

function remember(
  judge: (value: string) => RpcError | undefined,
): (value: string) => RpcError | undefined {
  const verdicts = new Map<string, RpcError | undefined>();
  return (value) => {
    const kept = verdicts.get(value);
    if (kept !== undefined || verdicts.has(value)) return kept;
    const verdict = judge(value);
    if (verdicts.size >= MAX_KEPT_VERDICTS) verdicts.clear();
    verdicts.set(value, verdict);
    return verdict;
  };
}

/** `host` as a URL writes it: IPv6 in brackets, lower case. */
export function hostForUrl(host: string): string {
  const name = host.toLowerCase();
  return name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
}

function isIpLiteral(name: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || /^\[[0-9a-f:.]+\]$/.test(name);
}

function hostRefused(host: string | null): RpcError {
  const shown = host === null ? "no host" : JSON.stringify(host.slice(0, 100));
  return refusal(
    RPC_CODES.invalidRequest,
    "HOST_REFUSED",
    `Cannot answer a request to ${shown}: the server does not go by that name`,
    "Call it by 127.0.0.1 or localhost, or start the devnet with `--allow-host` and that name.",
  );
}

function originRefused(origin: string): RpcError {
  return refusal(
    RPC_CODES.invalidRequest,
    "ORIGIN_REFUSED",
    `Cannot answer a page of ${
      JSON.stringify(origin.slice(0, 100))
    }: only pages of this machine may ask`,
    "Serve the page from localhost, or start the devnet with `--cors` and that origin.",
  );
}
