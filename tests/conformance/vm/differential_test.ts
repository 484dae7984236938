/**
 * Random blocks through both executors and through ethereumjs itself; longer and wilder ones are
 * `tests/fuzz/program_test.ts`.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../../core/primitives/errors.ts";
import type { Executor } from "../../../core/vm/executor.ts";
import { createWasmExecutor } from "../../../core/vm/host/wasm_executor.ts";
import { createEthereumjsExecutor } from "../../oracle/ethereumjs_executor.ts";
import { assemble } from "./assemble.ts";
import { compareBlock, meetsLibraryDefect } from "./differential.ts";
import { createDraw, randomContracts, randomTransactions } from "./random_programs.ts";
import { testConfig, testTx } from "./world.ts";

const TX_COUNT = 8;

for (const [first, last] of [[0, 49], [50, 99], [100, 149]] as const) {
  testAgreement("program", createWasmExecutor, first, last);
}
testAgreement("ethereumjs", createEthereumjsExecutor, 0, 39);

function testAgreement(name: string, create: () => Executor, first: number, last: number): void {
  Deno.test(`${name} run() agrees with runTx, seeds ${first} to ${last}`, async () => {
    const executor = create();
    let included = 0;
    let succeeded = 0;
    for (let seed = first; seed <= last; seed++) {
      const draw = createDraw(seed);
      const config = testConfig(randomContracts(draw));
      const transactions = randomTransactions(draw, TX_COUNT);
      const verdicts = await compareBlock(executor, config, transactions, `seed ${seed}`);
      included += verdicts.filter((verdict) => verdict.included).length;
      succeeded += verdicts.filter((verdict) => verdict.success === true).length;
    }
    // The comparison means something only while many transactions run and many of them succeed.
    const offered = (last - first + 1) * TX_COUNT;
    assert(included > offered / 2, "most transactions are valid");
    assert(succeeded > offered / 10, "many transactions succeed");
    assert(succeeded < included, "some transactions fail");
  });
}

Deno.test("meetsLibraryDefect() is met by init code that begins with 0xef00 alone", async () => {
  const cases = [["ef", true], ["ef0001", true], ["ef01", false], ["00ef", false], ["fe", false]];
  for (const [init, isMet] of cases) {
    const word = BigInt(`0x${String(init).padEnd(64, "0")}`);
    for (const create of ["32 0 0 CREATE", "1 32 0 0 CREATE2"]) {
      const code = assemble(`${word} 0 MSTORE ${create} POP`);
      const config = testConfig([{ nonce: 1n, code }]);
      assertEquals(await meetsLibraryDefect(config, [testTx(0, 0n)]), isMet, `${create} ${init}`);
    }
  }
});
