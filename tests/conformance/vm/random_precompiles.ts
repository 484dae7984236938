/**
 * Seeded inputs that precompiles take, for the fuzz.
 *
 * Owns inputs that are right; what spoils them is the program's that calls (`random_bytes.ts`).
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { signDigest } from "../../../core/crypto/secp256k1.ts";
import { bigintToBytes } from "../../../core/primitives/bytes.ts";
import type { Draw } from "./random_programs.ts";
import { randomBytes, randomWord } from "./random_words.ts";
import { testKey } from "./world.ts";

/** Addresses of precompiles; those with more to get wrong come more often. */
export const PRECOMPILES: readonly number[] = [
  ...[1, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9],
  ...[0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x100],
];

/** Input that the precompile takes. */
export function precompileInput(draw: Draw, number: number): Uint8Array {
  const words = (...values: readonly bigint[]) =>
    Uint8Array.from(values.flatMap((value) => [...bigintToBytes(value, 32)]));
  switch (number) {
    case 1: {
      const digest = randomBytes(draw, 32);
      const { r, s, yParity } = signDigest(digest, testKey(draw.below(5)));
      return Uint8Array.from([...digest, ...words(27n + BigInt(yParity), r, s)]);
    }
    case 5: {
      const lengths = [draw.below(40), draw.below(5), draw.below(40)];
      const size = lengths.reduce((sum, length) => sum + length, 0);
      return Uint8Array.from([...words(...lengths.map(BigInt)), ...randomBytes(draw, size)]);
    }
    case 6:
      return words(...draw.pick(BN254_POINTS), ...draw.pick(BN254_POINTS));
    case 7:
      return words(...draw.pick(BN254_POINTS), randomWord(draw));
    case 8:
      return new Uint8Array(192 * draw.below(3));
    case 9: {
      const rounds = [0, 0, 0, draw.below(14)];
      return Uint8Array.from([...rounds, ...randomBytes(draw, 208), draw.below(2)]);
    }
    case 0x0a: {
      // The polynomial zero: commitment and proof are infinity, its value is zero everywhere.
      const infinity = Uint8Array.of(0xc0, ...new Uint8Array(47));
      const point = [0, ...randomBytes(draw, 31)];
      const hash = sha256(infinity).with(0, 1);
      return Uint8Array.from([...hash, ...point, ...new Uint8Array(32), ...infinity, ...infinity]);
    }
    case 0x0b:
      return new Uint8Array(256);
    case 0x0c:
      return Uint8Array.from([...new Uint8Array(128), ...randomBytes(draw, 32)]);
    case 0x0d:
      return new Uint8Array(512);
    case 0x0e:
      return Uint8Array.from([...new Uint8Array(256), ...randomBytes(draw, 32)]);
    case 0x0f:
      return new Uint8Array(384);
    case 0x10:
      return Uint8Array.from([...new Uint8Array(17), ...randomBytes(draw, 47)]);
    case 0x11: {
      const half = () => [...new Uint8Array(17), ...randomBytes(draw, 47)];
      return Uint8Array.from([...half(), ...half()]);
    }
    case 0x100:
      return randomBytes(draw, 160);
    default:
      return randomBytes(draw, draw.below(150));
  }
}

const BN254_P = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
/** The generator, its negative, its double, infinity, and a point off the curve. */
const BN254_POINTS: readonly (readonly [bigint, bigint])[] = [
  [1n, 2n],
  [1n, BN254_P - 2n],
  [
    1368015179489954701390400359078579693043519447331113978918064868415326638035n,
    9918110051302171585080402603319702774565515993150576347155970296011118125764n,
  ],
  [0n, 0n],
  [1n, 3n],
  [BN254_P, 0n],
];
