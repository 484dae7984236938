/**
 * `docs/RPC.md` says of errors, bounds, logs and metrics what the code has.
 */
import { assertEquals } from "@std/assert";
import { LIMITS } from "../../../core/primitives/limits.ts";
import { LOG_AREAS } from "../../../core/primitives/ports.ts";
import { RPC_CODES } from "../../../devnet/rpc/errors.ts";
import * as bounds from "../../../devnet/rpc/limits.ts";
import { METHODS } from "../../../devnet/rpc/methods/mod.ts";
import { REJECTION_TEXTS } from "../../../devnet/rpc/rejections.ts";
import { SIMULATION_CODES } from "../../../devnet/rpc/simulate.ts";

const ROOT = new URL("../../../", import.meta.url);
const read = (path: string): Promise<string> => Deno.readTextFile(new URL(path, ROOT));
const page = await read("docs/RPC.md");

/** Those of `texts` that the page does not say. */
const missing = (texts: readonly string[]): readonly string[] =>
  texts.filter((text) => !page.includes(text));

/** A number as the page writes it: `10,000`. */
const shown = (value: number | bigint): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");
const seconds = (ms: number): string => `${ms / 1_000} s`;

Deno.test("docs/RPC.md has every number of an error, and every text of a refused transaction", () => {
  assertEquals(missing(Object.values(RPC_CODES).map((code) => `| ${code} `)), []);
  const [first, last] = [SIMULATION_CODES.nonceTooLow, SIMULATION_CODES.tooMany];
  assertEquals(missing([`| ${first} … ${last} `]), []);
  const ofPool = Object.entries(REJECTION_TEXTS).filter(([code]) => /^(POOL|TX)_/.test(code));
  assertEquals(missing(ofPool.map(([, text]) => `\`${text}`)), []);
  assertEquals(missing(ofPool.map(([code]) => `\`${code}\``)), []);
});

Deno.test("docs/RPC.md lists no method as not there that is there", () => {
  const names = new Set(METHODS.flatMap(({ name, aliases }) => [name, ...aliases]));
  const rows = page.split("\n").filter((line) => /^\| `.*\| -32601 +\|/.test(line));
  const listed = rows.flatMap((row) => row.split("|")[1]?.match(/\w+_\w+/g) ?? []);
  assertEquals(listed.length > 10, true);
  assertEquals(listed.filter((name) => names.has(name)), []);
});

Deno.test("docs/RPC.md has the bounds of a port", () => {
  const { RPC_LIMITS: port } = bounds;
  assertEquals(
    missing([
      `${shown(port.maxBodyBytes)} bytes, whole after ${seconds(port.bodyTimeoutMs)}`,
      `${shown(port.maxBodiesBytes)} bytes of all bodies`,
      `${shown(port.maxBatchRequests)} requests, ${shown(port.maxBatchResponseBytes)} bytes`,
      `of answers, ${seconds(port.batchTimeoutMs)}`,
      `${port.maxSockets}; on each ${port.maxSocketRequestsInFlight} messages at a time`,
      `${shown(port.maxSocketBufferedBytes)} bytes unread`,
      `${bounds.MAX_SUBSCRIPTIONS_PER_SOCKET} of a WebSocket, ${
        shown(port.maxSubscriptions)
      } of a port`,
      `${shown(bounds.MAX_FILTERS)}, each forgotten after ${
        bounds.FILTER_TIMEOUT_MS / 60_000
      } minutes`,
      `${shown(LIMITS.maxLogBlockRange)} blocks and ${shown(LIMITS.maxLogResults)} results`,
      `${shown(LIMITS.maxCallGas)} gas, ${seconds(bounds.CALL_TIMEOUT_MS)}`,
      `${shown(bounds.MAX_TRACE_BYTES)} bytes, ${seconds(bounds.DEFAULT_TRACE_TIMEOUT_MS)}`,
      `${seconds(bounds.MAX_TRACE_TIMEOUT_MS)} a request`,
      `${bounds.MAX_SIMULATED_BLOCKS} blocks, ${
        shown(bounds.MAX_SIMULATED_CALLS_PER_BLOCK)
      } calls a block`,
      `${shown(bounds.MAX_SIMULATED_CALLS)} in all`,
      `${seconds(bounds.DEFAULT_SYNC_TIMEOUT_MS)} unless it says more, ${
        seconds(bounds.MAX_SYNC_TIMEOUT_MS)
      }`,
      `${shown(port.maxHeldAnswerChars)} characters`,
      `reads nothing for ${seconds(port.answerStallTimeoutMs)}`,
      `answered, for ${seconds(port.drainTimeoutMs)} at most`,
      `from ${shown(LIMITS.maxPoolNonceAhead)} ahead`,
    ]),
    [],
  );
});

Deno.test("docs/RPC.md has every area of the log and every metric", async () => {
  assertEquals(missing(LOG_AREAS.map((area) => `\`${area}\``)), []);
  const sources = await Promise.all(["devnet/metrics.ts", "devnet/ports.ts"].map(read));
  const names = sources.flatMap((text) => text.match(/(?<=name: ")varve_\w+/g) ?? []);
  assertEquals(names.length > 5, true);
  assertEquals(missing(names.map((name) => `\`${name}\``)), []);
});
