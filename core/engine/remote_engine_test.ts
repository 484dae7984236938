import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { RpcError } from "../../devnet/rpc/errors.ts";
import { createFakeEngine, FAKE_HEADS } from "../../devnet/rpc/testing/fake_engine.ts";
import { createFixture } from "../../devnet/rpc/testing/fixture.ts";
import { AssertionError, RollupError } from "../primitives/errors.ts";
import { address, hash32 } from "../primitives/hex.ts";
import type { Engine, InspectQuery } from "./engine.ts";
import { createRemoteEngine } from "./remote_engine.ts";

const ACCOUNT = address(`0x${"11".repeat(20)}`);
const HASH = hash32(`0x${"22".repeat(32)}`);

/** A remote engine over the dispatcher, as JSON would carry it, and the engine behind. */
async function connected() {
  const { dispatcher, engine } = await createFixture();
  const remote = createRemoteEngine({
    request: async (method, params) => {
      const result = await dispatcher.request(method, JSON.parse(JSON.stringify(params)));
      return JSON.parse(JSON.stringify(result));
    },
    url: "http://127.0.0.1:9545",
  });
  return { remote, engine };
}

const VERBS: Readonly<Record<string, (engine: Engine) => Promise<unknown>>> = {
  sendTransaction: (engine) => engine.sendTransaction(Uint8Array.of(2, 0xc0)),
  sealBatch: (engine) => engine.sealBatch(),
  submit: (engine) => engine.submit(),
  prove: (engine) => engine.prove(),
  sync: (engine) => engine.sync(),
  inspect: (engine) => engine.inspect({ kind: "batch", batch: 2 }),
  heads: (engine) => engine.heads(),
  sender: (engine) => engine.sender(ACCOUNT),
  estimateGas: (engine) =>
    engine.estimateGas({ from: ACCOUNT, to: ACCOUNT, data: "0x01", valueWei: "3" }),
  planL1: (engine) => engine.planL1({ kind: "forceBatch", transaction: "0x0102" }, ACCOUNT),
  sendL1: (engine) => engine.sendL1("0x02c0"),
  rebuild: (engine) => engine.rebuild({ into: "/some/folder" }),
  nextProofJob: (engine) => engine.nextProofJob(),
  acceptProof: (engine) => engine.acceptProof(2, "0xabcd"),
};

Deno.test("createRemoteEngine() has a test for every verb", () => {
  const verbs = Object.keys(createFakeEngine()).filter((name) =>
    name !== "calls" && name !== "failNext"
  );
  assertEquals(Object.keys(VERBS).toSorted(), verbs.toSorted());
});

for (const [verb, run] of Object.entries(VERBS)) {
  Deno.test(`createRemoteEngine() ${verb} answers as the engine behind and passes its arguments`, async () => {
    const { remote, engine } = await connected();
    const local = createFakeEngine();
    assertEquals(await run(remote), await run(local));
    assertEquals(engine.calls, local.calls);
  });

  Deno.test(`createRemoteEngine() ${verb} throws what the engine behind throws`, async () => {
    const { remote, engine } = await connected();
    const thrown = new RollupError("NOTHING_TO_SEAL", "Cannot seal: nothing waits", {
      details: { pooled: 0n },
      mend: "Run `send-tx` first.",
    });
    engine.failNext(thrown);
    const error = await assertRejects(() => run(remote), RollupError);
    assertEquals([error.code, error.message, error.mend], [
      thrown.code,
      thrown.message,
      thrown.mend,
    ]);
    assertEquals(error.details, { pooled: "0" });
  });
}

Deno.test("createRemoteEngine() inspect takes every kind of query", async () => {
  const { remote, engine } = await connected();
  const queries: readonly InspectQuery[] = [
    { kind: "heads" },
    { kind: "block", block: 5 },
    { kind: "block", block: "safe" },
    { kind: "block", block: HASH },
    { kind: "batch", batch: "finalized" },
    { kind: "account", address: ACCOUNT },
    { kind: "storage", address: ACCOUNT, slot: HASH },
    { kind: "pool" },
    { kind: "operations" },
    { kind: "tables" },
    { kind: "table", table: "blocks", limit: 3 },
  ];
  const answered: readonly InspectQuery[] = [
    { kind: "tx", hash: HASH },
    { kind: "proof", address: ACCOUNT, slots: [HASH], batch: "latest" },
    { kind: "data", batch: 1 },
    { kind: "witness", batch: 1 },
    { kind: "code", hash: HASH },
    { kind: "chain" },
    { kind: "l1", block: "latest" },
  ];
  for (const query of queries) assertEquals(await remote.inspect(query), { asked: query.kind });
  for (const query of answered) {
    assertEquals(await remote.inspect(query), await engine.inspect(query));
  }
  assertEquals(engine.calls, [
    ...queries.map((query) => ["inspect", query]),
    // Once from afar and once from here.
    ...answered.flatMap((query) => [["inspect", query], ["inspect", query]]),
  ]);
});

