/** One transaction to L1: crashes, delays, fees, funds, reverts; L1 has it once in the end. */
import { assertEquals, assertRejects } from "@std/assert";
import type { L1Request } from "../../../core/l1/backends/json_rpc.ts";
import {
  encodeActivateEmergencyState,
  encodeDeactivateEmergencyState,
} from "../../../core/l1/calls.ts";
import { readRollupState } from "../../../core/l1/rollup_views.ts";
import { signL1Transaction } from "../../../core/l1/transaction.ts";
import { readCheckpoint } from "../../../core/pipeline/node.ts";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { hexToBytes } from "../../../core/primitives/hex.ts";
import { decodeTransaction, transactionHash } from "../../../core/types/tx.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import { callRollup } from "../../simulation/l1_actions.ts";
import { user } from "../../simulation/signing.ts";
import { openWorld, type World } from "../../simulation/world.ts";
import {
  finish,
  minedOf,
  sealBatches,
  signedAttempts,
  submitLines,
  txRows,
} from "./l1_attempts.ts";

const { sequencer, aggregator, deployer } = DEVNET_ROLES;
const GWEI = 10n ** 9n;

/** An L1 node that keeps transactions to itself until it is told to pass them on. */
function createSlowNode() {
  const kept = new Map<string, string>();
  const cell = { isSlow: false, baseFeeWei: undefined as bigint | undefined };
  const intercept = (next: L1Request): L1Request => async (method, params) => {
    const [param] = params;
    if (cell.isSlow && method === "eth_sendRawTransaction" && typeof param === "string") {
      const hash = transactionHash(hexToBytes(param));
      kept.set(hash, param);
      return hash;
    }
    if (method === "eth_getTransactionByHash" && typeof param === "string" && kept.has(param)) {
      const from = sequencer.address;
      return { hash: param, input: "0x", from, to: null, nonce: "0x0" };
    }
    const answer = await next(method, params);
    if (method === "eth_getBlockByNumber" && param === "latest" && cell.baseFeeWei !== undefined) {
      assert(typeof answer === "object", "a block is an object");
      return { ...answer, baseFeePerGas: `0x${cell.baseFeeWei.toString(16)}` };
    }
    return answer;
  };
  return { cell, kept, intercept };
}

async function mine(world: World, count: number): Promise<void> {
  const l1 = await world.l1();
  for (let mined = 0; mined < count; mined++) await l1.mine();
}

async function assertContractHas(world: World, batch: bigint): Promise<void> {
  const { node } = await world.engine();
  const state = await readRollupState(node.l1.client, node.l1.rollup);
  assertEquals([state.lastBatchSequenced, state.lastVerifiedBatch].map(BigInt), [batch, batch]);
}

Deno.test("submit() sends the same transactions, each once, whenever the process dies", async () => {
  const options = { submitPolicy: { maxBatchesPerSequence: 1 } };
  const run = async (crash?: { commit: number; when: "before" | "after" }) => {
    await using world = await openWorld(options);
    await sealBatches(world, 2);
    await (await world.engine()).prove();
    await world.setL1Mining("manual");
    const before = world.fault.commitCount();
    world.fault.crashAt(crash);
    for (let round = 0; round < 8; round++) {
      try {
        const engine = await world.engine();
        await engine.submit();
        await (await world.l1()).mine();
        if (await readCheckpoint(engine.node, "verify_batch") === 2n) break;
      } catch (error) {
        if (!world.crashed()) throw error;
        await world.setL1Mining("manual");
      }
    }
    const commitCount = world.fault.commitCount() - before;
    const sent = [
      ...await minedOf(world, sequencer.address),
      ...await minedOf(world, aggregator.address),
    ];
    return { commitCount, calls: sent.map(([nonce, , success]) => [nonce, success]) };
  };
  const calm = await run();
  assertEquals(calm.calls, [[0, true], [1, true], [0, true]]);
  for (let commit = 1; commit <= calm.commitCount; commit++) {
    for (const when of ["before", "after"] as const) {
      const crashed = await run({ commit, when });
      assertEquals(crashed.calls, calm.calls, `${when} commit ${commit}`);
    }
  }
});

