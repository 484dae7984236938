/**
 * What L1->L2 operations do in a batch: whatever its data are, they run, in their order, as in the
 * blocks that a sequencer would have built of them; and a proof is bound to each byte of them.
 */
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import {
  accInputHash,
  type AccInputPreimage,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
  rollOperation,
} from "../../../core/batching/acc_input_hash.ts";
import { type BatchDataBlockInput, encodeBatchData } from "../../../core/batching/batch_data.ts";
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { type Hash32, hash32ToBigint, hexToBytes } from "../../../core/primitives/hex.ts";
import { LIMITS } from "../../../core/primitives/limits.ts";
import { mockProver } from "../../../core/proving/provers/mock/mod.ts";
import type { PublicInputs } from "../../../core/proving/public_inputs.ts";
import {
  type BatchWitness,
  decodeBatchWitness,
  encodeBatchWitness,
} from "../../../core/proving/witness.ts";
import { runBatch } from "../../../core/proving/state_transition.ts";
import { balanceSlot } from "../../../core/types/state.ts";
import { decodeTransaction, encodeTransaction } from "../../../core/types/tx.ts";
import { GENESIS_TIMESTAMP_SEC, L2_CHAIN_ID } from "../../../devnet/chain_config.ts";
import { devAccount, initCodeOf } from "../l1/testing.ts";
import {
  type BareChain,
  batchStartOf,
  createBareChain,
  somePreimage,
  stateOf,
} from "./bare_chain.ts";
import { runBatchData } from "./complete_witness.ts";
import { createdAddress, createMachine, l2Tx } from "./l2_txs.ts";

const machine = createMachine();
const newChain = (): BareChain => createBareChain(machine);
const at = (seconds: bigint) => GENESIS_TIMESTAMP_SEC + seconds;
const dataOf = (blocks: readonly BatchDataBlockInput[]) =>
  encodeBatchData(blocks, GENESIS_TIMESTAMP_SEC);
const transfer = (index: number, nonce: bigint) =>
  l2Tx(index, { nonce, to: devAccount(9).address });

/** Stores the first word of the calldata in slot 0; reverts when there is none. */
const STORE = initCodeOf(hexToBytes("0x366007575f5ffd5b5f355f5500"));
const create = (index: number, nonce: bigint) =>
  l2Tx(index, { nonce, to: undefined, valueWei: 0n, data: STORE });
const store = (index: number, nonce: bigint, value: number) =>
  l2Tx(index, {
    nonce,
    to: createdAddress(0, 0n),
    valueWei: 0n,
    data: new Uint8Array(32).with(31, value),
  });

/** Operations that are legal and do nothing, for one reason each. */
const IDLE: Readonly<Record<string, Uint8Array>> = {
  "a byte": Uint8Array.of(0),
  "an unknown type": Uint8Array.of(0x03, 0xc0),
  "a cut transaction": transfer(2, 0n).slice(0, -1),
  "a longer transaction": new Uint8Array([...transfer(2, 0n), 0]),
  "a signature of nobody": encodeTransaction({
    ...decodeTransaction(transfer(2, 0n)),
    r: 0n,
    s: 0n,
  }),
  "a nonce too high": transfer(2, 1n),
  "another chain's": l2Tx(2, { nonce: 0n, chainId: L2_CHAIN_ID + 1n }),
  "too little gas": l2Tx(2, { nonce: 0n, gasLimit: 20_999n }),
  "more gas than a transaction may have": l2Tx(2, { nonce: 0n, gasLimit: 16_777_217n }),
  "more wei than there is": l2Tx(2, { nonce: 0n, valueWei: 1n << 200n }),
  "a fee below the base fee": l2Tx(2, {
    nonce: 0n,
    maxFeePerGasWei: 1n,
    maxPriorityFeePerGasWei: 0n,
  }),
  "the longest junk": new Uint8Array(LIMITS.maxOperationBytes).fill(0xff),
};

/** Rolling hash of `operations` alone. */
const rolled = (operations: readonly Uint8Array[]): Hash32 =>
  operations.reduce(rollOperation, EMPTY_L1_TO_L2_ROLLING_HASH);

/** Proves what the search for a witness has found: it is a witness like any other. */
async function assertProvable(witness: BatchWitness, publicInputs: PublicInputs): Promise<void> {
  const job = { batchNumber: publicInputs.finalNewBatch, witness: encodeBatchWitness(witness) };
  await mockProver.prove({ ...job, publicInputs }, machine);
}

