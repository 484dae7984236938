import { assertEquals } from "@std/assert";
import { ROLLUP_ABI } from "../../../core/l1/contracts/generated.ts";
import { fuzzContract, type FuzzTally } from "./fuzz_run.ts";

/** Sequences of calls, each from its own seed. */
const SEQUENCES = 2_000;

/** Errors that random calls cannot come to: the contract is there already. */
const OUT_OF_REACH: readonly string[] = ["GenesisStateRootNotInsidePrime"];

Deno.test("Rollup keeps its rules and its model's answers in thousands of random sequences", async () => {
  const tally = await fuzzContract(1, SEQUENCES);
  assertEquals(missing(tally), [], "these never happened, so nothing is said of them");
});

/** Functions that never succeeded and errors that never came. */
function missing(tally: FuzzTally): readonly string[] {
  return ROLLUP_ABI.flatMap((entry) => {
    if (entry.type === "error") return OUT_OF_REACH.includes(entry.name) ? [] : [entry.name];
    if (entry.type !== "function" || entry.stateMutability !== "nonpayable") return [];
    return [entry.name];
  }).filter((name) => !tally.has(name));
}
