import { assertEquals } from "@std/assert";
import { address, bigintToHash32, ZERO_HASH } from "../primitives/hex.ts";
import { createPoseidon2TreeHash } from "../tree/mod.ts";
import { openState } from "./state.ts";

const OWNER = address(`0x${"11".repeat(20)}`);
const SLOT = bigintToHash32(1n);
const change = (oldValue: bigint, newValue: bigint) => ({
  address: OWNER,
  slot: SLOT,
  oldValue: bigintToHash32(oldValue),
  newValue: bigintToHash32(newValue),
});

Deno.test("openState().latest() reads and names the tree as it is after each block and step back", async () => {
  using kv = await Deno.openKv(":memory:");
  const state = await openState(kv, createPoseidon2TreeHash(), undefined);
  const read = () => state.latest().readSlot(OWNER, SLOT);
  assertEquals([read(), read()], [ZERO_HASH, ZERO_HASH]);
  const first = state.apply([change(0n, 5n)]);
  assertEquals([read(), read()], [bigintToHash32(5n), bigintToHash32(5n)]);
  const second = state.apply([change(5n, 6n)]);
  assertEquals([read(), state.isAt(second.stateRoot)], [bigintToHash32(6n), true]);
  state.revert(second);
  assertEquals([read(), state.isAt(second.stateRoot)], [bigintToHash32(5n), false]);
  assertEquals(state.isAt(first.stateRoot), true);
  state.revert(first);
  assertEquals(read(), ZERO_HASH);
});
