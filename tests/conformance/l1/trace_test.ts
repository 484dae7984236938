/**
 * Tracing on the embedded L1: opcodes with geth's costs, frames with geth's words, states before and
 * after, and that whoever traces changes nothing.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { assert } from "../../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bytesToHex,
  hash32,
  hexToBytes,
} from "../../../core/primitives/hex.ts";
import type { ChainBackend, TraceTarget } from "../../../devnet/rpc/chain.ts";
import { runTraces } from "../../../devnet/rpc/tracers/run_trace.ts";
import { traceConfig } from "../../../devnet/rpc/tracers/trace_config.ts";
import { contractAddress, createDraw, randomContracts } from "../vm/random_programs.ts";
import { callOf, devAccount, initCodeOf, requireReceipt, signedBy, withL1 } from "./testing.ts";
import type { EmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";

const CONTRACT = address(`0x${"c0".repeat(20)}`);
const OTHER = address(`0x${"d0".repeat(20)}`);

function field(value: unknown, name: string): unknown {
  assert(typeof value === "object" && value !== null, "what has fields is an object");
  return Reflect.get(value, name);
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name);
  assert(Array.isArray(list), "the field is a list");
  return list;
}

/** The trace of a call of `code` at {@linkcode CONTRACT}. */
async function traceCode(
  l1: ChainBackend,
  code: string,
  config: Readonly<Record<string, unknown>>,
  others: ReadonlyMap<Address, string> = new Map(),
): Promise<unknown> {
  const codes = new Map([[CONTRACT, code], ...others]);
  const target: TraceTarget = {
    kind: "call",
    number: await l1.numberOf("latest"),
    request: callOf({ to: CONTRACT, gasLimit: 200_000n }),
    overrides: {
      state: new Map([...codes].map(([account, hex]) => [account, { code: hexToBytes(hex) }])),
    },
  };
  const [trace] = await runTraces(l1, target, traceConfig.parse(config, "config"));
  assert(trace !== undefined, "a call has one trace");
  return trace.result;
}

Deno.test("tracing shows each opcode with geth's cost, and the STOP that code ends with", async () => {
  await withL1({}, async (l1) => {
    // PUSH1 7, PUSH1 1, SSTORE, PUSH1 1, SLOAD, PUSH1 0, MSTORE
    const result = await traceCode(l1, "0x6007600155600154600052", { enableMemory: true });
    const word = (digit: number) => `0x${digit.toString(16).padStart(64, "0")}`;
    assertEquals(result, {
      gas: 43_218,
      failed: false,
      returnValue: "0x",
      structLogs: [
        { pc: 0, op: "PUSH1", gas: 179_000, gasCost: 3, depth: 1, stack: [] },
        { pc: 2, op: "PUSH1", gas: 178_997, gasCost: 3, depth: 1, stack: ["0x7"] },
        {
          pc: 4,
          op: "SSTORE",
          gas: 178_994,
          gasCost: 22_100,
          depth: 1,
          stack: ["0x7", "0x1"],
          storage: { [word(1)]: word(7) },
        },
        { pc: 5, op: "PUSH1", gas: 156_894, gasCost: 3, depth: 1, stack: [] },
        {
          pc: 7,
          op: "SLOAD",
          gas: 156_891,
          gasCost: 100,
          depth: 1,
          stack: ["0x1"],
          storage: { [word(1)]: word(7) },
        },
        { pc: 8, op: "PUSH1", gas: 156_791, gasCost: 3, depth: 1, stack: ["0x7"] },
        { pc: 10, op: "MSTORE", gas: 156_788, gasCost: 6, depth: 1, stack: ["0x7", "0x0"] },
        { pc: 11, op: "STOP", gas: 156_782, gasCost: 0, depth: 1, stack: [], memory: [word(7)] },
      ],
    });
  });
});

