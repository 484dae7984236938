/**
 * Chapters that run messages and transactions without leaving anything: calls, estimates, traces.
 *
 * Owns these. Does not own plain reads (`reads.ts`).
 * @module
 */
import { DEV_ACCOUNTS } from "../../../devnet/accounts.ts";
import {
  anyBlock,
  anyHash,
  anyNumber,
  callObject,
  type Chapter,
  overrides,
  STRANGER,
  type Teller,
  toQuantity,
} from "./teller.ts";

/** `eth_call`, on any block, sometimes with another state. */
export const call: Chapter = (tell) => [{
  method: "eth_call",
  params: tell.random.chance(25)
    ? [callObject(tell), anyBlock(tell), overrides(tell)]
    : [callObject(tell), tell.random.chance(90) ? anyBlock(tell) : anyHashReference(tell)],
}];

/** `eth_estimateGas`. */
export const estimate: Chapter = (tell) => [{
  method: "eth_estimateGas",
  params: tell.random.chance(15)
    ? [callObject(tell), "latest", overrides(tell)]
    : [callObject(tell)],
}];

/** `eth_createAccessList`. */
export const accessList: Chapter = (tell) => [
  { method: "eth_createAccessList", params: [limitedCall(tell), "latest"] },
];

/** A transaction, a block or a message, through one of geth's tracers. */
export const trace: Chapter = (tell) => {
  const { random, memory } = tell;
  const tracer = anyTracer(tell);
  return [random.weighted({ transaction: 60, block: 20, call: 20 })].map((kind) => {
    if (kind === "transaction") {
      return { method: "debug_traceTransaction", params: [anyHash(tell), tracer] };
    }
    if (kind === "call") {
      return { method: "debug_traceCall", params: [limitedCall(tell), "latest", tracer] };
    }
    const number = random.int(1, Number(memory.blockNumber));
    return random.pick([
      { method: "debug_traceBlockByNumber", params: [toQuantity(number), tracer] },
      { method: "debug_traceBlockByHash", params: [`@block:${number}`, tracer] },
    ]);
  });
};

/** `eth_simulateV1`: one or two blocks of messages. */
export const simulate: Chapter = (tell) => {
  const { random, memory } = tell;
  const message = () => ({
    from: random.pick([random.pick(DEV_ACCOUNTS).address, STRANGER]),
    ...callObject(tell),
    // Without a limit geth gives a call what the block has left, and anvil all of it.
    gas: toQuantity(random.int(100_000, 1_000_000)),
  });
  const isLater = random.chance(30);
  const blocks = Array.from({ length: random.int(1, 2) }, (_, index) => ({
    calls: Array.from({ length: random.int(0, 3) }, message),
    ...(random.chance(30) ? { stateOverrides: overrides(tell) } : {}),
    blockOverrides: {
      time: toQuantity(memory.timestampSec + BigInt(20 + index * 5)),
      ...(isLater ? { number: toQuantity(memory.blockNumber + BigInt(1 + index)) } : {}),
    },
  }));
  return [{
    method: "eth_simulateV1",
    params: [{
      blockStateCalls: blocks,
      ...(random.chance(30) ? { traceTransfers: true } : {}),
      ...(random.chance(20) ? { returnFullTransactions: true } : {}),
    }, "latest"],
  }];
};

/** A message with a limit: without one the two give it differently much, and show it. */
function limitedCall(tell: Teller): Readonly<Record<string, unknown>> {
  return { gas: toQuantity(tell.random.int(100_000, 3_000_000)), ...callObject(tell) };
}

function anyTracer({ random }: Teller): Readonly<Record<string, unknown>> {
  return random.pick<Readonly<Record<string, unknown>>>([
    { tracer: "callTracer" },
    { tracer: "callTracer", tracerConfig: { withLog: true } },
    { tracer: "callTracer", tracerConfig: { onlyTopCall: true } },
    { tracer: "prestateTracer" },
    { tracer: "prestateTracer", tracerConfig: { diffMode: true } },
    { tracer: "4byteTracer" },
    {},
  ]);
}

function anyHashReference(tell: Teller): Readonly<Record<string, unknown>> {
  const name = `@block:${Number(anyNumber(tell))}`;
  return tell.random.pick([{ blockHash: name }, { blockNumber: anyNumber(tell) }]);
}
