import { assertEquals, assertThrows } from "@std/assert";
import { RollupError } from "../core/primitives/errors.ts";
import { areaLog } from "../core/primitives/ports.ts";
import { createLog, parseLogLevels, toProgressLine } from "./log.ts";

function collect(levels: string | undefined, format: "text" | "json" = "text") {
  const lines: string[] = [];
  const log = createLog({
    levels: parseLogLevels(levels, "warn"),
    format,
    write: (line) => lines.push(line),
    now: () => "2026-01-02T03:04:05.000Z",
  });
  return { lines, log };
}

Deno.test("createLog() shows warnings of every area unless it is told otherwise", () => {
  const { lines, log } = collect(undefined);
  for (const each of [log, areaLog(log, "rpc")]) {
    each.debug("a");
    each.info("b");
    each.warn("c", { blockNumber: 7n, none: undefined });
  }
  assertEquals(lines, ["warn c blockNumber=7\n", "warn rpc c blockNumber=7\n"]);
});

Deno.test("createLog() takes a level for each area and one for the rest", () => {
  const { lines, log } = collect("error,rpc=debug, batch=info");
  areaLog(log, "rpc").debug("one", { ms: 0.123456 });
  areaLog(log, "batch").debug("two");
  areaLog(log, "batch").info("three\nlines");
  areaLog(log, "l1").warn("four");
  log.error("five");
  assertEquals(lines, [
    "debug rpc one ms=0.123\n",
    "info batch three\\u000alines\n",
    "error five\n",
  ]);
});

Deno.test("createLog() writes one JSON document a line", () => {
  const { lines, log } = collect("debug", "json");
  areaLog(log, "rpc").debug("Answered a request", { method: "eth_chainId", block: 2n ** 70n });
  assertEquals(lines.map((line) => JSON.parse(line)), [{
    time: "2026-01-02T03:04:05.000Z",
    level: "debug",
    area: "rpc",
    text: "Answered a request",
    method: "eth_chainId",
    block: "1180591620717411303424",
  }]);
});

Deno.test("parseLogLevels() refuses areas and levels that there are not", () => {
  for (const text of ["loud", "rpc=loud", "rcp=debug", "", "rpc=", "debug,"]) {
    const error = assertThrows(() => parseLogLevels(text, "warn"), RollupError);
    assertEquals(error.code, "USAGE_INVALID_VALUE");
  }
});

Deno.test("toProgressLine() is a line of the log's format", () => {
  const now = () => "2026-01-02T03:04:05.678Z";
  assertEquals(toProgressLine("Going\non", { format: "text", now }).includes("\n"), false);
  assertEquals(JSON.parse(toProgressLine("Going\non", { format: "json", now })), {
    time: "2026-01-02T03:04:05.678Z",
    level: "info",
    text: "Going\non",
  });
});