Deno.test("tracing shows a price that nobody can work out as the fixed one", async () => {
  await withL1({}, async (l1) => {
    const lastOf = async (code: string) => {
      const result = await traceCode(l1, code, { disableStack: true });
      return listOf(result, "structLogs").at(-1);
    };
    assertEquals(await lastOf(`0x7f${"ff".repeat(32)}51`), {
      pc: 33,
      op: "MLOAD",
      gas: 178_997,
      gasCost: 3,
      depth: 1,
      error: "gas uint64 overflow",
    });
    // An account is paid for as if it were warm before anything else is known.
    assertEquals(await lastOf("0xf1"), {
      pc: 0,
      op: "CALL",
      gas: 179_000,
      gasCost: 100,
      depth: 1,
      error: "stack underflow (0 <=> 7)",
    });
    // Paid for before it is found out, so the entry has no error.
    assertEquals(await lastOf("0x6001600060003e"), {
      pc: 6,
      op: "RETURNDATACOPY",
      gas: 178_991,
      gasCost: 9,
      depth: 1,
    });
  });
});

Deno.test("tracing shows a call's cost with the gas that it hands on", async () => {
  await withL1({}, async (l1) => {
    // Five zeros (no value), PUSH20 OTHER, PUSH2 0x1000, CALL
    const code = `0x6000600060006000600073${OTHER.slice(2)}611000f1`;
    const result = await traceCode(l1, code, { disableStack: true, disableStorage: true });
    const call = listOf(result, "structLogs").find((log) => field(log, "op") === "CALL");
    assertEquals(call, { pc: 34, op: "CALL", gas: 178_979, gasCost: 2_600 + 4_096, depth: 1 });
  });
});

/** Programs that fail, and what geth says of it. */
const FAULTS: readonly (readonly [code: string, error: string])[] = [
  ["0x01", "stack underflow (0 <=> 2)"],
  ["0xfe", "invalid opcode: INVALID"],
  ["0x0c", "invalid opcode: opcode 0xc not defined"],
  ["0x600056", "invalid jump destination"],
  ["0x60006000fd", "execution reverted"],
  ["0x600160003e", "stack underflow (2 <=> 3)"],
  ["0x6001600060003e", "return data out of bounds"],
  ["0x5b600056", "out of gas"],
  ["0x5b80600156", "stack underflow (0 <=> 1)"],
  ["0x60005b80600256", "stack limit reached 1024 (1023)"],
  ["0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff51", "gas uint64 overflow"],
];

for (const [code, error] of FAULTS) {
  Deno.test(`tracing says "${error}" of ${code}`, async () => {
    await withL1({}, async (l1) => {
      const result = await traceCode(l1, code, { tracer: "callTracer" });
      assertEquals(field(result, "error"), error);
    });
  });
}

Deno.test("tracing shows a write in a static call as geth does", async () => {
  await withL1({}, async (l1) => {
    // STATICCALL OTHER, which runs SSTORE.
    const code = `0x600060006000600073${OTHER.slice(2)}5afa`;
    const result = await traceCode(
      l1,
      code,
      { tracer: "callTracer" },
      new Map([[OTHER, "0x6001600055"]]),
    );
    const [call] = listOf(result, "calls");
    const shown = ["type", "error", "value"].map((name) => field(call, name));
    assertEquals(shown, ["STATICCALL", "out of gas: write protection", undefined]);
  });
});

Deno.test("tracing shows calls that fail before they begin", async () => {
  await withL1({}, async (l1) => {
    // CALL OTHER with 1 wei that CONTRACT does not have.
    const code = `0x6000600060006000600173${OTHER.slice(2)}5af1`;
    const result = await traceCode(l1, code, { tracer: "callTracer" });
    const [call] = listOf(result, "calls");
    const shown = ["error", "gasUsed", "to"].map((name) => field(call, name));
    assertEquals(shown, ["insufficient balance for transfer", "0x0", OTHER]);
  });
});

/** Deploys `code` with account 0's next nonce; the answer is where it is. */
async function deploy(l1: EmbeddedL1, nonce: bigint, code: string): Promise<Address> {
  const hash = await l1.sendRawTransaction(signedBy(devAccount(0), {
    nonce,
    to: undefined,
    valueWei: 0n,
    gasLimit: 1_000_000n,
    data: initCodeOf(hexToBytes(code)),
  }));
  const { receipt } = await requireReceipt(l1, hash);
  assert(receipt.contractAddress !== undefined, "the contract is deployed");
  return receipt.contractAddress;
}