Deno.test("submit() raises the fees of what L1 does not mine, and knows whichever attempt is mined", async () => {
  for (const delivered of [0, 1, 2]) {
    const slow = createSlowNode();
    await using world = await openWorld({
      intercept: slow.intercept,
      submitPolicy: { bumpAfterL1Blocks: 3n },
    });
    await world.engine();
    const start = await world.snapshotL1();
    await sealBatches(world, 1);
    slow.cell.isSlow = true;
    assertEquals(await submitLines(world), ["1-1 nonce 0 sent"]);
    await mine(world, 2);
    assertEquals(await submitLines(world), ["1-1 nonce 0 sent"]);
    assertEquals(slow.kept.size, 1);
    await mine(world, 1);
    world.restart();
    await submitLines(world);
    await mine(world, 3);
    await submitLines(world);
    const raws = [...slow.kept.values()];
    const hashes = [...slow.kept.keys()];
    assertEquals(raws.length, 3);
    assertEquals(raws, Object.values(await signedAttempts(world)));

    // Other bytes than those that were sent last arrive; a second one is too late.
    const deliver = async (index: number) =>
      await (await world.l1()).sendRawTransaction(hexToBytes(raws[index] ?? "0x"));
    await deliver(delivered);
    slow.cell.isSlow = false;
    slow.kept.clear();
    assertEquals(await submitLines(world), ["1-1 nonce 0 mined"]);
    const [[, row] = []] = await txRows(world);
    assertEquals([row?.hash, row?.attemptCount], [hashes[delivered], 3]);

    // After a reorganisation it is another attempt that is mined.
    const engine = await world.engine();
    await engine.sync();
    await world.rewindL1(start);
    await mine(world, 2);
    await deliver((delivered + 1) % 3);
    await engine.sync();
    await finish(world);
    const [[, again] = []] = await txRows(world);
    assertEquals([again?.hash, again?.status], [hashes[(delivered + 1) % 3], "done"]);
    assertEquals((await minedOf(world, sequencer.address)).length, 1);
    await assertContractHas(world, 1n);
  }
});

Deno.test("submit() raises fees at once in a fee spike, and waits under its cap", async () => {
  const slow = createSlowNode();
  await using world = await openWorld({
    intercept: slow.intercept,
    submitPolicy: { maxFeePerGasWei: 50n * GWEI },
  });
  const engine = await world.engine();
  await sealBatches(world, 1);
  slow.cell.isSlow = true;
  await engine.submit();
  slow.cell.baseFeeWei = 20n * GWEI;
  await engine.submit();
  const [first, second] = await feesOf(world);
  assert(first !== undefined && second !== undefined, "there are two attempts");
  assert(second >= 20n * GWEI && 8n * second >= 9n * first, "the second one is valid again");

  slow.cell.baseFeeWei = 60n * GWEI;
  const texts: string[] = [];
  await engine.submit((text) => texts.push(text));
  assertEquals((await feesOf(world)).length, 2);
  assert(texts.some((text) => /60000000000.*50000000000/.test(text)), texts.join("; "));

  slow.cell.baseFeeWei = undefined;
  slow.cell.isSlow = false;
  slow.kept.clear();
  assertEquals((await engine.submit()).length, 1);
  await finish(world);
  await assertContractHas(world, 1n);
});

Deno.test("submit() writes no intent while L1 is dearer than its cap", async () => {
  const slow = createSlowNode();
  await using world = await openWorld({
    intercept: slow.intercept,
    submitPolicy: { maxFeePerGasWei: 50n * GWEI },
  });
  const engine = await world.engine();
  await sealBatches(world, 1);
  slow.cell.baseFeeWei = 60n * GWEI;
  const texts: string[] = [];
  assertEquals(await engine.submit((text) => texts.push(text)), []);
  assert(texts.some((text) => /60000000000.*50000000000/.test(text)), texts.join("; "));
  slow.cell.baseFeeWei = undefined;
  await finish(world);
});

