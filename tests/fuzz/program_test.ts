/**
 * The program under bytes that nobody would write: whatever code, calldata, transaction or witness
 * it meets, it says what ethereumjs says, or refuses with a code; nothing crashes. Longer by hand:
 * `deno task fuzz --seed N --runs R`.
 */
import { assertGreater } from "@std/assert";
import fc from "fast-check";
import { assert, RollupError } from "../../core/primitives/errors.ts";
import { address, bigintToHash32 } from "../../core/primitives/hex.ts";
import { runBatch } from "../../core/proving/state_transition.ts";
import { type BatchWitness, decodeBatchWitness } from "../../core/proving/witness.ts";
import {
  decodeTransaction,
  encodeTransaction,
  recoverSender,
  type Transaction,
} from "../../core/types/tx.ts";
import type { ExecutableTx } from "../../core/vm/executor.ts";
import { createWasmExecutor } from "../../core/vm/host/wasm_executor.ts";
import { createMachine } from "../conformance/proving/l2_txs.ts";
import { openProofWorld } from "../conformance/proving/proof_world.ts";
import { assemble } from "../conformance/vm/assemble.ts";
import { compareBlock } from "../conformance/vm/differential.ts";
import { randomInit, randomProgram } from "../conformance/vm/random_bytes.ts";
import { contractAddress, createDraw } from "../conformance/vm/random_programs.ts";
import { randomBytes } from "../conformance/vm/random_words.ts";
import { TARGET, testAddress, testConfig, testTx } from "../conformance/vm/world.ts";
import { nearly } from "./mutations.ts";
import { fuzzProgram } from "./program.ts";

for (const first of [0, 300, 600, 900]) {
  Deno.test(`run() agrees with runTx on anything, seeds ${first} to ${first + 299}`, async () => {
    const tally = await fuzzProgram(first, 300);
    // The comparison means something only while all kinds of endings are met.
    for (const ending of ["ok", "refused", "out of gas", "stack underflow", "invalid opcode"]) {
      assertGreater(tally[ending] ?? 0, 20, JSON.stringify(tally));
    }
    assertGreater(tally["ok"] ?? 0, 600, JSON.stringify(tally));
  });
}

/** Transactions that anybody can send: gas costs nothing. */
const FREE = { maxFeePerGasWei: 0n, maxPriorityFeePerGasWei: 0n, gasLimit: 200_000n };
const draw = createDraw(77);
const AROUND = { accounts: [TARGET, contractAddress(0), testAddress(0)].map(BigInt) };
const SEEDS = [
  testTx(0, 0n, { ...FREE, type: 0, data: randomBytes(draw, 40) }),
  testTx(1, 0n, { ...FREE, type: 0, chainId: undefined, to: contractAddress(0) }),
  testTx(2, 0n, {
    ...FREE,
    type: 1,
    accessList: [{ address: TARGET, storageKeys: [bigintToHash32(0n)] }],
  }),
  testTx(3, 0n, { ...FREE, to: undefined, data: randomInit(draw, AROUND, 2) }),
  testTx(4, 0n, {
    ...FREE,
    type: 4,
    authorizations: [{ chainId: 0n, address: TARGET, nonce: 0n, yParity: 0, r: 1n, s: 1n }],
  }),
].map(({ tx }) => encodeTransaction(tx));

/** What the bytes say, when they are a transaction at all. */
function decode(raw: Uint8Array): ExecutableTx | undefined {
  try {
    const tx: Transaction = decodeTransaction(raw);
    return { tx, sender: recoverSender(tx) };
  } catch (error) {
    if (error instanceof RollupError && error.code.startsWith("TX_")) return undefined;
    throw error;
  }
}

