import { assertEquals, assertThrows } from "@std/assert";
import { p256 } from "@noble/curves/nist.js";
import fc from "fast-check";
import { SECP256K1_ORDER, signDigest } from "../../crypto/secp256k1.ts";
import { bigintToBytes, bytesToBigint, concatBytes } from "../../primitives/bytes.ts";
import { assert, AssertionError } from "../../primitives/errors.ts";
import * as layout from "../assembly/layout.ts";
import { createCryptoImport } from "./crypto.ts";

const INPUT = 0x40;
const OUT = 0x8000;

const {
  CRYPTO_ECRECOVER: ECRECOVER,
  CRYPTO_MODEXP: MODEXP,
  CRYPTO_P256VERIFY: P256VERIFY,
  CRYPTO_POINT_EVALUATION: POINT_EVALUATION,
} = layout;

/** Runs an operation over a fresh memory; `undefined` for a refusal. */
function call(operation: number, ...input: Uint8Array[]): Uint8Array | undefined {
  const memory = new Uint8Array(0x10000);
  const bytes = concatBytes(...input);
  memory.set(bytes, INPUT);
  const length = createCryptoImport(() => memory)(operation, INPUT, bytes.length, OUT);
  assert(typeof length === "number", "nothing waits where nobody asks for pauses");
  if (length === -1) {
    assertEquals(memory.slice(OUT, OUT + 64), new Uint8Array(64), "a refusal writes nothing");
    return undefined;
  }
  return memory.slice(OUT, OUT + length);
}

function word(value: bigint): Uint8Array {
  return bigintToBytes(value, 32);
}

const digest = new Uint8Array(32).fill(0x5a);
const privateKey = word(1n);
const signer = concatBytes(
  new Uint8Array(12),
  Uint8Array.fromHex("7e5f4552091a69125d5dfcb7b8c2659029395bdf"),
);
const signature = signDigest(digest, privateKey);
const v = word(27n + BigInt(signature.yParity));
const EMPTY = new Uint8Array(0);

Deno.test("createCryptoImport() reads the memory as it is at each call", () => {
  let memory = new Uint8Array(0);
  const run = createCryptoImport(() => memory);
  memory = new Uint8Array(0x10000);
  memory.set(concatBytes(word(1n), word(1n), word(1n), Uint8Array.of(3, 2, 5)), INPUT);
  assertEquals(run(MODEXP, INPUT, 99, INPUT), 1);
  assertEquals(memory[INPUT], 4);
});

Deno.test("createCryptoImport() takes an operation that the layout does not name for a defect", () => {
  assertThrows(() => call(2, EMPTY), AssertionError);
});

Deno.test("createCryptoImport() recovers a signer", () => {
  assertEquals(call(ECRECOVER, digest, v, word(signature.r), word(signature.s)), signer);
});

Deno.test("createCryptoImport() recovers the signer of a high s too", () => {
  const other = word(28n - BigInt(signature.yParity));
  const highS = word(SECP256K1_ORDER - signature.s);
  assertEquals(call(ECRECOVER, digest, other, word(signature.r), highS), signer);
});

Deno.test("createCryptoImport() gives no output for what nobody signed", () => {
  const { r, s } = signature;
  for (const bad of [0n, SECP256K1_ORDER, 2n ** 256n - 1n]) {
    assertEquals(call(ECRECOVER, digest, v, word(bad), word(s)), EMPTY);
    assertEquals(call(ECRECOVER, digest, v, word(r), word(bad)), EMPTY);
  }
  for (const bad of [0n, 1n, 26n, 29n, 27n + 2n ** 255n]) {
    assertEquals(call(ECRECOVER, digest, word(bad), word(r), word(s)), EMPTY);
  }
  // No point of the curve has this x.
  assertEquals(call(ECRECOVER, digest, v, word(5n), word(s)), EMPTY);
});

const p256Order = p256.Point.Fn.ORDER;
const p256Key = p256.getPublicKey(privateKey, false).subarray(1);
const p256Signature = p256.sign(digest, privateKey, { prehash: false, lowS: true });
const p256R = p256Signature.subarray(0, 32);
const p256S = p256Signature.subarray(32);

