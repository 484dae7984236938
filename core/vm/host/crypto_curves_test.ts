import { assertEquals } from "@std/assert";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { bn254 } from "@noble/curves/bn254.js";
import type { Fp2 } from "@noble/curves/abstract/tower.js";
import type { WeierstrassPoint } from "@noble/curves/abstract/weierstrass.js";
import fc from "fast-check";
import { bigintToBytes, concatBytes, joinBytes } from "../../primitives/bytes.ts";
import * as bls12 from "./crypto_bls12.ts";
import * as bn from "./crypto_bn254.ts";
import { runSteps } from "./steps.ts";

/** One curve with both groups, as its precompiles take it. */
interface Suite {
  readonly name: string;
  readonly pair: typeof bn254;
  readonly g1: (point: WeierstrassPoint<bigint>) => Uint8Array;
  readonly g2: (point: WeierstrassPoint<Fp2>) => Uint8Array;
  readonly check: (input: Uint8Array) => Uint8Array | undefined;
}

const BN254: Suite = {
  name: "checkPairingsBn254()",
  pair: bn254,
  g1: (point) => encode(32, point.x, point.y),
  g2: (point) => encode(32, point.x.c1, point.x.c0, point.y.c1, point.y.c0),
  check: (input) => runSteps(bn.checkPairingsBn254(input)),
};
const BLS12: Suite = {
  name: "checkPairingsBls12()",
  pair: bls12_381,
  g1: (point) => encode(64, point.x, point.y),
  g2: (point) => encode(64, point.x.c0, point.x.c1, point.y.c0, point.y.c1),
  check: (input) => runSteps(bls12.checkPairingsBls12(input)),
};

const ONE = bigintToBytes(1n, 32);
const ZERO = bigintToBytes(0n, 32);
const NO_BYTES = new Uint8Array(0);

function encode(sizeBytes: number, ...numbers: bigint[]): Uint8Array {
  return joinBytes(numbers.map((value) => bigintToBytes(value, sizeBytes)));
}

/** Points of the generators' groups. */
function multiple<F>(generator: WeierstrassPoint<F>, scalar: bigint): WeierstrassPoint<F> {
  return generator.multiplyUnsafe(scalar);
}

/** A point of the curve of G1 of BLS12-381 outside of G1 (go-ethereum's `fail-blsG1Mul.json`). */
const OUTSIDE_G1 = Uint8Array.fromHex(
  "000000000000000000000000000000000123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" +
    "00000000000000000000000000000000193fb7cedb32b2c3adc06ec11a96bc0d661869316f5e4a577a9f7c179593987beb4fb2ee424dbb2f5dd891e228b46c4a",
);
/** The same of G2 (`fail-blsG2Mul.json`). */
const OUTSIDE_G2 = Uint8Array.fromHex(
  "00000000000000000000000000000000197bfd0342bbc8bee2beced2f173e1a87be576379b343e93232d6cef98d84b1d696e5612ff283ce2cfdccb2cfb65fa0c" +
    "00000000000000000000000000000000184e811f55e6f9d84d77d2f79102fd7ea7422f4759df5bf7f6331d550245e3f1bcf6a30e3b29110d85e0ca16f9f6ae7a" +
    "000000000000000000000000000000000f10e1eb3c1e53d2ad9cf2d398b2dc22c5842fab0a74b174f691a7e914975da3564d835cd7d2982815b8ac57f507348f" +
    "000000000000000000000000000000000767d1c453890f1b9110fda82f5815c27281aba3f026ee868e4176a0654feea41a96575e0c4d58a14dbfbcc05b5010b1",
);

