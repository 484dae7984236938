import { assertStringIncludes } from "@std/assert";
import { assert } from "../../core/primitives/errors.ts";
import { anvilPath, castPath, forgePath, FOUNDRY_VERSION } from "./foundry.ts";

async function versionOf(path: string): Promise<string> {
  const { stdout } = await new Deno.Command(path, { args: ["--version"] }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("castPath() finds a cast of the pinned version", async () => {
  const path = await castPath();
  assert(path !== undefined, "the suite runs only where Foundry publishes a cast");
  assertStringIncludes(await versionOf(path), `cast Version: ${FOUNDRY_VERSION}`);
});

Deno.test("anvilPath() finds an anvil of the pinned version", async () => {
  const path = await anvilPath();
  assert(path !== undefined, "the suite runs only where Foundry publishes an anvil");
  assertStringIncludes(await versionOf(path), `anvil Version: ${FOUNDRY_VERSION}`);
});

Deno.test("forgePath() finds a forge of the pinned version", async () => {
  const path = await forgePath();
  assert(path !== undefined, "the suite runs only where Foundry publishes a forge");
  assertStringIncludes(await versionOf(path), `forge Version: ${FOUNDRY_VERSION}`);
});
