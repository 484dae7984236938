import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { privateKeyToAddress, SECP256K1_ORDER } from "../crypto/secp256k1.ts";
import { bigintToBytes, concatBytes } from "../primitives/bytes.ts";
import { RollupError } from "../primitives/errors.ts";
import {
  address,
  bytesToAddress,
  bytesToHash32,
  bytesToHex,
  hexToBytes,
} from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import { encodeRlp, type RlpItem, uintToRlp } from "../primitives/rlp.ts";
import {
  decodeTransaction,
  effectiveGasPriceWei,
  encodeTransaction,
  maxCostWei,
  recoverSender,
  signingDigest,
  signTransaction,
  type Transaction,
  transactionHash,
  type UnsignedTransaction,
} from "./tx.ts";

const SEED = 2_718;
const key = new Uint8Array(32).fill(0x46);
const to = address(`0x${"35".repeat(20)}`);

/** The example of EIP-155. */
const eip155: UnsignedTransaction = {
  type: 0,
  chainId: 1n,
  nonce: 9n,
  maxFeePerGasWei: 20n * 10n ** 9n,
  maxPriorityFeePerGasWei: 20n * 10n ** 9n,
  gasLimit: 21_000n,
  to,
  valueWei: 10n ** 18n,
  data: new Uint8Array(0),
  accessList: [],
  authorizations: [],
};
const EIP155_RAW = "0xf86c098504a817c8008252089435353535353535353535353535353535353535358" +
  "80de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a0" +
  "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";

Deno.test("signingDigest() and signTransaction() give the example of EIP-155", () => {
  assertEquals(
    bytesToHex(signingDigest(eip155)),
    "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53",
  );
  const signed = signTransaction(eip155, key);
  assertEquals(bytesToHex(encodeTransaction(signed)), EIP155_RAW);
  assertEquals<string>(recoverSender(signed), "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
  assertEquals(decodeTransaction(hexToBytes(EIP155_RAW)), signed);
});

const uint = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
const addresses = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytesToAddress);
const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHash32);
const accessLists = fc.array(
  fc.record({ address: addresses, storageKeys: fc.array(hashes, { maxLength: 3 }) }),
  { maxLength: 3 },
);
const authorizations = fc.record({
  chainId: uint(256),
  address: addresses,
  nonce: uint(64),
  yParity: fc.nat(255),
  r: uint(256),
  s: uint(256),
});

/** Any transaction that the codec can carry, signed or not. */
const transactions: fc.Arbitrary<Transaction> = fc.record({
  type: fc.constantFrom(0 as const, 1 as const, 2 as const, 4 as const),
  chainId: fc.option(uint(64), { nil: undefined }),
  nonce: uint(64),
  feeWei: uint(256),
  tipWei: uint(256),
  gasLimit: uint(64),
  to: fc.option(addresses, { nil: undefined }),
  valueWei: uint(256),
  data: fc.uint8Array({ maxLength: 80 }),
  accessList: accessLists,
  authorizations: fc.array(authorizations, { minLength: 1, maxLength: 3 }),
  yParity: fc.nat(1),
  r: uint(256),
  s: uint(256),
}).map(({ feeWei, tipWei, ...any }) => ({
  ...any,
  chainId: any.type === 0 ? any.chainId : any.chainId ?? 901n,
  maxFeePerGasWei: feeWei,
  maxPriorityFeePerGasWei: any.type < 2 ? feeWei : tipWei,
  to: any.type === 4 ? any.to ?? to : any.to,
  accessList: any.type === 0 ? [] : any.accessList,
  authorizations: any.type === 4 ? any.authorizations : [],
}));

Deno.test("decodeTransaction() gives back every field of every type", () => {
  fc.assert(
    fc.property(transactions, (tx) => {
      const raw = encodeTransaction(tx);
      assertEquals(decodeTransaction(raw), tx);
      assertEquals(raw[0] === tx.type || (tx.type === 0 && (raw[0] ?? 0) >= 0xc0), true);
    }),
    { seed: SEED, numRuns: 400 },
  );
});

Deno.test("decodeTransaction() refuses damaged bytes or reads their one canonical form", () => {
  const damage = fc.record({
    tx: transactions,
    at: fc.nat(400),
    bits: fc.integer({ min: 1, max: 255 }),
  });
  fc.assert(
    fc.property(damage, ({ tx, at, bits }) => {
      const raw = encodeTransaction(tx);
      const index = at % raw.length;
      raw[index] = (raw[index] ?? 0) ^ bits;
      try {
        assertEquals(encodeTransaction(decodeTransaction(raw)), raw);
      } catch (error) {
        assertEquals(error instanceof RollupError && error.code.startsWith("TX_"), true);
      }
    }),
    { seed: SEED, numRuns: 1_000 },
  );
});

