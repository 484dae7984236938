import { assertEquals } from "@std/assert";
import { hash32 } from "../core/primitives/hex.ts";
import type { L1Block } from "../core/l1/l1_client.ts";
import { startL1Watcher } from "./l1_watcher.ts";

const block = (byte: string): L1Block => ({
  number: 1n,
  hash: hash32(`0x${byte.repeat(32)}`),
  parentHash: hash32(`0x${"00".repeat(32)}`),
  timestampSec: 1n,
  baseFeePerGasWei: 1n,
});

/** Runs a watcher over these answers, the last one for ever, and counts what it told after each. */
async function newsAfter(answers: readonly (L1Block | Error)[]): Promise<number[]> {
  const counts: number[] = [];
  const done = Promise.withResolvers<void>();
  let news = 0;
  let asked = 0;
  const watcher = startL1Watcher({
    pollMs: 1,
    client: {
      block: () => {
        if (asked > 0) counts.push(news);
        const answer = answers[asked++];
        if (answer === undefined) {
          done.resolve();
          return Promise.resolve(undefined);
        }
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
  });
  watcher.subscribe(() => news++);
  await done.promise;
  await watcher.stop();
  return counts.slice(0, answers.length);
}

Deno.test("startL1Watcher() tells of a new head once, also of another one at the same height", async () => {
  assertEquals(await newsAfter([block("aa"), block("aa"), block("bb"), block("bb")]), [1, 1, 2, 2]);
});

Deno.test("startL1Watcher() tells once that L1 fell silent, and once that it answers again", async () => {
  const away = new Error("away");
  assertEquals(await newsAfter([block("aa"), away, away, block("aa")]), [1, 2, 2, 3]);
});

Deno.test("startL1Watcher() stops at once however long it would wait", async () => {
  let asked = 0;
  const watcher = startL1Watcher({
    pollMs: 1_000_000,
    client: { block: () => Promise.resolve(void asked++) },
  });
  await watcher.stop();
  assertEquals(asked, 0);
});
