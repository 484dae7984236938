/** A sender is recovered once, at admission; from there to the proof's job the node carries it. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { poolContext, stagePoolEntry } from "../../../core/pipeline/inlet.ts";
import { buildBlock } from "../../../core/pipeline/stages/build_block.ts";
import { sealBatch } from "../../../core/pipeline/stages/seal_batch.ts";
import { decodeAndCheck } from "../../../core/pool/admission.ts";
import type { PoolEntry } from "../../../core/pool/pool.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { silentLog } from "../../../core/primitives/ports.ts";
import { createWriteSet } from "../../../core/store/write_set.ts";
import {
  decodeTransaction,
  encodeTransaction,
  recoverSender,
  transactionHash,
} from "../../../core/types/tx.ts";
import { devnetKeys } from "../../../devnet/accounts.ts";
import { createBlockFeed, createL2Chain } from "../../../devnet/l2_chain.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld } from "../../simulation/world.ts";

/**
 * An admitted transaction whose signature was lost since: whoever recovers its sender fails. So one
 * that passes through a room shows that the room recovers nothing.
 */
function withoutSignature(entry: PoolEntry): PoolEntry {
  const raw = encodeTransaction({ ...entry.tx, r: 0n });
  const tx = decodeTransaction(raw);
  assertEquals(assertThrows(() => recoverSender(tx), RollupError).code, "TX_SIGNATURE_INVALID");
  return { ...entry, raw, tx, hash: transactionHash(raw) };
}

Deno.test("the node recovers no sender between admission and the prover, restarts and unwinding included", async () => {
  await using world = await openWorld();
  const { node } = await world.engine();
  const signed = signedBy(user(0), { nonce: 0n, to: user(1).address, valueWei: 5n });
  const admitted: PoolEntry = { ...decodeAndCheck(signed, poolContext(node)), arrival: 0n };
  const entry = withoutSignature(admitted);
  const writes = createWriteSet(node.kv);
  await stagePoolEntry(node, writes, entry);
  await writes.commit();

  world.restart();
  const engine = await world.engine();
  assertEquals(engine.node.pool.entries(), [entry]);
  for (let round = 0; round < 2; round++) {
    assertEquals((await buildBlock.step(engine.node)).kind, "done");
    if (round === 0) await buildBlock.unwind(engine.node, 0n);
  }
  assertEquals(
    (await sealBatch.step(engine.node, { sealReason: "seal-batch command" })).kind,
    "done",
  );
  await engine.inspect({ kind: "tx", hash: entry.hash });
  await engine.inspect({ kind: "block", block: 1 });
  const chain = createL2Chain(engine, createBlockFeed(), devnetKeys());
  const { request } = createDispatcher(createRpcMethods({ chain, engine, log: silentLog }));
  const from: unknown = Reflect.get(
    Object(await request("eth_getTransactionByHash", [entry.hash])),
    "from",
  );
  assertEquals(from, user(0).address);
  await request("eth_getBlockByNumber", ["0x1", true]);
  await request("eth_getTransactionReceipt", [entry.hash]);
  // The job is gathered; only the prover, who trusts nobody's word, asks the signature.
  assertEquals((await engine.nextProofJob())?.batchNumber, 1);
  const error = await assertRejects(() => engine.prove(), RollupError);
  assertEquals(error.code, "WITNESS_ENTRY_EXTRA");
});
