import { assert, assertEquals } from "@std/assert";
import { secp256k1 as noble } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import { bigintToBytes, concatBytes } from "../../primitives/bytes.ts";
import { keccak256Bytes } from "../keccak.ts";
import { createExpectedKeyRecovery } from "./expected_key.ts";
import { createPointRecovery, POINT_BYTES } from "./recovery.ts";

const ORDER = noble.Point.Fn.ORDER;
const EDGES = [1n, 2n, 3n, 255n, 256n, 1n << 128n, ORDER >> 1n].flatMap((edge) => [
  edge,
  ORDER - edge,
]);

const scalars = fc.oneof(
  fc.bigInt({ min: 1n, max: ORDER - 1n }),
  fc.constantFrom(...EDGES),
);
const digests = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }),
  fc.constantFrom(0n, 1n, ORDER - 1n, ORDER, (1n << 256n) - 1n, ...EDGES),
);

interface Question {
  readonly bytes: Uint8Array;
  readonly yParity: number;
}

/** The signature of `digest` with `key` and the nonce `k`, both any scalar; s may be high. */
function sign(digest: bigint, key: bigint, k: bigint): Question {
  const { x, y } = noble.Point.BASE.multiply(k).toAffine();
  const r = x % ORDER;
  const s = noble.Point.Fn.mul(noble.Point.Fn.inv(k), (digest + r * key) % ORDER);
  return toQuestion(digest, r, s, Number(y & 1n));
}

function toQuestion(digest: bigint, r: bigint, s: bigint, yParity: number): Question {
  return { bytes: concatBytes(...[digest, r, s].map((word) => bigintToBytes(word, 32))), yParity };
}

function publicKey(key: bigint): Uint8Array {
  return noble.Point.BASE.multiply(key).toBytes(false).subarray(1);
}

function isOnCurve(x: bigint): boolean {
  try {
    noble.Point.fromBytes(concatBytes(Uint8Array.of(2), bigintToBytes(x, 32)));
    return true;
  } catch {
    return false;
  }
}

Deno.test("confirm() says of a key that it has learnt what recover() finds", () => {
  const recovery = createPointRecovery();
  const find = ({ bytes, yParity }: Question) => {
    recovery.question.set(bytes);
    return recovery.recover(yParity) ? recovery.point.toHex() : undefined;
  };
  const keys = EDGES.slice(0, recovery.tables);
  for (const [table, key] of keys.entries()) {
    recovery.point.set(publicKey(key));
    recovery.learn(table);
  }
  let confirmed = 0;
  const compare = (question: Question) => {
    const found = find(question);
    for (const [table, key] of keys.entries()) {
      recovery.question.set(question.bytes);
      const isKey = recovery.confirm(table, question.yParity);
      assertEquals(isKey, found === publicKey(key).toHex());
      if (isKey) confirmed++;
    }
  };
  const anyKey = fc.constantFrom(...keys);
  fc.assert(
    fc.property(digests, anyKey, scalars, scalars, (digest, key, k, other) => {
      const good = sign(digest, key, k);
      compare(good);
      compare({ ...good, yParity: 1 - good.yParity });
      const r = BigInt(`0x${good.bytes.slice(32, 64).toHex()}`);
      const s = BigInt(`0x${good.bytes.slice(64).toHex()}`);
      compare(toQuestion(other, r, s, good.yParity));
      compare(toQuestion(digest, other, s, good.yParity));
      compare(toQuestion(digest, r, other, good.yParity));
    }),
    { seed: 3_517, numRuns: 60 },
  );
  assert(confirmed >= 60, `${confirmed} were confirmed`);
});

Deno.test("confirm() refuses r and s out of their range, and an x that only shares its residue", () => {
  const recovery = createPointRecovery();
  recovery.point.set(publicKey(7n));
  recovery.learn(0);
  const { bytes, yParity } = sign(5n, 7n, 11n);
  recovery.question.set(bytes);
  assertEquals(recovery.confirm(0, yParity), true);
  for (const at of [32, 64]) {
    for (const word of [0n, ORDER, (1n << 256n) - 1n]) {
      recovery.question.set(bytes);
      recovery.question.set(bigintToBytes(word, 32), at);
      assertEquals(recovery.confirm(0, yParity), false);
    }
  }
  // A point whose x is above the order: r is x less the order, and no parity of Ethereum's means it.
  let x = ORDER + 1n;
  while (!isOnCurve(x)) x++;
  const point = noble.Point.fromBytes(concatBytes(Uint8Array.of(2), bigintToBytes(x, 32)));
  const [digest, s, r] = [77n, 12_345n, x - ORDER];
  const inverse = noble.Point.Fn.inv(r);
  const key = point.multiply(noble.Point.Fn.mul(s, inverse))
    .subtract(noble.Point.BASE.multiply(noble.Point.Fn.mul(digest, inverse)));
  recovery.point.set(key.toBytes(false).subarray(1));
  recovery.learn(0);
  for (const parity of [0, 1]) {
    recovery.question.set(toQuestion(digest, r, s, parity).bytes);
    assertEquals(recovery.confirm(0, parity), false);
  }
});

Deno.test("a recovery finds the same whoever is expected, learnt or not", () => {
  const recover = createExpectedKeyRecovery();
  const plain = createPointRecovery();
  const signers = Array.from(
    { length: 24 },
    (_, index) => BigInt(index + 1) * 0x1234_5678_9abc_def1n,
  );
  const points = signers.map(publicKey);
  const point = new Uint8Array(POINT_BYTES);
  // Rounds enough that sixteen of them get a table; then others are expected, and nobody's come too.
  for (let round = 0; round < 24; round++) {
    for (const [index, key] of signers.entries()) {
      const text = new TextEncoder().encode(`${round} ${index}`);
      const digest = BigInt(`0x${keccak256Bytes(text).toHex()}`);
      const question = sign(digest, key, digest % ORDER);
      const isLate = round > 20;
      const isNobody = isLate && index % 5 === 0;
      if (isNobody) question.bytes.set(bigintToBytes(5n, 32), 32);
      plain.question.set(question.bytes);
      const isKey = plain.recover(question.yParity);
      const expected = isLate && index % 3 === 0 ? points[(index + 1) % 24] : points[index];
      const given = isLate && index % 7 === 0 ? undefined : expected;
      assertEquals(recover(question.bytes, question.yParity, given, point), isKey);
      if (isKey) assertEquals(point, plain.point);
      assertEquals(isKey, !isNobody);
    }
  }
});

Deno.test("a table that is idle goes to a key that is needed", () => {
  const recovery = createPointRecovery();
  const learnt: number[] = [];
  const recover = createExpectedKeyRecovery({
    ...recovery,
    tables: 2,
    learn: (index) => {
      learnt.push(index);
      recovery.learn(index);
    },
  });
  const point = new Uint8Array(POINT_BYTES);
  const use = (key: bigint, times: number) => {
    const question = sign(9n, key, 13n);
    for (let time = 0; time < times; time++) {
      assertEquals(recover(question.bytes, question.yParity, publicKey(key), point), true);
      assertEquals(point, publicKey(key));
    }
  };
  use(21n, 20);
  use(22n, 20);
  use(23n, 20);
  assertEquals(learnt, [0, 1]);
  use(22n, 4_200);
  use(23n, 2);
  assertEquals(learnt, [0, 1, 0]);
  use(21n, 40);
  assertEquals(learnt, [0, 1, 0]);
});
