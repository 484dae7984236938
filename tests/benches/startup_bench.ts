/**
 * How long a devnet takes from spawning its process until its ports answer.
 *
 * Ours serves two chains and deploys contracts at its first start; anvil serves one chain from
 * memory. Rounds alternate, so that a busy machine slows all alike.
 * @module
 */
import { type DevnetProcess, startAnvil, startVarve, temporaryFolder } from "./processes.ts";
import { median, printTable, ratio, type Row } from "./report.ts";

const ROUNDS = 7;

const timesMs = { fresh: [] as number[], resumed: [] as number[], anvil: [] as number[] };
// One start that does not count fills the caches that every later one finds.
for (let round = -1; round < ROUNDS; round++) {
  await using folder = await temporaryFolder();
  const freshMs = await startAndStop(startVarve(folder.path));
  const resumedMs = await startAndStop(startVarve(folder.path));
  const anvilMs = await startAndStop(startAnvil());
  if (round < 0) continue;
  if (freshMs !== undefined) timesMs.fresh.push(freshMs);
  if (resumedMs !== undefined) timesMs.resumed.push(resumedMs);
  if (anvilMs !== undefined) timesMs.anvil.push(anvilMs);
}

const anvilMs = timesMs.anvil.length === 0 ? undefined : median(timesMs.anvil);
const row = (name: string, values: readonly number[]): Row => {
  const middle = median(values);
  return [name, middle, Math.min(...values), Math.max(...values), ratio(middle, anvilMs)];
};
printTable(
  `Start of a devnet, spawn to ports answering, ${ROUNDS} rounds`,
  ["", "median ms", "min", "max", "to anvil"],
  [
    row("varve, fresh folder, L1 and L2", timesMs.fresh),
    row("varve, resumed folder, L1 and L2", timesMs.resumed),
    ...(anvilMs === undefined ? [] : [row("anvil, one chain in memory", timesMs.anvil)]),
  ],
);

async function startAndStop(
  starting: Promise<DevnetProcess | undefined>,
): Promise<number | undefined> {
  await using devnet = await starting;
  return devnet?.startMs;
}
