import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { concatBytes } from "../primitives/bytes.ts";
import { assert } from "../primitives/errors.ts";
import { address, type Hex, hexToBytes } from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import { encodeTransaction, signTransaction } from "../types/tx.ts";
import { decodeBatchData, encodeBatchData } from "./batch_data.ts";
import {
  type BatchPlan,
  type BatchPlanInput,
  countFittingOperations,
  planBatch,
  planTransaction,
} from "./batch_plan.ts";

const SEED = 20_261_205;
const PARENT_SEC = 1_000n;
const LIMIT_SEC = 2_000n;
const MILLION = 1_000_000n;
/** The public test account 0. */
const KEY = hexToBytes("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
const SENDER = address("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");

/** Signed bytes that declare `gasLimit`; another nonce makes other bytes. */
function signed(gasLimit: bigint, nonce = 0n): Uint8Array {
  return encodeTransaction(signTransaction({
    type: 2,
    chainId: 901n,
    nonce,
    maxFeePerGasWei: 10n,
    maxPriorityFeePerGasWei: 1n,
    gasLimit,
    to: SENDER,
    valueWei: 1n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
  }, KEY));
}

const SMALL = signed(MILLION, 1n);
const HALF = signed(15n * MILLION, 2n);
const LARGE = signed(16n * MILLION, 3n);
const WHOLE = signed(30n * MILLION, 4n);
const ABOVE = signed(31n * MILLION, 5n);
const HUGE = signed((1n << 64n) - 1n, 6n);
const JUNK = Uint8Array.of(0xc0);
/** A transaction in form, which nobody has signed: `r` and `s` are zero. */
const UNSIGNED = (() => {
  const planned = planTransaction(SMALL);
  assert(planned !== undefined, "it was just signed");
  return encodeTransaction({ ...planned.tx, r: 0n, s: 0n });
})();

function plan(data: Uint8Array, operations: readonly Uint8Array[] = []): BatchPlan {
  return planBatch({
    data,
    operations,
    parentTimestampSec: PARENT_SEC,
    limitTimestampSec: LIMIT_SEC,
    blockGasLimit: LIMITS.blockGasLimit,
  });
}

/** Data of blocks at 1001, 1002, …, each with its count of operations and its transactions. */
function dataOf(...blocks: readonly (readonly [number, ...Uint8Array[]])[]): Uint8Array {
  return encodeBatchData(
    blocks.map(([l1ToL2OperationCount, ...transactions], index) => ({
      timestampSec: PARENT_SEC + BigInt(index) + 1n,
      l1ToL2OperationCount,
      transactions,
    })),
    PARENT_SEC,
  );
}

/** A plan without what transactions decode to. */
function shape({ blocks, fault }: BatchPlan) {
  return {
    fault: fault?.code,
    blocks: blocks.map((block): [bigint, number, Uint8Array[], Uint8Array[]] => [
      block.timestampSec,
      block.operationCount,
      block.operations.map(({ raw }) => raw),
      block.transactions.map(({ raw }) => raw),
    ]),
  };
}

Deno.test("planBatch() gives the blocks of data that is obeyed their operations in order", () => {
  const data = dataOf([2, HALF], [0, SMALL], [1]);
  assertEquals(shape(plan(data, [SMALL, JUNK, WHOLE])), {
    fault: undefined,
    blocks: [
      [1_001n, 2, [SMALL], [HALF]],
      [1_002n, 0, [], [SMALL]],
      [1_003n, 1, [WHOLE], []],
    ],
  });
});

Deno.test("planBatch() tells who sent what", () => {
  const [block] = plan(dataOf([1, HALF]), [SMALL]).blocks;
  assertEquals(block?.operations[0]?.sender, SENDER);
  assertEquals(block?.transactions[0]?.sender, SENDER);
  assertEquals(block?.transactions[0]?.tx.gasLimit, 15n * MILLION);
});

Deno.test("planBatch() leaves out what is no transaction or unsigned, and keeps the same bytes twice", () => {
  const data = dataOf([3, JUNK, SMALL, UNSIGNED, SMALL]);
  assertEquals(shape(plan(data, [UNSIGNED, SMALL, JUNK])), {
    fault: undefined,
    blocks: [[1_001n, 3, [SMALL], [SMALL, SMALL]]],
  });
});

Deno.test("planBatch() of a forced batch, which has no data, runs its operations at the limit", () => {
  assertEquals(shape(plan(new Uint8Array(0), [SMALL, JUNK, HALF])), {
    fault: "BATCH_DATA_VERSION_UNKNOWN",
    blocks: [[LIMIT_SEC, 3, [SMALL, HALF], []]],
  });
});

Deno.test("planBatch() of malformed data without operations is no block", () => {
  for (const data of [new Uint8Array(0), hexToBytes("0x01"), dataOf([1, SMALL])]) {
    assertEquals(plan(data).blocks, []);
  }
});

Deno.test("planBatch() drops the transactions of data that consumes other operations than L1 says", () => {
  const cases: readonly (readonly [Uint8Array, readonly Uint8Array[]])[] = [
    [dataOf([0, SMALL]), [HALF]],
    [dataOf([2, SMALL]), [HALF]],
    [dataOf([1, SMALL], [1]), [HALF]],
    [dataOf([1, SMALL], [1]), [HALF, HALF, HALF]],
  ];
  for (const [data, operations] of cases) {
    const { fault, blocks } = shape(plan(data, operations));
    assertEquals(fault, "BATCH_DATA_OPERATION_COUNT");
    assertEquals(blocks.flatMap(([, , ran]) => ran), [...operations]);
    assertEquals(blocks.flatMap(([, , , transactions]) => transactions), []);
  }
});

Deno.test("planBatch() drops the transactions of data that crowds operations into a block", () => {
  const cases: readonly (readonly [readonly Uint8Array[], string | undefined])[] = [
    [[HALF, HALF], undefined],
    [[HALF, LARGE], "BATCH_DATA_OPERATION_GAS"],
    [[WHOLE], undefined],
    // Alone it is invalid in any block, so crowding changes nothing for it.
    [[ABOVE], undefined],
    [[HUGE], undefined],
    [[WHOLE, JUNK], undefined],
    [[UNSIGNED, WHOLE, JUNK], undefined],
    [[ABOVE, JUNK], "BATCH_DATA_OPERATION_GAS"],
    [[JUNK, ABOVE], "BATCH_DATA_OPERATION_GAS"],
    [[HUGE, HUGE], "BATCH_DATA_OPERATION_GAS"],
    [[WHOLE, SMALL], "BATCH_DATA_OPERATION_GAS"],
  ];
  for (const [operations, code] of cases) {
    assertEquals(plan(dataOf([operations.length, SMALL]), operations).fault?.code, code);
    // In the second block as in the first.
    const later = dataOf([1], [operations.length, SMALL]);
    assertEquals(plan(later, [WHOLE, ...operations]).fault?.code, code);
  }
});

Deno.test("planBatch() says which block is at fault and how many operations fit it", () => {
  assertEquals(
    plan(dataOf([1], [3]), [WHOLE, HALF, HALF, SMALL]).fault?.message,
    "Cannot follow batch data as the declared gas of a block's L1->L2 operations must fit it: " +
      "of the 3 of block 2 only 2 fit",
  );
  assertEquals(
    plan(dataOf([1]), [WHOLE, HALF]).fault?.message,
    "Cannot follow batch data as its blocks must consume the L1->L2 operations of the batch: " +
      "they name 1, and the batch has 2",
  );
});

Deno.test("planBatch() fills implicit blocks by declared gas, a second apart from the limit on", () => {
  const operations = [HALF, HALF, JUNK, SMALL, HUGE, JUNK, WHOLE];
  assertEquals(shape(plan(new Uint8Array(0), operations)).blocks, [
    [LIMIT_SEC, 3, [HALF, HALF], []],
    [LIMIT_SEC + 1n, 1, [SMALL], []],
    [LIMIT_SEC + 2n, 1, [HUGE], []],
    [LIMIT_SEC + 3n, 2, [WHOLE], []],
  ]);
});

Deno.test("planBatch() starts implicit blocks after the parent when the limit is before it", () => {
  for (const limitTimestampSec of [0n, PARENT_SEC, PARENT_SEC + 1n]) {
    const { blocks } = planBatch({
      data: new Uint8Array(0),
      operations: [WHOLE, WHOLE],
      parentTimestampSec: PARENT_SEC,
      limitTimestampSec,
      blockGasLimit: LIMITS.blockGasLimit,
    });
    assertEquals(blocks.map(({ timestampSec }) => timestampSec), [1_001n, 1_002n]);
  }
});

Deno.test("countFittingOperations() takes one in any case and none of none", () => {
  const planned = (...raws: Uint8Array[]) => raws.map((raw) => planTransaction(raw));
  const fitting = (...raws: Uint8Array[]) =>
    countFittingOperations(planned(...raws), LIMITS.blockGasLimit);
  assertEquals(fitting(), 0);
  assertEquals(fitting(HUGE), 1);
  assertEquals(fitting(HUGE, JUNK), 1);
  assertEquals(fitting(JUNK, HUGE), 1);
  assertEquals(fitting(JUNK, WHOLE, JUNK, UNSIGNED), 4);
  assertEquals(fitting(HALF, HALF, SMALL), 2);
});

Deno.test("planTransaction() answers nothing to what is no signed transaction", () => {
  const nothing = [new Uint8Array(0), JUNK, UNSIGNED, SMALL.slice(1), concatBytes(SMALL, JUNK)];
  for (const raw of [...nothing, hexToBytes("0x03c0"), new Uint8Array(LIMITS.maxTxBytes + 1)]) {
    assertEquals(planTransaction(raw), undefined);
  }
});

const operation = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(SMALL, HALF, LARGE, WHOLE, ABOVE, HUGE) },
  { weight: 3, arbitrary: fc.constantFrom(JUNK, UNSIGNED) },
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
);
/** Data that decodes, with counts that may or may not fit; and bytes of any kind. */
const data = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.tuple(fc.nat(3), fc.array(operation, { maxLength: 3 })), {
      minLength: 1,
      maxLength: 5,
    }).map((blocks) => dataOf(...blocks.map(([count, raws]) => [count, ...raws] as const))),
  },
  fc.uint8Array({ maxLength: 60 }),
  fc.array(fc.constantFrom<Hex>("0x01", "0x0b0000000100000001", "0x00000001c0", "0x00"), {
    maxLength: 8,
  }).map((pieces) => concatBytes(...pieces.map((piece) => hexToBytes(piece)))),
);
const input: fc.Arbitrary<BatchPlanInput> = fc.record({
  data,
  operations: fc.array(operation, { maxLength: 9 }),
  parentTimestampSec: fc.constantFrom(0n, PARENT_SEC, LIMIT_SEC, 1n << 63n),
  limitTimestampSec: fc.constantFrom(0n, PARENT_SEC, LIMIT_SEC, (1n << 64n) - 1n),
  blockGasLimit: fc.constantFrom(LIMITS.blockGasLimit, 1n, 0n),
});

