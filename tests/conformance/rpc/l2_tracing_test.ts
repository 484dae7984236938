/**
 * Tracing, overrides and simulation on the L2's port of a real devnet, held against the L1's port for
 * the same requests. What differs is said in `toCommon()`: fees, the gas of pubdata, and where a
 * transaction is.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../../core/primitives/errors.ts";
import { isRecord } from "../../../devnet/rpc/schema.ts";
import { field } from "../../../devnet/rpc/testing/method_cases.ts";
import { assemble, deploy } from "../vm/assemble.ts";
import { ALICE, BOB, NOBODY, numberOf, refusalOf, seal, withDevnet } from "./dev_steps.ts";
import type { Port } from "./open_devnet.ts";

const CODED = `0x${"c0de".repeat(10)}`;
const GAS = "0x7a120";
const ZERO = `0x${"0".repeat(64)}`;
const SLOT = `0x${"1".repeat(64)}`;

const CONTRACTS: Readonly<Record<string, string>> = {
  stores: assemble("1 0 SSTORE 2 1 SSTORE 0 0 SSTORE 0 SLOAD 1 0 32 0 LOG1 32 0 RETURN"),
  reverts: assemble("77 0 MSTORE 32 0 REVERT"),
  breaks: assemble("77 JUMP"),
  runsOut: assemble("PC JUMP"),
  ends: assemble(`${BigInt(BOB)} SELFDESTRUCT`),
  creates: assemble(
    `${0x6001600055600060005260206000f3n} 0 MSTORE 15 17 5 CREATE 1 15 17 0 CREATE2 ` +
      `0 0 0 0 0 4660 60000 CALL 0 0 32 0 2 GAS STATICCALL POP 32 0 RETURN`,
  ),
};

const TRACERS: Readonly<Record<string, unknown>> = {
  callTracer: { tracer: "callTracer", tracerConfig: { withLog: true } },
  flatCallTracer: { tracer: "flatCallTracer" },
  prestateTracer: { tracer: "prestateTracer" },
  diffMode: { tracer: "prestateTracer", tracerConfig: { diffMode: true } },
  fourByteTracer: { tracer: "4byteTracer" },
  structLogs: { enableMemory: true, enableReturnData: true },
};

/** Fields in which the same run may differ on both layers. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  "blockHash",
  "blockNumber",
  "transactionHash",
  `0x${"00".repeat(20)}`,
]);

/** `answer` without what belongs to one layer; the top frame's gas has pubdata in it. */
function toCommon(answer: unknown, coinbase: string): unknown {
  if (Array.isArray(answer)) return answer.map((item) => toCommon(item, coinbase));
  if (!isRecord(answer)) return answer;
  const entries = Object.entries(answer).filter(([key]) =>
    !OWN_FIELDS.has(key) && key !== coinbase
  );
  return Object.fromEntries(entries.map(([key, value]) => [
    key,
    key === ALICE && isRecord(value) ? { ...value, balance: undefined } : toCommon(value, coinbase),
  ]));
}

function withoutTotals(answer: unknown): unknown {
  if (Array.isArray(answer)) {
    const [first, ...rest] = answer;
    return isRecord(first) ? [{ ...first, result: dropGas(first.result) }, ...rest] : answer;
  }
  return isRecord(answer) ? { ...answer, gas: undefined, gasUsed: undefined } : answer;
}

function dropGas(value: unknown): unknown {
  return isRecord(value) ? { ...value, gasUsed: undefined } : value;
}

async function transact(port: Port, tx: Readonly<Record<string, unknown>>): Promise<unknown> {
  const hash = await port("eth_sendTransaction", [{ from: ALICE, gas: GAS, ...tx }]);
  return await port("eth_getTransactionReceipt", [hash]);
}

Deno.test("the L2 port traces transactions as the L1 port does", async () => {
  await withDevnet({}, async ({ l1, l2 }) => {
    const coinbase = String(field(await l2("eth_getBlockByNumber", ["latest", false]), "miner"));
    const compare = async (what: string, tx: Readonly<Record<string, unknown>>) => {
      const [one, two] = [await transact(l1, tx), await transact(l2, tx)];
      assertEquals(field(two, "status"), field(one, "status"), what);
      for (const [name, config] of Object.entries(TRACERS)) {
        const hashes = [field(one, "transactionHash"), field(two, "transactionHash")];
        const first = await l1("debug_traceTransaction", [hashes[0], config]);
        const second = await l2("debug_traceTransaction", [hashes[1], config]);
        const [expected, found] = [first, second]
          .map((answer) => withoutTotals(toCommon(answer, coinbase)));
        assertEquals(found, expected, `${what}, ${name}`);
        if (name !== "callTracer") continue;
        assertEquals(field(second, "gasUsed"), field(two, "gasUsed"), what);
      }
      return field(two, "contractAddress");
    };
    await compare("a transfer", { to: BOB, value: "0x1" });
    await compare("a transfer to nobody", { to: NOBODY, value: "0x1" });
    for (const [name, code] of Object.entries(CONTRACTS)) {
      const value = name === "ends" || name === "creates" ? "0x64" : "0x0";
      const to = await compare(`deploy ${name}`, { data: deploy(`0x${code.slice(2)}`), value });
      await compare(name, { to, data: `0xa9059cbb${"00".repeat(64)}` });
    }
    for (const init of ["5f5ffd", "fe", "60ef5f5360015ff3", "33ff"]) {
      await compare(`init code ${init}`, { data: `0x${init}`, value: "0x7" });
    }
    await compare("a precompile", { to: `0x${"00".repeat(19)}02`, data: "0x1234" });
  });
});