for (const suite of [BN254, BLS12]) {
  const { name, pair, g1, g2, check } = suite;
  const G = pair.G1.Point.BASE;
  const H = pair.G2.Point.BASE;
  const { ORDER } = pair.G1.Point.Fn;

  Deno.test(`${name} is bilinear`, () => {
    const scalars = fc.bigInt({ min: 1n, max: ORDER - 1n });
    fc.assert(
      fc.property(scalars, scalars, (a, b) => {
        const product = multiple(G, ORDER - a * b % ORDER);
        const good = concatBytes(g1(multiple(G, a)), g2(multiple(H, b)), g1(product), g2(H));
        assertEquals(check(good), ONE);
        const bad = concatBytes(g1(multiple(G, a)), g2(multiple(H, b)), g1(G), g2(H));
        assertEquals(check(bad), ZERO);
      }),
      { seed: 197, numRuns: 3 },
    );
  });

  Deno.test(`${name} takes infinity and no pairs for one`, () => {
    const noG1 = g1(pair.G1.Point.ZERO);
    const noG2 = g2(pair.G2.Point.ZERO);
    for (const left of [g1(G), noG1]) assertEquals(check(concatBytes(left, noG2)), ONE);
    assertEquals(check(concatBytes(noG1, g2(H))), ONE);
    assertEquals(check(concatBytes(g1(G), g2(H), noG1, noG2)), ZERO);
    assertEquals(check(NO_BYTES), ONE);
  });

  Deno.test(`${name} refuses a point of the twist outside of G2, beside infinity too`, () => {
    const { Fp2 } = pair.fields;
    const { b } = pair.G2.Point.CURVE();
    let found = 0;
    for (let c0 = 1n; found < 3; c0++) {
      const x = Fp2.create({ c0, c1: 1n });
      const right = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b);
      // Euler's criterion; half of all elements are no squares.
      if (!Fp2.eql(Fp2.pow(right, (Fp2.ORDER - 1n) / 2n), Fp2.ONE)) continue;
      const point = pair.G2.Point.fromAffine({ x, y: Fp2.sqrt(right) });
      // By the definition of the subgroup, in two halves, as the library takes no scalar so large.
      const half = multiple(point, (ORDER - 1n) / 2n);
      const isOutside = !half.add(half).add(point).is0();
      if (!isOutside) continue;
      found++;
      assertEquals(check(concatBytes(g1(G), g2(point))), undefined);
      assertEquals(check(concatBytes(g1(pair.G1.Point.ZERO), g2(point))), undefined);
    }
  });

  Deno.test(`${name} refuses coordinates that are no field elements or off the curve`, () => {
    const good = concatBytes(g1(G), g2(H));
    const size = g1(G).length / 2;
    const p = pair.fields.Fp.ORDER;
    for (let index = 0; index < 6; index++) {
      for (const value of [p, 2n ** BigInt(8 * size) - 1n, 5n]) {
        const bad = good.slice();
        bad.set(bigintToBytes(value, size), index * size);
        assertEquals(check(bad), undefined);
      }
    }
  });
}

const G = bn254.G1.Point.BASE;
const BN_ORDER = bn254.G1.Point.Fn.ORDER;
const BN_FIELD = bn254.fields.Fp.ORDER;

Deno.test("addBn254() adds, doubles, and takes zeros for infinity", () => {
  const at = (scalar: bigint) => BN254.g1(multiple(G, scalar));
  assertEquals(bn.addBn254(concatBytes(at(5n), at(9n))), at(14n));
  assertEquals(bn.addBn254(concatBytes(at(5n), at(5n))), at(10n));
  assertEquals(bn.addBn254(concatBytes(at(5n), at(BN_ORDER - 5n))), new Uint8Array(64));
  assertEquals(bn.addBn254(concatBytes(at(5n), new Uint8Array(64))), at(5n));
  assertEquals(bn.addBn254(new Uint8Array(128)), new Uint8Array(64));
});

Deno.test("addBn254() refuses what is no point", () => {
  const good = BN254.g1(G);
  const bad: readonly (readonly [bigint, bigint])[] = [
    [1n, 1n],
    [0n, 1n],
    [1n, 0n],
    [BN_FIELD, 0n],
    [0n, BN_FIELD],
    [1n + BN_FIELD, 2n],
    [1n, 2n + BN_FIELD],
  ];
  for (const [x, y] of bad) {
    assertEquals(bn.addBn254(concatBytes(encode(32, x, y), good)), undefined);
    assertEquals(bn.addBn254(concatBytes(good, encode(32, x, y))), undefined);
  }
});

Deno.test("multiplyBn254() takes any 256 bits for a scalar", () => {
  const point = multiple(G, 7n);
  for (const scalar of [0n, 1n, 2n, BN_ORDER - 1n, BN_ORDER, BN_ORDER + 3n, 2n ** 256n - 1n]) {
    const expected = BN254.g1(multiple(G, 7n * scalar % BN_ORDER));
    assertEquals(
      bn.multiplyBn254(concatBytes(BN254.g1(point), bigintToBytes(scalar, 32))),
      expected,
    );
  }
  assertEquals(bn.multiplyBn254(concatBytes(new Uint8Array(64), ONE)), new Uint8Array(64));
  assertEquals(bn.multiplyBn254(encode(32, 1n, 1n, 0n)), undefined);
});

Deno.test("addBls12G1() and addBls12G2() do not ask for the subgroup", () => {
  const twiceG1 = bls12.addBls12G1(concatBytes(OUTSIDE_G1, OUTSIDE_G1));
  const alsoTwiceG1 = bls12.addBls12G1(concatBytes(OUTSIDE_G1, new Uint8Array(128)));
  assertEquals(alsoTwiceG1, OUTSIDE_G1);
  assertEquals(twiceG1?.length, 128);
  assertEquals(bls12.addBls12G2(concatBytes(OUTSIDE_G2, new Uint8Array(256))), OUTSIDE_G2);
});

