import { assertEquals, assertThrows } from "@std/assert";
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { address, bigintToHash32, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { OPCODES } from "../../opcodes.ts";
import { RpcError } from "../errors.ts";
import { field } from "../testing/method_cases.ts";
import { createTracer } from "./registry.ts";
import { contextOf, end, frame, run, step, TARGET } from "./testing.ts";

const ADD = 0x01;
const MULMOD = 0x09;
const CALLEE = address(`0x${"cc".repeat(20)}`);
const CALLEE_WORD = BigInt(CALLEE);
const SLOT = bigintToHash32(5n);

function open(config: unknown = {}) {
  const { hooks, result } = createTracer("erc7562Tracer", config, contextOf());
  hooks.onEnter?.(frame());
  return {
    hooks,
    op: (op: number, stack: readonly bigint[] = [], fields = {}) =>
      hooks.onOpcode?.(step(op, stack, fields)),
    finish: async () => {
      hooks.onExit?.(end());
      return await result(run());
    },
  };
}

Deno.test("createErc7562Tracer() counts opcodes, but not those that are always fine", async () => {
  const { op, finish } = open();
  op(ADD, [1n, 2n]);
  op(MULMOD, [1n, 2n, 3n]);
  op(OPCODES.gas);
  op(OPCODES.call, [9n, CALLEE_WORD]);
  op(OPCODES.gas);
  op(MULMOD, [1n, 2n, 3n]);
  assertEquals(field(await finish(), "usedOpcodes"), { "0x9": 2, "0xf1": 1, "0x5a": 1 });
  const other = open({ ignoredOpcodes: ["0x9"] });
  other.op(MULMOD, [1n, 2n, 3n]);
  other.op(ADD, [1n, 2n]);
  assertEquals(field(await other.finish(), "usedOpcodes"), { "0x1": 1 });
});

Deno.test("createErc7562Tracer() shows what a slot had when it was first read", async () => {
  const { op, finish } = open();
  op(OPCODES.sload, [5n]);
  op(ADD, [77n, 2n]);
  op(OPCODES.sload, [5n]);
  op(ADD, [78n, 2n]);
  op(OPCODES.sstore, [6n, 1n]);
  op(OPCODES.sload, [6n]);
  op(OPCODES.tload, [7n]);
  op(OPCODES.tstore, [7n, 1n]);
  op(OPCODES.tstore, [7n, 2n]);
  const [six, seven] = [bigintToHash32(6n), bigintToHash32(7n)];
  assertEquals(field(await finish(), "accessedSlots"), {
    reads: { [SLOT]: [bigintToHash32(77n)] },
    writes: { [six]: 1 },
    transientReads: { [seven]: 1 },
    transientWrites: { [seven]: 2 },
  });
});

Deno.test("createErc7562Tracer() reads the slot of an SLOAD that could not pay", async () => {
  const { hooks, finish } = open();
  hooks.onFault?.(step(OPCODES.sload, [5n]), "out of gas");
  assertEquals(field(field(await finish(), "accessedSlots"), "reads"), {
    [SLOT]: [ZERO_HASH],
  });
});

Deno.test("createErc7562Tracer() lists code that was looked at, but for a check of emptiness", async () => {
  const { op, finish } = open();
  op(OPCODES.extcodesize, [CALLEE_WORD]);
  op(OPCODES.iszero, [0n]);
  op(OPCODES.extcodehash, [BigInt(TARGET)]);
  op(ADD, [0n, 0n]);
  const result = await finish();
  assertEquals(field(result, "extCodeAccessInfo"), [TARGET]);
  assertEquals(field(result, "contractSize"), {
    [CALLEE]: { contractSize: 0, opcode: OPCODES.extcodesize },
    [TARGET]: { contractSize: 0, opcode: OPCODES.extcodehash },
  });
});

Deno.test("createErc7562Tracer() knows the size of code that the run created", async () => {
  const { hooks, op, finish } = open();
  hooks.onEnter?.(frame({ kind: "CREATE", depth: 1, to: CALLEE }));
  hooks.onExit?.(end({ depth: 1, output: new Uint8Array(3) }));
  op(OPCODES.call, [9n, CALLEE_WORD]);
  assertEquals(field(await finish(), "contractSize"), {
    [CALLEE]: { contractSize: 3, opcode: OPCODES.call },
  });
});

Deno.test("createErc7562Tracer() says which inner frame ran out of gas", async () => {
  const { hooks, finish } = open();
  for (const error of ["out of gas: not enough gas for reentrancy sentry", "execution reverted"]) {
    hooks.onEnter?.(frame({ depth: 1 }));
    hooks.onExit?.(end({ depth: 1, error, isReverted: true }));
  }
  const result = await finish();
  const isOutOfGas = (index: string) => field(field(field(result, "calls"), index), "outOfGas");
  assertEquals(["0", "1"].map(isOutOfGas), [true, false]);
  assertEquals(field(result, "outOfGas"), false);
});

Deno.test("createErc7562Tracer() keeps what was hashed, once and in order, on the outermost frame", async () => {
  const { op, finish } = open();
  const memory = Uint8Array.of(0xff, 0x01, 0x02);
  const fields = { memorySizeBytes: 3, memory: () => memory };
  op(OPCODES.keccak256, [0n, 2n], fields);
  op(OPCODES.keccak256, [1n, 4n], fields);
  op(OPCODES.keccak256, [1n, 4n], fields);
  // Nobody has memory there: geth shows no preimage.
  op(OPCODES.keccak256, [2n ** 63n, 1n], fields);
  op(OPCODES.keccak256, [0n, 2n ** 40n], fields);
  assertEquals(field(await finish(), "keccak"), ["0x01020000", "0xff01"]);
});

Deno.test("createErc7562Tracer() is bounded by the size of its answer", () => {
  const { hooks } = createTracer("erc7562Tracer", {}, contextOf(1_000));
  hooks.onEnter?.(frame());
  assertThrows(() => {
    for (let slot = 0n; slot < 10n; slot++) hooks.onOpcode?.(step(OPCODES.sstore, [slot, 0n]));
  }, RpcError);
});

Deno.test("createKeccak256PreimageTracer() maps hashes to what was hashed", async () => {
  const { hooks, result } = createTracer("keccak256PreimageTracer", {}, contextOf());
  hooks.onEnter?.(frame());
  const fields = { memorySizeBytes: 1, memory: () => Uint8Array.of(7) };
  hooks.onOpcode?.(step(OPCODES.keccak256, [0n, 1n], fields));
  hooks.onOpcode?.(step(OPCODES.keccak256, [0n, 0n], { ...fields, pc: 1 }));
  hooks.onFault?.(step(OPCODES.keccak256, [0n], { ...fields, pc: 2 }), "stack underflow (1 <=> 2)");
  hooks.onExit?.(end());
  assertEquals(await result(run()), {
    [keccak256(Uint8Array.of(7))]: "0x07",
    [keccak256(new Uint8Array(0))]: "0x",
  });
});