Deno.test("runBatch() comes to the sequencer's blocks, operations before transactions", async () => {
  const operations = [create(0, 0n), transfer(1, 0n), store(1, 1n, 7), store(0, 3n, 0)];
  const honest = newChain();
  assertEquals(
    await honest.block(at(3n), [create(0, 0n), transfer(1, 0n), transfer(0, 1n)]),
    ["included", "included", "included"],
  );
  assertEquals(await honest.block(at(4n), []), []);
  const last = [store(1, 1n, 7), store(0, 2n, 9)];
  assertEquals(await honest.block(at(9n), last), ["included", "included"]);
  assertEquals(await honest.block(at(10n), [store(0, 3n, 0)]), ["included"]);
  const data = dataOf([
    { timestampSec: at(3n), l1ToL2OperationCount: 2, transactions: [transfer(0, 1n)] },
    { timestampSec: at(4n), transactions: [] },
    { timestampSec: at(9n), l1ToL2OperationCount: 1, transactions: [store(0, 2n, 9)] },
    { timestampSec: at(10n), l1ToL2OperationCount: 1, transactions: [] },
  ]);
  const start = batchStartOf(newChain(), { operations, limitTimestampSec: at(10n) });
  const { found, witness } = await runBatchData(start, data);
  assertEquals({ ...found, ...stateOf(honest) }, found);
  assertEquals(found.oldAccInputHash, GENESIS_ACC_INPUT_HASH);
  assertEquals(
    found.newAccInputHash,
    accInputHash({
      oldAccInputHash: GENESIS_ACC_INPUT_HASH,
      batchData: data,
      l1ToL2RollingHash: rolled(operations),
      limitTimestampSec: at(10n),
      coinbase: honest.config.coinbase,
    }),
  );
  await assertProvable(witness, found);
});

Deno.test("runBatch() goes on from the rolling hash of the batch before", async () => {
  const chain = newChain();
  await chain.block(at(1n), [create(0, 0n)]);
  const previous = somePreimage(rolled([create(0, 0n), Uint8Array.of(5)]));
  const operations = [transfer(1, 0n), store(0, 1n, 3)];
  const start = batchStartOf(chain, { operations, previous, limitTimestampSec: at(5n) });
  const { found, witness } = await runBatchData(start, new Uint8Array(0));
  assertEquals(found.oldAccInputHash, accInputHash(previous));
  assertEquals(
    found.newAccInputHash,
    accInputHash({
      oldAccInputHash: accInputHash(previous),
      batchData: new Uint8Array(0),
      l1ToL2RollingHash: rolled([create(0, 0n), Uint8Array.of(5), ...operations]),
      limitTimestampSec: at(5n),
      coinbase: chain.config.coinbase,
    }),
  );
  await chain.block(at(5n), operations);
  assertEquals({ ...found, ...stateOf(chain) }, found);
  await assertProvable(witness, found);
});

/** Data that L1 takes, whose transactions do nothing beside three operations. */
const HOSTILE: Readonly<Record<string, Uint8Array>> = {
  "no data at all": new Uint8Array(0),
  "an unknown version": hexToBytes("0x02"),
  "a block above the limit": dataOf([
    { timestampSec: at(1_000n), l1ToL2OperationCount: 3, transactions: [transfer(5, 0n)] },
  ]),
  "no operation where there are three": dataOf([
    { timestampSec: at(1n), transactions: [transfer(5, 0n)] },
  ]),
  "an operation too few": dataOf([
    { timestampSec: at(1n), l1ToL2OperationCount: 2, transactions: [transfer(5, 0n)] },
  ]),
  "an operation too many, in the second block": dataOf([
    { timestampSec: at(1n), l1ToL2OperationCount: 3, transactions: [transfer(5, 0n)] },
    { timestampSec: at(2n), l1ToL2OperationCount: 1, transactions: [] },
  ]),
  "good blocks, then junk": new Uint8Array([
    ...dataOf([
      { timestampSec: at(1n), l1ToL2OperationCount: 3, transactions: [transfer(5, 0n)] },
    ]),
    0xff,
  ]),
};

for (const [what, data] of Object.entries(HOSTILE)) {
  Deno.test(`runBatch() runs the operations beside ${what}, at the limit timestamp`, async () => {
    const operations = [transfer(0, 0n), Uint8Array.of(1, 2, 3), create(1, 0n)];
    const honest = newChain();
    await honest.block(at(600n), [transfer(0, 0n), create(1, 0n)]);
    const fields = { operations, limitTimestampSec: at(600n) };
    const { found, witness } = await runBatchData(batchStartOf(newChain(), fields), data);
    assertEquals({ ...found, ...stateOf(honest) }, found);
    await assertProvable(witness, found);
  });
}

