/** Limits that `estimateGasLimit()` finds with the program hold for the transaction itself. */
import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { assert } from "../../../core/primitives/errors.ts";
import { hexToBytes } from "../../../core/primitives/hex.ts";
import { headerHash } from "../../../core/types/block.ts";
import { nextEnvironment } from "../../../core/vm/block_environment.ts";
import type { CallRequest, TxOutcome } from "../../../core/vm/executor.ts";
import { estimateGasLimit } from "../../../core/vm/gas_estimate.ts";
import { createWasmExecutor } from "../../../core/vm/host/wasm_executor.ts";
import { LIMITS } from "../../../core/primitives/limits.ts";
import { assemble, deploy } from "./assemble.ts";
import { contractAddress, createDraw, randomContracts } from "./random_programs.ts";
import {
  createTestChain,
  GWEI,
  TARGET,
  testAddress,
  testCall,
  type TestChain,
  testConfig,
  testTx,
} from "./world.ts";

const executor = createWasmExecutor();
const FEE_WEI = 2n * GWEI;
/** The most that a call counts for paying and the transaction need not (PROGRAM.md). */
const PAYMENT_BYTES = 37n;

type Message = Pick<CallRequest, "to" | "data" | "valueWei">;

/** Calls `message` as a transaction of account 0 on the chain's next block. */
function callOn(chain: TestChain, message: Message, gasPriceWei: bigint) {
  const parent = chain.head();
  const environment = nextEnvironment({
    config: chain.config,
    parent,
    parentHash: headerHash(parent),
    timestampSec: parent.timestampSec + 2n,
  });
  return (gasLimit: bigint) => {
    const request = testCall({ ...message, gasLimit, gasPriceWei, asTransaction: true });
    return executor.call(environment, chain.storage, request);
  };
}

/** Offers `message` with `gasLimit` in a block that nobody keeps. */
async function offer(
  chain: TestChain,
  message: Message,
  gasLimit: bigint,
): Promise<TxOutcome> {
  const again = createTestChain(executor, chain.config);
  const fees = { maxFeePerGasWei: FEE_WEI, maxPriorityFeePerGasWei: FEE_WEI };
  const { outcomes: [outcome] } = await again.block(
    testTx(0, 0n, { ...message, ...fees, gasLimit }),
  );
  assert(outcome !== undefined, "one transaction was offered");
  return outcome;
}

function succeeds(outcome: TxOutcome): boolean {
  return outcome.kind === "included" && outcome.receipt.success;
}

/** How many estimates there were, and with how many less was enough as well. */
interface Tally {
  readonly estimates: number;
  readonly loose: number;
}

/** Estimates, sends with the limit, and sends with less than an estimate within bounds may be. */
async function checkEstimate(
  chain: TestChain,
  message: Message,
  label: string,
  prices: readonly bigint[] = [0n, FEE_WEI],
): Promise<Tally> {
  let estimates = 0;
  let loose = 0;
  for (const gasPriceWei of prices) {
    const tryWith = callOn(chain, message, gasPriceWei);
    const estimate = await estimateGasLimit(tryWith, LIMITS.maxTxGas);
    if (estimate.kind === "failed") continue;
    estimates++;
    const { gasLimit } = estimate;
    assertEquals((await tryWith(gasLimit)).success, true, label);
    const outcome = await offer(chain, message, gasLimit);
    assertEquals(succeeds(outcome), true, `${label}, limit ${gasLimit}`);
    assert(outcome.kind === "included", "it succeeded");
    assertLessOrEqual(outcome.receipt.gasUsed, gasLimit);
    const { evmGasUsed, pubdataGas } = outcome.usage;
    assertEquals(outcome.receipt.gasUsed, evmGasUsed + pubdataGas);
    // The search stops within 1.5 percent, and a call counts all that paying might add.
    const slack = gasLimit * 15n / 1_000n + PAYMENT_BYTES * chain.config.gasPerPubdata;
    const below = gasLimit - slack - 2n;
    if (below > 0n) {
      const short = await offer(chain, message, below);
      if (succeeds(short)) loose++;
      if (short.kind === "included") assertLessOrEqual(short.receipt.gasUsed, below);
    }
  }
  return { estimates, loose };
}

/** At both prices there is an estimate, and less is not enough. */
const TIGHT: Tally = { estimates: 2, loose: 0 };

const CODES: readonly string[] = [
  "STOP",
  "1 0 SSTORE 2 1 SSTORE",
  "0 SLOAD 1 ADD 0 SSTORE CALLER CALLVALUE SSTORE",
  "TIMESTAMP 3 SSTORE NUMBER 4 SSTORE PREVRANDAO 5 SSTORE",
  "0 0 0 0 0 225 GAS CALL POP 7 7 LOG0",
  "0 0 0 CREATE POP 1 0 0 0 CREATE2 POP",
  // Clears what it wrote: the refund is known only at the end.
  "1 0 SSTORE 0 0 SSTORE 1 9 SSTORE",
];

for (const gasPerPubdata of [0n, 16n, 1_000n, 50_000n]) {
  Deno.test(`estimateGasLimit() holds at ${gasPerPubdata} gas a byte of pubdata`, async () => {
    for (const code of CODES) {
      const config = testConfig([{ nonce: 1n, code: assemble(code) }], { gasPerPubdata });
      const chain = createTestChain(executor, config);
      for (const valueWei of [0n, 7n]) {
        const message = { to: TARGET, data: new Uint8Array(0), valueWei };
        const label = `${code}, value ${valueWei}`;
        assertEquals(await checkEstimate(chain, message, label), TIGHT, label);
      }
    }
    const chain = createTestChain(executor, testConfig([], { gasPerPubdata }));
    const data = hexToBytes(deploy(assemble("1 0 SSTORE STOP")));
    const create = { to: undefined, data, valueWei: 0n };
    assertEquals(await checkEstimate(chain, create, "create"), TIGHT);
    const transfer = { to: testAddress(3), data: new Uint8Array(0), valueWei: 1n };
    assertEquals(await checkEstimate(chain, transfer, "transfer"), TIGHT);
  });
}

for (const gasPerPubdata of [16n, 50_000n]) {
  Deno.test(`estimateGasLimit() holds for random contracts at ${gasPerPubdata}`, async () => {
    let estimates = 0;
    let loose = 0;
    for (let seed = 0; seed < 100; seed++) {
      const draw = createDraw(seed);
      const contracts = randomContracts(draw);
      const chain = createTestChain(executor, testConfig(contracts, { gasPerPubdata }));
      const to = contractAddress(1 + draw.below(contracts.length - 1));
      const message = { to, data: new Uint8Array(draw.below(40)), valueWei: BigInt(draw.below(2)) };
      // These look at the gas price: what a call without one does says nothing of them.
      const tally = await checkEstimate(chain, message, `seed ${seed}`, [FEE_WEI]);
      estimates += tally.estimates;
      loose += tally.loose;
    }
    // The comparison means something only while many of them can succeed.
    assertGreater(estimates, 30);
    // Some succeed with less again, where a call inside of them fails then: no search finds that.
    assertLessOrEqual(loose, estimates / 4);
  });
}
