/** Each fault of a hostile L1 reaches the client as a refusal with a code, or as a plain answer. */
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { createJsonRpcL1Client, type L1Request } from "../../core/l1/backends/json_rpc.ts";
import type { L1Client } from "../../core/l1/l1_client.ts";
import { assert, isRollupError, RollupError } from "../../core/primitives/errors.ts";
import type { Hash32 } from "../../core/primitives/hex.ts";
import { silentLog } from "../../core/primitives/ports.ts";
import { createDispatcher, createRpcMethods } from "../../devnet/rpc/dispatch.ts";
import { createFakeChain, type FakeChain, LOGGER } from "../../devnet/rpc/testing/fake_chain.ts";
import { signedRaw } from "../../devnet/rpc/testing/fixture.ts";
import { createL1Faults, hostileL1, L1_FAULTS, type L1Fault, type L1Faults } from "./hostile_l1.ts";
import { createRandom } from "./random.ts";

interface Rig {
  readonly chain: FakeChain;
  readonly client: L1Client;
  /** The transaction of block 1. */
  readonly hash: Hash32;
  /** What happens to every request from now on. */
  fault: L1Fault | undefined;
}

/** A chain with a log in block 1 and two blocks after it, behind a hostile node. */
async function openRig(): Promise<Rig> {
  const chain = createFakeChain({ layer: "L1" });
  const hash = await chain.sendRawTransaction(
    signedRaw(chain, { to: LOGGER, data: new Uint8Array(32) }),
  );
  await chain.mine();
  await chain.mine();
  const rig: { fault: L1Fault | undefined } = { fault: undefined };
  const random = createRandom(7);
  const faults: L1Faults = { next: () => rig.fault, pick: (items) => random.pick(items) };
  const client = createJsonRpcL1Client({ request: hostileL1(requestTo(chain), faults) });
  return Object.assign(rig, { chain, client, hash });
}

function requestTo(chain: FakeChain): L1Request {
  return createDispatcher(createRpcMethods({ chain, log: silentLog })).request;
}

const METHODS: Readonly<Record<string, (rig: Rig) => Promise<unknown>>> = {
  chainId: ({ client }) => client.chainId(),
  latest: ({ client }) => client.block("latest"),
  block: ({ client }) => client.block(1n),
  logs: ({ client }) => client.logs({ address: LOGGER, fromBlock: 0n, toBlock: 3n }),
  transaction: ({ hash, client }) => client.transaction(hash),
  receipt: ({ hash, client }) => client.receipt(hash),
  nonce: ({ client }) => client.nonce(LOGGER, "pending"),
  balance: ({ client }) => client.balance(LOGGER),
  call: ({ client }) => client.call({ to: LOGGER, data: "0x" }),
  estimateGas: ({ client }) => client.estimateGas({ to: LOGGER, data: "0x" }),
  fees: ({ client }) => client.fees(),
  sendRawTransaction: ({ chain, client }) =>
    client.sendRawTransaction(signedRaw(chain, { nonce: 1n })),
};

/** The code with which a request is refused, or "answered". */
async function outcomeOf(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask();
    return "answered";
  } catch (error) {
    if (isRollupError(error)) return error.code;
    throw error;
  }
}

async function outcomesOf(fault: L1Fault | undefined): Promise<Readonly<Record<string, string>>> {
  const outcomes: Record<string, string> = {};
  for (const [name, ask] of Object.entries(METHODS)) {
    const rig = await openRig();
    rig.fault = fault;
    outcomes[name] = await outcomeOf(() => ask(rig));
  }
  return outcomes;
}

function every(outcome: string, others: Readonly<Record<string, string>> = {}) {
  return { ...Object.fromEntries(Object.keys(METHODS).map((name) => [name, outcome])), ...others };
}

const ANSWERED_NULL = Object.fromEntries(
  ["latest", "block", "transaction", "receipt"].map((name) => [name, "answered"]),
);

