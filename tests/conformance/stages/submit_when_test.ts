/** When batches and proofs go to L1, how many at once, and what it means that L1 refuses them. */
import { assertEquals, assertRejects } from "@std/assert";
import { keccak256Bytes } from "../../../core/crypto/keccak.ts";
import type { L1Request } from "../../../core/l1/backends/json_rpc.ts";
import {
  encodeActivateEmergencyState,
  encodeForceBatch,
  encodeObsoleteVerifier,
  encodeRollbackBatches,
  encodeSetTrustedSequencer,
} from "../../../core/l1/calls.ts";
import { readRollupState, readSequencedBatch } from "../../../core/l1/rollup_views.ts";
import { findIntent } from "../../../core/pipeline/l1_tx_rows.ts";
import { proveBatch } from "../../../core/pipeline/stages/prove_batch.ts";
import { sequenceBatch } from "../../../core/pipeline/stages/sequence_batch.ts";
import { verifyBatch } from "../../../core/pipeline/stages/verify_batch.ts";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { bytesToHex } from "../../../core/primitives/hex.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import {
  FORCE_BATCH_TIMEOUT_SEC,
  TRUSTED_AGGREGATOR_TIMEOUT_SEC,
} from "../../../devnet/chain_config.ts";
import { RpcError } from "../../../devnet/rpc/errors.ts";
import { callRollup, letPass } from "../../simulation/l1_actions.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld, type World } from "../../simulation/world.ts";
import { finish, sealBatches, signedAttempts, submitLines, txLines } from "./l1_attempts.ts";

const { deployer } = DEVNET_ROLES;

Deno.test("submit() sequences many batches with one transaction and verifies them with one proof", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  const { node } = engine;
  await sealBatches(world, 5);
  await engine.submit();
  await engine.prove();
  await engine.submit();
  await engine.sync();
  assertEquals(await txLines(world), [
    ["sequence_batch 5", "done", 1, 0],
    ["verify_batch 5", "done", 1, 0],
  ]);
  const { client, rollup } = node.l1;
  const records = [];
  for (let number = 1n; number <= 5n; number++) {
    records.push(await readSequencedBatch(client, rollup, batchNumber(number)));
  }
  assertEquals(records.map((record) => record !== undefined), [false, false, false, false, true]);
  assertEquals<bigint>((await readRollupState(client, rollup)).lastVerifiedBatch, 5n);
  for (const number of [1n, 3n, 5n]) {
    assertEquals((await findIntent(node.kv, "sequence_batch", number))?.lastBatch, 5n);
  }
  assertEquals(await findIntent(node.kv, "sequence_batch", 6n), undefined);
});

Deno.test("verifyBatch ends where sequences end, also those of several calls in one proof", async () => {
  await using world = await openWorld({ submitPolicy: { maxBatchesPerSequence: 2 } });
  const engine = await world.engine();
  const { node } = engine;
  await sealBatches(world, 5);
  await engine.submit();
  for (let proven = 0; proven < 3; proven++) await proveBatch.step(node);
  await engine.submit();
  assertEquals((await txLines(world)).filter(([key]) => key.startsWith("verify")), [
    ["verify_batch 2", "confirmed", 1, 0],
  ]);
  const waiting = await verifyBatch.step(node);
  assert(waiting.kind === "waiting" && waiting.text.includes("batches 3 to 4"), "it says which");
  await engine.prove();
  await engine.submit();
  await engine.sync();
  assertEquals((await txLines(world)).filter(([key]) => key.startsWith("verify")), [
    ["verify_batch 2", "done", 1, 0],
    ["verify_batch 5", "done", 3, 1],
  ]);
});

Deno.test("verifyBatch finds where sequences of others end in what was read from L1", async () => {
  await using world = await openWorld({ submitPolicy: { maxBatchesPerSequence: 2 } });
  await sealBatches(world, 3);
  await (await world.engine()).submit();
  const follower = await world.follower({
    roles: new Set(["prover", "submitter", "synchronizer"]),
  });
  await follower.sync();
  for (let proven = 0; proven < 3; proven++) {
    await proveBatch.step(follower.node);
    const { verified } = await readRollupState(follower.node.l1.client, follower.node.l1.rollup)
      .then(({ lastVerifiedBatch }) => ({ verified: Number(lastVerifiedBatch) }));
    assertEquals(verified, [0, 0, 2][proven]);
    await follower.submit();
  }
  await follower.sync();
  assertEquals((await follower.heads()).verified, 3);
});

