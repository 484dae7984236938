/**
 * The transaction codec held against viem, which wallets and scripts build on.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Hex as ViemHex,
  keccak256 as viemKeccak256,
  parseTransaction,
  recoverTransactionAddress,
  serializeTransaction,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { hashAuthorization } from "viem/utils";
import { privateKeyToAddress, signDigest } from "../../../core/crypto/secp256k1.ts";
import {
  bytesToAddress,
  bytesToHash32,
  bytesToHex,
  hexToBytes,
} from "../../../core/primitives/hex.ts";
import {
  type Authorization,
  decodeTransaction,
  encodeTransaction,
  recoverSender,
  signTransaction,
  type Transaction,
  transactionHash,
  type UnsignedTransaction,
} from "../../../core/types/tx.ts";

const SEED = 4_844;
/** First account of the public test mnemonic. */
const KEY: ViemHex = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const keyBytes = hexToBytes(KEY);
const sender = privateKeyToAddress(keyBytes);

const uint = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
const addresses = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytesToAddress);
const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHash32);

/** Signs an authorization as its authority does (EIP-7702). */
function authorize(fields: Pick<Authorization, "chainId" | "address" | "nonce">): Authorization {
  const digest = hashAuthorization({
    chainId: Number(fields.chainId),
    address: fields.address,
    nonce: Number(fields.nonce),
  });
  return { ...fields, ...signDigest(hexToBytes(digest), keyBytes) };
}

const unsigned: fc.Arbitrary<UnsignedTransaction> = fc.record({
  type: fc.constantFrom(0 as const, 1 as const, 2 as const, 4 as const),
  // viem holds chain ids and nonces as doubles.
  chainId: fc.integer({ min: 1, max: 2 ** 40 }).map(BigInt),
  nonce: fc.integer({ min: 0, max: 2 ** 40 }).map(BigInt),
  feeWei: uint(128),
  tipPercent: fc.bigInt({ min: 0n, max: 100n }),
  gasLimit: uint(40),
  to: fc.option(addresses, { nil: undefined }),
  valueWei: uint(128),
  data: fc.uint8Array({ maxLength: 100 }),
  accessList: fc.array(
    fc.record({ address: addresses, storageKeys: fc.array(hashes, { maxLength: 2 }) }),
    { maxLength: 2 },
  ),
  authority: addresses,
}).map(({ feeWei, tipPercent, authority, ...any }) => ({
  ...any,
  maxFeePerGasWei: feeWei,
  maxPriorityFeePerGasWei: any.type < 2 ? feeWei : feeWei * tipPercent / 100n,
  to: any.type === 4 ? any.to ?? authority : any.to,
  accessList: any.type === 0 ? [] : any.accessList,
  authorizations: any.type === 4
    ? [authorize({ chainId: any.chainId, address: authority, nonce: any.nonce })]
    : [],
}));

/** The same transaction in viem's words. */
function toViem(tx: UnsignedTransaction): Parameters<typeof serializeTransaction>[0] {
  const common = {
    chainId: Number(tx.chainId),
    nonce: Number(tx.nonce),
    gas: tx.gasLimit,
    to: tx.to ?? null,
    value: tx.valueWei,
    data: bytesToHex(tx.data),
  };
  const fees = {
    maxFeePerGas: tx.maxFeePerGasWei,
    maxPriorityFeePerGas: tx.maxPriorityFeePerGasWei,
  };
  if (tx.type === 0) return { ...common, type: "legacy", gasPrice: tx.maxFeePerGasWei };
  const accessList = tx.accessList;
  if (tx.type === 1) {
    return { ...common, type: "eip2930", gasPrice: tx.maxFeePerGasWei, accessList };
  }
  if (tx.type === 2) return { ...common, ...fees, type: "eip1559", accessList };
  const authorizationList = tx.authorizations.map((authorization) => ({
    chainId: Number(authorization.chainId),
    address: authorization.address,
    nonce: Number(authorization.nonce),
    yParity: authorization.yParity,
    r: word(authorization.r),
    s: word(authorization.s),
  }));
  return { ...common, ...fees, type: "eip7702", accessList, authorizationList };
}

function word(value: bigint): ViemHex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

function viemBytes(tx: Transaction): ViemHex {
  return serializeTransaction(toViem(tx), {
    r: word(tx.r),
    s: word(tx.s),
    yParity: tx.yParity,
    v: BigInt(27 + tx.yParity),
  });
}

Deno.test("encodeTransaction() writes the bytes that viem writes, for every type", () => {
  const seen = new Set<number>();
  fc.assert(
    fc.property(unsigned, (tx) => {
      seen.add(tx.type);
      const signed = signTransaction(tx, keyBytes);
      const raw = encodeTransaction(signed);
      const theirs = viemBytes(signed);
      assertEquals<string>(bytesToHex(raw), theirs);
      assertEquals(decodeTransaction(hexToBytes(theirs)), signed);
      assertEquals<string>(transactionHash(raw), viemKeccak256(theirs));
    }),
    { seed: SEED, numRuns: 150 },
  );
  assertEquals([...seen].sort(), [0, 1, 2, 4]);
});

Deno.test("recoverSender() finds the sender that viem finds", async () => {
  await fc.assert(
    fc.asyncProperty(unsigned, async (tx) => {
      const signed = signTransaction(tx, keyBytes);
      assertEquals(recoverSender(signed), sender);
      const recovered = await recoverTransactionAddress({
        serializedTransaction: viemBytes(signed) as Parameters<
          // viem brands the text by type; it was serialized a line above.
          typeof recoverTransactionAddress
        >[0]["serializedTransaction"],
      });
      assertEquals<string>(recovered.toLowerCase(), sender);
    }),
    { seed: SEED, numRuns: 20 },
  );
});

Deno.test("decodeTransaction() reads what a viem account signs", async () => {
  const account = privateKeyToAccount(KEY);
  await fc.assert(
    fc.asyncProperty(unsigned, async (tx) => {
      const theirs = await account.signTransaction(toViem(tx));
      const decoded = decodeTransaction(hexToBytes(theirs));
      assertEquals(recoverSender(decoded), sender);
      assertEquals({ ...decoded, ...tx }, decoded);
    }),
    { seed: SEED + 1, numRuns: 20 },
  );
});

Deno.test("encodeTransaction() without a chain id is what viem parses as before EIP-155", () => {
  const signed = signTransaction({
    type: 0,
    chainId: undefined,
    nonce: 1n,
    maxFeePerGasWei: 2n,
    maxPriorityFeePerGasWei: 2n,
    gasLimit: 21_000n,
    to: sender,
    valueWei: 3n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
  }, keyBytes);
  const parsed = parseTransaction(bytesToHex(encodeTransaction(signed)));
  assertEquals([parsed.type, parsed.chainId, parsed.nonce], ["legacy", undefined, 1]);
});
