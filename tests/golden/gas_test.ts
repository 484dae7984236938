/** What the contracts cost, against the fixture and against the bounds of Ethereum. */
import { assert, assertEquals } from "@std/assert";
import { ROLLUP_ABI } from "../../core/l1/contracts/generated.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import { renderGas, reportGas } from "./gas_report.ts";

const FIXTURE = new URL("../../fixtures/golden/gas.json", import.meta.url);

Deno.test("reportGas() gives the recorded gas of every function and batch", async () => {
  const recorded = await Deno.readTextFile(FIXTURE).catch(() => {
    throw new Error("fixtures/golden/gas.json is missing; run `deno task fixtures:update`");
  });
  assertEquals(await reportGas(), JSON.parse(recorded));
});

Deno.test("reportGas() covers every state-changing function and stays below the cap", async () => {
  const report = await reportGas();
  assertEquals(report.maxTxGas, 16_777_216);
  const names = new Set(report.transactions.map(({ name }) => name.split(":")[0]));
  for (const entry of ROLLUP_ABI) {
    if (entry.type !== "function" || entry.stateMutability !== "nonpayable") continue;
    assert(names.has(entry.name), `nothing is said of ${entry.name}`);
  }
  for (const { name, gasUsed, floorGas } of report.transactions) {
    assert(gasUsed < report.maxTxGas, `${name} is above the cap of EIP-7825`);
    assert(gasUsed >= floorGas, `${name} is below the floor of EIP-7623`);
  }
  const longest = report.transactions.filter(({ calldataBytes }) =>
    calldataBytes > LIMITS.maxBatchDataBytes
  );
  assertEquals(longest.length, 1);
  const table = renderGas(report);
  for (const { name } of report.transactions) assert(table.includes(name));
});
