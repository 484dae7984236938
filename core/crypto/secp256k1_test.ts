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