Deno.test("createCryptoImport() accepts P-256 signatures of either s", () => {
  assertEquals(call(P256VERIFY, digest, p256R, p256S, p256Key), word(1n));
  const highS = word(p256Order - bytesToBigint(p256S));
  assertEquals(call(P256VERIFY, digest, p256R, highS, p256Key), word(1n));
});

Deno.test("createCryptoImport() gives no output for a bad P-256 signature or key", () => {
  const other = new Uint8Array(32);
  assertEquals(call(P256VERIFY, other, p256R, p256S, p256Key), EMPTY);
  for (const bad of [0n, p256Order, 2n ** 256n - 1n]) {
    assertEquals(call(P256VERIFY, digest, word(bad), p256S, p256Key), EMPTY);
    assertEquals(call(P256VERIFY, digest, p256R, word(bad), p256Key), EMPTY);
  }
  const x = bytesToBigint(p256Key.subarray(0, 32));
  const y = bytesToBigint(p256Key.subarray(32));
  const { ORDER } = p256.Point.Fp;
  const badKeys: readonly (readonly [bigint, bigint])[] = [
    [0n, 0n],
    [x, y + 1n],
    [x, ORDER],
    [ORDER, y],
    // The same point but for a multiple of the field's order.
    [x, y + ORDER < 2n ** 256n ? y + ORDER : ORDER + 1n],
  ];
  for (const [badX, badY] of badKeys) {
    assertEquals(call(P256VERIFY, digest, p256R, p256S, word(badX), word(badY)), EMPTY);
  }
});

Deno.test("createCryptoImport() accepts P-256 signatures whose digest passes the order", () => {
  const large = new Uint8Array(32).fill(255);
  const signed = p256.sign(large, privateKey, { prehash: false });
  assertEquals(call(P256VERIFY, large, signed, p256Key), word(1n));
});

function modexpInput(base: Uint8Array, exponent: Uint8Array, modulus: Uint8Array): Uint8Array {
  const lengths = [base, exponent, modulus].map((part) => word(BigInt(part.length)));
  return concatBytes(...lengths, base, exponent, modulus);
}

Deno.test("createCryptoImport() raises as plain arithmetic does", () => {
  const operand = fc.uint8Array({ maxLength: 40 });
  const divisors = fc.uint8Array({ minLength: 1, maxLength: 40 });
  const exponents = fc.integer({ min: 0, max: 400 });
  fc.assert(
    fc.property(operand, exponents, divisors, (base, exponent, modulus) => {
      const exponentBytes = bigintToBytes(BigInt(exponent), 3);
      const divisor = bytesToBigint(modulus);
      const expected = divisor === 0n ? 0n : bytesToBigint(base) ** BigInt(exponent) % divisor;
      const output = call(MODEXP, modexpInput(base, exponentBytes, modulus));
      assertEquals(output, bigintToBytes(expected, modulus.length));
    }),
    { seed: 198, numRuns: 400 },
  );
});

Deno.test("createCryptoImport() raises large numbers as Fermat's theorem says", () => {
  // The Mersenne prime of 2203 bits.
  const prime = (1n << 2203n) - 1n;
  const size = 276;
  const base = bigintToBytes(3n ** 1000n, size);
  const exponent = bigintToBytes(prime - 1n, size);
  const output = call(MODEXP, modexpInput(base, exponent, bigintToBytes(prime, size)));
  assertEquals(output, bigintToBytes(1n, size));
});

Deno.test("createCryptoImport() reads operands that the input ends before as zeros", () => {
  const whole = modexpInput(Uint8Array.of(2, 0), Uint8Array.of(1, 0), Uint8Array.of(9, 0));
  assertEquals(call(MODEXP, whole.subarray(0, 101)), call(MODEXP, whole));
  // No modulus at all.
  assertEquals(call(MODEXP, whole.subarray(0, 99)), new Uint8Array(2));
  assertEquals(call(MODEXP, EMPTY), EMPTY);
  // An exponent of a million zero bytes takes no memory and no time.
  const header = concatBytes(word(1n), word(1_000_000n), word(1n));
  assertEquals(call(MODEXP, header, Uint8Array.of(7)), new Uint8Array(1));
  const endless = concatBytes(word(1n), word(2n ** 256n - 1n), word(1n));
  assertEquals(call(MODEXP, endless, Uint8Array.of(7, 7, 7)), new Uint8Array(1));
});