Deno.test("runBatch() splits the operations of a forced batch by their declared gas", async () => {
  const heavy = (index: number, nonce: bigint) =>
    l2Tx(index, { nonce, to: devAccount(9).address, gasLimit: 14_000_000n });
  const operations = [heavy(0, 0n), heavy(1, 0n), heavy(2, 0n), transfer(3, 0n)];
  const honest = newChain();
  await honest.block(at(1n), operations.slice(0, 2));
  await honest.block(at(2n), operations.slice(2));
  // A limit that is past for the chain already.
  for (const limitTimestampSec of [0n, at(0n), at(1n)]) {
    const start = batchStartOf(newChain(), { operations, limitTimestampSec });
    const { found } = await runBatchData(start, new Uint8Array(0));
    assertEquals({ ...found, ...stateOf(honest) }, found);
  }
  // The same is not for a sequencer to say of three of them.
  const crowded = dataOf([{ timestampSec: at(1n), l1ToL2OperationCount: 4, transactions: [] }]);
  const start = batchStartOf(newChain(), { operations, limitTimestampSec: at(1n) });
  const { found } = await runBatchData(start, crowded);
  assertEquals({ ...found, ...stateOf(honest) }, found);
  const apart = dataOf([
    { timestampSec: at(1n), l1ToL2OperationCount: 2, transactions: [] },
    { timestampSec: at(2n), l1ToL2OperationCount: 2, transactions: [] },
  ]);
  const obeyed = await runBatchData(
    batchStartOf(newChain(), { operations, limitTimestampSec: at(2n) }),
    apart,
  );
  assertEquals({ ...obeyed.found, ...stateOf(honest) }, obeyed.found);
});

Deno.test("runBatch() gives the fees of a batch to its own coinbase", async () => {
  const coinbase = devAccount(8).address;
  const chain = newChain();
  const fields = { coinbase, operations: [transfer(0, 0n)], limitTimestampSec: at(7n) };
  const { found } = await runBatchData(batchStartOf(chain, fields), new Uint8Array(0));
  const honest = newChain();
  const slot = balanceSlot(coinbase);
  const before = hash32ToBigint(honest.storage.readSlot(slot.address, slot.slot));
  await honest.block(at(7n), [transfer(0, 0n)], coinbase);
  assert(
    hash32ToBigint(honest.storage.readSlot(slot.address, slot.slot)) > before,
    "a forced transaction pays whoever sequenced it",
  );
  assertEquals({ ...found, ...stateOf(honest) }, found);
});

for (const [what, idle] of Object.entries(IDLE)) {
  Deno.test(`runBatch() lets an operation that is ${what} change nothing and block nothing`, async () => {
    const honest = newChain();
    await honest.block(at(1n), [transfer(0, 0n), transfer(1, 0n), transfer(2, 0n)]);
    const operations = [transfer(0, 0n), idle, transfer(1, 0n)];
    const data = dataOf([
      { timestampSec: at(1n), l1ToL2OperationCount: 3, transactions: [transfer(2, 0n)] },
    ]);
    const start = batchStartOf(newChain(), { operations, limitTimestampSec: at(1n) });
    const told = await runBatchData(start, data);
    assertEquals({ ...told.found, ...stateOf(honest) }, told.found);
    await assertProvable(told.witness, told.found);
    // Alone in a forced batch it still makes its block, and counts.
    const alone = newChain();
    await alone.block(at(1n), []);
    const forced = await runBatchData(
      batchStartOf(newChain(), { operations: [idle], limitTimestampSec: at(1n) }),
      new Uint8Array(0),
    );
    assertEquals({ ...forced.found, ...stateOf(alone) }, forced.found);
  });
}

Deno.test("runBatch() includes what is operation and data at once only once, as operation", async () => {
  const twice = transfer(0, 0n);
  const honest = newChain();
  assertEquals(
    await honest.block(at(1n), [twice, twice, transfer(0, 1n), twice]),
    ["included", "NONCE_TOO_LOW", "included", "NONCE_TOO_LOW"],
  );
  const once = newChain();
  await once.block(at(1n), [twice, transfer(0, 1n)]);
  assertEquals(stateOf(honest), stateOf(once));
  const data = dataOf([
    {
      timestampSec: at(1n),
      l1ToL2OperationCount: 2,
      transactions: [transfer(0, 1n), twice],
    },
  ]);
  const start = batchStartOf(newChain(), { operations: [twice, twice], limitTimestampSec: at(1n) });
  const { found, witness } = await runBatchData(start, data);
  assertEquals({ ...found, ...stateOf(once) }, found);
  await assertProvable(witness, found);
});

Deno.test("runBatch() takes 50 operations of the longest size", async () => {
  const data = new Uint8Array(4_800).fill(1);
  const operations = Array.from(
    { length: LIMITS.maxOperationsPerBatch },
    (_, nonce) =>
      l2Tx(nonce % 5, { nonce: BigInt(Math.floor(nonce / 5)), gasLimit: 400_000n, data }),
  );
  const honest = newChain();
  const results = await honest.block(at(1n), operations);
  assertEquals(new Set(results), new Set(["included"]));
  const start = batchStartOf(newChain(), { operations, limitTimestampSec: at(1n) });
  const { found, witness } = await runBatchData(start, new Uint8Array(0));
  assertEquals({ ...found, ...stateOf(honest) }, found);
  await assertProvable(witness, found);
});

