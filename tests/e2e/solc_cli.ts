/**
 * The pinned npm compiler behind the command line of `solc`, as far as forge asks for it.
 *
 * Owns `--version` and `--standard-json`. Does not own the compiler: forge would download a binary,
 * and tests download nothing.
 * @module
 */
import process from "node:process";

const { default: solc } = await import("solc");

if (import.meta.main) {
  if (Deno.args.includes("--version")) say(versionText(solc.version()));
  else if (Deno.args.includes("--standard-json")) {
    say(solc.compile(await new Response(Deno.stdin.readable).text()));
  } else {
    say(
      `Cannot run solc with ${Deno.args.join(" ")}: only --version and --standard-json are here\n`,
    );
    process.exitCode = 1;
  }
}

/** The native compiler's words; forge reads the number out of them. */
function versionText(version: string): string {
  const native = version.replace(".Emscripten.clang", ".Linux.g++");
  return `solc, the solidity compiler commandline interface\nVersion: ${native}\n`;
}

function say(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}
