/**
 * forge as a project meets both layers: a script that broadcasts, and a creation.
 *
 * Owns the project's folder and what must be on chain afterwards. Does not own forge.
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { forgePath } from "../tools/foundry.ts";
import {
  CAST,
  cast,
  type CommandResult,
  KEY_0,
  rpc,
  runProgram,
  startDevnetProcess,
  temporaryFolder,
} from "./testing.ts";

const FORGE = await forgePath();
const ignore = FORGE === undefined || CAST === undefined || Deno.build.os === "windows";

Deno.test(
  { name: "forge scripts broadcast and forge creates on both layers", ignore },
  async (t) => {
    await using folder = await temporaryFolder();
    await makeProject(folder.path);
    await using data = await temporaryFolder();
    await using devnet = await startDevnetProcess(data.path);
    for (const [layer, url] of [["L1", devnet.l1Url], ["L2", devnet.l2Url]] as const) {
      await t.step(`forge script --broadcast on ${layer}`, async () => {
        const script = `${folder.path}/script/Deploy.s.sol`;
        const run = await forge(folder.path, "script", script, "--broadcast", url);
        assertStringIncludes(run.stdout, "ONCHAIN EXECUTION COMPLETE & SUCCESSFUL");
        const address = /counter: contract Counter (0x[0-9a-fA-F]{40})/.exec(run.stdout)?.[1] ?? "";
        assertEquals(await cast(url, "call", address, "number()(uint256)"), "42");
        assertEquals(await rpc(url, "eth_getBalance", address, "latest"), "0x5");
      });
      await t.step(`forge create --broadcast on ${layer}`, async () => {
        const args = ["--broadcast", url, "--constructor-args", "9"];
        const run = await forge(folder.path, "create", "src/Counter.sol:Counter", ...args);
        const address = /Deployed to: (0x[0-9a-fA-F]{40})/.exec(run.stdout)?.[1] ?? "";
        assertEquals(await cast(url, "call", address, "number()(uint256)"), "9");
      });
    }
    await t.step("forge script --unlocked sends as whom the L1 impersonates", async () => {
      const url = devnet.l1Url;
      // Nobody has its key.
      const sender = `0x${"a1".repeat(20)}`;
      await cast(url, "rpc", "anvil_setBalance", sender, "1000000000000000000");
      await cast(url, "rpc", "anvil_impersonateAccount", sender);
      const script = `${folder.path}/script/Deploy.s.sol`;
      const unlocked = ["--unlocked", "--sender", sender];
      const run = await forgeAs(unlocked, folder.path, "script", script, "--broadcast", url);
      const address = /counter: contract Counter (0x[0-9a-fA-F]{40})/.exec(run.stdout)?.[1] ?? "";
      assertEquals(await cast(url, "call", address, "number()(uint256)"), "42");
      assertEquals(await rpc(url, "eth_getTransactionCount", sender, "latest"), "0x2");
    });
  },
);

/** A Foundry project, and a `solc` that is the compiler of npm. */
async function makeProject(root: string): Promise<void> {
  await Deno.mkdir(`${root}/src`);
  await Deno.mkdir(`${root}/script`);
  const read = (name: string) => Deno.readTextFile(new URL(name, import.meta.url));
  await Deno.writeTextFile(`${root}/src/Counter.sol`, await read("Counter.sol"));
  await Deno.writeTextFile(`${root}/script/Deploy.s.sol`, await read("Deploy.s.sol"));
  await Deno.writeTextFile(
    `${root}/foundry.toml`,
    '[profile.default]\nsrc = "src"\nscript = "script"\nlibs = []\noffline = true\n',
  );
  const program = new URL("solc_cli.ts", import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const command = `"${Deno.execPath()}" run --quiet --allow-read --allow-env ` +
    `--config "${config}" "${program}" "$@"`;
  await Deno.writeTextFile(`${root}/solc`, `#!/bin/sh\nexec ${command}\n`, { mode: 0o755 });
}

/** Runs forge in `root`; the address that it talks to comes after `--broadcast`. */
function forge(root: string, command: string, ...words: string[]): Promise<CommandResult> {
  return forgeAs(["--private-key", KEY_0], root, command, ...words);
}

async function forgeAs(
  signer: readonly string[],
  root: string,
  command: string,
  ...words: string[]
): Promise<CommandResult> {
  const args = words.flatMap((word) => word.startsWith("http") ? ["--rpc-url", word] : [word]);
  const run = await runProgram(FORGE ?? "forge", [
    command,
    "--root",
    root,
    "--use",
    `${root}/solc`,
    ...signer,
    ...args,
  ]);
  if (run.code !== 0) throw new Error(`forge ${command}: ${run.stdout}${run.stderr}`);
  return run;
}
