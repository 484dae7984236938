import { assertEquals, assertThrows } from "@std/assert";
import { secp256k1 as noble } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { bigintToBytes, concatBytes } from "../primitives/bytes.ts";
import { AssertionError } from "../primitives/errors.ts";
import { keccak256Bytes } from "./keccak.ts";
import { privateKeyToAddress, recoverAddress, SECP256K1_ORDER, signDigest } from "./secp256k1.ts";

const digest = new Uint8Array(32).fill(0x5a);
const key = bigintToBytes(0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80n, 32);

Deno.test("privateKeyToAddress() gives the known addresses of known keys", () => {
  assertEquals<string>(
    privateKeyToAddress(bigintToBytes(1n, 32)),
    "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf",
  );
  assertEquals<string>(privateKeyToAddress(key), "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
});

Deno.test("signDigest() is deterministic as RFC 6979 says for secp256k1", () => {
  const message = sha256(new TextEncoder().encode("Satoshi Nakamoto"));
  const { r, s } = signDigest(message, bigintToBytes(1n, 32));
  assertEquals(r, 0x934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8n);
  assertEquals(s, 0x2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5n);
});

Deno.test("signDigest() and privateKeyToAddress() agree with another implementation", () => {
  const keys = fc.bigInt({ min: 1n, max: SECP256K1_ORDER - 1n });
  const digests = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const settings = {
    prehash: false,
    lowS: true,
    format: "recovered",
    extraEntropy: false,
  } as const;
  fc.assert(
    fc.property(keys, digests, (scalar, anyDigest) => {
      const privateKey = bigintToBytes(scalar, 32);
      const { yParity, r, s } = signDigest(anyDigest, privateKey);
      const ours = concatBytes(Uint8Array.of(yParity), bigintToBytes(r, 32), bigintToBytes(s, 32));
      assertEquals(ours, noble.sign(anyDigest, privateKey, settings));
      const publicKey = noble.getPublicKey(privateKey, false);
      assertEquals<string>(
        privateKeyToAddress(privateKey),
        `0x${keccak256Bytes(publicKey.subarray(1)).toHex().slice(24)}`,
      );
    }),
    { seed: 1_363, numRuns: 100 },
  );
});

Deno.test("signDigest() treats a private key out of range or of another length as a defect", () => {
  for (const bad of [new Uint8Array(32), bigintToBytes(SECP256K1_ORDER, 32), key.subarray(1)]) {
    assertThrows(() => signDigest(digest, bad), AssertionError);
    assertThrows(() => privateKeyToAddress(bad), AssertionError);
  }
});

Deno.test("recoverAddress() finds the signer, and s of signDigest() is low", () => {
  const keys = fc.bigInt({ min: 1n, max: SECP256K1_ORDER - 1n });
  const digests = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(keys, digests, (scalar, anyDigest) => {
      const privateKey = bigintToBytes(scalar, 32);
      const signature = signDigest(anyDigest, privateKey);
      assertEquals(signature.s <= SECP256K1_ORDER / 2n, true);
      assertEquals(recoverAddress(anyDigest, signature), privateKeyToAddress(privateKey));
    }),
    { seed: 6_979, numRuns: 25 },
  );
});

Deno.test("recoverAddress() takes the mirrored signature with a high s", () => {
  const { r, s, yParity } = signDigest(digest, key);
  const mirrored = { r, s: SECP256K1_ORDER - s, yParity: 1 - yParity };
  assertEquals(recoverAddress(digest, mirrored), privateKeyToAddress(key));
});

Deno.test("recoverAddress() answers undefined for values out of range and for no point", () => {
  const good = signDigest(digest, key);
  const refused = [
    { ...good, r: 0n },
    { ...good, s: 0n },
    { ...good, r: -1n },
    { ...good, r: SECP256K1_ORDER },
    { ...good, s: SECP256K1_ORDER },
    { ...good, r: 1n << 256n },
    { ...good, yParity: 2 },
    { ...good, yParity: -1 },
    // 5^3 + 7 is no square modulo the field's prime.
    { ...good, r: 5n },
  ];
  for (const signature of refused) assertEquals(recoverAddress(digest, signature), undefined);
});

Deno.test("recoverAddress() finds another signer or none for another digest or parity", () => {
  const good = signDigest(digest, key);
  const signer = privateKeyToAddress(key);
  const otherDigest = new Uint8Array(32).fill(0x5b);
  assertEquals(recoverAddress(otherDigest, good) === signer, false);
  assertEquals(recoverAddress(digest, { ...good, yParity: 1 - good.yParity }) === signer, false);
});

