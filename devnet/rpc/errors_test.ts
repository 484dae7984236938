import { assertEquals } from "@std/assert";
import { RollupError } from "../../core/primitives/errors.ts";
import type { CallOutcome } from "../../core/vm/executor.ts";
import { keccak256 } from "../../core/crypto/keccak.ts";
import { customErrorText, failedCallError, revertReason, RpcError, toRpcError } from "./errors.ts";
import { BROKEN, REVERTER } from "./testing/fake_chain.ts";
import { createFixture, errorStringData, refusalOf, signedRaw } from "./testing/fixture.ts";
import { bytesToHex } from "../../core/primitives/hex.ts";

const rollupError = (code: string, details: Readonly<Record<string, unknown>> = {}) =>
  new RollupError(code, "Cannot do it: because", { details, mend: "Do something else." });

Deno.test("toRpcError() speaks geth's words for a refused transaction and keeps ours in data", () => {
  const texts: readonly (readonly [string, string])[] = [
    ["POOL_NONCE_TOO_LOW", "nonce too low"],
    ["NONCE_TOO_LOW", "nonce too low"],
    ["POOL_NONCE_TOO_HIGH", "nonce too high"],
    ["POOL_INSUFFICIENT_FUNDS", "insufficient funds for gas * price + value"],
    ["POOL_INTRINSIC_GAS", "intrinsic gas too low"],
    ["POOL_ALREADY_KNOWN", "already known"],
    ["POOL_REPLACEMENT_UNDERPRICED", "replacement transaction underpriced"],
    ["POOL_GAS_LIMIT_EXCEEDED", "exceeds block gas limit"],
    ["TX_SIGNATURE_INVALID", "invalid sender"],
    ["TX_TYPE_UNSUPPORTED", "transaction type not supported"],
    ["TX_OVERSIZED", "oversized data"],
    ["POOL_FULL", "txpool is full"],
  ];
  for (const [code, message] of texts) {
    const error = toRpcError(rollupError(code));
    assertEquals([error?.code, error?.message], [-32003, message], code);
    assertEquals(error?.data, {
      code,
      message: "Cannot do it: because",
      mend: "Do something else.",
      details: {},
    });
  }
});

Deno.test("toRpcError() says geth's numbers, whichever way the engine carried them", () => {
  const cases: readonly (readonly [string, Record<string, unknown>, string])[] = [
    [
      "POOL_NONCE_TOO_LOW",
      { nonce: 3n, stateNonce: 5n },
      "nonce too low: next nonce 5, tx nonce 3",
    ],
    // As a remote engine has it: from JSON.
    [
      "POOL_NONCE_TOO_LOW",
      { nonce: "3", stateNonce: 5 },
      "nonce too low: next nonce 5, tx nonce 3",
    ],
    ["POOL_NONCE_TOO_LOW", { nonce: "three", stateNonce: 5n }, "nonce too low"],
    [
      "POOL_NONCE_TOO_HIGH",
      { nonce: 99n, stateNonce: 5n },
      "nonce too high: tx nonce 99, gapped nonce 5",
    ],
    [
      "POOL_INSUFFICIENT_FUNDS",
      { balanceWei: 1n, maxCostWei: 21n },
      "insufficient funds for gas * price + value: balance 1, tx cost 21, overshot 20",
    ],
    [
      "POOL_INTRINSIC_GAS",
      { gasLimit: 7n, intrinsicGas: 21_000n, floorGas: 30_000n },
      "intrinsic gas too low: gas 7, minimum needed 21000",
    ],
    [
      "POOL_INTRINSIC_GAS",
      { gasLimit: 25_000n, intrinsicGas: 21_000n, floorGas: 30_000n },
      "insufficient gas for floor data gas cost: gas 25000, minimum needed 30000",
    ],
    [
      "POOL_GAS_LIMIT_EXCEEDED",
      { limit: "maxTxGas", maxGasLimit: 16_777_216n, gasLimit: 16_777_217n },
      "transaction gas limit too high (cap: 16777216, tx: 16777217)",
    ],
    [
      "POOL_FEE_TOO_LOW",
      { maxFeePerGasWei: 1n, baseFeePerGasWei: 2n, minTipWei: 0n, tipWei: 1n },
      "max fee per gas less than block base fee: maxFeePerGas: 1, baseFee: 2",
    ],
    [
      "POOL_FEE_TOO_LOW",
      { maxFeePerGasWei: 5n, baseFeePerGasWei: 2n, minTipWei: 2n, tipWei: 1n },
      "transaction gas price below minimum: gas tip cap 1, minimum needed 2",
    ],
    [
      "POOL_CHAIN_ID_MISMATCH",
      { chainId: 1n, expectedChainId: 901n },
      "invalid chain id for signer: have 1 want 901",
    ],
  ];
  for (const [code, details, message] of cases) {
    const error = toRpcError(rollupError(code, details));
    assertEquals([error?.code, error?.message], [-32003, message]);
  }
});

