import { assert, assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "./errors.ts";
import { MAX_DETAILED_BLOCKS, MAX_MINED_BLOCKS } from "./limits.ts";
import { mineBlocks } from "./mining.ts";
import { createFixture, refusalOf } from "./testing/fixture.ts";

/** A chain of which only mining is asked; each block calls `onMine` with its number. */
async function fixtureWith(onMine: (mined: number) => void) {
  const { chain } = await createFixture();
  let mined = 0;
  const mine = () => {
    onMine(++mined);
    return Promise.resolve(BigInt(mined));
  };
  return { chain: { ...chain, mine }, minedCount: () => mined };
}

Deno.test("mineBlocks() mines the voting period of a governor", async () => {
  const { chain, minedCount } = await fixtureWith(() => {});
  const { signal: stopping } = new AbortController();
  await mineBlocks({ chain, stopping }, 0xc4e0n, { caller: {} });
  assertEquals(minedCount(), 0xc4e0);
  assert(MAX_MINED_BLOCKS >= 100_000n);
});

Deno.test("mineBlocks() ends between two blocks when the port stops", async () => {
  const abort = new AbortController();
  const { chain, minedCount } = await fixtureWith((mined) => {
    if (mined === 3) abort.abort();
  });
  const context = { chain, stopping: abort.signal };
  const error = await assertRejects(() => mineBlocks(context, 400n, { caller: {} }), RpcError);
  assertEquals([minedCount(), error.code], [3, -32000]);
  assert(error.message.endsWith(": 3 are mined"), error.message);
});

Deno.test("mineBlocks() lets others have a turn, and ends when the caller has gone", async () => {
  const { chain, minedCount } = await fixtureWith(() => {
    const endMs = performance.now() + 3;
    while (performance.now() < endMs);
  });
  const { signal: stopping } = new AbortController();
  let hasGone = false;
  setTimeout(() => hasGone = true, 0);
  const caller = { isGone: () => hasGone };
  await assertRejects(() => mineBlocks({ chain, stopping }, 400n, { caller }), RpcError);
  assert(minedCount() < 400);
});

Deno.test("anvil_mine_detailed shows no more blocks than fit an answer", async () => {
  const { dispatcher } = await createFixture();
  const blocks = `0x${(MAX_DETAILED_BLOCKS + 1n).toString(16)}`;
  const error = await refusalOf(dispatcher, "anvil_mine_detailed", [{ blocks }]);
  assertEquals(error.code, -32602);
});
