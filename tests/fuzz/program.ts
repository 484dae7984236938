/**
 * The fuzz of the program against ethereumjs: random worlds, programs and transactions.
 *
 * Owns which blocks a seed stands for and what is counted. Does not own the comparison
 * (`tests/conformance/vm/differential.ts`).
 * @module
 */
import { createWasmExecutor } from "../../core/vm/host/wasm_executor.ts";
import { compareBlock, meetsLibraryDefect } from "../conformance/vm/differential.ts";
import { randomBlock } from "../conformance/vm/random_messages.ts";
import { createDraw } from "../conformance/vm/random_programs.ts";

/** Transactions of one block. */
const TX_COUNT = 8;

/** How transactions ended, by name: `ok`, `refused`, or the exception. */
export type Tally = Readonly<Record<string, number>>;

/**
 * Runs the blocks of `runs` seeds from `seed` on, on both sides; a difference throws an error that
 * names the seed.
 */
export async function fuzzProgram(seed: number, runs: number): Promise<Tally> {
  const executor = createWasmExecutor();
  const tally: Record<string, number> = {};
  for (let at = seed; at < seed + runs; at++) {
    const { config, transactions } = randomBlock(createDraw(at), TX_COUNT);
    const verdicts = await compareUnlessDefect(executor, config, transactions, `seed ${at}`);
    for (const verdict of verdicts) {
      const ending = verdict.included ? verdict.exception ?? "ok" : "refused";
      tally[ending] = (tally[ending] ?? 0) + 1;
    }
  }
  return tally;
}

type Compare = typeof compareBlock;

/** A difference that comes from the library's own defect counts as a block that was not run. */
async function compareUnlessDefect(...block: Parameters<Compare>): ReturnType<Compare> {
  try {
    return await compareBlock(...block);
  } catch (error) {
    const [, config, transactions] = block;
    if (await meetsLibraryDefect(config, transactions)) return [];
    throw error;
  }
}
