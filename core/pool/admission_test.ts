import { assertEquals, assertThrows } from "@std/assert";
import { RollupError } from "../primitives/errors.ts";
import { address, hexToBytes } from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import { privateKeyToAddress, SECP256K1_ORDER } from "../crypto/secp256k1.ts";
import {
  encodeTransaction,
  signTransaction,
  transactionHash,
  type UnsignedTransaction,
} from "../types/tx.ts";
import { decodeAndCheck } from "./admission.ts";

const context = { chainId: 901n, blockGasLimit: 30_000_000n };
/** First account of the public test mnemonic. */
const key = hexToBytes("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
const to = address(`0x${"11".repeat(20)}`);

const transfer: UnsignedTransaction = {
  type: 2,
  chainId: 901n,
  nonce: 0n,
  maxFeePerGasWei: 2_000_000_000n,
  maxPriorityFeePerGasWei: 1n,
  gasLimit: 21_000n,
  to,
  valueWei: 1n,
  data: new Uint8Array(0),
  accessList: [],
  authorizations: [],
};

function sign(fields: Partial<UnsignedTransaction>): Uint8Array {
  return encodeTransaction(signTransaction({ ...transfer, ...fields }, key));
}

function refusal(raw: Uint8Array): RollupError {
  return assertThrows(() => decodeAndCheck(raw, context), RollupError);
}

Deno.test("decodeAndCheck() returns the transaction, its hash and its sender", () => {
  const raw = sign({});
  const candidate = decodeAndCheck(raw, context);
  assertEquals(candidate.raw, raw);
  assertEquals(candidate.hash, transactionHash(raw));
  assertEquals(candidate.sender, privateKeyToAddress(key));
  assertEquals(candidate.sender, "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
  assertEquals(candidate.tx.valueWei, 1n);
});

Deno.test("decodeAndCheck() accepts every type and transactions from before EIP-155", () => {
  const authorization = { chainId: 0n, address: to, nonce: 0n, yParity: 0, r: 1n, s: 1n };
  const fee = { maxFeePerGasWei: 7n, maxPriorityFeePerGasWei: 7n };
  const accepted: Partial<UnsignedTransaction>[] = [
    { type: 0, ...fee },
    { type: 0, ...fee, chainId: undefined },
    { type: 1, ...fee },
    { type: 2 },
    { type: 4, authorizations: [authorization], gasLimit: 46_000n },
  ];
  for (const fields of accepted) {
    const { sender, tx } = decodeAndCheck(sign(fields), context);
    assertEquals(sender, privateKeyToAddress(key));
    assertEquals(tx.chainId, "chainId" in fields ? undefined : 901n);
  }
});

const longData = new Uint8Array(LIMITS.maxTxDataBytes + 1);
const longInitCode = new Uint8Array(49_153);
const refused: readonly [string, Partial<UnsignedTransaction>, string][] = [
  ["another chain", { chainId: 900n }, "POOL_CHAIN_ID_MISMATCH"],
  ["chain 0 of a typed transaction", { chainId: 0n }, "POOL_CHAIN_ID_MISMATCH"],
  ["chain 0 under EIP-155", { type: 0, chainId: 0n }, "POOL_CHAIN_ID_MISMATCH"],
  ["100,001 bytes of data", { data: longData, gasLimit: 16_000_000n }, "POOL_OVERSIZED_DATA"],
  [
    "49,153 bytes of init code",
    { to: undefined, data: longInitCode, gasLimit: 16_000_000n },
    "POOL_INIT_CODE_TOO_LARGE",
  ],
  ["a tip above the fee", { maxPriorityFeePerGasWei: 2_000_000_001n }, "POOL_TIP_ABOVE_FEE"],
  ["gas above the block's", { gasLimit: 30_000_001n }, "POOL_GAS_LIMIT_EXCEEDED"],
  ["gas above EIP-7825's", { gasLimit: LIMITS.maxTxGas + 1n }, "POOL_GAS_LIMIT_EXCEEDED"],
  ["gas below 21,000", { gasLimit: 20_999n }, "POOL_INTRINSIC_GAS"],
  ["gas below a creation's", { to: undefined, gasLimit: 52_999n }, "POOL_INTRINSIC_GAS"],
  [
    "gas above the intrinsic sum but below EIP-7623's floor",
    { data: Uint8Array.of(1), gasLimit: 21_039n },
    "POOL_INTRINSIC_GAS",
  ],
];
for (const [what, fields, code] of refused) {
  Deno.test(`decodeAndCheck() refuses ${what} with ${code}`, () => {
    assertEquals(refusal(sign(fields)).code, code);
  });
}

Deno.test("decodeAndCheck() accepts each limit itself", () => {
  const initCode = new Uint8Array(49_152);
  const accepted: Partial<UnsignedTransaction>[] = [
    { data: new Uint8Array(LIMITS.maxTxDataBytes), gasLimit: LIMITS.maxTxGas },
    { to: undefined, data: initCode, gasLimit: LIMITS.maxTxGas },
    { maxPriorityFeePerGasWei: transfer.maxFeePerGasWei },
    { data: Uint8Array.of(1), gasLimit: 21_040n },
  ];
  for (const fields of accepted) decodeAndCheck(sign(fields), context);
});

Deno.test("decodeAndCheck() names the limit of gas that was passed", () => {
  assertEquals(refusal(sign({ gasLimit: 30_000_001n })).details, {
    gasLimit: 30_000_001n,
    maxGasLimit: 30_000_000n,
    limit: "blockGasLimit",
  });
  assertEquals(refusal(sign({ gasLimit: 16_777_217n })).details, {
    gasLimit: 16_777_217n,
    maxGasLimit: 16_777_216n,
    limit: "maxTxGas",
  });
});

Deno.test("decodeAndCheck() passes on the codec's refusals", () => {
  assertEquals(refusal(new Uint8Array(0)).code, "TX_MALFORMED");
  assertEquals(refusal(Uint8Array.of(3, 0xc0)).code, "TX_TYPE_UNSUPPORTED");
  assertEquals(refusal(new Uint8Array(LIMITS.maxTxBytes + 1)).code, "TX_OVERSIZED");
  const { s, yParity, ...signed } = signTransaction(transfer, key);
  const highS = { ...signed, s: SECP256K1_ORDER - s, yParity: 1 - yParity };
  assertEquals(refusal(encodeTransaction(highS)).code, "TX_SIGNATURE_INVALID");
});

Deno.test("decodeAndCheck() says what is wrong and what to do", () => {
  const error = refusal(sign({ chainId: 900n }));
  assertEquals(
    error.message,
    "Cannot admit the transaction as its chain id must be 901: " +
      "the transaction is signed for chain 900",
  );
  assertEquals(error.mend, "Sign the transaction again with chain id 901.");
  assertEquals(error.details, { chainId: 900n, expectedChainId: 901n });
});