Deno.test("planBatch() places each operation once and in order, in blocks of rising time, whatever the bytes", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(input, (given) => {
      const { blocks, fault } = planBatch(given);
      const code = fault?.code ?? "obeyed";
      seen.set(code, (seen.get(code) ?? 0) + 1);
      const counts = blocks.reduce((sum, block) => sum + block.operationCount, 0);
      assertEquals(counts, given.operations.length);
      let first = 0;
      let lastSec = given.parentTimestampSec;
      for (const block of blocks) {
        const own = given.operations.slice(first, first += block.operationCount);
        const wanted = own.filter((raw) => planTransaction(raw) !== undefined);
        assertEquals(block.operations.map(({ raw }) => raw), wanted);
        assert(block.timestampSec > lastSec, "timestamps rise from the parent on");
        lastSec = block.timestampSec;
        const gas = block.operations.reduce((sum, { tx }) => sum + tx.gasLimit, 0n);
        assert(block.operationCount <= 1 || gas <= given.blockGasLimit, "operations fit");
        if (fault === undefined) continue;
        assertEquals(block.transactions, []);
        assert(block.operationCount > 0, "implicit blocks are for operations");
        assert(block.timestampSec >= given.limitTimestampSec, "and not before the limit");
      }
    }),
    { seed: SEED, numRuns: 1_000 },
  );
  for (const code of ["obeyed", "BATCH_DATA_OPERATION_COUNT", "BATCH_DATA_OPERATION_GAS"]) {
    assert((seen.get(code) ?? 0) > 10, `${code} is met: ${JSON.stringify([...seen])}`);
  }
});

