import { assertEquals, assertThrows } from "@std/assert";
import { hexToBytes } from "../../../core/primitives/hex.ts";
import { RpcError } from "../errors.ts";
import { field } from "../testing/method_cases.ts";
import { createCallTracer } from "./call_tracer.ts";
import { contextOf, end, frame, run, SENDER, TARGET } from "./testing.ts";

const LOG = { address: TARGET, topics: [], data: Uint8Array.of(1) };
const TOO_BAD = hexToBytes(
  `0x08c379a0${"20".padStart(64, "0")}${"3".padStart(64, "0")}${"626164".padEnd(64, "0")}`,
);

Deno.test("createCallTracer() shows the limit and the whole gas of the outermost frame", async () => {
  const { hooks, result } = createCallTracer(undefined, contextOf());
  hooks.onEnter?.(frame());
  hooks.onExit?.(end({ output: Uint8Array.of(9) }));
  assertEquals(await result(run()), {
    from: SENDER,
    gas: "0x15f90",
    gasUsed: "0x520f",
    to: TARGET,
    input: "0x",
    output: "0x09",
    value: "0x0",
    type: "CALL",
  });
});

Deno.test("createCallTracer() shows why a creation failed and no address for it", async () => {
  const { hooks, result } = createCallTracer({}, contextOf());
  hooks.onEnter?.(frame());
  hooks.onEnter?.(frame({ kind: "CREATE2", depth: 1 }));
  const failure = { depth: 1, output: TOO_BAD, error: "execution reverted", isReverted: true };
  hooks.onExit?.(end(failure));
  hooks.onExit?.(end());
  const [call] = [field(await result(run()), "calls")].flat();
  assertEquals(
    ["to", "error", "revertReason", "type"].map((name) => field(call, name)),
    [undefined, "execution reverted", "bad", "CREATE2"],
  );
});

Deno.test("createCallTracer() drops logs of failed frames, and their indexes", async () => {
  const { hooks, result } = createCallTracer({ withLog: true }, contextOf());
  hooks.onEnter?.(frame());
  hooks.onEnter?.(frame({ depth: 1 }));
  hooks.onLog?.(LOG, 0);
  hooks.onExit?.(end({ depth: 1, error: "out of gas", isReverted: true }));
  hooks.onLog?.(LOG, 1);
  hooks.onExit?.(end());
  const trace = await result(run());
  const [call] = [field(trace, "calls")].flat();
  assertEquals(field(call, "logs"), undefined);
  assertEquals(field(trace, "logs"), [
    { address: TARGET, topics: [], data: "0x01", index: "0x0", position: "0x1" },
  ]);
});

Deno.test("createCallTracer() leaves inner calls and their logs out with onlyTopCall", async () => {
  const config = { onlyTopCall: true, withLog: true };
  const { hooks, result } = createCallTracer(config, contextOf());
  hooks.onEnter?.(frame());
  hooks.onEnter?.(frame({ depth: 1 }));
  hooks.onLog?.(LOG, 0);
  hooks.onExit?.(end({ depth: 1 }));
  hooks.onLog?.(LOG, 1);
  hooks.onExit?.(end());
  const trace = await result(run());
  assertEquals(field(trace, "calls"), undefined);
  assertEquals([field(trace, "logs")].flat().map((log) => field(log, "index")), ["0x1"]);
});

Deno.test("createCallTracer() stops when the trace is larger than its budget", () => {
  const { hooks } = createCallTracer({}, contextOf(1_000));
  const error = assertThrows(() => {
    for (let depth = 0; depth < 5; depth++) hooks.onEnter?.(frame({ depth }));
  }, RpcError);
  assertEquals(error.message, "trace is larger than the limit of 1000 bytes");
});