Deno.test("addBls12G1() and addBls12G2() refuse what is off the curve", () => {
  const good = BLS12.g1(bls12_381.G1.Point.BASE);
  const bad = good.slice();
  bad[127] = (bad[127] ?? 0) ^ 1;
  assertEquals(bls12.addBls12G1(concatBytes(good, bad)), undefined);
  // Bits above the 48 bytes of a field element.
  const high = good.slice();
  high[0] = 1;
  assertEquals(bls12.addBls12G1(concatBytes(high, good)), undefined);
  const goodG2 = BLS12.g2(bls12_381.G2.Point.BASE);
  const badG2 = goodG2.slice();
  badG2[255] = (badG2[255] ?? 0) ^ 1;
  assertEquals(bls12.addBls12G2(concatBytes(badG2, goodG2)), undefined);
});

Deno.test("sumBls12G1() and sumBls12G2() are the sums of their terms", () => {
  const { ORDER } = bls12_381.G1.Point.Fn;
  const scalars = [0n, 1n, ORDER - 1n, ORDER, ORDER + 2n, 2n ** 256n - 1n, 3n ** 100n];
  const points = scalars.map((_, index) => BigInt(index));
  const total = scalars.reduce((sum, scalar, index) => sum + scalar * BigInt(index), 0n) % ORDER;
  const termsG1 = points.map((point, index) =>
    concatBytes(
      BLS12.g1(multiple(bls12_381.G1.Point.BASE, point)),
      bigintToBytes(scalars[index] ?? 0n, 32),
    )
  );
  const expectedG1 = BLS12.g1(multiple(bls12_381.G1.Point.BASE, total));
  assertEquals(runSteps(bls12.sumBls12G1(joinBytes(termsG1))), expectedG1);
  const termsG2 = points.map((point, index) =>
    concatBytes(
      BLS12.g2(multiple(bls12_381.G2.Point.BASE, point)),
      bigintToBytes(scalars[index] ?? 0n, 32),
    )
  );
  const expectedG2 = BLS12.g2(multiple(bls12_381.G2.Point.BASE, total));
  assertEquals(runSteps(bls12.sumBls12G2(joinBytes(termsG2))), expectedG2);
});

Deno.test("sumBls12G1() and sumBls12G2() refuse points outside of the subgroup, times zero too", () => {
  assertEquals(runSteps(bls12.sumBls12G1(concatBytes(OUTSIDE_G1, ONE))), undefined);
  assertEquals(runSteps(bls12.sumBls12G1(concatBytes(OUTSIDE_G1, ZERO))), undefined);
  assertEquals(runSteps(bls12.sumBls12G2(concatBytes(OUTSIDE_G2, ONE))), undefined);
  assertEquals(runSteps(bls12.sumBls12G2(concatBytes(OUTSIDE_G2, ZERO))), undefined);
});

Deno.test("mapBls12ToG1() and mapBls12ToG2() give go-ethereum's points", () => {
  const first =
    "0000000000000000000000000000000014406e5bfb9209256a3820879a29ac2f62d6aca82324bf3ae2aa7d3c54792043bd8c791fccdb080c1a52dc68b8b69350";
  const second =
    "000000000000000000000000000000000e885bb33996e12f07da69073e2c0cc880bc8eff26d2a724299eb12d54f4bcf26f4748bb020e80a7e3794a7b0e47a641";
  assertEquals(
    bls12.mapBls12ToG1(Uint8Array.fromHex(first))?.toHex(),
    "000000000000000000000000000000000d7721bcdb7ce1047557776eb2659a444166dc6dd55c7ca6e240e21ae9aa18f529f04ac31d861b54faf3307692545db7" +
      "00000000000000000000000000000000108286acbdf4384f67659a8abe89e712a504cb3ce1cba07a716869025d60d499a00d1da8cdc92958918c222ea93d87f0",
  );
  assertEquals(
    bls12.mapBls12ToG2(Uint8Array.fromHex(first + second))?.toHex(),
    "000000000000000000000000000000000d029393d3a13ff5b26fe52bd8953768946c5510f9441f1136f1e938957882db6adbd7504177ee49281ecccba596f2bf" +
      "000000000000000000000000000000001993f668fb1ae603aefbb1323000033fcb3b65d8ed3bf09c84c61e27704b745f540299a1872cd697ae45a5afd780f1d6" +
      "00000000000000000000000000000000079cb41060ef7a128d286c9ef8638689a49ca19da8672ea5c47b6ba6dbde193ee835d3b87a76a689966037c07159c10d" +
      "0000000000000000000000000000000017c688ae9a8b59a7069c27f2d58dd2196cb414f4fb89da8510518a1142ab19d158badd1c3bad03408fafb1669903cd6c",
  );
});

Deno.test("mapBls12ToG1() and mapBls12ToG2() refuse what is no field element", () => {
  const p = bls12_381.fields.Fp.ORDER;
  const inGroup = bls12.mapBls12ToG1(encode(64, 0n));
  assertEquals(runSteps(bls12.sumBls12G1(concatBytes(inGroup ?? NO_BYTES, ONE))), inGroup);
  assertEquals(bls12.mapBls12ToG1(encode(64, p)), undefined);
  assertEquals(bls12.mapBls12ToG2(encode(64, p, 0n)), undefined);
  assertEquals(bls12.mapBls12ToG2(encode(64, 0n, p)), undefined);
});