Deno.test("createCryptoImport() raises to zero and modulo zero and one", () => {
  const [zero, one, five] = [Uint8Array.of(0), Uint8Array.of(1), Uint8Array.of(5)];
  assertEquals(call(MODEXP, modexpInput(five, zero, five)), one);
  assertEquals(call(MODEXP, modexpInput(zero, zero, five)), one);
  assertEquals(call(MODEXP, modexpInput(zero, five, five)), zero);
  assertEquals(call(MODEXP, modexpInput(five, zero, one)), zero);
  assertEquals(call(MODEXP, modexpInput(five, five, zero)), zero);
  assertEquals(call(MODEXP, modexpInput(EMPTY, EMPTY, five)), one);
  assertEquals(call(MODEXP, modexpInput(five, five, EMPTY)), EMPTY);
});

/** The vector of go-ethereum's precompile tests (`pointEvaluation.json`), without its hash. */
const z = Uint8Array.fromHex("564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306");
const y = Uint8Array.fromHex("24d25032e67a7e6a4910df5834b8fe70e6bcfeeac0352434196bdf4b2485d5a1");
const commitment = Uint8Array.fromHex(
  "8f59a8d2a1a625a17f3fea0fe5eb8c896db3764f3185481bc22f91b4aaffcca25f26936857bc3a7c2539ea8ec3a952b7",
);
const proof = Uint8Array.fromHex(
  "873033e038326e87ed3e1276fd140253fa08e9fc25fb2d9a98527fc22a2c9612fbeafdad446cbc7bcdbdcd780af2c16a",
);

Deno.test("createCryptoImport() accepts a point evaluation that holds, and no other", () => {
  assertEquals(call(POINT_EVALUATION, z, y, commitment, proof), EMPTY);
  assertEquals(call(POINT_EVALUATION, z, z, commitment, proof), undefined);
  assertEquals(call(POINT_EVALUATION, z, y, proof, commitment), undefined);
  const outOfRange = new Uint8Array(32).fill(255);
  assertEquals(call(POINT_EVALUATION, outOfRange, y, commitment, proof), undefined);
  assertEquals(call(POINT_EVALUATION, z, y, new Uint8Array(48), proof), undefined);
});

/** Operations of a fixed input length, or of any number of terms of it. */
const SIZES: readonly (readonly [operation: number, sizeBytes: number])[] = [
  [layout.CRYPTO_ECRECOVER, 128],
  [layout.CRYPTO_BN254_ADD, 128],
  [layout.CRYPTO_BN254_MUL, 96],
  [layout.CRYPTO_BN254_PAIRING, 192],
  [layout.CRYPTO_POINT_EVALUATION, 160],
  [layout.CRYPTO_BLS12_G1ADD, 256],
  [layout.CRYPTO_BLS12_G1MSM, 160],
  [layout.CRYPTO_BLS12_G2ADD, 512],
  [layout.CRYPTO_BLS12_G2MSM, 288],
  [layout.CRYPTO_BLS12_PAIRING, 384],
  [layout.CRYPTO_BLS12_MAP_G1, 64],
  [layout.CRYPTO_BLS12_MAP_G2, 128],
  [layout.CRYPTO_P256VERIFY, 160],
];

Deno.test("createCryptoImport() answers any bytes without throwing", () => {
  for (const [operation, sizeBytes] of SIZES) {
    const bytes = fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes });
    // Sparse bytes reach further than random ones: most of their numbers are field elements.
    const sparse = fc.array(fc.tuple(fc.nat(sizeBytes - 1), fc.nat(255)), { maxLength: 6 }).map(
      (entries) => {
        const filled = new Uint8Array(sizeBytes);
        for (const [at, value] of entries) filled[at] = value;
        return filled;
      },
    );
    fc.assert(
      fc.property(fc.oneof(bytes, sparse), (input) => {
        const output = call(operation, input);
        return output === undefined || output.length <= 256;
      }),
      { seed: operation, numRuns: 60 },
    );
  }
});
