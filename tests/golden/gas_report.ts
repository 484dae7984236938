/**
 * What the rollup's contracts cost: every function, and batches of several sizes, as transactions
 * on the embedded L1.
 *
 * Owns the script and the report; `deno task gas` prints it as a table. All values are whole
 * transactions: base, calldata with the floor of EIP-7623, execution, refunds. Does not own
 * comparing it with the fixture.
 * @module
 */
import { encodeBatchData } from "../../core/batching/batch_data.ts";
import { createJsonRpcL1Client } from "../../core/l1/backends/json_rpc.ts";
import * as calls from "../../core/l1/calls.ts";
import { readPublicInputsHash, readRollupState } from "../../core/l1/rollup_views.ts";
import type { L1Client } from "../../core/l1/l1_client.ts";
import type { SequencedBatchInput } from "../../core/l1/sequence_calldata.ts";
import { signL1Transaction } from "../../core/l1/transaction.ts";
import { assert } from "../../core/primitives/errors.ts";
import {
  type Address,
  bigintToHash32,
  type Hash32,
  hash32,
  type Hex,
  hexToBytes,
} from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import { createVirtualClock, silentLog } from "../../core/primitives/ports.ts";
import { batchNumber } from "../../core/primitives/units.ts";
import { floorGas } from "../../core/types/tx_gas.ts";
import {
  DEV_ACCOUNTS,
  DEVNET_ROLES,
  type DevnetAccount,
  devnetGenesisAccounts,
} from "../../devnet/accounts.ts";
import { deployContracts } from "../../devnet/deploy.ts";
import { openEmbeddedL1 } from "../../devnet/l1/embedded_l1.ts";
import { createDispatcher, createRpcMethods } from "../../devnet/rpc/dispatch.ts";
import { createSenders, signTransfer } from "../benches/signed_transfers.ts";
import { mockProofOf } from "../conformance/contracts/scenario.ts";
import { encodeSequence } from "../simulation/l1_actions.ts";

/** One transaction of the report. */
export interface GasRow {
  /** Function, and what it was given. */
  readonly name: string;
  readonly calldataBytes: number;
  /** As its receipt has it. */
  readonly gasUsed: number;
  /** The least that its calldata costs, whatever is executed (EIP-7623). */
  readonly floorGas: number;
}

/** What the contracts cost. */
export interface GasReport {
  /** EIP-7825: no transaction may use more. */
  readonly maxTxGas: number;
  readonly transactions: readonly GasRow[];
  /** Gas on L1 for a batch of so many transfers: sequenced and verified alone. */
  readonly batches: readonly {
    readonly transferCount: number;
    readonly dataBytes: number;
    readonly gas: number;
    readonly gasPerTransfer: number;
  }[];
}

const START_SEC = 1_700_000_000n;
const TIMEOUT_SEC = 3_600n;
const PROGRAM = hash32(`0x${"ab".repeat(32)}`);
const OTHER_PROGRAM = hash32(`0x${"cd".repeat(32)}`);
const TRANSFER_COUNTS = [1, 10, 100] as const;

const { deployer, sequencer, aggregator } = DEVNET_ROLES;
const [user = deployer, successor = deployer] = DEV_ACCOUNTS;

/** Sends everything once, on a chain in memory. */
export async function reportGas(): Promise<GasReport> {
  const clock = createVirtualClock(START_SEC);
  using kv = await Deno.openKv(":memory:");
  await using l1 = await openEmbeddedL1({
    kv,
    clock,
    chainId: 900n,
    genesis: { timestampSec: START_SEC, accounts: devnetGenesisAccounts() },
    mining: "automine",
    log: silentLog,
  });
  const { request } = createDispatcher(createRpcMethods({ chain: l1 }));
  const client = createJsonRpcL1Client({ request });
  const { rollup, verifier } = await deployContracts(client, {
    admin: deployer.address,
    trustedSequencer: sequencer.address,
    trustedAggregator: aggregator.address,
    trustedAggregatorTimeoutSec: TIMEOUT_SEC,
    forceBatchTimeoutSec: TIMEOUT_SEC,
    chainId: 901n,
    genesisStateRoot: bigintToHash32(1n),
    genesisLeafCount: 25n,
    programHash: PROGRAM,
  });
  const transactions: GasRow[] = [];
  const send: Send = async (name, from, data) => {
    const row = await measure(client, rollup, name, from, data);
    transactions.push(row);
    return row.gasUsed;
  };
  await addDeployments(transactions, l1);
  const world: World = {
    client,
    rollup,
    verifier,
    send,
    nowSec: clock.nowSec,
    wait: clock.advance,
  };
  const batches = await sendBatches(world);
  await sendOperations(world);
  await sendAdministration(world);
  return { maxTxGas: Number(LIMITS.maxTxGas), transactions, batches };
}

/** Sends a call of the rollup and notes what it cost; gives that gas. */
type Send = (name: string, from: DevnetAccount, data: Hex) => Promise<number>;

interface World {
  readonly client: L1Client;
  readonly rollup: Address;
  readonly verifier: Address;
  readonly send: Send;
  nowSec(): bigint;
  wait(seconds: bigint): void;
}