Deno.test("the L2 port traces a block with what was forced and what could not pay its pubdata", async () => {
  await withDevnet({ mode: "manual" }, async ({ l1, l2 }) => {
    const slots = Array.from({ length: 18 }, (_, index) => `1 ${index + 7} SSTORE`).join(" ");
    const creation = { from: BOB, gas: GAS, data: deploy(assemble(slots)) };
    const hash = await l2("eth_sendTransaction", [creation]);
    await l2("evm_mine");
    const to = field(await l2("eth_getTransactionReceipt", [hash]), "contractAddress");
    // Enough for the EVM, and not for the pubdata of eighteen slots.
    const tight = { from: ALICE, to, gas: "0x66ff3", nonce: "0x0" };
    const signed = await l2("eth_signTransaction", [{ ...tight, gasPrice: "0x77359400" }]);
    const force = { kind: "forceBatch", transaction: signed };
    const plan = await l2("varve_planL1", [force, ALICE]);
    await transact(l1, { to: field(plan, "to"), data: field(plan, "data") });
    await l1("evm_mine");
    await l2("varve_sync");
    await l2("eth_sendTransaction", [{ from: BOB, to: NOBODY, value: "0x1", gas: GAS }]);
    await l2("evm_mine");
    const number = `0x${(await numberOf(l2)).toString(16)}`;
    const traces = await l2("debug_traceBlockByNumber", [number, { tracer: "callTracer" }]);
    assert(Array.isArray(traces) && traces.length === 2, "the block has both");
    const [forced, plain] = traces.map((trace) => field(trace, "result"));
    assertEquals(field(forced, "error"), "out of gas for pubdata");
    assertEquals([field(forced, "gasUsed"), field(forced, "from")], ["0x66ff3", ALICE]);
    assertEquals([field(plain, "error"), field(plain, "value")], [undefined, "0x1"]);
    await seal(l2);
    const batch = await l2("zks_L1BatchNumber");
    const ofBatch = await l2("debug_traceBatchByNumber", [batch, { tracer: "callTracer" }]);
    assert(Array.isArray(ofBatch), "a batch has traces");
    assertEquals(ofBatch.slice(-2), traces);
  });
});

Deno.test("the L2 port says why a call fails as the L1 port does", async () => {
  await withDevnet({}, async ({ l1, l2 }) => {
    const cases: readonly (readonly [unknown, string?])[] = [
      [{ from: NOBODY, to: CODED, value: "0x1" }],
      [{ from: NOBODY, to: CODED, gas: "0x10" }],
      [{ from: NOBODY, to: CODED, gas: "0x5a00", data: `0x${"11".repeat(100)}` }],
      [{ from: NOBODY, data: `0x${"00".repeat(49_153)}` }],
      [{ from: NOBODY, to: CODED }, "0xfe"],
      [{ from: NOBODY, to: CODED, gas: "0x10000" }, "0x5b5f56"],
      [{ from: NOBODY, to: CODED }, assemble("77 0 MSTORE 32 0 REVERT")],
      [{ from: NOBODY, data: "0x60ef5f5360015ff3" }],
    ];
    for (const [request, code] of cases) {
      const overrides = code === undefined ? [] : [{ [CODED]: { code } }];
      for (const method of ["eth_call", "debug_traceCall"] as const) {
        const more = method === "eth_call"
          ? overrides
          : [{ tracer: "callTracer", stateOverrides: overrides[0] ?? {} }];
        const ask = async (port: Port) => {
          const found = await port(method, [request, "latest", ...more]).catch((error) => error);
          return found instanceof Error ? found.message : field(found, "error");
        };
        assertEquals(await ask(l2), await ask(l1), `${method} ${JSON.stringify(request)} ${code}`);
      }
    }
    const asked = l2("eth_call", [{ to: CODED }, "latest", { [CODED]: { code: "0x0c" } }]);
    assertEquals((await refusalOf(asked)).message, "invalid opcode: opcode 0xc not defined");
    const shallow = l2("eth_call", [{ to: CODED }, "latest", { [CODED]: { code: "0x01" } }]);
    assertEquals((await refusalOf(shallow)).message, "stack underflow (0 <=> 2)");
    const precompile = `0x${"00".repeat(19)}02`;
    const moved = l2("eth_call", [{ to: CODED }, "latest", {
      [precompile]: { movePrecompileToAddress: CODED },
    }]);
    assertMatch(
      (await refusalOf(moved)).message,
      /precompile of the L2's program, .*cannot be moved/,
    );
  });
});

