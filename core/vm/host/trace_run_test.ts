import { assertEquals, assertRejects } from "@std/assert";
import { keccak256 } from "../../crypto/keccak.ts";
import {
  type Address,
  address,
  bigintToHash32,
  bytesToHex,
  type Hash32,
  hexToBytes,
  ZERO_HASH,
} from "../../primitives/hex.ts";
import { balanceSlot, codeHashSlot } from "../../types/state.ts";
import type { BlockEnvironment, CallRequest, TraceStepEnd } from "../executor.ts";
import { createMemoryStorage } from "../memory_storage.ts";
import type { TraceHooks } from "../trace.ts";
import { createWasmExecutor } from "./wasm_executor.ts";

const SENDER = address(`0x${"11".repeat(20)}`);
const OUTER = address(`0x${"22".repeat(20)}`);
const INNER = address(`0x${"33".repeat(20)}`);
const ENVIRONMENT: BlockEnvironment = {
  chainId: 901n,
  number: 1n,
  timestampSec: 10n,
  coinbase: address(`0x${"cb".repeat(20)}`),
  gasLimit: 30_000_000n,
  baseFeePerGasWei: 1n,
  prevRandao: ZERO_HASH,
  parentHash: bigintToHash32(7n),
  gasPerPubdata: 0n,
};
const CALL: CallRequest = {
  from: SENDER,
  to: OUTER,
  data: new Uint8Array(0),
  valueWei: 0n,
  gasLimit: 100_000n,
  gasPriceWei: 0n,
  asTransaction: false,
  accessList: [],
  authorizations: [],
};

function world(codes: ReadonlyMap<Address, string>) {
  const byHash = new Map<Hash32, Uint8Array>();
  const writes = [{ ...balanceSlot(SENDER), value: bigintToHash32(1_000_000n) }];
  for (const [account, code] of codes) {
    const bytes = hexToBytes(`0x${code}`);
    byHash.set(keccak256(bytes), bytes);
    writes.push({ ...codeHashSlot(account), value: keccak256(bytes) });
  }
  return createMemoryStorage({ writes, codes: byHash });
}

/** What hooks are told, one line each. */
function recorder(): { readonly hooks: TraceHooks; readonly lines: string[] } {
  const lines: string[] = [];
  const hooks: TraceHooks = {
    onEnter: ({ kind, depth, to, gas, valueWei, input }) =>
      lines.push(`> ${kind} ${depth} ${to.slice(0, 6)} ${gas} ${valueWei} ${bytesToHex(input)}`),
    onExit: ({ depth, gasUsed, output, error, isReverted }) =>
      lines.push(`< ${depth} ${gasUsed} ${bytesToHex(output)} ${error} ${isReverted}`),
    onOpcode: ({ pc, op, gas, cost, depth, stack, memorySizeBytes, refund }) => {
      const words = Array.from({ length: stack.length }, (_, index) => stack.peek(index));
      lines.push(
        `${depth}:${pc} ${op.toString(16)} ${gas} ${cost} [${words}] ${memorySizeBytes} ${refund}`,
      );
    },
    onFault: ({ pc, cost }, error) => lines.push(`! ${pc} ${cost} ${error}`),
    onLog: ({ topics, data }, index) => lines.push(`log ${index} ${topics} ${bytesToHex(data)}`),
  };
  return { hooks, lines };
}

async function traceCall(codes: ReadonlyMap<Address, string>, request: Partial<CallRequest> = {}) {
  const { hooks, lines } = recorder();
  let end: TraceStepEnd | undefined;
  await createWasmExecutor().trace(ENVIRONMENT, world(codes), [{
    run: { kind: "call", request: { ...CALL, ...request } },
    hooks,
    onEnd: (told) => {
      end = told;
      return Promise.resolve();
    },
  }]);
  return { lines, end };
}

Deno.test("trace() tells opcodes before they run, with what they cost", async () => {
  // PUSH1 2, PUSH1 1, SSTORE, PUSH1 1, SLOAD, PUSH0, MSTORE, JUMP to JUMPDEST, STOP
  const { lines } = await traceCall(new Map([[OUTER, "6002600155600154" + "5f52600c565b00"]]));
  assertEquals(lines, [
    "> CALL 0 0x2222 100000 0 0x",
    "1:0 60 100000 3 [] 0 0",
    "1:2 60 99997 3 [2] 0 0",
    "1:4 55 99994 22100 [1,2] 0 0",
    "1:5 60 77894 3 [] 0 0",
    "1:7 54 77891 100 [1] 0 0",
    "1:8 5f 77791 2 [2] 0 0",
    "1:9 52 77789 6 [0,2] 0 0",
    "1:10 60 77783 3 [] 32 0",
    "1:12 56 77780 8 [12] 32 0",
    "! 12 8 invalid jump destination",
    "< 0 100000 0x invalid jump destination true",
  ]);
});