Deno.test("recoverAddress() treats a digest that is not 32 bytes as a defect", () => {
  const good = signDigest(digest, key);
  assertThrows(() => recoverAddress(new Uint8Array(31), good), AssertionError);
});

Deno.test("recoverAddress() agrees with another implementation wherever arithmetic has edges", () => {
  const edges = [1n, 2n, 3n, SECP256K1_ORDER >> 1n, (SECP256K1_ORDER >> 1n) + 1n, ENDOMORPHISM]
    .flatMap((edge) => [edge, SECP256K1_ORDER - edge]);
  // x = r is the only point that Ethereum's two parities name, also for r that another x shares.
  const aboveOnlyX = FIELD_PRIME - SECP256K1_ORDER;
  const multiples = Array.from({ length: 20 }, (_, index) => xOfMultiple(BigInt(index + 1)));
  const scalars = fc.oneof(
    fc.bigInt({ min: 1n, max: SECP256K1_ORDER - 1n }),
    fc.bigInt({ min: 1n, max: 1n << 128n }),
    fc.constantFrom(...edges),
  );
  const rs = fc.oneof(
    scalars,
    fc.bigInt({ min: aboveOnlyX - 40n, max: aboveOnlyX + 40n }),
    fc.constantFrom(...multiples, ...edges.map(xOfMultiple)),
  );
  const digests = fc.oneof(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.constantFrom(0n, 1n, SECP256K1_ORDER - 1n, SECP256K1_ORDER, (1n << 256n) - 1n, ENDOMORPHISM)
      .map((value) => bigintToBytes(value, 32)),
  );
  let foundCount = 0;
  fc.assert(
    fc.property(rs, scalars, digests, fc.constantFrom(0, 1), (r, s, anyDigest, yParity) => {
      const ours = recoverAddress(anyDigest, { r, s, yParity });
      assertEquals(ours, recoverWithPeer(anyDigest, { r, s, yParity }));
      if (ours !== undefined) foundCount++;
    }),
    { seed: 4_337, numRuns: 600 },
  );
  // About half of all x are on the curve, and all multiples are: both answers were compared.
  assertEquals(foundCount > 200 && foundCount < 600, true);
});

Deno.test("recoverAddress() answers undefined when the key would be the point at infinity", () => {
  // With R = k G and s = z / k, s R - z G is nothing.
  for (const multiple of [1n, 2n, 7n, ENDOMORPHISM, SECP256K1_ORDER - 2n]) {
    const point = noble.Point.BASE.multiply(multiple);
    const s = 12_345n;
    const anyDigest = bigintToBytes(multiple * s % SECP256K1_ORDER, 32);
    const signature = { r: point.x, s, yParity: Number(point.y & 1n) };
    assertEquals(recoverAddress(anyDigest, signature), undefined);
    assertEquals(recoverWithPeer(anyDigest, signature), undefined);
  }
});

Deno.test("recoverAddress() gives the same answer however often it is asked, in any order", () => {
  const signatures = Array.from({ length: 40 }, (_, index) => {
    const privateKey = bigintToBytes(BigInt(index + 1), 32);
    return { signature: signDigest(digest, privateKey), signer: privateKeyToAddress(privateKey) };
  });
  for (const { signature, signer } of [...signatures, ...signatures.toReversed()]) {
    const other = recoverAddress(digest, { ...signature, yParity: 1 - signature.yParity });
    assertEquals(recoverAddress(digest, signature), signer);
    assertEquals(other === signer, false);
  }
});

const FIELD_PRIME = (1n << 256n) - (1n << 32n) - 977n;
/** A cube root of one modulo the order, by which multiples of points are split. */
const ENDOMORPHISM = 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72n;

function xOfMultiple(scalar: bigint): bigint {
  return noble.Point.BASE.multiply(scalar).x % SECP256K1_ORDER;
}

function recoverWithPeer(
  anyDigest: Uint8Array,
  { r, s, yParity }: { readonly r: bigint; readonly s: bigint; readonly yParity: number },
): string | undefined {
  const bytes = concatBytes(
    Uint8Array.of(yParity),
    bigintToBytes(r, 32),
    bigintToBytes(s, 32),
  );
  let point: Uint8Array;
  try {
    const compressed = noble.recoverPublicKey(bytes, anyDigest, { prehash: false });
    point = noble.Point.fromBytes(compressed).toBytes(false);
  } catch {
    // It throws for whatever is no signature of anybody.
    return undefined;
  }
  return `0x${keccak256Bytes(point.subarray(1)).toHex().slice(24)}`;
}