const EXPECTED: Readonly<Record<L1Fault, Readonly<Record<string, string>>>> = {
  "hang": every("L1_UNAVAILABLE"),
  "hang after": every("L1_UNAVAILABLE"),
  "reset": every("L1_UNAVAILABLE"),
  "reset after": every("L1_UNAVAILABLE"),
  "HTML": every("L1_UNAVAILABLE"),
  "empty body": every("L1_UNAVAILABLE"),
  "truncated JSON after": every("L1_UNAVAILABLE"),
  "null": every("L1_BAD_RESPONSE", ANSWERED_NULL),
  "wrong type": every("L1_BAD_RESPONSE"),
  "refusal": every("L1_REJECTED"),
  "older head": every("answered"),
  "doubled logs": every("answered", { logs: "L1_BAD_RESPONSE" }),
};

for (const fault of L1_FAULTS) {
  Deno.test(`hostileL1() with "${fault}" ends every request with its code`, async () => {
    assertEquals(await outcomesOf(fault), EXPECTED[fault]);
  });
}

Deno.test("hostileL1() tells the truth when nothing goes wrong", async () => {
  assertEquals(await outcomesOf(undefined), every("answered"));
});

Deno.test('hostileL1() has the effect before "… after", and not before the others', async () => {
  for (const fault of ["hang", "reset", "HTML", "hang after", "reset after"] as const) {
    const { chain, client, ...rig } = await openRig();
    const raw = signedRaw(chain, { nonce: 1n });
    const faults: L1Faults = { next: () => fault, pick: (items) => noChoice(items) };
    const hostile = createJsonRpcL1Client({ request: hostileL1(requestTo(chain), faults) });
    const error = await assertRejects(() => hostile.sendRawTransaction(raw), RollupError);
    assertEquals([error.code, rig.fault], ["L1_UNAVAILABLE", undefined]);
    const [sender] = chain.accounts;
    assert(sender !== undefined, "the chain has accounts");
    const nonce = await client.nonce(sender.address, "latest");
    assertEquals(nonce, fault.endsWith("after") ? 2n : 1n, fault);
  }
});

function noChoice<Item>(items: readonly Item[]): Item {
  throw new TypeError(`nothing is drawn among ${items.length}`);
}

Deno.test('hostileL1() with "older head" shows a true block, one to three blocks old', async () => {
  const rig = await openRig();
  rig.fault = "older head";
  const shown = new Set<bigint>();
  for (let asked = 0; asked < 40; asked++) {
    const latest = await rig.client.block("latest");
    assert(latest !== undefined, "an older head is a block");
    assertEquals(latest.hash, (await rig.chain.header(latest.number))?.hash);
    shown.add(latest.number);
  }
  assertEquals([...shown].toSorted(), [0n, 1n, 2n]);
  assertEquals((await rig.client.block(3n))?.number, 3n);
});

Deno.test("createL1Faults() repeats itself by its seed, spares nobody and becomes calm", async () => {
  const run = async (seed: number) => {
    const { chain } = await openRig();
    const faults = createL1Faults(createRandom(seed), {
      percent: 60,
      kinds: L1_FAULTS.filter((kind) => !kind.startsWith("hang")),
    });
    const client = createJsonRpcL1Client({ request: hostileL1(requestTo(chain), faults) });
    const outcomes: string[] = [];
    for (let asked = 0; asked < 120; asked++) {
      outcomes.push(await outcomeOf(() => client.block("latest")));
      outcomes.push(
        await outcomeOf(() => client.logs({ address: LOGGER, fromBlock: 0n, toBlock: 3n })),
      );
    }
    faults.calm();
    const before = faults.happened.length;
    for (let asked = 0; asked < 20; asked++) assertEquals((await client.block(1n))?.number, 1n);
    assertEquals(faults.happened.length, before);
    return { outcomes, happened: faults.happened };
  };
  const first = await run(1);
  assertEquals(await run(1), first);
  assertNotEquals((await run(2)).happened, first.happened);
  assertEquals(new Set(first.happened.map(({ fault }) => fault)).size, 10);
  for (const { method, fault } of first.happened) {
    if (fault === "doubled logs") assertEquals(method, "eth_getLogs");
    if (fault === "older head") assertEquals(method, "eth_getBlockByNumber");
  }
  assertEquals([...new Set(first.outcomes)].toSorted(), [
    "L1_BAD_RESPONSE",
    "L1_REJECTED",
    "L1_UNAVAILABLE",
    "answered",
  ]);
});
