import { assertEquals } from "@std/assert";
import { keccak256 } from "../../core/crypto/keccak.ts";
import { privateKeyToAddress, signDigest } from "../../core/crypto/secp256k1.ts";
import {
  type Address,
  address,
  bigintToHash32,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import { balanceSlot, codeHashSlot } from "../../core/types/state.ts";
import type { Authorization } from "../../core/types/tx.ts";
import { authorizationDigest, delegationCode } from "../../core/vm/authorizations.ts";
import { createMemoryStorage } from "../../core/vm/memory_storage.ts";
import { applyAuthorizations } from "./apply_authorizations.ts";
import { createWorldState } from "./world_state.ts";

const KEY = new Uint8Array(32).fill(3);
const AUTHORITY = privateKeyToAddress(KEY);
const TARGET = address(`0x${"77".repeat(20)}`);

function authorize(
  fields: Partial<Pick<Authorization, "chainId" | "address" | "nonce">> = {},
): Authorization {
  const claim = { chainId: 901n, address: TARGET, nonce: 0n, ...fields };
  return { ...claim, ...signDigest(authorizationDigest(claim), KEY) };
}

function delegated(state: ReturnType<typeof createWorldState>, target: Address) {
  return { nonce: 1n, balanceWei: 0n, codeHash: state.storeCode(delegationCode(target)) };
}

Deno.test("applyAuthorizations() delegates a new account without refund", async () => {
  const state = createWorldState(createMemoryStorage());
  const effects = await applyAuthorizations(state, [authorize()], 901n);
  assertEquals(effects, { refundGas: 0n, warmAddresses: [AUTHORITY] });
  assertEquals(await state.account(AUTHORITY), delegated(state, TARGET));
});

Deno.test("applyAuthorizations() refunds for an existing account and clears delegations", async () => {
  const state = createWorldState(createMemoryStorage());
  const authorizations = [authorize(), authorize({ nonce: 1n, address: ZERO_ADDRESS })];
  const effects = await applyAuthorizations(state, authorizations, 901n);
  assertEquals(effects.refundGas, 12_500n);
  const account = await state.account(AUTHORITY);
  assertEquals(account, { nonce: 2n, balanceWei: 0n, codeHash: ZERO_HASH });
});

Deno.test("applyAuthorizations() ignores wrong nonces and contracts but warms them", async () => {
  const code = Uint8Array.of(0x00);
  const contract = createMemoryStorage({
    writes: [{ ...codeHashSlot(AUTHORITY), value: keccak256(code) }],
    codes: new Map([[keccak256(code), code]]),
  });
  const funded = createMemoryStorage({
    writes: [{ ...balanceSlot(AUTHORITY), value: bigintToHash32(1n) }],
    codes: new Map(),
  });
  for (const [storage, nonce] of [[contract, 0n], [funded, 1n]] as const) {
    const state = createWorldState(storage);
    const effects = await applyAuthorizations(state, [authorize({ nonce })], 901n);
    assertEquals(effects, { refundGas: 0n, warmAddresses: [AUTHORITY] });
    assertEquals(state.changes().diffs, []);
  }
});
