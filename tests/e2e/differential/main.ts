/**
 * `deno task differential [--seed N] [--steps N]`: the same story to anvil and the embedded L1;
 * `--table` prints the known differences for `docs/RPC.md` instead.
 *
 * Owns the flags and what is printed: each difference that nothing explains, how often each known
 * one was seen, and a last line with the counts. Exits 1 when a question failed, 2 on misuse.
 * @module
 */
import { ANVIL } from "../anvil.ts";
import { KNOWN_DIFFERENCES } from "./known_differences.ts";
import { renderTable } from "./table.ts";
import { openPeers } from "./peers.ts";
import { renderFindings } from "./findings.ts";
import { runStory } from "./run.ts";
import { createStory } from "./story.ts";

const USAGE = "Usage: deno task differential [--seed N] [--steps N] | --table";
const DEFAULT_STEPS = 2_000;

if (import.meta.main) Deno.exit(await main(Deno.args, printLine));

/** Runs with these arguments; answers the exit code. */
export async function main(
  args: readonly string[],
  print: (line: string) => void,
): Promise<number> {
  if (args.length === 1 && args[0] === "--table") {
    print(renderTable());
    return 0;
  }
  const flags = readFlags(args);
  if (flags === undefined) {
    print(USAGE);
    return 2;
  }
  if (ANVIL === undefined) return 1;
  const { seed, steps } = flags;
  await using peers = await openPeers();
  const report = await runStory(createStory({ seed, ...peers.options }), peers, steps);
  for (const line of renderFindings(report.findings)) print(line);
  for (const { reason } of KNOWN_DIFFERENCES) {
    print(`known, ${report.knownCounts.get(reason) ?? 0} times: ${reason}`);
  }
  const { questionCount, failedCount } = report;
  print(`seed ${seed}: ${questionCount} questions`);
  print(`${questionCount - failedCount} passed, ${failedCount} failed`);
  return failedCount === 0 ? 0 : 1;
}

function readFlags(
  args: readonly string[],
): { readonly seed: number; readonly steps: number } | undefined {
  const flags = { seed: 1, steps: DEFAULT_STEPS };
  const [name, text, ...rest] = args.flatMap((arg) => arg.split("="));
  if (name === undefined) return flags;
  if (text === undefined || !/^\d{1,9}$/.test(text)) return undefined;
  const others = readFlags(rest);
  if (name === "--seed") return others && { ...others, seed: Number(text) };
  if (name === "--steps") return others && { ...others, steps: Number(text) };
  return undefined;
}

function printLine(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