async function addDeployments(
  rows: GasRow[],
  l1: Awaited<ReturnType<typeof openEmbeddedL1>>,
): Promise<void> {
  for (const [number, name] of [[1n, "deploy MockVerifier"], [2n, "deploy Rollup"]] as const) {
    const block = await l1.block(number);
    const tx = block?.transactions[0]?.tx;
    assert(block !== undefined && tx !== undefined, "one deployment in each of the first blocks");
    rows.push({
      name,
      calldataBytes: tx.data.length,
      gasUsed: Number(block.header.gasUsed),
      floorGas: Number(floorGas(tx)),
    });
  }
}

/** Sequences and verifies a batch of each size alone, then larger things. */
async function sendBatches(world: World): Promise<GasReport["batches"]> {
  const { send } = world;
  // The first ones of a rollup write to slots that were never written.
  await send("sequenceBatches: the first batch, empty", sequencer, await sequence(world, [EMPTY]));
  await send("verifyBatchesTrustedAggregator: the first", aggregator, await verify(world));
  const batches: GasReport["batches"][number][] = [];
  for (const transferCount of TRANSFER_COUNTS) {
    const transactions = transferBatch(world, transferCount);
    const what = `a batch of ${plural(transferCount)}`;
    const sequenced = await send(
      `sequenceBatches: ${what}`,
      sequencer,
      await sequence(world, [{ transactions }]),
    );
    const verified = await send(
      `verifyBatchesTrustedAggregator: ${what}`,
      aggregator,
      await verify(world),
    );
    const gas = sequenced + verified;
    batches.push({
      transferCount,
      dataBytes: transactions.length,
      gas,
      gasPerTransfer: Math.round(gas / transferCount),
    });
  }
  const ten = { transactions: transferBatch(world, 10) };
  const data = await sequence(world, Array<Partial<SequencedBatchInput>>(10).fill(ten));
  await send("sequenceBatches: 10 batches of 10 transfers", sequencer, data);
  await send("verifyBatchesTrustedAggregator: 10 batches", aggregator, await verify(world));
  const full = { transactions: new Uint8Array(LIMITS.maxBatchDataBytes).fill(0xff) };
  const longest = await sequence(world, [full]);
  await send("sequenceBatches: 120,000 bytes, none zero", sequencer, longest);
  const empty = await sequence(world, Array<Partial<SequencedBatchInput>>(100).fill(EMPTY));
  await send("sequenceBatches: 100 empty batches", sequencer, empty);
  world.wait(TIMEOUT_SEC);
  const open = await verify(world, user, calls.encodeVerifyBatches);
  await send("verifyBatches: 101 batches", user, open);
  return batches;
}

async function sendOperations(world: World): Promise<void> {
  const { send } = world;
  const [sender] = createSenders(1);
  assert(sender !== undefined, "one sender");
  const transfer = calls.encodeForceBatch(signTransfer(sender, 0, 0));
  await send("forceBatch: a transfer", user, transfer);
  const longest = new Uint8Array(LIMITS.maxOperationBytes).fill(0xff);
  await send("forceBatch: 5,000 bytes, none zero", user, calls.encodeForceBatch(longest));
  const one = await sequence(world, [{ operationCount: 1n }]);
  await send("sequenceBatches: an empty batch with 1 operation", sequencer, one);
  const most = BigInt(LIMITS.maxOperationsPerBatch);
  for (let number = 0n; number < 2n * most; number++) {
    await measure(world.client, world.rollup, "", user, transfer);
  }
  const all = await sequence(world, [{ operationCount: most }]);
  await send("sequenceBatches: an empty batch with 50 operations", sequencer, all);
  world.wait(2n * TIMEOUT_SEC);
  await send("sequenceForceBatches: 1 operation", user, calls.encodeSequenceForceBatches(1n));
  const forced = calls.encodeSequenceForceBatches(most);
  await send("sequenceForceBatches: 50 operations", user, forced);
}

async function sendAdministration({ client, rollup, verifier, send }: World): Promise<void> {
  const { lastVerifiedBatch } = await readRollupState(client, rollup);
  const admin = (name: string, data: Hex) => send(name, deployer, data);
  await admin("rollbackBatches: 4 sequences", calls.encodeRollbackBatches(lastVerifiedBatch));
  await admin("addVerifier", calls.encodeAddVerifier(OTHER_PROGRAM, verifier));
  await admin("updateProgram", calls.encodeUpdateProgram(OTHER_PROGRAM));
  await admin("obsoleteVerifier", calls.encodeObsoleteVerifier(PROGRAM));
  await admin("activateEmergencyState", calls.encodeActivateEmergencyState(0n));
  await admin("deactivateEmergencyState", calls.encodeDeactivateEmergencyState());
  await admin("setTrustedSequencer", calls.encodeSetTrustedSequencer(user.address));
  await admin("setTrustedAggregator", calls.encodeSetTrustedAggregator(user.address));
  await admin("setTrustedAggregatorTimeout", calls.encodeSetTrustedAggregatorTimeout(60n));
  await admin("setForceBatchTimeout", calls.encodeSetForceBatchTimeout(60n));
  await admin("transferAdminRole", calls.encodeTransferAdminRole(successor.address));
  await send("acceptAdminRole", successor, calls.encodeAcceptAdminRole());
}