Deno.test("trace() tells calls as frames, precompiles and the gas they hand on included", async () => {
  const outer = "5f5f5f5f5f" + `73${"33".repeat(20)}` + "62ffffff" + "f1" + // CALL inner
    "60205f5f5f6004610100fa" + "00";
  const inner = "6001602a5fa1" + "60015f5360015ffd"; // LOG1, then REVERT with a byte
  const { lines } = await traceCall(new Map([[OUTER, outer], [INNER, inner]]));
  assertEquals(lines.filter((line) => /^[<>!l]|:(29|39) /.test(line)), [
    "> CALL 0 0x2222 100000 0 0x",
    "> CALL 1 0x3333 95863 0 0x",
    `log 0 ${bigintToHash32(1n)} 0x${"00".repeat(42)}`,
    "< 1 1113 0x01 execution reverted true",
    "> STATICCALL 1 0x0000 256 undefined 0x",
    "< 1 15 0x undefined false",
    "< 0 3862 0x undefined false",
  ]);
});

Deno.test("trace() has the states before and after, and the outcome of the call", async () => {
  const { end } = await traceCall(new Map([[OUTER, "6002600155"]]), { valueWei: 5n });
  assertEquals(end?.outcome.kind === "called" && end.outcome.call.success, true);
  const slot = bigintToHash32(1n);
  assertEquals(await end?.before.storage(OUTER, slot), ZERO_HASH);
  assertEquals(await end?.after.storage(OUTER, slot), bigintToHash32(2n));
  assertEquals((await end?.before.account(SENDER))?.balanceWei, 1_000_000n);
  assertEquals((await end?.after.account(SENDER))?.balanceWei, 999_995n);
  assertEquals((await end?.after.account(OUTER))?.balanceWei, 5n);
  assertEquals(await end?.after.account(INNER), undefined);
});

Deno.test("trace() ends with what a hook throws", async () => {
  const stop = new Error("enough");
  const steps = [{
    run: { kind: "call" as const, request: CALL },
    hooks: {
      onOpcode: () => {
        throw stop;
      },
    },
  }];
  const executor = createWasmExecutor();
  const storage = world(new Map([[OUTER, "6002600155"]]));
  assertEquals(await assertRejects(() => executor.trace(ENVIRONMENT, storage, steps)), stop);
  assertEquals((await executor.call(ENVIRONMENT, storage, CALL)).success, true);
});

Deno.test("call() ends with what checkTime() throws from within arithmetic", async () => {
  // STATICCALL of ECRECOVER.
  const code = "5f5f60805f6001620fffff" + "fa00";
  const executor = createWasmExecutor();
  const storage = world(new Map([[OUTER, code]]));
  const late = new Error("late");
  const input = { ...CALL, gasLimit: 50_000n };
  const checkTime = () => {
    throw late;
  };
  // v = 27, so that there is something to recover.
  const signed = "601b602052" + code;
  const signedStorage = world(new Map([[OUTER, signed]]));
  assertEquals((await executor.call(ENVIRONMENT, storage, input, { checkTime })).success, true);
  const error = await assertRejects(() =>
    executor.call(ENVIRONMENT, signedStorage, input, { checkTime })
  );
  assertEquals(error, late);
});

Deno.test("call() and trace() wait within arithmetic where breathe() asks for it", async () => {
  // STATICCALL of ECRECOVER, twice.
  const recover = "5f5f60805f6001620fffff" + "fa50";
  const storage = world(new Map([[OUTER, "601b602052" + recover + recover + "00"]]));
  const told: string[] = [];
  let waits = 0;
  const bounds = {
    breathe: async () => {
      waits++;
      await Promise.resolve();
      told.push("another");
    },
  };
  const executor = createWasmExecutor();
  assertEquals((await executor.call(ENVIRONMENT, storage, CALL, bounds)).success, true);
  assertEquals([waits, told.length], [2, 2]);
  const hooks: TraceHooks = { onExit: () => void told.push("exit") };
  const run = { kind: "call" as const, request: CALL };
  await executor.trace(ENVIRONMENT, storage, [{ run, hooks }], bounds);
  assertEquals(told.slice(2), ["another", "exit", "another", "exit", "exit"]);
});