Deno.test("decodeTransaction() throws nothing but its own codes on random bytes", () => {
  const anyType = fc.constantFrom([], [0xc0], [0xf8], [1], [2], [4], [0x7f]);
  fc.assert(
    fc.property(anyType, fc.uint8Array({ maxLength: 60 }), (prefix, rest) => {
      const raw = Uint8Array.from([...prefix, ...rest]);
      const error = assertThrows(() => decodeTransaction(raw), RollupError);
      assertEquals(error.code === "TX_MALFORMED" || error.code === "TX_TYPE_UNSUPPORTED", true);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

const signed1559 = signTransaction({ ...eip155, type: 2, maxPriorityFeePerGasWei: 3n }, key);
const EVERY_TYPE: readonly UnsignedTransaction[] = [
  eip155,
  { ...eip155, chainId: undefined },
  { ...eip155, type: 1, accessList: [{ address: to, storageKeys: [] }] },
  { ...eip155, type: 2, maxPriorityFeePerGasWei: 3n, to: undefined },
  {
    ...eip155,
    type: 4,
    authorizations: [{ chainId: 1n, address: to, nonce: 0n, yParity: 1, r: 1n, s: 2n }],
  },
];

for (const tx of EVERY_TYPE) {
  const name = tx.chainId === undefined ? "type 0 without chain id" : `type ${tx.type}`;
  Deno.test(`recoverSender() finds the signer of ${name} and notices a changed field`, () => {
    const signed = decodeTransaction(encodeTransaction(signTransaction(tx, key)));
    assertEquals(recoverSender(signed), privateKeyToAddress(key));
    const changed: Transaction[] = [
      { ...signed, nonce: signed.nonce + 1n },
      { ...signed, valueWei: signed.valueWei + 1n },
      { ...signed, gasLimit: signed.gasLimit + 1n },
      { ...signed, data: Uint8Array.of(1) },
      { ...signed, maxFeePerGasWei: signed.maxFeePerGasWei + 1n },
      { ...signed, chainId: 2n },
    ];
    for (const other of changed) {
      assertNotEquals(signingDigest(other), signingDigest(signed));
    }
  });
}

Deno.test("recoverSender() refuses a high s (EIP-2) and values out of range", () => {
  const { r, s, yParity } = signed1559;
  const refused = [
    { s: SECP256K1_ORDER - s, yParity: 1 - yParity },
    { s: 0n },
    { r: 0n },
    { r: SECP256K1_ORDER },
    { r: 5n },
  ];
  for (const fields of refused) {
    const error = assertThrows(() => recoverSender({ ...signed1559, ...fields }), RollupError);
    assertEquals(error.code, "TX_SIGNATURE_INVALID");
  }
  assertEquals(recoverSender({ ...signed1559, r }), privateKeyToAddress(key));
});

/** The 12 fields of a type 2 transaction, to be damaged one at a time. */
function type2Fields(): RlpItem[] {
  const one = Uint8Array.of(1);
  return [one, one, one, one, one, hexToBytes(to), one, one, [], one, one, one];
}

function type2With(at: number, field: RlpItem): Uint8Array {
  return concatBytes(Uint8Array.of(2), encodeRlp(type2Fields().with(at, field)));
}

function legacyWithV(v: bigint): Uint8Array {
  const one = Uint8Array.of(1);
  const fields: RlpItem[] = [one, one, one, hexToBytes(to), one, one];
  return encodeRlp([...fields, uintToRlp(v), one, one]);
}

function type4(toField: Uint8Array, list: RlpItem): Uint8Array {
  const one = Uint8Array.of(1);
  const fields: RlpItem[] = [one, one, one, one, one, toField, one, one, [], list, one, one, one];
  return concatBytes(Uint8Array.of(4), encodeRlp(fields));
}

const AUTHORIZATION: RlpItem = [
  Uint8Array.of(1),
  hexToBytes(to),
  Uint8Array.of(1),
  Uint8Array.of(1),
  Uint8Array.of(1),
  Uint8Array.of(1),
];
const uint65 = bigintToBytes(1n << 64n, 9);
const uint257 = bigintToBytes(1n << 256n, 33);

const MALFORMED: readonly [string, Uint8Array, string][] = [
  ["nothing", new Uint8Array(0), "TX_MALFORMED"],
  ["one byte past the size limit", new Uint8Array(LIMITS.maxTxBytes + 1).fill(2), "TX_OVERSIZED"],
  [
    "type 0 with an envelope",
    concatBytes(Uint8Array.of(0), hexToBytes(EIP155_RAW)),
    "TX_TYPE_UNSUPPORTED",
  ],
  ["type 3 (blobs)", concatBytes(Uint8Array.of(3), encodeRlp([])), "TX_TYPE_UNSUPPORTED"],
  [
    "type 3 with its blobs",
    new Uint8Array(LIMITS.maxTxBytes + 1).fill(3),
    "TX_TYPE_UNSUPPORTED",
  ],
  ["type 5", concatBytes(Uint8Array.of(5), encodeRlp([])), "TX_TYPE_UNSUPPORTED"],
  ["type 0x7f", Uint8Array.of(0x7f), "TX_TYPE_UNSUPPORTED"],
  ["an RLP string", Uint8Array.of(0x83, 1, 2, 3), "TX_TYPE_UNSUPPORTED"],
  ["an envelope without a body", Uint8Array.of(2), "TX_MALFORMED"],
  ["a body that is no list", Uint8Array.of(2, 0x80), "TX_MALFORMED"],
  ["a missing last byte", hexToBytes(EIP155_RAW).subarray(0, -1), "TX_MALFORMED"],
  ["a byte too many", concatBytes(hexToBytes(EIP155_RAW), Uint8Array.of(0)), "TX_MALFORMED"],
  [
    "11 fields in type 2",
    concatBytes(Uint8Array.of(2), encodeRlp(type2Fields().slice(1))),
    "TX_MALFORMED",
  ],
  ["8 legacy fields", encodeRlp(Array<RlpItem>(8).fill(Uint8Array.of(1))), "TX_MALFORMED"],
  ["a chain id with a leading zero", type2With(0, Uint8Array.of(0)), "TX_MALFORMED"],
  ["a chain id of 65 bits", type2With(0, uint65), "TX_MALFORMED"],
  ["a nonce of 65 bits", type2With(1, uint65), "TX_MALFORMED"],
  ["a nonce with a leading zero", type2With(1, Uint8Array.of(0, 1)), "TX_MALFORMED"],
  ["a fee of 257 bits", type2With(3, uint257), "TX_MALFORMED"],
  ["a gas limit of 65 bits", type2With(4, uint65), "TX_MALFORMED"],
  ["a recipient of 19 bytes", type2With(5, new Uint8Array(19)), "TX_MALFORMED"],
  ["a recipient of 21 bytes", type2With(5, new Uint8Array(21)), "TX_MALFORMED"],
  ["a value of 257 bits", type2With(6, uint257), "TX_MALFORMED"],
  ["data that is a list", type2With(7, []), "TX_MALFORMED"],
  ["an access list that is bytes", type2With(8, new Uint8Array(0)), "TX_MALFORMED"],
  ["an access list entry without keys", type2With(8, [[hexToBytes(to)]]), "TX_MALFORMED"],
  [
    "a storage key of 31 bytes",
    type2With(8, [[hexToBytes(to), [new Uint8Array(31)]]]),
    "TX_MALFORMED",
  ],
  ["y parity 2", type2With(9, Uint8Array.of(2)), "TX_MALFORMED"],
  ["r of 257 bits", type2With(10, uint257), "TX_MALFORMED"],
  ["v 0", legacyWithV(0n), "TX_MALFORMED"],
  ["v 26", legacyWithV(26n), "TX_MALFORMED"],
  ["v 29", legacyWithV(29n), "TX_MALFORMED"],
  ["v 34", legacyWithV(34n), "TX_MALFORMED"],
  ["v of a chain id of 65 bits", legacyWithV(35n + (1n << 65n)), "TX_MALFORMED"],
  ["type 4 without a recipient", type4(new Uint8Array(0), [AUTHORIZATION]), "TX_MALFORMED"],
  ["type 4 without authorizations", type4(hexToBytes(to), []), "TX_MALFORMED"],
  [
    "an authorization of 5 fields",
    type4(hexToBytes(to), [[...AUTHORIZATION].slice(1)]),
    "TX_MALFORMED",
  ],
];
for (const [name, raw, code] of MALFORMED) {
  Deno.test(`decodeTransaction() refuses ${name} with ${code}`, () => {
    assertEquals(assertThrows(() => decodeTransaction(raw), RollupError).code, code);
  });
}

Deno.test("decodeTransaction() accepts the pieces from which the malformed ones are made", () => {
  assertEquals(decodeTransaction(type2With(0, Uint8Array.of(1))).to, to);
  assertEquals(decodeTransaction(type4(hexToBytes(to), [AUTHORIZATION])).authorizations.length, 1);
  assertEquals(decodeTransaction(legacyWithV(27n)).chainId, undefined);
  assertEquals(decodeTransaction(legacyWithV(35n)).chainId, 0n);
  assertEquals(decodeTransaction(legacyWithV(34n + (1n << 65n))).chainId, (1n << 64n) - 1n);
});

Deno.test("transactionHash() is keccak256 of the raw bytes", () => {
  assertEquals<string>(
    transactionHash(hexToBytes(EIP155_RAW)),
    "0x33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788",
  );
});

Deno.test("maxCostWei() is value plus gas at the highest price", () => {
  assertEquals(maxCostWei(eip155), 10n ** 18n + 21_000n * 20n * 10n ** 9n);
});

Deno.test("effectiveGasPriceWei() is base fee plus tip, capped by the fee (EIP-1559)", () => {
  const fees = { ...eip155, type: 2 as const, maxFeePerGasWei: 100n, maxPriorityFeePerGasWei: 10n };
  assertEquals(effectiveGasPriceWei(fees, 50n), 60n);
  assertEquals(effectiveGasPriceWei(fees, 90n), 100n);
  assertEquals(effectiveGasPriceWei(fees, 95n), 100n);
  assertEquals(effectiveGasPriceWei(eip155, 7n), 20n * 10n ** 9n);
});
