import { assertEquals, assertThrows } from "@std/assert";
import { address, bigintToHash32, ZERO_ADDRESS, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { OPCODES } from "../../opcodes.ts";
import { createPrestateTracer } from "./prestate_tracer.ts";
import { contextOf, end, frame, run, SENDER, state, step, TARGET } from "./testing.ts";

const ONE = bigintToHash32(1n);
const TWO = bigintToHash32(2n);
const STRANGER = address(`0x${"11".repeat(20)}`);
const BEFORE = state({
  [SENDER]: { balanceWei: 9n, nonce: 1n },
  [TARGET]: { balanceWei: 1n },
}, { [`${TARGET}${ONE}`]: TWO });

Deno.test("createPrestateTracer() shows what is read, and nothing empty", async () => {
  const { hooks, result } = createPrestateTracer(undefined, contextOf());
  hooks.onOpcode?.(step(OPCODES.sload, [1n]));
  hooks.onOpcode?.(step(OPCODES.balance, [BigInt(STRANGER)]));
  assertEquals(await result(run({ before: BEFORE })), {
    [SENDER]: { balance: "0x9", nonce: 1 },
    [TARGET]: { balance: "0x1", storage: { [ONE]: TWO } },
  });
});

Deno.test("createPrestateTracer() shows empty accounts when asked to", async () => {
  const { hooks, result } = createPrestateTracer({ includeEmpty: true }, contextOf());
  hooks.onOpcode?.(step(OPCODES.balance, [BigInt(STRANGER)]));
  const shown = await result(run({ before: BEFORE }));
  assertEquals(Object.keys(shown ?? {}), [ZERO_ADDRESS, STRANGER, SENDER, TARGET]);
});

Deno.test("createPrestateTracer() shows changes only in diff mode", async () => {
  const { hooks, result } = createPrestateTracer({ diffMode: true }, contextOf());
  hooks.onOpcode?.(step(OPCODES.sstore, [1n, 0n]));
  const after = state({
    [SENDER]: { balanceWei: 8n, nonce: 2n },
    [TARGET]: { balanceWei: 1n },
  });
  assertEquals(await result(run({ before: BEFORE, after })), {
    post: { [SENDER]: { balance: "0x8", nonce: 2 }, [TARGET]: {} },
    pre: {
      [SENDER]: { balance: "0x9", nonce: 1 },
      [TARGET]: { balance: "0x1", storage: { [ONE]: TWO } },
    },
  });
});

Deno.test("createPrestateTracer() tells an account that is not there from an empty one", async () => {
  const { hooks, result } = createPrestateTracer({ diffMode: true }, contextOf());
  hooks.onEnter?.(frame());
  // Asked for its balance it stays away; called statically it is there, as geth has it.
  hooks.onOpcode?.(step(OPCODES.balance, [BigInt(STRANGER)]));
  hooks.onEnter?.(frame({ kind: "STATICCALL", to: TARGET, depth: 1, valueWei: undefined }));
  hooks.onExit?.(end({ depth: 1 }));
  hooks.onExit?.(end());
  assertEquals(await result(run()), { post: { [STRANGER]: { codeHash: ZERO_HASH } }, pre: {} });
});

Deno.test("createPrestateTracer() refuses diff mode with empty accounts", () => {
  const config = { diffMode: true, includeEmpty: true };
  assertThrows(() => createPrestateTracer(config, contextOf()), Error, "cannot use diffMode");
});
