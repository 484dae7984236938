/**
 * `deno task test:browser`: runs the tests that need a browser, or says how to get one.
 *
 * Owns what happens where there is none. Does not own running tests (`tests/tools/test_all.ts`).
 * @module
 */
import { findChromium, HOW_TO_INSTALL } from "./chromium.ts";

const ROOT = new URL("../../", import.meta.url);

if (import.meta.main) Deno.exit(await runBrowserTests());

async function runBrowserTests(): Promise<number> {
  if (await findChromium() === undefined) {
    const text = `skipped: there is no Chromium here. ${HOW_TO_INSTALL}\n`;
    await Deno.stderr.write(new TextEncoder().encode(text));
    // Without a browser there is nothing that could fail; CI runs the tests where it has one.
    return 0;
  }
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "test", "browser"],
    cwd: ROOT,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  return (await child.status).code;
}