Deno.test("tracing a block gives each transaction, with log indexes of the block", async () => {
  await withL1({}, async (l1) => {
    // LOG0 of nothing, twice.
    const logger = await deploy(l1, 0n, "0x60006000a060006000a0");
    await l1.controls.setAutomine(false);
    const hashes = [];
    for (const nonce of [1n, 2n]) {
      const raw = signedBy(devAccount(0), { nonce, to: logger, valueWei: 0n, gasLimit: 100_000n });
      hashes.push(await l1.sendRawTransaction(raw));
    }
    const number = await l1.mine();
    const config = { tracer: "callTracer", tracerConfig: { withLog: true } };
    const traces = await runTraces(
      l1,
      { kind: "block", number },
      traceConfig.parse(config, "config"),
    );
    assertEquals(traces.map(({ transaction }) => transaction?.hash), hashes);
    const indexes = traces.flatMap(({ result }) =>
      listOf(result, "logs").map((log) => field(log, "index"))
    );
    assertEquals(indexes, ["0x0", "0x1", "0x2", "0x3"]);
  });
});

Deno.test("tracing a transaction shows the state before it, not before its block", async () => {
  await withL1({}, async (l1) => {
    // Adds 1 to slot 0.
    const counter = await deploy(l1, 0n, "0x60005460010160005500");
    await l1.controls.setAutomine(false);
    for (const nonce of [1n, 2n]) {
      await l1.sendRawTransaction(
        signedBy(devAccount(0), { nonce, to: counter, valueWei: 0n, gasLimit: 100_000n }),
      );
    }
    const number = await l1.mine();
    const config = { tracer: "prestateTracer", tracerConfig: { diffMode: true } };
    const [trace] = await runTraces(
      l1,
      { kind: "transaction", blockNumber: number, index: 1 },
      traceConfig.parse(config, "config"),
    );
    const slot = `0x${"0".repeat(64)}`;
    const word = (digit: number) => `0x${digit.toString(16).padStart(64, "0")}`;
    const { pre, post } = JSON.parse(JSON.stringify(trace?.result));
    assertEquals(pre[counter].storage, { [slot]: word(1) });
    assertEquals(post[counter], { storage: { [slot]: word(2) } });
    assertEquals([pre[devAccount(0).address].nonce, post[devAccount(0).address].nonce], [2, 3]);
    assertEquals(await l1.storage(counter, hash32(slot), number), word(2));
  });
});

Deno.test("tracing ends a run that takes too long", async () => {
  await withL1({}, async (l1) => {
    const error = await assertRejects(
      () => traceCode(l1, "0x5b600056", { tracer: "callTracer", timeout: "0s" }),
    );
    assertEquals(field(error, "message"), "execution timeout");
  });
});

Deno.test("tracing refuses the first block and blocks that are not there", async () => {
  await withL1({}, async (l1) => {
    const config = traceConfig.parse({}, "config");
    for (const [number, code] of [[0n, "TRACE_GENESIS"], [9n, "TRACE_BLOCK_UNKNOWN"]] as const) {
      const error = await assertRejects(() => runTraces(l1, { kind: "block", number }, config));
      assertEquals(field(error, "code"), code);
    }
  });
});

Deno.test("what a call does is the same whether each opcode is watched or none", async () => {
  await withL1({}, async (l1) => {
    for (let seed = 0; seed < 150; seed++) {
      const draw = createDraw(seed);
      const state = new Map(
        randomContracts(draw).map((contract) => [contract.address ?? CONTRACT, {
          code: hexToBytes(`0x5b${(contract.code ?? "0x").slice(2)}`),
          balanceWei: contract.balanceWei ?? 0n,
          stateDiff: new Map((contract.storage ?? []).map(({ slot, value }) => [slot, value])),
        }]),
      );
      const request = callOf({
        to: contractAddress(1 + seed % 5),
        gasLimit: 100_000n,
        data: Uint8Array.from({ length: 64 }, () => draw.below(256)),
      });
      const overrides = { state };
      const outcome = await l1.call(request, 0n, overrides);
      const target: TraceTarget = { kind: "call", number: 0n, request, overrides };
      const config = traceConfig.parse({ tracer: "callTracer" }, "config");
      const [trace] = await runTraces(l1, target, config);
      const { gasUsed, success, returnData } = outcome;
      const output = field(trace?.result, "output") ?? "0x";
      assertEquals(
        [BigInt(String(field(trace?.result, "gasUsed"))), output, `seed ${seed}`],
        [gasUsed, bytesToHex(returnData), `seed ${seed}`],
      );
      assertEquals(field(trace?.result, "error") === undefined, success, `seed ${seed}`);
    }
  });
});