function plural(transferCount: number): string {
  return transferCount === 1 ? "1 transfer" : `${transferCount} transfers`;
}

const EMPTY: Partial<SequencedBatchInput> = {};

/** A call that sequences these batches next; without data they are empty. */
async function sequence(
  { client, rollup, nowSec }: World,
  batches: readonly Partial<SequencedBatchInput>[],
): Promise<Hex> {
  const { lastBatchSequenced } = await readRollupState(client, rollup);
  return await encodeSequence({ client, rollup }, {
    batches: batches.map((batch) => ({
      transactions: new Uint8Array(0),
      timestampSec: nowSec(),
      operationCount: 0n,
      ...batch,
    })),
    initSequencedBatch: batchNumber(lastBatchSequenced),
    l2Coinbase: sequencer.address,
  });
}

/** A call that verifies all that is sequenced, with a mock proof. */
async function verify(
  { client, rollup }: World,
  prover = aggregator,
  encode = calls.encodeVerifyBatchesTrustedAggregator,
): Promise<Hex> {
  const state = await readRollupState(client, rollup);
  const claim = {
    prover: prover.address,
    initNumBatch: state.lastVerifiedBatch,
    finalNewBatch: state.lastBatchSequenced,
    newStateRoot: ROOT,
    newLeafCount: 1_000_000n,
    newLocalExitRoot: hash32(`0x${"e5".repeat(32)}`),
    pubdataHash: hash32(`0x${"f7".repeat(32)}`),
  };
  const inputsHash = await readPublicInputsHash(client, rollup, claim);
  return encode({ ...claim, proof: mockProofOf(inputsHash) });
}

/** Eight field elements without a zero byte, as most roots are. */
const ROOT: Hash32 = hash32(`0x${"5a6b7c7d".repeat(8)}`);

/** Batch data of one block with transfers of as many senders. */
function transferBatch({ nowSec }: World, count: number): Uint8Array {
  const transactions = createSenders(count).map((sender, index) => signTransfer(sender, 0, index));
  const block = { timestampSec: nowSec(), transactions };
  return encodeBatchData([block], nowSec() - 1n);
}

/** Sends with the cap as gas limit, which only transactions below it survive. */
async function measure(
  client: L1Client,
  to: Address,
  name: string,
  from: DevnetAccount,
  data: Hex,
): Promise<GasRow> {
  const bytes = hexToBytes(data);
  const fees = await client.fees();
  const { raw, hash } = signL1Transaction({
    chainId: await client.chainId(),
    nonce: await client.nonce(from.address, "pending"),
    to,
    data: bytes,
    valueWei: 0n,
    gasLimit: LIMITS.maxTxGas,
    maxFeePerGasWei: 2n * fees.baseFeePerGasWei + fees.maxPriorityFeePerGasWei,
    maxPriorityFeePerGasWei: fees.maxPriorityFeePerGasWei,
  }, from.privateKey);
  await client.sendRawTransaction(raw);
  const receipt = await client.receipt(hash);
  assert(receipt?.success === true, `${name} succeeds: ${receipt?.revertReason ?? "not mined"}`);
  const message = { to, data: bytes, accessList: [], authorizations: [] };
  return {
    name,
    calldataBytes: bytes.length,
    gasUsed: Number(receipt.gasUsed),
    floorGas: Number(floorGas(message)),
  };
}

/** The report as lines of text. */
export function renderGas({ maxTxGas, transactions, batches }: GasReport): string {
  const count = (value: number, width: number) => value.toLocaleString("en-US").padStart(width);
  const width = Math.max(...transactions.map(({ name }) => name.length));
  const lines = transactions.map(({ name, calldataBytes, gasUsed, floorGas }) =>
    `${name.padEnd(width)} ${count(calldataBytes, 10)} ${count(gasUsed, 11)} ${
      gasUsed === floorGas ? "floor" : ""
    }`.trimEnd()
  );
  const head = `${"transaction".padEnd(width)} ${"bytes".padStart(10)} ${"gas".padStart(11)}`;
  const sizes = batches.map(({ transferCount, dataBytes, gas, gasPerTransfer }) =>
    `${plural(transferCount)}, ${count(dataBytes, 0)} bytes: ${count(gas, 0)} gas, ` +
    `${count(gasPerTransfer, 0)} a transfer`
  );
  return [
    head,
    ...lines,
    "",
    "A batch, sequenced and verified alone:",
    ...sizes,
    "",
    `floor: paid for calldata (EIP-7623). No transaction may use more than ${
      count(maxTxGas, 0)
    } (EIP-7825).`,
    "",
  ].join("\n");
}

if (import.meta.main) {
  await Deno.stdout.write(new TextEncoder().encode(renderGas(await reportGas())));
}
