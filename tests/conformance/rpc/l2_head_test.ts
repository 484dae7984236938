/**
 * What readers of the L2's latest block see while the next one is being committed.
 * @module
 */
import { assertEquals } from "@std/assert";
import { bigintToHash32, hash32, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { balanceSlot, nonceSlot } from "../../../core/types/state.ts";
import { DEV_ACCOUNTS } from "../../../devnet/accounts.ts";
import { createBlockFeed, createL2Chain } from "../../../devnet/l2_chain.ts";
import { openWorld } from "../../simulation/world.ts";

Deno.test("reads of the L2's latest block do not see the block that is being committed", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  const chain = createL2Chain(engine, createBlockFeed(), new Map());
  const { state } = engine.node;
  const number = await chain.numberOf("latest");
  const account = DEV_ACCOUNTS[0]?.address;
  if (account === undefined) throw new Error("there are dev accounts");
  const slot = hash32(`0x${"07".repeat(32)}`);
  const read = async () => [
    await chain.balance(account, number),
    await chain.nonce(account, number),
    await chain.storage(account, slot, number),
  ];
  const before = await read();
  const [balanceWei = 0n] = before;
  const applied = state.apply([
    {
      ...balanceSlot(account),
      oldValue: bigintToHash32(BigInt(balanceWei)),
      newValue: bigintToHash32(1n),
    },
    { ...nonceSlot(account), oldValue: ZERO_HASH, newValue: bigintToHash32(9n) },
    { address: account, slot, oldValue: ZERO_HASH, newValue: bigintToHash32(5n) },
  ]);
  assertEquals(await read(), before);
  state.revert(applied);
  assertEquals(await read(), before);
});