Deno.test("planBatch() obeys what encodeBatchData() wrote, with just its operations", () => {
  const block = fc.record({
    deltaSec: fc.bigInt({ min: 1n, max: 100n }),
    operations: fc.array(fc.constantFrom(SMALL, JUNK, UNSIGNED), { maxLength: 8 }),
    transactions: fc.array(operation, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 6 }), (told) => {
      let timestampSec = PARENT_SEC;
      const blocks = told.map(({ deltaSec, operations, transactions }) => {
        timestampSec += deltaSec;
        return { timestampSec, l1ToL2OperationCount: operations.length, transactions };
      });
      const given = encodeBatchData(blocks, PARENT_SEC);
      const decoded = decodeBatchData(given, PARENT_SEC, LIMIT_SEC);
      assertEquals(decoded, { ok: true, blocks });
      const found = plan(given, told.flatMap(({ operations }) => operations));
      assertEquals(found.fault, undefined);
      const signedOnly = (raws: readonly Uint8Array[]) =>
        raws.filter((raw) => planTransaction(raw) !== undefined);
      assertEquals(
        shape(found).blocks,
        told.map(({ operations, transactions }, index) => [
          blocks[index]?.timestampSec,
          operations.length,
          signedOnly(operations),
          signedOnly(transactions),
        ]),
      );
    }),
    { seed: SEED, numRuns: 200 },
  );
});
