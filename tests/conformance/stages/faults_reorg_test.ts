/**
 * L1 reorganises when a batch has come so far: it ends verified, with nothing lost or doubled, for
 * every stage and for depths from 1 to 64.
 */
import { assertNotEquals } from "@std/assert";
import {
  encodeForceBatch,
  encodeRollbackBatches,
  encodeSequenceForceBatches,
} from "../../../core/l1/calls.ts";
import { sequenceBatch } from "../../../core/pipeline/stages/sequence_batch.ts";
import { transactionHash } from "../../../core/types/tx.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import { FORCE_BATCH_TIMEOUT_SEC } from "../../../devnet/chain_config.ts";
import type { ReorgTransaction } from "../../../devnet/rpc/chain.ts";
import { callRollup, letPass } from "../../simulation/l1_actions.ts";
import { type Life, startLife, verb, watch } from "../../simulation/life.ts";
import { comeToRest } from "../../simulation/rest.ts";
import { signedBy, user } from "../../simulation/signing.ts";

const STRANGER = user(9);
/** Taken in turn by the stages; others from 1 to 64 come in the random lives. */
const DEPTHS = [[1n, 64n], [2n, 16n], [64n, 5n]] as const;

/** A payment of user 1, which is sent or forced. */
function payment(life: Life, nonce: bigint): Uint8Array {
  const raw = signedBy(user(1), { nonce, to: user(2).address, valueWei: 7n });
  life.seen.sentHashes.add(transactionHash(raw));
  return raw;
}

async function send(life: Life, nonce: bigint): Promise<void> {
  await (await life.world.engine()).sendTransaction(payment(life, nonce));
}

async function force(life: Life, nonce: bigint): Promise<void> {
  await callRollup(life.world, STRANGER, encodeForceBatch(payment(life, nonce)));
  await sync(life);
}

async function seal(life: Life): Promise<void> {
  await send(life, 1n);
  await (await life.world.engine()).sealBatch();
}

async function submit(life: Life): Promise<void> {
  await (await life.world.engine()).submit();
}

async function prove(life: Life): Promise<void> {
  await (await life.world.engine()).prove();
}

async function sync(life: Life): Promise<void> {
  await (await life.world.engine()).sync();
}

/** How far a batch has come; each is reached from a chain with one verified batch. */
const STAGES: Readonly<Record<string, (life: Life) => Promise<void>>> = {
  sealed: seal,
  "with its intent written": async (life) => {
    await seal(life);
    await sequenceBatch.step((await life.world.engine()).node);
  },
  "sent and not mined": async (life) => {
    await seal(life);
    await life.world.setL1Mining("manual");
    await submit(life);
  },
  "mined and not read": async (life) => {
    await seal(life);
    await submit(life);
  },
  read: async (life) => {
    await seal(life);
    await submit(life);
    await sync(life);
  },
  proven: async (life) => {
    await seal(life);
    await submit(life);
    await sync(life);
    await prove(life);
  },
  "with its verification sent": async (life) => {
    await seal(life);
    await submit(life);
    await prove(life);
    await life.world.setL1Mining("manual");
    await submit(life);
  },
  verified: async (life) => {
    await seal(life);
    await submit(life);
    await prove(life);
    await submit(life);
    await sync(life);
  },
  "after a forced operation": async (life) => {
    await seal(life);
    await force(life, 2n);
  },
  "with a forced operation": async (life) => {
    await force(life, 1n);
    await send(life, 2n);
    await (await life.world.engine()).sealBatch();
    await submit(life);
  },
  "a forced batch": async (life) => {
    await force(life, 1n);
    await letPass(life.world, FORCE_BATCH_TIMEOUT_SEC);
    await callRollup(life.world, STRANGER, encodeSequenceForceBatches(1n));
    await sync(life);
    await send(life, 2n);
    await (await life.world.engine()).mineBlock();
  },
  "rolled back": async (life) => {
    await seal(life);
    await submit(life);
    await sync(life);
    await callRollup(life.world, DEVNET_ROLES.deployer, encodeRollbackBatches(1n));
    await sync(life);
  },
};

/** A life with one verified batch, at the end of as many L1 blocks as a test may take back. */
async function startAged(seed: number): Promise<Life> {
  const life = await startLife({ seed });
  const l1 = await life.world.l1();
  for (let block = 0; block < 64; block++) await l1.mine();
  await send(life, 0n);
  await (await life.world.engine()).sealBatch();
  await submit(life);
  await prove(life);
  await submit(life);
  await sync(life);
  await watch(life);
  return life;
}

/** Other blocks, in which some of the transactions come again. */
async function reorganise(life: Life, depth: bigint): Promise<void> {
  const { world, seen, random } = life;
  const l1 = await world.l1();
  const head = await l1.numberOf("latest");
  const again: ReorgTransaction[] = [];
  const keptPercent = random.pick([0, 60, 100]);
  for (let number = head - depth + 1n; number <= head; number++) {
    for (const { raw } of (await l1.block(number))?.transactions ?? []) {
      if (random.chance(keptPercent)) again.push({ raw, blockIndex: Number(depth) - 1 });
    }
  }
  // Operations and forced batches may be among what is lost.
  seen.mayRebuild = true;
  seen.verifiedBlock = 0;
  await l1.controls.reorg(depth, again);
}

for (const [index, [stage, reach]] of Object.entries(STAGES).entries()) {
  Deno.test(`a batch that is ${stage} survives reorganisations of L1 by 1 to 64 blocks`, async () => {
    for (const [at, depth] of (DEPTHS[index % DEPTHS.length] ?? []).entries()) {
      await using life = await startAged(index * DEPTHS.length + at);
      await reach(life);
      await watch(life);
      await reorganise(life, depth);
      // Some learn of it at once, others when they want something of L1.
      if (life.random.chance(50)) await verb(life, (engine) => engine.submit());
      await comeToRest(life);
      assertNotEquals((await (await life.world.engine()).heads()).verified, 0, `depth ${depth}`);
    }
  });
}
