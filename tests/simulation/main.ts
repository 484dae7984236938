/**
 * `deno task sim --seed N [--steps M] [--runs R]`: random lives of a rollup, from seed N on.
 *
 * Owns the flags and what is printed. Exits 1 when a life breaks an invariant, 2 on misuse.
 * @module
 */
import { simulate } from "./simulate.ts";

const DEFAULTS = { seed: 1, steps: 200, runs: 1 };

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const flags = readFlags(args);
  if (flags === undefined) {
    await print("Usage: deno task sim [--seed N] [--steps M] [--runs R]\n");
    return 2;
  }
  for (let seed = flags.seed; seed < flags.seed + flags.runs; seed++) {
    try {
      const summary = await simulate({ seed, steps: flags.steps });
      await print(`seed ${seed}: ${JSON.stringify(summary)}\n`);
    } catch (error) {
      await print(`${error instanceof Error ? describe(error) : String(error)}\n`);
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
  const { seed, steps, runs } = DEFAULTS;
  return {
    seed: values.get("seed") ?? seed,
    steps: values.get("steps") ?? steps,
    runs: values.get("runs") ?? runs,
  };
}

function describe(error: Error): string {
  return error.cause instanceof Error ? `${error.message}\n${error.cause.stack}` : error.message;
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text));
}
