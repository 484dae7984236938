/**
 * Why a message failed, in geth's words: the same from a call, a trace and a simulation, on both
 * ports.
 *
 * Owns what the words depend on: what a frame had left before its last opcode, and its operands. Does
 * not own words of refusals, of reverts and of precompiles.
 * @module
 */
import { assertEquals } from "@std/assert";
import { field } from "../../../devnet/rpc/testing/method_cases.ts";
import { ALICE, NOBODY, refusalOf, withDevnet } from "./dev_steps.ts";
import type { Port } from "./open_devnet.ts";

const INTRINSIC_GAS = 21_000;
const SENTRY = "out of gas: not enough gas for reentrancy sentry";
const OVERFLOW = "gas uint64 overflow";

/** PUSH32 of `value`. */
const push32 = (value: bigint): string => `7f${value.toString(16).padStart(64, "0")}`;
const PAST_64_BITS = push32(1n << 64n);

/** Code, its gas, and what is said. */
const CALLS: readonly (readonly [name: string, code: string, gas: number, words: string])[] = [
  ["a loop of writes", "5b5a5a55600056", 200_000, SENTRY],
  ["2,300 gas before SSTORE", "60015f55", 5 + 2_300, SENTRY],
  ["no gas before SSTORE", "60015f55", 5, SENTRY],
  ["2,301 gas before SSTORE", "60015f55", 5 + 2_301, "out of gas"],
  ["a loop", "5b600056", 10_000, "out of gas"],
  ["memory past 64 bits", `${PAST_64_BITS}51`, 100_000, OVERFLOW],
  [
    "memory of which the last word is past 64 bits",
    `5f${push32((1n << 64n) - 2n)}53`,
    9_000,
    OVERFLOW,
  ],
  ["memory without a price", `${push32(1n << 40n)}51`, 100_000, `out of gas: ${OVERFLOW}`],
  ["memory that is too dear", `${push32(1n << 30n)}51`, 100_000, "out of gas"],
  ["a call with memory past 64 bits", `${PAST_64_BITS}5f5f5f5f5f5ff1`, 100_000, OVERFLOW],
  ["MCOPY from past 64 bits", `6001${PAST_64_BITS}5f5e`, 100_000, OVERFLOW],
  ["RETURNDATACOPY past 64 bits", `${PAST_64_BITS}5f5f3e`, 100_000, OVERFLOW],
  ["RETURNDATACOPY of too much", "60015f5f3e", 100_000, "return data out of bounds"],
  ["RETURNDATACOPY that is too dear", "60015f5f3e", 7, "out of gas"],
  [
    "init code that is too long",
    "620100005f5ff0",
    1_000_000,
    "out of gas: max initcode size exceeded: code size 65536 limit 49152",
  ],
  [
    "init code that is too long, of CREATE2",
    "5f620100005f5ff5",
    1_000_000,
    "out of gas: max initcode size exceeded: code size 65536 limit 49152",
  ],
  ["CREATE that is too dear", "620100005f5ff0", 9_000, "out of gas"],
  ["init code without a price", `${push32(1n << 40n)}5f5ff0`, 1_000_000, `out of gas: ${OVERFLOW}`],
  ["too few words and no gas", "01", 1, "stack underflow (0 <=> 2)"],
  ["too many words", "5b5f600056", 1_000_000, "stack limit reached 1024 (1023)"],
  ["INVALID", "fe", 100_000, "invalid opcode: INVALID"],
  ["a jump to nowhere", "5f56", 100_000, "invalid jump destination"],
];

const CREATIONS: typeof CALLS = [
  ["code that is too dear", "6120005ff3", 400_000, "contract creation code storage out of gas"],
  ["code that is too long", "6160015ff3", 15_000_000, "max code size exceeded"],
  ["0xef", "60ef5f5360015ff3", 100_000, "invalid code: must not begin with 0xef"],
  ["a write", "60015f55", 5, SENTRY],
];

/** The words of each method for the same message. */
async function wordsOf(
  port: Port,
  call: Record<string, string>,
  state: Record<string, unknown>,
): Promise<readonly unknown[]> {
  const tracer = { tracer: "callTracer", stateOverrides: state };
  const blocks = { blockStateCalls: [{ stateOverrides: state, calls: [call] }] };
  const [simulated] = listOf(await port("eth_simulateV1", [blocks, "latest"]));
  return [
    (await refusalOf(port("eth_call", [call, "latest", state]))).message,
    field(await port("debug_traceCall", [call, "latest", tracer]), "error"),
    field(field(listOf(field(simulated, "calls"))[0], "error"), "message"),
  ];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const toHex = (value: number): string => `0x${value.toString(16)}`;

for (const layer of ["l1", "l2"] as const) {
  Deno.test(`${layer}: calls, traces and simulations say alike why a message failed`, async () => {
    await withDevnet({ mode: "manual" }, async (open) => {
      const port = open[layer];
      for (const [name, code, gas, words] of CALLS) {
        const call = { from: ALICE, to: NOBODY, gas: toHex(INTRINSIC_GAS + gas) };
        const state = { [NOBODY]: { code: `0x${code}` } };
        assertEquals(await wordsOf(port, call, state), [words, words, words], name);
      }
      for (const [name, code, gas, words] of CREATIONS) {
        const intrinsic = gasOfCreation(code);
        const call = { from: ALICE, input: `0x${code}`, gas: toHex(intrinsic + gas) };
        assertEquals(await wordsOf(port, call, {}), [words, words, words], `creates: ${name}`);
      }
    });
  });

  Deno.test(`${layer}: an estimate tells want of gas from what no gas would mend, as geth`, async () => {
    await withDevnet({ mode: "manual" }, async (open) => {
      const port = open[layer];
      const estimate = async (code: string) => {
        const state = { [NOBODY]: { code: `0x${code}` } };
        const asked = port("eth_estimateGas", [{ from: ALICE, to: NOBODY }, "latest", state]);
        return (await refusalOf(asked)).message;
      };
      assertEquals(await estimate("5b5a5a55600056"), "gas required exceeds allowance (16777216)");
      assertEquals(await estimate(`${PAST_64_BITS}51`), OVERFLOW);
    });
  });
}

/** EIP-3860 and EIP-2028: what a creation costs before it runs. */
function gasOfCreation(code: string): number {
  const bytes = Uint8Array.fromHex(code);
  const zeroCount = bytes.filter((byte) => byte === 0).length;
  return 53_000 + 16 * (bytes.length - zeroCount) + 4 * zeroCount +
    2 * Math.ceil(bytes.length / 32);
}