Deno.test("createRemoteEngine() keeps the code of a refused transaction, not geth's number", async () => {
  const { remote, engine } = await connected();
  engine.failNext(
    new RollupError("POOL_NONCE_TOO_LOW", "Cannot admit: nonce 1", { mend: "Use nonce 2." }),
  );
  const error = await assertRejects(() => VERBS.sendTransaction?.(remote) ?? noVerb(), RollupError);
  assertEquals([error.code, error.message], ["POOL_NONCE_TOO_LOW", "Cannot admit: nonce 1"]);
});

function noVerb(): Promise<never> {
  return Promise.reject(new TypeError("no such verb"));
}

Deno.test("createRemoteEngine() says that the node cannot be reached", async () => {
  for (const thrown of [new TypeError("connection refused"), "text", undefined]) {
    const remote = createRemoteEngine({ request: () => Promise.reject(thrown), url: "U" });
    const error = await assertRejects(() => remote.heads(), RollupError);
    assertEquals(error.code, "REMOTE_UNAVAILABLE");
    assertStringIncludes(error.mend, "--rpc");
  }
});

Deno.test("createRemoteEngine() says that the node is no varve or failed", async () => {
  const refusedWith = async (thrown: Error) => {
    const remote = createRemoteEngine({ request: () => Promise.reject(thrown), url: "U" });
    return await assertRejects(() => remote.heads(), RollupError);
  };
  const missing = await refusedWith(new RpcError(-32601, "the method does not exist"));
  assertEquals(missing.code, "REMOTE_REFUSED");
  assertStringIncludes(missing.mend, "L2 RPC");
  assertEquals((await refusedWith(new RpcError(-32603, "internal error"))).code, "REMOTE_REFUSED");
  const { remote, engine } = await connected();
  engine.failNext(new AssertionError("Broken invariant"));
  const defect = await assertRejects(() => remote.heads(), RollupError);
  assertEquals(defect.code, "REMOTE_REFUSED");
});

Deno.test("createRemoteEngine() refuses an answer of another shape", async () => {
  const answering = (answer: unknown) =>
    createRemoteEngine({ request: () => Promise.resolve(answer) });
  const heads: readonly unknown[] = [
    null,
    [],
    "text",
    {},
    { ...FAKE_HEADS, sealed: "3" },
    { ...FAKE_HEADS, sealed: -1 },
    { ...FAKE_HEADS, sealed: 1.5 },
  ];
  for (const answer of heads) {
    const error = await assertRejects(() => answering(answer).heads(), RollupError);
    assertEquals(error.code, "REMOTE_ANSWER_INVALID");
  }
  assertEquals(await answering(FAKE_HEADS).heads(), FAKE_HEADS);
  const { remote } = await connected();
  const proof = await remote.acceptProof(2, "0xabcd");
  for (const wrong of [{ kind: "toString" }, { publicInputsHash: "0x12" }, { proofBytes: null }]) {
    const engine = answering({ ...proof, ...wrong });
    const error = await assertRejects(() => engine.acceptProof(2, "0x"), RollupError);
    assertEquals(error.code, "REMOTE_ANSWER_INVALID");
  }
  assertEquals(await answering(null).nextProofJob(), null);
  const rebuilt = await remote.rebuild({});
  for (const wrong of [{ difference: {} }, { matches: 1 }, { folder: 7 }, { compared: -1 }]) {
    const engine = answering({ ...rebuilt, ...wrong });
    const error = await assertRejects(() => engine.rebuild({}), RollupError);
    assertEquals(error.code, "REMOTE_ANSWER_INVALID");
  }
  const sent = await remote.sendL1("0x02c0");
  const misplaced = answering({ ...sent, operation: { number: 1 } });
  const error = await assertRejects(() => misplaced.sendL1("0x02c0"), RollupError);
  assertEquals(error.code, "REMOTE_ANSWER_INVALID");
});
