/**
 * What the tracing build of the program tells, against what the embedded L1's EVM tells of the same
 * messages: every frame, opcode, fault and log of seeded random contracts.
 */
import { assert } from "../../../core/primitives/errors.ts";
import type { CallRequest } from "../../../core/vm/executor.ts";
import { createDraw, randomContracts, randomTransactions } from "./random_programs.ts";
import { withTracePair } from "./trace_compare.ts";
import { testConfig } from "./world.ts";

const CALLS_PER_SEED = 6;

for (const [first, last] of [[0, 19], [20, 39]] as const) {
  Deno.test(`trace() tells what the L1's EVM tells, seeds ${first} to ${last}`, async () => {
    await withTracePair(async (pair) => {
      let lineCount = 0;
      for (let seed = first; seed <= last; seed++) {
        const draw = createDraw(seed);
        const config = testConfig(randomContracts(draw));
        for (const [index, { tx, sender }] of randomTransactions(draw, CALLS_PER_SEED).entries()) {
          const request: CallRequest = {
            from: sender,
            to: tx.to,
            data: tx.data,
            valueWei: tx.valueWei,
            gasLimit: tx.gasLimit,
            gasPriceWei: 0n,
            asTransaction: true,
            accessList: tx.accessList,
            authorizations: tx.authorizations,
          };
          const label = `seed ${seed}, call ${index}`;
          lineCount += (await pair.compare(config, request, { label })).length;
        }
      }
      // Most messages run, and for a while.
      assert(lineCount > 20 * CALLS_PER_SEED * 5, `only ${lineCount} lines were compared`);
    });
  });
}
