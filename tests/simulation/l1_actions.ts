/**
 * What others than the node do on its L1: users, strangers, the admin, a thief of the keys.
 *
 * Owns signing and sending their calls of the rollup. Does not own what the calls mean.
 * @module
 */
import { accInputHash, EMPTY_L1_TO_L2_ROLLING_HASH } from "../../core/batching/acc_input_hash.ts";
import { encodeSequenceBatches } from "../../core/l1/calls.ts";
import {
  readQueuedOperation,
  readRollupState,
  readSequencedBatch,
} from "../../core/l1/rollup_views.ts";
import type { L1Client } from "../../core/l1/l1_client.ts";
import { decodeRevert } from "../../core/l1/revert.ts";
import type { SequenceBatchesCall } from "../../core/l1/sequence_calldata.ts";
import { signL1Transaction } from "../../core/l1/transaction.ts";
import { assert } from "../../core/primitives/errors.ts";
import {
  type Address,
  type Hash32,
  type Hex,
  hexToBytes,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import type { DevnetAccount } from "../../devnet/accounts.ts";
import type { World } from "./world.ts";

/** Gas that every call of the rollup stays below, a full batch's apart. */
const CALL_GAS = 5_000_000n;

/** Sends `data` to the rollup; its hash. The L1 mines it when it mines. */
export async function sendToRollup(
  world: World,
  from: Pick<DevnetAccount, "address" | "privateKey">,
  data: Hex,
  gasLimit = CALL_GAS,
): Promise<Hash32> {
  const { node } = await world.engine();
  const l1 = await world.l1();
  const { raw, hash } = signL1Transaction({
    chainId: l1.chainId,
    nonce: await l1.pendingNonce(from.address),
    to: node.l1.rollup,
    data: hexToBytes(data),
    valueWei: 0n,
    gasLimit,
    maxFeePerGasWei: 100_000_000_000n,
    maxPriorityFeePerGasWei: 1_000_000_000n,
  }, from.privateKey);
  await l1.sendRawTransaction(raw);
  return hash;
}

/** Like {@linkcode sendToRollup} for a call that must succeed at once. */
export async function callRollup(
  world: World,
  from: Pick<DevnetAccount, "address" | "privateKey">,
  data: Hex,
): Promise<void> {
  const hash = await sendToRollup(world, from, data);
  const failure = await (await world.l1()).failure(hash);
  const reason = failure === undefined ? "" : revertName(failure.returnData);
  assert(failure === undefined, `the call succeeds, and it failed with ${reason}`);
}

/** The custom error with which the call is refused. */
export async function refusalOf(
  world: World,
  from: Pick<DevnetAccount, "address" | "privateKey">,
  data: Hex,
): Promise<string> {
  const hash = await sendToRollup(world, from, data);
  const failure = await (await world.l1()).failure(hash);
  assert(failure !== undefined, "the call is refused");
  return revertName(failure.returnData);
}

/** A rollup on its L1. */
export interface RollupOnL1 {
  readonly client: L1Client;
  readonly rollup: Address;
}

/** A `sequenceBatches` call that does not say yet which history it is for. */
export type UnboundSequence = Omit<SequenceBatchesCall, "expectedFinalAccInputHash">;

/**
 * The call, made for the history that L1 has now: with the accInputHash that its batches lead to.
 * What the contract would refuse anyway, as more operations than wait, is completed somehow.
 */
export async function bindSequence(
  { client, rollup }: RollupOnL1,
  call: UnboundSequence,
): Promise<SequenceBatchesCall> {
  const before = await readSequencedBatch(client, rollup, call.initSequencedBatch);
  let { lastForceBatchSequenced: consumed, l1ToL2RollingHash } = await readRollupState(
    client,
    rollup,
  );
  let expectedFinalAccInputHash = before?.accInputHash ?? ZERO_HASH;
  for (const { transactions, timestampSec, operationCount } of call.batches) {
    if (operationCount !== 0n) {
      consumed = BigInt.asUintN(64, consumed + operationCount);
      const operation = await readQueuedOperation(client, rollup, consumed);
      l1ToL2RollingHash = operation?.rollingHash ?? EMPTY_L1_TO_L2_ROLLING_HASH;
    }
    expectedFinalAccInputHash = accInputHash({
      oldAccInputHash: expectedFinalAccInputHash,
      batchData: transactions,
      l1ToL2RollingHash,
      limitTimestampSec: timestampSec,
      coinbase: call.l2Coinbase,
    });
  }
  return { ...call, expectedFinalAccInputHash };
}

/** Input of a transaction with the {@linkcode bindSequence bound} call. */
export async function encodeSequence(l1: RollupOnL1, call: UnboundSequence): Promise<Hex> {
  return encodeSequenceBatches(await bindSequence(l1, call));
}

/** Lets `seconds` pass on both layers. */
export async function letPass(world: World, seconds: bigint): Promise<void> {
  const clock = await world.clock();
  clock.observe(clock.nowSec() + seconds);
  await (await world.l1()).mine();
}

function revertName(returnData: Uint8Array): string {
  return decodeRevert(`0x${returnData.toHex()}`).errorName;
}