async function feesOf(world: World): Promise<readonly bigint[]> {
  return Object.values(await signedAttempts(world)).map((raw) =>
    decodeTransaction(hexToBytes(raw)).maxFeePerGasWei
  );
}

Deno.test("submit() says who is out of funds, and goes on when it is funded", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  const l1 = await world.l1();
  await sealBatches(world, 1);
  const price = { maxFeePerGasWei: 100n * GWEI, maxPriorityFeePerGasWei: 100n * GWEI };
  const balanceWei = await l1.balance(sequencer.address, await l1.numberOf("latest"));
  const fields = { chainId: l1.chainId, data: new Uint8Array(0), gasLimit: 21_000n, ...price };
  await l1.sendRawTransaction(
    signL1Transaction({
      ...fields,
      nonce: 0n,
      to: user(3).address,
      valueWei: balanceWei - 21_000n * 100n * GWEI - 1_000n,
    }, sequencer.privateKey).raw,
  );
  const error = await assertRejects(() => engine.submit(), RollupError);
  assertEquals(error.code, "L1_INSUFFICIENT_FUNDS");
  assert(error.message.includes(sequencer.address) && error.mend.includes("submit"), error.message);
  assertEquals(await txRows(world), []);
  await l1.sendRawTransaction(
    signL1Transaction({
      ...fields,
      nonce: 0n,
      to: sequencer.address,
      valueWei: 10n ** 18n,
    }, user(3).privateKey).raw,
  );
  assertEquals(await submitLines(world), ["1-1 nonce 1 mined"]);
  await finish(world);
});

Deno.test("submit() names the contract's error when its transaction was mined and reverted", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await sealBatches(world, 1);
  await world.setL1Mining("manual");
  const empty = await world.snapshotL1();
  await engine.submit();
  // The L1 forgets it, stops the rollup, and gets it again.
  await world.rewindL1(empty);
  await world.setL1Mining("automine");
  await callRollup(world, deployer, encodeActivateEmergencyState(0n));
  const error = await assertRejects(() => engine.submit(), RollupError);
  assertEquals(error.code, "L1_TRANSACTION_REVERTED");
  assert(error.message.includes("OnlyNotEmergencyState"), error.message);
  assert(error.message.includes("emergency state"), error.message);
  const [[, row] = []] = await txRows(world);
  assertEquals([row?.status, row?.reason], ["failed", "OnlyNotEmergencyState"]);

  const refused = await assertRejects(() => engine.submit(), RollupError);
  assertEquals([refused.code, refused.details["errorName"]], [
    "L1_CALL_REFUSED",
    "OnlyNotEmergencyState",
  ]);
  await callRollup(world, deployer, encodeDeactivateEmergencyState());
  assertEquals(await submitLines(world), ["1-1 nonce 1 mined"]);
  await finish(world);
  assertEquals(
    (await minedOf(world, sequencer.address)).map(([nonce, , success]) => [
      nonce,
      success,
    ]),
    [[0, false], [1, true]],
  );
});

Deno.test("submit() waits while another user of its key has the nonce, then takes the next", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await sealBatches(world, 1);
  await world.setL1Mining("manual");
  const l1 = await world.l1();
  await l1.sendRawTransaction(
    signL1Transaction({
      chainId: l1.chainId,
      nonce: 0n,
      to: user(3).address,
      data: new Uint8Array(0),
      valueWei: 1n,
      gasLimit: 21_000n,
      maxFeePerGasWei: 1_000n * GWEI,
      maxPriorityFeePerGasWei: 1_000n * GWEI,
    }, sequencer.privateKey).raw,
  );
  const texts: string[] = [];
  await engine.submit((text) => texts.push(text));
  assert(texts.some((text) => text.startsWith("another transaction")), texts.join("; "));
  await l1.mine();
  await engine.submit();
  await l1.mine();
  assertEquals(await submitLines(world), ["1-1 nonce 1 mined"]);
  await world.setL1Mining("automine");
  await finish(world);
  await assertContractHas(world, 1n);
});
