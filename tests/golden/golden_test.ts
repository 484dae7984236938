/** The golden flow against its fixture, and against itself on another data folder. */
import { assertEquals } from "@std/assert";
import { runGoldenFlow } from "./golden_flow.ts";

const FIXTURE = new URL("../../fixtures/golden/flow.json", import.meta.url);

async function runFresh(): Promise<unknown> {
  const dataDir = await Deno.makeTempDir({ prefix: "varve-golden-" });
  try {
    return await runGoldenFlow(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

Deno.test("runGoldenFlow() gives every recorded byte, on any data folder", async () => {
  const recorded = await Deno.readTextFile(FIXTURE).catch(() => {
    throw new Error("fixtures/golden/flow.json is missing; run `deno task fixtures:update`");
  });
  assertEquals(await runFresh(), JSON.parse(recorded));
  assertEquals(await runFresh(), JSON.parse(recorded));
});
