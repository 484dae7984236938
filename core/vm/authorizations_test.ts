import { assertEquals, assertNotEquals } from "@std/assert";
import { privateKeyToAddress, SECP256K1_ORDER, signDigest } from "../crypto/secp256k1.ts";
import { address, ZERO_ADDRESS } from "../primitives/hex.ts";
import type { Authorization } from "../types/tx.ts";
import { authorizationDigest, recoverAuthority } from "./authorizations.ts";

const KEY = new Uint8Array(32).fill(3);
const AUTHORITY = privateKeyToAddress(KEY);
const TARGET = address(`0x${"77".repeat(20)}`);

function authorize(
  fields: Partial<Pick<Authorization, "chainId" | "address" | "nonce">> = {},
): Authorization {
  const claim = { chainId: 901n, address: TARGET, nonce: 0n, ...fields };
  return { ...claim, ...signDigest(authorizationDigest(claim), KEY) };
}

Deno.test("recoverAuthority() finds the signer for this chain or any", () => {
  assertEquals(recoverAuthority(authorize(), 901n), AUTHORITY);
  assertEquals(recoverAuthority(authorize({ chainId: 0n }), 901n), AUTHORITY);
});

Deno.test("recoverAuthority() refuses other chains, the last nonce and bad signatures", () => {
  const valid = authorize();
  assertEquals(recoverAuthority(valid, 900n), undefined);
  assertEquals(recoverAuthority(authorize({ nonce: (1n << 64n) - 1n }), 901n), undefined);
  assertEquals(recoverAuthority({ ...valid, yParity: 2 }, 901n), undefined);
  assertEquals(recoverAuthority({ ...valid, r: 0n }, 901n), undefined);
  const highS = { ...valid, s: SECP256K1_ORDER - valid.s, yParity: 1 - valid.yParity };
  assertEquals(recoverAuthority(highS, 901n), undefined);
});

Deno.test("authorizationDigest() differs in each field", () => {
  const digest = authorizationDigest(authorize()).toHex();
  const others = [{ chainId: 1n }, { nonce: 1n }, { address: ZERO_ADDRESS }];
  for (const other of others) {
    assertNotEquals(authorizationDigest({ ...authorize(), ...other }).toHex(), digest);
  }
});
