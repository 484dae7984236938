import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { AssertionError } from "../../primitives/errors.ts";
import {
  createPoseidon2,
  digestFromBytes,
  digestToBytes,
  KOALABEAR_MODULUS,
  MAX_CHAIN_BLOCKS,
} from "./poseidon2.ts";

const P = BigInt(KOALABEAR_MODULUS);
const poseidon2 = createPoseidon2();
const constants = deriveConstants();
const word = fc.oneof(
  fc.integer({ min: 0, max: KOALABEAR_MODULUS - 1 }),
  fc.constantFrom(0, 1, 2, KOALABEAR_MODULUS - 1, KOALABEAR_MODULUS - 2, 1 << 24, (1 << 24) - 1),
);

Deno.test("permuteRows() gives the published width-16 vector", () => {
  const row = [
    ...[894848333, 1437655012, 1200606629, 1690012884, 71131202, 1749206695, 1717947831],
    ...[120589055, 19776022, 42382981, 1831865506, 724844064, 171220207, 1299207443],
    ...[227047920, 1783754913],
  ];
  assertEquals(permute(row), [
    ...[1934285469, 604889435, 133449501, 1026180808, 1830659359, 176667110, 1391183747],
    ...[351743874, 1238264085, 1292768839, 2023573270, 1201586780, 1360691759, 1230682461],
    ...[748270449, 651545025],
  ]);
});

Deno.test("permuteRows() gives the known permutation of 0 to 15", () => {
  assertEquals(permute(Array.from({ length: 16 }, (_, index) => index)), [
    ...[0x4b134812, 0x278ba7f8, 0x76944b51, 0x1c672bb2, 0x31dfa6bb, 0x6b7e9d79, 0x4945e876],
    ...[0x78a321a8, 0x7a73bc0a, 0x5cc8abbc, 0x56beb8c0, 0x57b4c9a2, 0x193b9df3, 0x15194d64],
    ...[0x47ba9576, 0x5eeccb64],
  ]);
});

