import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { assert, AssertionError } from "../../primitives/errors.ts";
import { address, ZERO_HASH } from "../../primitives/hex.ts";
import * as layout from "../assembly/layout.ts";
import { describeInvalid, exceptionName } from "./outcomes.ts";
import type { TxFrame } from "./program.ts";

const FRAME: TxFrame = {
  type: 2,
  sender: address(`0x${"11".repeat(20)}`),
  to: undefined,
  valueWei: 0n,
  maxFeePerGasWei: 3n,
  maxPriorityFeePerGasWei: 1n,
  maxFeePerBlobGasWei: 0n,
  chainId: 5n,
  gasLimit: 21_000n,
  nonce: 7n,
  data: Uint8Array.of(1),
  accessList: [],
  authorizations: [],
  blobHashes: [],
  asTransaction: true,
};
const ENVIRONMENT = {
  chainId: 901n,
  number: 1n,
  timestampSec: 2n,
  coinbase: address(`0x${"cb".repeat(20)}`),
  gasLimit: 30_000_000n,
  baseFeePerGasWei: 4n,
  prevRandao: ZERO_HASH,
  parentHash: ZERO_HASH,
  gasPerPubdata: 0n,
};

/** Numbers of the layout whose names begin with `prefix`. */
function codesOf(prefix: string): readonly number[] {
  return Object.entries(layout).flatMap(([name, code]) => name.startsWith(prefix) ? [code] : [])
    .sort((left, right) => left - right);
}

Deno.test("exceptionName() has a name for each exception of the layout and for no other", () => {
  const codes = codesOf("EXCEPTION_");
  assertEquals(codes, codes.map((_, index) => index));
  assertEquals(exceptionName(layout.EXCEPTION_NONE), undefined);
  for (const code of codes.slice(1)) assertMatch(exceptionName(code) ?? "", /^[a-zA-Z ]+$/);
  assertThrows(() => exceptionName(codes.length), AssertionError);
});

Deno.test("describeInvalid() has words for each refusal of the layout and for no other", () => {
  const codes = codesOf("INVALID_");
  assertEquals(codes, codes.map((_, index) => index + 1));
  for (const reason of codes) {
    const invalid = describeInvalid(
      { kind: "invalid", reason, have: 1n, need: 2n },
      FRAME,
      ENVIRONMENT,
    );
    assertMatch(invalid.reason, /^[A-Z_]+$/);
    assert(invalid.message.length > 10 && !invalid.message.endsWith("."), invalid.message);
  }
  const unknown = { kind: "invalid", reason: codes.length + 1, have: 0n, need: 0n } as const;
  assertThrows(() => describeInvalid(unknown, FRAME, ENVIRONMENT), AssertionError);
});

Deno.test("describeInvalid() tells what is there and what is needed", () => {
  const say = (reason: number, have: bigint, need: bigint) =>
    describeInvalid({ kind: "invalid", reason, have, need }, FRAME, ENVIRONMENT);
  assertEquals(say(layout.INVALID_NONCE_TOO_LOW, 9n, 0n), {
    reason: "NONCE_TOO_LOW",
    message: "nonce 7 is below 9",
  });
  assertEquals(say(layout.INVALID_INSUFFICIENT_FUNDS, 5n, 6n), {
    reason: "INSUFFICIENT_FUNDS",
    message: "the sender has 5 of 6 wei that it may cost",
  });
  assertEquals(say(layout.INVALID_CHAIN_ID, 0n, 0n), {
    reason: "CHAIN_ID_MISMATCH",
    message: "signed for 5, not 901",
  });
});
