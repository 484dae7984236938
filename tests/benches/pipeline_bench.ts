/**
 * How long one transaction takes from its bytes to a batch that L1 has verified, by stage.
 *
 * In this process: both chains on KV files, no HTTP. Each round sends one transfer and runs every
 * stage once, as the commands do.
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import { silentLog } from "../../core/primitives/ports.ts";
import { DEV_ACCOUNTS } from "../../devnet/accounts.ts";
import { openRollup } from "../../devnet/rollup.ts";
import { temporaryFolder } from "./processes.ts";
import { median, print, printTable, timed } from "./report.ts";
import { signTransfer } from "./signed_transfers.ts";

const WARM_UP_ROUNDS = 5;
const ROUNDS = 40;
const STAGES = ["send", "seal", "submit data", "prove", "submit proof", "sync"] as const;

await using folder = await temporaryFolder();
const { engine } = await openRollup({
  dataDir: folder.path,
  clock: "virtual",
  automine: false,
  log: silentLog,
});
const [sender] = DEV_ACCOUNTS;
assert(sender !== undefined, "the devnet has accounts");

const stageMs = new Map<string, number[]>(STAGES.map((stage) => [stage, []]));
const totalMs: number[] = [];
let firstMs = 0;
for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
  const raw = signTransfer(sender, round, round);
  const actions: Readonly<Record<typeof STAGES[number], () => Promise<unknown>>> = {
    send: () => engine.sendTransaction(raw),
    seal: () => engine.sealBatch(),
    "submit data": () => engine.submit(),
    prove: () => engine.prove(),
    "submit proof": () => engine.submit(),
    sync: () => engine.sync(),
  };
  let sumMs = 0;
  for (const stage of STAGES) {
    const { ms } = await timed(actions[stage]);
    sumMs += ms;
    if (round >= WARM_UP_ROUNDS) stageMs.get(stage)?.push(ms);
  }
  if (round === 0) firstMs = sumMs;
  if (round >= WARM_UP_ROUNDS) totalMs.push(sumMs);
}
const heads = await engine.heads();
assert(heads.verified === WARM_UP_ROUNDS + ROUNDS, "every batch of the bench is verified");
await engine[Symbol.asyncDispose]();

printTable(
  `One-transfer batch end to end, ${ROUNDS} batches, in process`,
  ["stage", "median ms", "max"],
  [...stageMs, ["all", totalMs] as const].map(([stage, values]) => [
    stage,
    median(values),
    Math.max(...values),
  ]),
);
print(`The first batch of the process took ${firstMs.toFixed(0)} ms.\n`);