Deno.test("permuteRows() agrees with the slow permutation on random and extreme words", () => {
  const rows = fc.array(fc.array(word, { minLength: 16, maxLength: 16 }), {
    minLength: 1,
    maxLength: 9,
  });
  fc.assert(
    fc.property(rows, (given) => {
      const permuted = new Uint32Array(16 * given.length);
      poseidon2.permuteRows(Uint32Array.from(given.flat()), given.length, permuted);
      assertEquals([...permuted], given.flatMap(permuteSlowly));
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("compressPairs() adds the input to the permutation and keeps 8 words, at every count", () => {
  for (const count of [0, 1, 2, 3, 4, 5, 1023, 1024, 1025, 2051]) {
    const pairs = Uint32Array.from({ length: 16 * count }, (_, index) => scramble(index));
    const digests = new Uint32Array(8 * count + 8).fill(7);
    poseidon2.compressPairs(pairs, count, digests);
    for (const row of [0, 1, count - 2, count - 1]) {
      if (row < 0 || row >= count) continue;
      const expected = compressSlowly([...pairs.slice(16 * row, 16 * row + 16)]);
      assertEquals([...digests.slice(8 * row, 8 * row + 8)], expected, `row ${row} of ${count}`);
    }
    assertEquals([...digests.slice(8 * count)], new Array(8).fill(7), "nothing past the last row");
  }
});

Deno.test("compressChains() compresses big-endian 16-bit words block after block", () => {
  for (let blockCount = 0; blockCount <= MAX_CHAIN_BLOCKS; blockCount++) {
    const count = 1030;
    const rowBytes = 32 + 16 * blockCount;
    const rows = new Uint8Array(count * rowBytes);
    for (let at = 0; at < rows.length; at++) rows[at] = scramble(at);
    const words = new Uint32Array(rows.buffer);
    // Heads are words of the field; blocks are any bytes.
    for (let row = 0; row < count; row++) {
      for (let at = 0; at < 8; at++) words[(row * rowBytes) / 4 + at] = scramble(row + 31 * at);
    }
    const digests = new Uint32Array(8 * count);
    poseidon2.compressChains(rows, { count, blockCount }, digests);
    for (const row of [0, 1, 2, 3, 4, 1029]) {
      const bytes = rows.subarray(row * rowBytes, (row + 1) * rowBytes);
      let digest = [...words.subarray((row * rowBytes) / 4, (row * rowBytes) / 4 + 8)];
      for (let at = 32; at < rowBytes; at += 16) {
        const view = new DataView(bytes.buffer, bytes.byteOffset + at, 16);
        const block = Array.from({ length: 8 }, (_, index) => view.getUint16(2 * index));
        digest = compressSlowly([...digest, ...block]);
      }
      assertEquals([...digests.slice(8 * row, 8 * row + 8)], digest);
    }
  }
});

Deno.test("compressPairs() refuses fewer rows than it is asked to hash", () => {
  assertThrows(
    () => poseidon2.compressPairs(new Uint32Array(16), 2, new Uint32Array(16)),
    AssertionError,
  );
  assertThrows(
    () => poseidon2.compressPairs(new Uint32Array(32), 2, new Uint32Array(8)),
    AssertionError,
  );
});

Deno.test("digestFromBytes() undoes digestToBytes(), word 0 first and big-endian", () => {
  const words = Uint32Array.of(1, 2, 3, 4, 5, 6, 7, KOALABEAR_MODULUS - 1);
  const bytes = digestToBytes(words);
  assertEquals(bytes.toHex().slice(0, 16), "0000000100000002");
  assertEquals(bytes.toHex().slice(56), "7f000000");
  assertEquals(digestFromBytes(bytes), words);
});

Deno.test("digestFromBytes() refuses words of p or more and other lengths", () => {
  for (let at = 0; at < 8; at++) {
    const bytes = new Uint8Array(32);
    new DataView(bytes.buffer).setUint32(4 * at, KOALABEAR_MODULUS);
    assertEquals(digestFromBytes(bytes), undefined);
  }
  assertEquals(digestFromBytes(new Uint8Array(31)), undefined);
  assertEquals(digestFromBytes(new Uint8Array(33)), undefined);
});

function permute(row: readonly number[]): number[] {
  const permuted = new Uint32Array(16);
  poseidon2.permuteRows(Uint32Array.from(row), 1, permuted);
  return [...permuted];
}

/** Some word of the field for each index; no pattern that lanes could share. */
function scramble(index: number): number {
  return (Math.imul(index + 1, 0x9e3779b1) >>> 0) % KOALABEAR_MODULUS;
}

/** Poseidon2 as the paper writes it, on integers: matrices spelled out, nothing shared with wasm. */
function permuteSlowly(row: readonly number[]): number[] {
  let state = multiply(externalMatrix(), row.map(BigInt));
  let used = 0;
  const addAndCube = (index: number): void => {
    const sum = (state[index] ?? 0n) + (constants[used++] ?? 0n);
    state[index] = (sum * sum * sum) % P;
  };
  for (let round = 0; round < 28; round++) {
    const isExternal = round < 4 || round >= 24;
    for (let index = 0; index < (isExternal ? 16 : 1); index++) addAndCube(index);
    state = multiply(isExternal ? externalMatrix() : internalMatrix(), state);
  }
  return state.map(Number);
}

function compressSlowly(row: readonly number[]): number[] {
  const permuted = permuteSlowly(row);
  return permuted.slice(0, 8).map((value, index) =>
    (value + (row[index] ?? 0)) % KOALABEAR_MODULUS
  );
}

function externalMatrix(): bigint[][] {
  const block = [[2n, 3n, 1n, 1n], [1n, 2n, 3n, 1n], [1n, 1n, 2n, 3n], [3n, 1n, 1n, 2n]];
  return matrix((row, column) => {
    const weight = Math.floor(row / 4) === Math.floor(column / 4) ? 2n : 1n;
    return weight * (block[row % 4]?.[column % 4] ?? 0n);
  });
}

function internalMatrix(): bigint[][] {
  const inverse = (k: bigint): bigint => power(2n, (P - 1n) - k);
  const diagonal = [
    ...[-2n, 1n, 2n, inverse(1n), 3n, 4n, -inverse(1n), -3n, -4n, inverse(8n), inverse(3n)],
    ...[inverse(24n), -inverse(8n), -inverse(3n), -inverse(4n), -inverse(24n)],
  ];
  return matrix((row, column) => 1n + (row === column ? diagonal[row] ?? 0n : 0n));
}

function matrix(entry: (row: number, column: number) => bigint): bigint[][] {
  const indices = Array.from({ length: 16 }, (_, index) => index);
  return indices.map((row) => indices.map((column) => ((entry(row, column) % P) + P) % P));
}

function multiply(rows: readonly bigint[][], vector: readonly bigint[]): bigint[] {
  return rows.map((row) =>
    row.reduce((sum, entry, at) => sum + entry * (vector[at] ?? 0n), 0n) % P
  );
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let bit = 32n; bit >= 0n; bit--) {
    result = (result * result) % P;
    if ((exponent >> bit) & 1n) result = (result * base) % P;
  }
  return result;
}

/** The round constants from their definition: the Grain LFSR of the Poseidon paper, appendix F. */
function deriveConstants(): bigint[] {
  const bits: number[] = [];
  const fields: readonly (readonly [number, number])[] = [
    ...[[1, 2], [0, 4], [31, 12], [16, 12], [8, 10], [20, 10], [0x3fffffff, 30]] as const,
  ];
  for (const [value, width] of fields) {
    for (let bit = width - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  }
  const step = (): number => {
    const next = [62, 51, 38, 23, 13, 0].reduce((sum, tap) => sum ^ (bits[tap] ?? 0), 0);
    bits.shift();
    bits.push(next);
    return next;
  };
  for (let warmUp = 0; warmUp < 160; warmUp++) step();
  const draw = (): number => {
    // Self-shrinking: a pair gives its second bit if its first is set.
    for (;;) {
      const keep = step();
      const bit = step();
      if (keep === 1) return bit;
    }
  };
  const drawn: bigint[] = [];
  while (drawn.length < 8 * 16 + 20) {
    let value = 0n;
    for (let bit = 0; bit < 31; bit++) value = 2n * value + BigInt(draw());
    if (value < P) drawn.push(value);
  }
  return drawn;
}
