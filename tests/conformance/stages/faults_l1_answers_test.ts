/**
 * An L1 node that answers nonsense once, at any of its calls: the verbs are refused with a code, and
 * asked again they bring the batch to its end.
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import type { LocalEngine } from "../../../core/engine/local_engine.ts";
import { encodeForceBatch } from "../../../core/l1/calls.ts";
import type { L1Request } from "../../../core/l1/backends/json_rpc.ts";
import { isRollupError } from "../../../core/primitives/errors.ts";
import { hostileL1, L1_FAULTS, type L1Fault } from "../../simulation/hostile_l1.ts";
import { callRollup } from "../../simulation/l1_actions.ts";
import { createRandom } from "../../simulation/random.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld } from "../../simulation/world.ts";

/** Times that a verb is asked again. */
const MAX_TRIES = 6;

/** One fault at call `at`, counted from 1; how many calls there were. */
interface OneFault {
  readonly fault: L1Fault;
  readonly at: number;
  calls: number;
}

/** Faults that can happen at some calls only. */
const METHODS_BY_FAULT: Partial<Readonly<Record<L1Fault, readonly string[]>>> = {
  "older head": ["eth_blockNumber", "eth_getBlockByNumber"],
  "doubled logs": ["eth_getLogs"],
};

function once(next: L1Request, plan: OneFault): L1Request {
  const random = createRandom(plan.at);
  const methods = METHODS_BY_FAULT[plan.fault];
  return hostileL1(next, {
    next: (method) => {
      if (methods !== undefined && !methods.includes(method)) return undefined;
      return ++plan.calls === plan.at ? plan.fault : undefined;
    },
    pick: (items) => random.pick(items),
  }, { timeoutMs: 3 });
}

const FLOW: readonly ((engine: LocalEngine) => Promise<unknown>)[] = [
  (engine) => engine.sync(),
  (engine) => engine.sealBatch(),
  (engine) => engine.submit(),
  (engine) => engine.sync(),
  (engine) => engine.prove(),
  (engine) => engine.submit(),
  (engine) => engine.sync(),
];

/** Lives the flow, an operation included, with one fault; the calls that it made. */
async function live(plan: OneFault): Promise<number> {
  await using world = await openWorld({ intercept: (next) => once(next, plan) });
  const engine = await world.engine();
  const forced = signedBy(user(3), { nonce: 0n, to: user(4).address, valueWei: 1n });
  await callRollup(world, user(9), encodeForceBatch(forced));
  await engine.sendTransaction(signedBy(user(1), { nonce: 0n, to: user(2).address }));
  const what = `${plan.fault} at call ${plan.at}`;
  for (const verb of [...FLOW, ...FLOW.toSpliced(1, 1)]) {
    for (let tries = 1;; tries++) {
      try {
        await verb(engine);
        break;
      } catch (error) {
        if (!isRollupError(error)) throw error;
        if (error.code === "NOTHING_TO_SEAL") break;
        assertNotEquals(tries, MAX_TRIES, `${what}: ${error.message}`);
      }
    }
  }
  // An operation that a fault hid is in a batch of its own then.
  if ((await engine.heads()).block === 1 && engine.node.tip.get().lastOperation === 0n) {
    await engine.sealBatch();
    for (const verb of FLOW.toSpliced(1, 1)) await verb(engine);
  }
  const { sealed, sequenced, verified } = await engine.heads();
  assertEquals([sequenced, verified], [sealed, sealed], what);
  assertEquals(engine.node.tip.get().lastOperation, 1n, what);
  assertEquals(engine.node.pool.size(), 0, what);
  return plan.calls;
}

/** Every call meets as many faults as there are by this; all of them take minutes. */
const STRIDE = 6;

for (const [index, fault] of L1_FAULTS.entries()) {
  Deno.test(`a node that meets "${fault}" once, at any call, ends verified`, async () => {
    const calls = await live({ fault, at: Number.MAX_SAFE_INTEGER, calls: 0 });
    const isRare = METHODS_BY_FAULT[fault] !== undefined;
    const [first, stride] = isRare ? [1, 1] : [1 + index % STRIDE, STRIDE];
    for (let at = first; at <= calls; at += stride) await live({ fault, at, calls: 0 });
  });
}