Deno.test("the L2 port has the hashes of blocks where a call wants to be in another one", async () => {
  await withDevnet({}, async ({ l2 }) => {
    for (let count = 0; count < 3; count++) await l2("evm_mine");
    const latest = await numberOf(l2);
    const hashOf = async (number: number) =>
      field(await l2("eth_getBlockByNumber", [`0x${number.toString(16)}`, false]), "hash");
    const code = assemble(
      `${latest} BLOCKHASH 0 MSTORE ${latest - 1} BLOCKHASH 32 MSTORE ` +
        `${latest + 1} BLOCKHASH 64 MSTORE 96 0 RETURN`,
    );
    const [head, parent, none] = [
      await hashOf(latest),
      await hashOf(latest - 1),
      `0x${"0".repeat(64)}`,
    ];
    const wanted: readonly (readonly [number, readonly unknown[]])[] = [
      [latest - 1, [none, none, none]],
      [latest, [none, parent, none]],
      [latest + 1, [head, parent, none]],
      [latest + 2, [head, parent, none]],
      [latest + 200, [head, parent, none]],
      // The ring's slots come around, and hold nothing of such a block.
      [latest + 8_192, [none, none, none]],
    ];
    for (const [number, hashes] of wanted) {
      const block = { number: `0x${number.toString(16)}` };
      const state = { [CODED]: { code } };
      const called = String(await l2("eth_call", [{ to: CODED }, "latest", state, block]));
      const words = called.slice(2).match(/.{64}/g)?.map((word) => `0x${word}`);
      assertEquals(words, hashes, `in block ${number}`);
      const traced = await l2("debug_traceCall", [{ to: CODED }, "latest", {
        tracer: "callTracer",
        stateOverrides: state,
        blockOverrides: block,
      }]);
      assertEquals(field(traced, "output"), called, `traced in block ${number}`);
    }
  });
});

Deno.test("the L2 port simulates the very block that it mines", async () => {
  await withDevnet({}, async ({ l2 }) => {
    await l2("evm_mine");
    const before = `0x${(await numberOf(l2)).toString(16)}`;
    await l2("evm_mine");
    const real = await l2("eth_getBlockByNumber", ["latest", false]);
    const blockOverrides = { time: field(real, "timestamp"), prevRandao: field(real, "mixHash") };
    const simulation = { blockStateCalls: [{ blockOverrides, calls: [] }], validation: true };
    const [block] = Object(await l2("eth_simulateV1", [simulation, before]));
    assertEquals(field(block, "stateRoot"), field(real, "stateRoot"));
    assertEquals(field(block, "hash"), field(real, "hash"));
  });
});

Deno.test("the L2 port simulates blocks as the L1 port does", async () => {
  await withDevnet({}, async ({ l1, l2 }) => {
    const hashes = assemble(
      "1 NUMBER SUB BLOCKHASH ISZERO 0 MSTORE 2 NUMBER SUB BLOCKHASH ISZERO 32 MSTORE 64 0 RETURN",
    );
    const call = { from: ALICE, to: CODED };
    const simulate = (blockStateCalls: readonly unknown[]) => [
      { blockStateCalls, traceTransfers: true },
      "latest",
    ];
    const cases: readonly (readonly unknown[])[] = [
      simulate([{ calls: [{ from: ALICE, to: BOB, value: "0x1" }] }]),
      simulate([{ calls: [] }, { stateOverrides: { [CODED]: { code: hashes } }, calls: [call] }]),
      simulate([{ stateOverrides: { [CODED]: { code: "0xfe" } }, calls: [call] }]),
      simulate([{ stateOverrides: { [BOB]: { balance: "0x21e19e0c9bab2400000" } }, calls: [] }]),
      simulate([
        { stateOverrides: { [CODED]: { stateDiff: { [SLOT]: SLOT } } }, calls: [] },
        { stateOverrides: { [CODED]: { stateDiff: { [SLOT]: ZERO } } }, calls: [] },
        { stateOverrides: { [CODED]: { code: "0x5f545f5260205ff3" } }, calls: [call] },
      ]),
      simulate([
        {
          stateOverrides: {
            [CODED]: {
              balance: "0x64",
              code: assemble(`0 0 0 0 5 ${BigInt(BOB)} GAS CALL 1 1 SSTORE 0 0 LOG0 0 0 7 CREATE`),
            },
          },
          calls: [call, call],
        },
        {
          stateOverrides: { [CODED]: { code: assemble("1 SLOAD 0 MSTORE 32 0 RETURN") } },
          calls: [call],
        },
      ]),
    ];
    const show = (answer: unknown) => {
      assert(Array.isArray(answer), "a simulation answers blocks");
      return answer.map((block) =>
        Object(field(block, "calls")).map((called: unknown) => ({
          status: field(called, "status"),
          returnData: field(called, "returnData"),
          error: field(called, "error"),
          logs: Object(field(called, "logs") ?? []).map((log: unknown) =>
            ["address", "topics", "data", "logIndex"].map((name) => field(log, name))
          ),
        }))
      );
    };
    for (const [index, params] of cases.entries()) {
      const [one, two] = [await l1("eth_simulateV1", params), await l2("eth_simulateV1", params)];
      assertEquals(show(two), show(one), `simulation ${index}`);
    }
  });
});
