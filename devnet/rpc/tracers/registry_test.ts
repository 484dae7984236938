import { assertEquals, assertThrows } from "@std/assert";
import { RpcError } from "../errors.ts";
import { createTracer, TRACER_NAMES } from "./registry.ts";
import { contextOf, end, frame, run, TARGET } from "./testing.ts";
import { createTraceBudget, withDeadline } from "./tracer.ts";
import { traceConfig } from "./trace_config.ts";

Deno.test("createTracer() makes every tracer of its list", async () => {
  for (const name of TRACER_NAMES) {
    const { hooks, result } = createTracer(name, {}, contextOf());
    hooks.onEnter?.(frame());
    hooks.onExit?.(end());
    assertEquals(typeof await result(run()), "object");
  }
});

Deno.test("createTracer() refuses scripts", () => {
  const error = assertThrows(() => createTracer("{step() {}}", {}, contextOf()), RpcError);
  assertEquals([error.code, error.message], [-32000, "tracer not found"]);
});

Deno.test("4byteTracer counts selectors of all calls but those of precompiles", async () => {
  const { hooks, result } = createTracer("4byteTracer", {}, contextOf());
  const input = Uint8Array.of(1, 2, 3, 4, 5);
  const precompile = TARGET.replaceAll("b", "0").slice(0, -1) + "4";
  hooks.onEnter?.(frame({ input }));
  hooks.onEnter?.(frame({ input, depth: 1, kind: "STATICCALL" }));
  hooks.onEnter?.(frame({ input, depth: 1, kind: "CREATE" }));
  hooks.onEnter?.(frame({ input: input.subarray(0, 3), depth: 1 }));
  for (const to of run().rules.precompiles) {
    if (to === precompile) hooks.onEnter?.(frame({ input, depth: 1, to }));
  }
  assertEquals(await result(run()), { "0x01020304-1": 2 });
});

Deno.test("withDeadline() ends a run whose time is over", () => {
  let nowMs = 0;
  const limits = { maxBytes: 1, timeoutMs: 10, maxTotalMs: 15 };
  const budget = createTraceBudget(limits, () => nowMs);
  const hooks = withDeadline({}, budget);
  const enterMany = () => {
    for (let count = 0; count < 64; count++) hooks.onEnter?.(frame());
  };
  enterMany();
  nowMs = 11;
  assertEquals(assertThrows(enterMany, RpcError).message, "execution timeout");
  budget.restart();
  enterMany();
  // A request has an end, whatever each of its transactions may take.
  nowMs = 16;
  assertEquals(assertThrows(enterMany, RpcError).message, "execution timeout");
});

Deno.test("traceConfig reads durations as Go writes them", () => {
  const timeoutOf = (timeout: string) => traceConfig.parse({ timeout }, "config").timeoutMs;
  assertEquals(["300ms", "1.5s", "1s500ms", "2h"].map(timeoutOf), [300, 1_500, 1_500, 60_000]);
  for (const wrong of ["5", "s", "1 s", "-1s"]) {
    assertThrows(() => timeoutOf(wrong), RpcError, "invalid duration");
  }
});