Deno.test("toRpcError() keeps the message of every other refusal", () => {
  for (const code of ["NOTHING_TO_SEAL", "FULL", "constructor", "POOL_", "EXECUTION_REVERTED"]) {
    const error = toRpcError(rollupError(code));
    assertEquals([error?.code, error?.message], [-32000, "Cannot do it: because"], code);
  }
  // geth, too, says that of bytes that are no transaction.
  assertEquals(toRpcError(rollupError("TX_MALFORMED"))?.code, -32000);
  const capped = toRpcError(rollupError("POOL_GAS_LIMIT_EXCEEDED", { limit: "maxTxGas" }));
  assertEquals(capped?.message, "transaction gas limit too high");
});

Deno.test("toRpcError() writes details as plain JSON", () => {
  const details = {
    big: 10n ** 30n,
    bytes: Uint8Array.of(1, 255),
    list: [1n, undefined, Number.NaN],
    inner: { a: { b: { c: { d: { e: { f: 1 } } } } } },
    error: new Error("deeper"),
  };
  const { data } = toRpcError(rollupError("SOME_CODE", details)) ?? {};
  const plain = JSON.parse(JSON.stringify(data));
  assertEquals(plain.details, {
    big: `1${"0".repeat(30)}`,
    bytes: "0x01ff",
    list: ["1", null, "NaN"],
    inner: { a: { b: { c: { d: { e: "…" } } } } },
    error: "deeper",
  });
});

Deno.test("toRpcError() says nothing of a defect", () => {
  assertEquals(toRpcError(new TypeError("secret")), undefined);
  assertEquals(toRpcError("text"), undefined);
  const own = new RpcError(-32000, "own");
  assertEquals(toRpcError(own), own);
});

Deno.test("revertReason() reads Error(string) and Panic(uint256) and nothing else", () => {
  const read = (hex: string) => revertReason(Uint8Array.fromHex(hex));
  const word = (value: number) => value.toString(16).padStart(64, "0");
  assertEquals(read(errorStringData("no way").slice(2)), "no way");
  assertEquals(read(`4e487b71${word(0x11)}`), "arithmetic underflow or overflow");
  assertEquals(read(`4e487b71${word(0x99)}`), "unknown panic code: 0x99");
  // Custom error, nothing, a text that is shorter than it says, an offset beyond the end.
  for (
    const hex of [
      "12345678",
      "",
      "08c379a0",
      `08c379a0${word(32)}${word(33)}${word(0)}`,
      `08c379a0${"ff".repeat(32)}${word(0)}`,
      `4e487b71${word(1)}00`,
    ]
  ) assertEquals(read(hex), undefined, hex);
});

Deno.test("failedCallError() tells a revert from another exception", () => {
  const outcome = (exception: string | undefined): CallOutcome => ({
    success: false,
    returnData: Uint8Array.of(1),
    gasUsed: 0n,
    exception,
    logs: () => [],
  });
  const shown = (exception: string | undefined) => {
    const { code, message, data } = failedCallError(outcome(exception));
    return [code, message, data];
  };
  assertEquals(shown("revert"), [3, "execution reverted", "0x01"]);
  assertEquals(shown(undefined), [3, "execution reverted", "0x01"]);
  assertEquals(shown("out of gas"), [-32000, "out of gas", undefined]);
  assertEquals(shown("INSUFFICIENT_FUNDS"), [
    -32003,
    "insufficient funds for gas * price + value",
    undefined,
  ]);
});

