/**
 * Who may ask: the names that a client may call the server by, and the pages that may ask.
 *
 * Owns the guard against DNS rebinding and against foreign pages. Does not own authentication:
 * whoever reaches the port from this machine may use it. No CORS header is ever sent, so that a
 * page of another origin cannot read an answer; it cannot open a WebSocket either.
 * @module
 */
import { refusal, RPC_CODES, type RpcError } from "./errors.ts";

/** What {@linkcode createAccessRules} needs. */
export interface AccessOptions {
  /** Address that the server listens on. */
  readonly host: string;
  readonly allowedHosts?: readonly string[];
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
  return {
    refuse: ({ host, origin }) => {
      const name = host === null ? undefined : URL.parse(`http://${host}`)?.hostname;
      if (name === undefined || !isKnownHost(name)) return hostRefused(host);
      return origin === null || isKnownOrigin(origin) ? undefined : originRefused(origin);
    },
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
    "Call it by 127.0.0.1 or localhost, or start it with that name among its allowed hosts.",
  );
}

function originRefused(origin: string): RpcError {
  return refusal(
    RPC_CODES.invalidRequest,
    "ORIGIN_REFUSED",
    `Cannot answer a page of ${
      JSON.stringify(origin.slice(0, 100))
    }: only pages of this machine may ask`,
    "Serve the page from localhost, or start the server with that origin among its allowed ones.",
  );
}
