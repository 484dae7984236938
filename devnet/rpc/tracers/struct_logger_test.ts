import { assertEquals } from "@std/assert";
import { bigintToHash32 } from "../../../core/primitives/hex.ts";
import { OPCODES } from "../../opcodes.ts";
import { field } from "../testing/method_cases.ts";
import { createStructLogger } from "./struct_logger.ts";
import { contextOf, end, run, step } from "./testing.ts";

async function logsOf(tracer: ReturnType<typeof createStructLogger>): Promise<unknown[]> {
  return [field(await tracer.result(run()), "structLogs")].flat();
}

Deno.test("createStructLogger() shows stack bottom first and what a slot held", async () => {
  const tracer = createStructLogger({}, contextOf());
  tracer.hooks.onOpcode?.(step(OPCODES.sload, [1n, 255n], { gas: 50n }));
  tracer.hooks.onOpcode?.(step(OPCODES.stop, [8n, 255n], { pc: 1, gas: 47n, refund: 4n }));
  const storage = { [bigintToHash32(1n)]: bigintToHash32(8n) };
  assertEquals(await logsOf(tracer), [
    { pc: 0, op: "SLOAD", gas: 50, gasCost: 3, depth: 1, stack: ["0xff", "0x1"], storage },
    { pc: 1, op: "STOP", gas: 47, gasCost: 3, depth: 1, stack: ["0xff", "0x8"], refund: 4 },
  ]);
});

Deno.test("createStructLogger() shows an opcode that cannot run once, with why", async () => {
  const tracer = createStructLogger({ disableStack: true }, contextOf());
  const jump = step(OPCODES.jump, [3n]);
  tracer.hooks.onOpcode?.(jump);
  tracer.hooks.onFault?.(jump, "invalid jump destination");
  tracer.hooks.onFault?.(step(0x01, [], { pc: 2 }), "stack underflow (0 <=> 2)");
  assertEquals(await logsOf(tracer), [
    { pc: 0, op: "JUMP", gas: 100, gasCost: 3, depth: 1 },
    { pc: 2, op: "ADD", gas: 100, gasCost: 3, depth: 1, error: "stack underflow (0 <=> 2)" },
  ]);
});

Deno.test("createStructLogger() shows memory and return data only when asked to", async () => {
  const fields = { memorySizeBytes: 32, memory: () => new Uint8Array(32).fill(1) };
  const shown = { ...fields, returnData: () => Uint8Array.of(2) };
  const options = { enableMemory: true, enableReturnData: true, disableStack: true };
  const tracer = createStructLogger(options, contextOf());
  tracer.hooks.onOpcode?.(step(OPCODES.stop, [], shown));
  const [log] = await logsOf(tracer);
  assertEquals(
    [field(log, "memory"), field(log, "returnData")],
    [[`0x${"01".repeat(32)}`], "0x02"],
  );
});

Deno.test("createStructLogger() stops logging after its limit", async () => {
  const tracer = createStructLogger({ limit: 100 }, contextOf());
  for (let pc = 0; pc < 9; pc++) tracer.hooks.onOpcode?.(step(OPCODES.stop, [], { pc }));
  assertEquals((await logsOf(tracer)).length, 2);
});

Deno.test("createStructLogger() returns data of a revert and of no other failure", async () => {
  const output = Uint8Array.of(7);
  for (const [error, returnValue] of [["execution reverted", "0x07"], ["out of gas", "0x"]]) {
    const { hooks, result } = createStructLogger({}, contextOf());
    hooks.onExit?.(end({ output, error, isReverted: true }));
    const trace = await result(run());
    assertEquals([field(trace, "failed"), field(trace, "returnValue")], [true, returnValue]);
  }
});