Deno.test("eth_call and eth_estimateGas answer a revert with code 3, reason and data", async () => {
  const { dispatcher } = await createFixture();
  const data = errorStringData("too late");
  for (const method of ["eth_call", "eth_estimateGas"]) {
    const error = await refusalOf(dispatcher, method, [{ to: REVERTER, data }]);
    assertEquals([error.code, error.message, error.data], [
      3,
      "execution reverted: too late",
      data,
    ]);
    const plain = await refusalOf(dispatcher, method, [{ to: REVERTER }]);
    assertEquals([plain.code, plain.message, plain.data], [3, "execution reverted", "0x"]);
    const broken = await refusalOf(dispatcher, method, [{ to: BROKEN }]);
    assertEquals([broken.code, broken.message], [-32000, "invalid opcode"]);
  }
});

Deno.test("eth_sendRawTransaction answers in geth's words", async () => {
  const { dispatcher, chain } = await createFixture();
  const refused = async (fields: Parameters<typeof signedRaw>[1]) => {
    const params = [bytesToHex(signedRaw(chain, fields))];
    const { code, message } = await refusalOf(dispatcher, "eth_sendRawTransaction", params);
    return [code, message];
  };
  assertEquals(await refused({ nonce: 0n }), [-32003, "nonce too low"]);
  assertEquals(await refused({ nonce: 3n, valueWei: 10n ** 25n }), [
    -32003,
    "insufficient funds for gas * price + value",
  ]);
  assertEquals(await refused({ nonce: 3n, chainId: 1n }), [
    -32003,
    "invalid chain id for signer",
  ]);
});

Deno.test("eth_sendTransaction refuses foreign accounts and another chain's id", async () => {
  const { dispatcher, sender } = await createFixture();
  const foreign = await refusalOf(dispatcher, "eth_sendTransaction", [{ from: REVERTER }]);
  assertEquals([foreign.code, foreign.message], [-32000, "unknown account"]);
  const other = await refusalOf(dispatcher, "eth_sendTransaction", [
    { from: sender, chainId: "0x1" },
  ]);
  assertEquals(other.code, -32000);
});

Deno.test("state methods refuse a block that is not there", async () => {
  const { dispatcher, sender } = await createFixture();
  const head = await refusalOf(dispatcher, "eth_getBalance", [sender, "0x4"]);
  assertEquals([head.code, head.message], [-32000, "header not found"]);
  const unknown = { blockHash: `0x${"12".repeat(32)}` };
  const hash = await refusalOf(dispatcher, "eth_call", [{}, unknown]);
  assertEquals([hash.code, hash.message], [-32000, "header for hash not found"]);
});

Deno.test("failedCallError() names custom errors of our contracts and shows others as anvil", () => {
  const selectorOf = (signature: string) =>
    keccak256(new TextEncoder().encode(signature)).slice(2, 10);
  const cases = [
    [selectorOf("ForceBatchDeadlinePassed()"), ": ForceBatchDeadlinePassed()"],
    ["deadbeef", ": custom error 0xdeadbeef"],
    ["deadbeef00ff", ": custom error 0xdeadbeef: 00ff"],
    ["deadbeef" + "11".repeat(300), `: custom error 0xdeadbeef: ${"11".repeat(256)}…`],
    // Neither is one: too short for a selector, and Solidity's own without its argument.
    ["dead", ""],
    ["08c379a0", ""],
    ["4e487b71", ""],
  ] as const;
  for (const [hex, text] of cases) {
    const returnData = Uint8Array.fromHex(hex);
    const { code, message, data } = failedCallError({
      success: false,
      returnData,
      gasUsed: 1n,
      exception: "revert",
      logs: () => [],
    });
    assertEquals([code, message, data], [3, `execution reverted${text}`, `0x${hex}`]);
  }
  assertEquals(customErrorText(new Uint8Array(0)), undefined);
});