Deno.test("sequenceBatch waits for a fuller transaction unless it is asked", async () => {
  const submitPolicy = {
    sequenceWaitSec: 100n,
    verifyIntervalSec: 1_000n,
    maxBatchesPerSequence: 4,
  };
  await using world = await openWorld({ submitPolicy });
  const engine = await world.engine();
  await sealBatches(world, 2);
  assertEquals(await engine.submitIfDue(), []);
  await letPass(world, 99n);
  assertEquals((await engine.submitIfDue()).length, 1);
  await sealBatches(world, 4, 2);
  assertEquals((await engine.submitIfDue()).map(({ lastBatch }) => lastBatch), [6]);
  await sealBatches(world, 1, 6);
  assertEquals(await engine.submitIfDue(), []);
  assertEquals(await submitLines(world), ["7-7 nonce 2 mined"]);

  // Proofs: the first goes at once, the next after the interval.
  await proveBatch.step(engine.node);
  await proveBatch.step(engine.node);
  assertEquals((await engine.submitIfDue()).map(({ lastBatch }) => lastBatch), [2]);
  await engine.prove();
  const waiting = await verifyBatch.step(engine.node);
  assert(waiting.kind === "waiting" && waiting.text.includes("s from now"), "it says how long");
  await letPass(world, 1_000n);
  assertEquals((await engine.submitIfDue()).map(({ lastBatch }) => lastBatch), [7]);
  await finish(world);
});

Deno.test("sequenceBatch takes as many batches as an operation that is due asks for", async () => {
  await using world = await openWorld({
    submitPolicy: { maxBatchesPerSequence: 2, sequenceWaitSec: 1_000_000n },
  });
  const engine = await world.engine();
  await sealBatches(world, 3);
  await callRollup(world, user(3), encodeForceBatch(Uint8Array.of(1)));
  await engine.sync();
  await sealBatches(world, 1, 3);
  await sealBatches(world, 1, 4);
  await letPass(world, FORCE_BATCH_TIMEOUT_SEC);
  assertEquals((await engine.submitIfDue()).map(({ lastBatch }) => lastBatch), [4]);
  await finish(world);
});

/** A node that refuses to try transactions out, with this error of the contract, until told. */
function createRefusingNode(errorName: string) {
  const cell = { isRefusing: true };
  const selector = keccak256Bytes(new TextEncoder().encode(`${errorName}()`)).subarray(0, 4);
  const intercept = (next: L1Request): L1Request => async (method, params) => {
    if (cell.isRefusing && method === "eth_estimateGas") {
      throw new RpcError(3, "execution reverted", { data: bytesToHex(selector) });
    }
    return await next(method, params);
  };
  return { cell, intercept };
}

Deno.test("sequenceBatch waits when its clock is ahead of L1's, and says until when", async () => {
  const node = createRefusingNode("MaxTimestampSequenceInvalid");
  await using world = await openWorld({ intercept: node.intercept });
  const engine = await world.engine();
  await sealBatches(world, 1);
  const waiting = await sequenceBatch.step(engine.node);
  assert(waiting.kind === "waiting" && waiting.text.includes("ahead of L1's"), "it waits");
  node.cell.isRefusing = false;
  await finish(world);
});

Deno.test("verifyBatch of a stranger waits for the trusted aggregator's timeout", async () => {
  const stranger = user(8);
  await using world = await openWorld({ aggregator: stranger });
  const engine = await world.engine();
  await sealBatches(world, 2);
  await engine.submit();
  await engine.prove();
  const waiting = await verifyBatch.step(engine.node);
  assert(waiting.kind === "waiting" && waiting.text.includes("by anyone from L1 time"), "it waits");
  await letPass(world, TRUSTED_AGGREGATOR_TIMEOUT_SEC);
  await engine.submit();
  await engine.sync();
  assertEquals((await engine.heads()).verified, 2);
});

Deno.test("verifyBatch refuses a proof that names another sender", async () => {
  await using world = await openWorld();
  const first = await world.engine();
  await sealBatches(world, 1);
  await first.submit();
  await first.prove();
  world.restart();
  const { node } = await world.engine({ aggregator: user(8) });
  const error = await assertRejects(() => verifyBatch.step(node), RollupError);
  assertEquals([error.code, error.mend], ["PROOF_OF_OTHER_PROVER", "Run `prove` again."]);
});

