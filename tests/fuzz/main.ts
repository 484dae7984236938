/**
 * `deno task fuzz [--seed N] [--runs R]`: random blocks through the program and through ethereumjs,
 * from seed N on.
 *
 * Owns the flags and what is printed. Exits 1 at the first difference, 2 on misuse.
 * @module
 */
import { fuzzProgram } from "./program.ts";

const DEFAULTS = { seed: 1, runs: 10_000 };
/** Seeds between two lines of progress. */
const STRIDE = 500;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const flags = readFlags(args);
  if (flags === undefined) {
    await print("Usage: deno task fuzz [--seed N] [--runs R]\n");
    return 2;
  }
  const end = flags.seed + flags.runs;
  for (let seed = flags.seed; seed < end; seed += STRIDE) {
    const runs = Math.min(STRIDE, end - seed);
    try {
      const tally = await fuzzProgram(seed, runs);
      await print(`seeds ${seed} to ${seed + runs - 1}: ${JSON.stringify(tally)}\n`);
    } catch (error) {
      await print(`${error instanceof Error ? error.message : String(error)}\n`);
      return 1;
    }
  }
  return 0;
}

/** Numbers after their flags, or `undefined` when anything else is there. */
function readFlags(args: readonly string[]): typeof DEFAULTS | undefined {
  const values = new Map<string, number>(Object.entries(DEFAULTS));
  for (let at = 0; at < args.length; at += 2) {
    const name = (args[at] ?? "").replace(/^--/, "");
    const value = args[at + 1] ?? "";
    if (!values.has(name) || !/^(0|[1-9]\d{0,8})$/.test(value)) return undefined;
    values.set(name, Number(value));
  }
  return {
    seed: values.get("seed") ?? DEFAULTS.seed,
    runs: values.get("runs") ?? DEFAULTS.runs,
  };
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text));
}
