/**
 * Calls beside a block that is being built see the block they name, never the next one.
 *
 * Owns the race. Does not own what a call does.
 * @module
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../../core/primitives/errors.ts";
import { type Hex, hexToBytes } from "../../../core/primitives/hex.ts";
import { createdAddress } from "../../../core/types/tx.ts";
import type { CallRequest } from "../../../core/vm/executor.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld } from "../../simulation/world.ts";
import { assemble, deploy } from "../vm/assemble.ts";

const BLOCKS = 40;

Deno.test("call() of the tip's state never sees a contract that the next block deploys", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  const { node } = engine;
  let askedBefore = 0;
  for (let nonce = 0; nonce < BLOCKS; nonce++) {
    const to = createdAddress(user(0).address, BigInt(nonce));
    const code: Hex = assemble(`${nonce} 0 MSTORE 32 0 RETURN`);
    const data = hexToBytes(deploy(code));
    await engine.sendTransaction(
      signedBy(user(0), { nonce: BigInt(nonce), data, gasLimit: 500_000n }),
    );
    const request: CallRequest = {
      from: user(1).address,
      to,
      data: new Uint8Array(0),
      valueWei: 0n,
      gasLimit: 1_000_000n,
      gasPriceWei: 0n,
      asTransaction: false,
      accessList: [],
      authorizations: [],
    };
    const calls: Promise<void>[] = [];
    const ask = async (block: bigint): Promise<void> => {
      const isDeployed = block > BigInt(nonce);
      if (!isDeployed) askedBefore++;
      const outcome = await engine.call(request, block);
      assertEquals(outcome.returnData.length, isDeployed ? 32 : 0, `state after block ${block}`);
    };
    let isBuilt = false;
    const building = engine.buildBlocks().then(() => isBuilt = true);
    while (!isBuilt) {
      calls.push(ask(node.tip.get().header.number));
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await building;
    await Promise.all(calls);
  }
  assert(askedBefore >= BLOCKS, "calls are made while blocks are built");
});