/** What L1 is told behind the node's back, and how `submit` explains its refusal. */
const REFUSALS: readonly {
  readonly errorName: string;
  readonly batches: string;
  readonly says: RegExp;
  readonly prepare: (world: World) => Promise<void>;
}[] = [
  {
    errorName: "InitSequencedBatchDoesNotMatch",
    batches: "batch 1",
    says: /somebody else sequenced.*sync/,
    prepare: async (world) => {
      const other = await openWorld();
      await sealBatches(other, 1);
      await (await other.engine()).submit();
      const [raw] = Object.values(await signedAttempts(other));
      await other[Symbol.asyncDispose]();
      await (await world.l1()).sendRawTransaction(Uint8Array.fromHex((raw ?? "").slice(2)));
      await sealBatches(world, 1);
    },
  },
  {
    errorName: "OnlyNotEmergencyState",
    batches: "batches 1 to 2",
    says: /emergency state.*deactivateEmergencyState/,
    prepare: async (world) => {
      await sealBatches(world, 2);
      await callRollup(world, deployer, encodeActivateEmergencyState(0n));
    },
  },
  {
    errorName: "OnlyTrustedSequencer",
    batches: "batch 1",
    says: /this node sends as 0x71be/,
    prepare: async (world) => {
      await sealBatches(world, 1);
      await callRollup(world, deployer, encodeSetTrustedSequencer(user(7).address));
    },
  },
  {
    errorName: "ForceBatchDeadlinePassed",
    batches: "batch 1",
    says: /operation 1.*sync.*seal-batch/,
    prepare: async (world) => {
      await callRollup(world, user(3), encodeForceBatch(Uint8Array.of(1)));
      await sealBatches(world, 1);
      await letPass(world, FORCE_BATCH_TIMEOUT_SEC);
    },
  },
  {
    errorName: "VerifierObsolete",
    batches: "batch 1",
    says: /switched off.*addVerifier/,
    prepare: async (world) => {
      const engine = await world.engine();
      await sealBatches(world, 1);
      await engine.submit();
      await engine.prove();
      const { programHash } = engine.node.executor;
      await callRollup(world, deployer, encodeObsoleteVerifier(programHash));
    },
  },
  {
    errorName: "FinalNumBatchBelowLastVerifiedBatch",
    batches: "batch 1",
    says: /verified these batches already.*sync/,
    prepare: async (world) => {
      const engine = await world.engine();
      await sealBatches(world, 1);
      await engine.submit();
      await engine.prove();
      const follower = await world.follower({
        roles: new Set(["prover", "submitter", "synchronizer"]),
      });
      await follower.sync();
      await follower.prove();
      await follower.submit();
    },
  },
];

for (const { errorName, batches, says, prepare } of REFUSALS) {
  Deno.test(`submit() explains ${errorName} and sends nothing`, async () => {
    await using world = await openWorld();
    const engine = await world.engine();
    await prepare(world);
    const before = await txLines(world);
    const error = await assertRejects(() => engine.submit(), RollupError);
    assertEquals([error.code, error.details["errorName"]], ["L1_CALL_REFUSED", errorName]);
    assert(error.message.includes(`${batches} as`), error.message);
    assert(says.test(`${error.message} ${error.mend}`), `${error.message} ${error.mend}`);
    assertEquals(await txLines(world), before);
  });
}

Deno.test("submit() needs no transaction for what L1 has from somebody else", async () => {
  await using world = await openWorld();
  const other = await openWorld();
  for (const each of [world, other]) await sealBatches(each, 2);
  await (await other.engine()).submit();
  const [raw] = Object.values(await signedAttempts(other));
  await other[Symbol.asyncDispose]();
  await (await world.l1()).sendRawTransaction(Uint8Array.fromHex((raw ?? "").slice(2)));
  const engine = await world.engine();
  await engine.sync();
  assertEquals(await engine.submit(), []);
  // What the admin takes back is to be sent after all, though nothing of ours had brought it.
  await callRollup(world, deployer, encodeRollbackBatches(0n));
  await engine.sync();
  assertEquals(await submitLines(world), ["1-2 nonce 1 mined"]);
  await engine.sendTransaction(signedBy(user(0), { nonce: 2n, to: user(1).address }));
  await engine.sealBatch();
  assertEquals(await submitLines(world), ["3-3 nonce 2 mined"]);
  await finish(world);
});