Deno.test("run() takes or refuses any bytes that decode, as runTx does", async () => {
  const executor = createWasmExecutor();
  const config = testConfig([
    { nonce: 1n, code: assemble("CALLER SLOAD CALLVALUE ADD CALLER SSTORE 0 0 LOG0") },
    { address: contractAddress(0), nonce: 1n, code: `0x${randomProgram(draw, AROUND).toHex()}` },
  ], { initialBaseFeePerGasWei: 0n });
  let decoded = 0;
  let included = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(nearly(SEEDS), { minLength: 20, maxLength: 20 }), async (raws) => {
      const transactions = raws.map(decode).filter((tx) => tx !== undefined);
      const verdicts = await compareBlock(executor, config, transactions, "decoded bytes");
      decoded += verdicts.length;
      included += verdicts.filter((verdict) => verdict.included).length;
    }),
    { seed: 2_005, numRuns: 900 },
  );
  assertGreater(decoded, 500);
  assertGreater(included, 100);
});

/** Codes with which a witness that is not a batch's may be refused. */
const WITNESS_CODE = /^WITNESS_[A-Z_]+$/;

/** Runs the witness; a refusal must have a known code, whatever else is thrown is a crash. */
async function runWitness(witness: BatchWitness): Promise<string> {
  try {
    await runBatch(witness, machine);
    return "ran";
  } catch (error) {
    if (error instanceof RollupError && WITNESS_CODE.test(error.code)) return error.code;
    throw error;
  }
}

const machine = createMachine();

Deno.test("runBatch() runs or refuses any witness bytes with a code", async () => {
  await using world = await openProofWorld();
  const seeds = [world.firstJob.witness, world.job.witness];
  const endings = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(nearly(seeds), async (bytes) => {
      let witness: BatchWitness;
      try {
        witness = decodeBatchWitness(bytes);
      } catch (error) {
        if (error instanceof RollupError && error.code === "WITNESS_MALFORMED") return;
        throw error;
      }
      const ending = await runWitness(witness);
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
    }),
    { seed: 2_006, numRuns: 4_000 },
  );
  assertGreater([...endings.values()].reduce((sum, count) => sum + count, 0), 100);
});

Deno.test("runBatch() runs or refuses a witness with any code, data and parts", async () => {
  await using world = await openProofWorld();
  const honest = decodeBatchWitness(world.job.witness);
  const bytes = fc.uint8Array({ maxLength: 200 });
  const parts: fc.Arbitrary<Partial<BatchWitness>> = fc.oneof(
    fc.record({ codes: fc.array(fc.oneof(bytes, nearly(honest.codes)), { maxLength: 4 }) }),
    fc.record({ batchData: fc.oneof(bytes, nearly([honest.batchData])) }),
    fc.record({ chainId: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }) }),
    fc.record({ coinbase: fc.constantFrom(honest.prover, address(`0x${"ff".repeat(20)}`)) }),
    fc.record({ limitTimestampSec: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }) }),
    fc.record({
      parentHeader: fc.record({
        gasLimit: fc.constantFrom(0n, 1n, 1n << 63n, (1n << 64n) - 1n),
        timestampSec: fc.constantFrom(0n, 1n << 63n, (1n << 64n) - 1n),
      }).map((changes) => ({ ...honest.parentHeader, ...changes })),
    }),
    fc.nat(1_000).map((index) => ({
      tree: {
        ...honest.tree,
        leaves: honest.tree.leaves.filter((_, at) => at !== index % honest.tree.leaves.length),
      },
    })),
  );
  const endings = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(parts, async (change) => {
      const ending = await runWitness({ ...honest, ...change });
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
    }),
    { seed: 2_007, numRuns: 1_000 },
  );
  for (const ending of ["ran", "WITNESS_ENTRY_MISSING", "WITNESS_ENTRY_EXTRA"]) {
    assert((endings.get(ending) ?? 0) > 5, `${ending} is met: ${JSON.stringify([...endings])}`);
  }
  // The honest one itself runs.
  assert(await runWitness(honest) === "ran", "it proves itself");
});