/** A batch in the middle of a chain, forced or not, whose operations matter to its state. */
async function middleBatch(isForced: boolean) {
  const previous = somePreimage(rolled([transfer(6, 0n)]));
  const operations = [transfer(0, 0n), Uint8Array.of(1, 2), transfer(0, 1n), transfer(1, 0n)];
  const start = batchStartOf(newChain(), { operations, previous, limitTimestampSec: at(9n) });
  const data = isForced ? new Uint8Array(0) : dataOf([
    { timestampSec: at(8n), l1ToL2OperationCount: 3, transactions: [transfer(2, 0n)] },
    { timestampSec: at(9n), l1ToL2OperationCount: 1, transactions: [transfer(0, 2n)] },
  ]);
  return await runBatchData(start, data);
}

/** The code of a refusal, or `undefined` for public inputs that differ from `honest`. */
async function refusalOf(
  witness: BatchWitness,
  honest: PublicInputs,
  what: string,
): Promise<string | undefined> {
  try {
    const found = await runBatch(decodeBatchWitness(encodeBatchWitness(witness)), machine);
    assertNotEquals(found, honest, what);
    return undefined;
  } catch (error) {
    if (!(error instanceof RollupError)) throw new Error(`${what} broke it`, { cause: error });
    assert(error.code.startsWith("WITNESS_"), `${what} gives ${error.code}`);
    return error.code;
  }
}

for (const isForced of [false, true]) {
  const kind = isForced ? "a forced batch" : "a batch of the sequencer";

  Deno.test(`a changed operation of ${kind} is refused or proves something else`, async () => {
    const { witness, found } = await middleBatch(isForced);
    const { operations } = witness;
    assertEquals(await runBatch(witness, machine), found);
    let refused = 0;
    const tamper = async (changed: readonly Uint8Array[], what: string) => {
      const code = await refusalOf({ ...witness, operations: changed }, found, what);
      if (code !== undefined) refused++;
    };
    for (const [index, operation] of operations.entries()) {
      for (let byte = 0; byte < operation.length; byte += 7) {
        const flipped = operation.with(byte, (operation[byte] ?? 0) ^ (1 << (byte % 8)));
        await tamper(operations.with(index, flipped), `operation ${index}, byte ${byte}`);
      }
      await tamper(operations.toSpliced(index, 1), `without operation ${index}`);
      await tamper(operations.toSpliced(index, 0, operation), `operation ${index} twice`);
      await tamper(operations.toSpliced(index, 0, Uint8Array.of(9)), `junk before ${index}`);
      const swapped = [...operations];
      swapped.splice(index, 2, ...swapped.slice(index, index + 2).toReversed());
      if (index + 1 < operations.length) await tamper(swapped, `${index} and the next swapped`);
    }
    await tamper([...operations, Uint8Array.of(9)], "junk at the end");
    await tamper([], "no operations");
    await tamper([new Uint8Array(operations.flatMap((raw) => [...raw]))], "all in one");
    assert(refused > 10, "most changes read or leave other slots than the witness has");
  });

  Deno.test(`a changed preimage of ${kind} proves something else`, async () => {
    const { witness, found } = await middleBatch(isForced);
    const { previous } = witness;
    assert(previous !== undefined, "a batch comes before");
    const changes: readonly Partial<AccInputPreimage>[] = [
      { oldAccInputHash: keccak256(Uint8Array.of(1)) },
      { batchDataHash: keccak256(Uint8Array.of(2)) },
      { l1ToL2RollingHash: keccak256(Uint8Array.of(3)) },
      { l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH },
      { limitTimestampSec: previous.limitTimestampSec + 1n },
      { coinbase: devAccount(3).address },
    ];
    for (const change of changes) {
      const changed = { ...witness, previous: { ...previous, ...change } };
      const [field] = Object.keys(change);
      const other = await runBatch(changed, machine);
      assertNotEquals(other.oldAccInputHash, found.oldAccInputHash, field);
      assertNotEquals(other.newAccInputHash, found.newAccInputHash, field);
      const job = { batchNumber: 2n, witness: encodeBatchWitness(changed), publicInputs: found };
      const error = await assertRejects(() => mockProver.prove(job, machine), RollupError);
      assertEquals([error.code, error.details["field"]], ["PROOF_JOB_MISMATCH", "oldAccInputHash"]);
    }
    // A batch that claims to be the first has no rolling hash to start from but the empty one.
    const first = await runBatch({ ...witness, previous: undefined }, machine);
    assertEquals(first.oldAccInputHash, GENESIS_ACC_INPUT_HASH);
    assertNotEquals(first.newAccInputHash, found.newAccInputHash);
  });
}
