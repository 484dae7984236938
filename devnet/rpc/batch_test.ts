import { assertEquals } from "@std/assert";
import { type BatchOptions, createBatches } from "./batch.ts";

const LIMITS = {
  maxBatchResponseBytes: 1_000_000,
  maxBatchesChars: 1_000_000,
  batchTimeoutMs: 60_000,
};
const OPTIONS: BatchOptions = {
  askedChars: 10,
  answer: (request) => Promise.resolve(request),
  keepsOrder: () => false,
  refuse: (_request, error) => error.code,
  isGone: () => false,
};
const LONG = "x".repeat(400_000);

/** Busy, as calls are that never wait for anything. */
function work(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

Deno.test("answer() joins the answers, and leaves out those of notifications", async () => {
  const { answer } = createBatches(LIMITS);
  assertEquals(await answer([1, undefined, "two"], OPTIONS), '[1,"two"]');
  assertEquals(await answer([undefined], OPTIONS), undefined);
});

Deno.test("answer() overlaps what keeps its order, and nothing else, and answers in the order asked", async () => {
  const { answer } = createBatches(LIMITS);
  let underWay = 0;
  const seen: number[] = [];
  const slow = async (request: unknown) => {
    seen.push(++underWay);
    await new Promise((resolve) => setTimeout(resolve, 5 - Number(request) % 5));
    underWay--;
    return request;
  };
  const requests = Array.from({ length: 40 }, (_, index) => index);
  const isLow = (request: unknown) => Number(request) < 35;
  const text = await answer(requests, { ...OPTIONS, answer: slow, keepsOrder: isLow });
  assertEquals(text, JSON.stringify(requests));
  assertEquals(Math.max(...seen), 16);
  assertEquals(seen.slice(35), [1, 1, 1, 1, 1]);
});

Deno.test("answer() bounds what all batches hold together, and gives it back", async () => {
  const batches = createBatches(LIMITS);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const waiting = {
    ...OPTIONS,
    answer: async (request: unknown) => {
      if (request === "wait") await released;
      return request;
    },
  };
  const held = [LONG, LONG].map((text) => batches.answer([text, "wait"], waiting));
  while (batches.heldChars() < 800_000) await new Promise((resolve) => setTimeout(resolve, 0));
  // Small ones go on; the rest of a large one is refused.
  assertEquals(await batches.answer([1, 2], OPTIONS), "[1,2]");
  const long = await batches.answer(["y".repeat(300_000), 1, 2], OPTIONS);
  assertEquals(JSON.parse(long ?? "").slice(1), [-32005, -32005]);
  const asking = await batches.answer([1], { ...OPTIONS, askedChars: 300_000 });
  assertEquals(asking, "[-32005]");
  release();
  await Promise.all(held);
  assertEquals(batches.heldChars(), 0);
  assertEquals(await batches.answer([1], { ...OPTIONS, askedChars: 300_000 }), "[1]");
});

Deno.test("answer() gives back what it held when a request fails", async () => {
  const batches = createBatches(LIMITS);
  const failing = batches.answer([LONG, 1], {
    ...OPTIONS,
    answer: (request) => request === 1 ? Promise.reject(new Error("broken")) : Promise.resolve(1),
  });
  await failing.catch(() => {});
  assertEquals(batches.heldChars(), 0);
});

Deno.test("answer() leaves the rest undone once nobody waits", async () => {
  const { answer } = createBatches(LIMITS);
  const done: unknown[] = [];
  const answered = await answer([1, 2, 3, 4], {
    ...OPTIONS,
    answer: (request) => {
      work(25);
      done.push(request);
      return Promise.resolve(request);
    },
    isGone: () => done.length >= 2,
  });
  assertEquals([answered, done], [undefined, [1, 2]]);
});

Deno.test("answer() lets everything else go on between the turns of many batches", async () => {
  const { answer } = createBatches(LIMITS);
  const order: unknown[] = [];
  const busy = {
    ...OPTIONS,
    answer: (request: unknown) => {
      work(25);
      order.push(request);
      return Promise.resolve(request);
    },
  };
  const asked = ["a", "b", "c"].map((name) => answer([`${name}1`, `${name}2`], busy));
  const other = (async () => {
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      order.push("other");
    }
  })();
  await Promise.all([...asked, other]);
  // Never two of them in a row once they have begun, and in the order in which they came.
  const turns = order.slice(order.indexOf("other"));
  assertEquals(order.filter((each) => each !== "other"), ["a1", "b1", "c1", "a2", "b2", "c2"]);
  assertEquals(turns.slice(0, 2).filter((each) => each === "other").length, 1, turns.join(" "));
});
