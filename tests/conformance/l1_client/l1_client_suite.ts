/**
 * What every L1 client must do over every L1: send, revert reason, events, reorganisation.
 *
 * Owns the criteria, on the rollup's own contracts. Does not own how an L1 is started.
 * @module
 */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { keccak256Bytes } from "../../../core/crypto/keccak.ts";
import type { L1Request } from "../../../core/l1/backends/json_rpc.ts";
import {
  encodeVerifyBatches,
  encodeVerifyBatchesTrustedAggregator,
  type VerifyBatchesCall,
} from "../../../core/l1/calls.ts";
import {
  readPublicInputsHash,
  readRollupParameters,
  readRollupState,
} from "../../../core/l1/rollup_views.ts";
import { decodeRollupEvent, type RollupEvent } from "../../../core/l1/events.ts";
import type { L1Client, L1Receipt } from "../../../core/l1/l1_client.ts";
import { signL1Transaction } from "../../../core/l1/transaction.ts";
import { concatBytes } from "../../../core/primitives/bytes.ts";
import { assert, isRollupError, RollupError } from "../../../core/primitives/errors.ts";
import { address, hash32, type Hex, hexToBytes } from "../../../core/primitives/hex.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { DEV_ACCOUNTS, DEVNET_ROLES, type DevnetAccount } from "../../../devnet/accounts.ts";
import { deployContracts, type DeployedContracts } from "../../../devnet/deploy.ts";
import { encodeSequence } from "../../simulation/l1_actions.ts";

/** An L1 that makes a block for each transaction, with the devnet's accounts. */
export interface L1UnderTest extends AsyncDisposable {
  readonly client: L1Client;
  /** Keeps the chain as it is; what comes back makes it forget all that came later. */
  snapshot(): Promise<() => Promise<void>>;
  /** Makes an empty block. */
  mine(): Promise<void>;
  /** Any method of this L1; unlike the client's, a sent transaction does not make a block. */
  readonly request: L1Request;
  /**
   * Replaces the last `depth` blocks by as many others. Each pair is a transaction, as signed bytes
   * or as an object, and the index of the new block that holds it.
   */
  reorg(depth: number, pairs?: readonly (readonly [unknown, number])[]): Promise<void>;
}

const GENESIS_ROOT = hash32(`0x${"00000001".repeat(8)}`);
const NEW_ROOT = hash32(`0x${"00000002".repeat(8)}`);
const ZERO = hash32(`0x${"00".repeat(32)}`);
const NOBODY = address(`0x${"99".repeat(20)}`);
const { deployer, sequencer, aggregator } = DEVNET_ROLES;

const PARAMETERS = {
  admin: deployer.address,
  chainId: 901n,
  genesisStateRoot: GENESIS_ROOT,
  genesisLeafCount: 25n,
  programHash: hash32(`0x${"ab".repeat(32)}`),
  trustedSequencer: sequencer.address,
  trustedAggregator: aggregator.address,
  trustedAggregatorTimeoutSec: 3_600n,
  forceBatchTimeoutSec: 7_200n,
};

/** Registers the criteria for L1s that `open` starts. */
export function testL1Client(
  name: string,
  open: () => Promise<L1UnderTest>,
  options: { readonly ignore?: boolean } = {},
): void {
  const it = (criterion: string, check: (l1: Rig) => Promise<void>) =>
    Deno.test({
      name: `L1Client (${name}) ${criterion}`,
      ignore: options.ignore ?? false,
      fn: async () => {
        await using l1 = await open();
        const contracts = await deployContracts(l1.client, PARAMETERS);
        await check({ ...l1, contracts });
      },
    });

  it("deploys the contracts and reads their parameters", async ({ client, contracts }) => {
    const { rollup, verifier } = contracts;
    assertEquals(await readRollupParameters(client, rollup), { ...PARAMETERS, verifier });
    assertEquals(await deployContracts(client, PARAMETERS), contracts);
  });

  it("reads blocks that form a chain, and none beyond it", async ({ client, mine }) => {
    await mine();
    const latest = await client.block("latest");
    assert(latest !== undefined && latest.number > 0n, "there is a block");
    const parent = await client.block(latest.number - 1n);
    assertEquals(parent?.hash, latest.parentHash);
    assert((parent?.timestampSec ?? 0n) <= latest.timestampSec, "time never goes back");
    assertEquals(await client.block(latest.number), latest);
    assertEquals(await client.block(latest.number + 1n), undefined);
    assertEquals(await client.block(1n << 40n), undefined);
    assertEquals(await client.transaction(ZERO), undefined);
    assertEquals(await client.receipt(ZERO), undefined);
  });

  it("sequences and verifies, with receipts and events in order", async (rig) => {
    const { client, contracts } = rig;
    const sequenced = await sendTo(rig, sequencer, await sequenceCall(rig, 0n, 2));
    assertEquals(sequenced.success, true);
    const verified = await sendTo(rig, aggregator, await verifyCall(rig, 0n, 2n));
    assertEquals(verified.success, true);
    assert(sequenced.gasUsed > 21_000n && verified.gasUsed > 21_000n, "calls cost gas");
    const state = await readRollupState(client, contracts.rollup);
    assertEquals([state.lastBatchSequenced, state.lastVerifiedBatch].map(Number), [2, 2]);

    const whole = { address: contracts.rollup, fromBlock: 0n, toBlock: verified.blockNumber };
    const logs = await client.logs(whole);
    const events = logs.map((log) => ({ log, event: decodeRollupEvent(log) }));
    assertEquals(events.map(({ event }) => event?.kind), ["sequenced", "verified"]);
    assertEquals(events.map(({ event }) => lastBatchOf(event)), [2n, 2n]);
    for (const [index, receipt] of [sequenced, verified].entries()) {
      const log = logs[index];
      assertEquals(log?.transactionHash, receipt.transactionHash);
      assertEquals([log?.blockNumber, log?.blockHash], [receipt.blockNumber, receipt.blockHash]);
      assertEquals((await client.block(receipt.blockNumber))?.hash, receipt.blockHash);
    }
    const until = { ...whole, toBlock: sequenced.blockNumber };
    assertEquals(await client.logs(until), logs.slice(0, 1));
    assertEquals(await client.logs({ ...whole, fromBlock: verified.blockNumber }), logs.slice(1));
    assertEquals(await client.logs({ ...whole, address: NOBODY }), []);
    const tx = await client.transaction(sequenced.transactionHash);
    assertEquals([tx?.from, tx?.to, tx?.nonce], [sequencer.address, contracts.rollup, 0n]);
  });

  it("names the contract's errors in calls and estimates", async (rig) => {
    const { client, contracts } = rig;
    const good = await sequenceCall(rig, 0n, 1);
    const [stranger] = DEV_ACCOUNTS;
    assert(stranger !== undefined, "there are users");
    const later = (await client.block("latest"))?.timestampSec ?? 0n;
    const cases: [string, DevnetAccount, Hex][] = [
      ["OnlyTrustedSequencer", stranger, good],
      ["OnlyTrustedSequencer", aggregator, good],
      ["SequenceZeroBatches", sequencer, await sequenceCall(rig, 0n, 0)],
      ["InitSequencedBatchDoesNotMatch", sequencer, await sequenceCall(rig, 5n, 1)],
      [
        "MaxTimestampSequenceInvalid",
        sequencer,
        await sequenceCall(rig, 0n, 1, later + 1_000_000n),
      ],
      ["InitNumBatchAboveLastVerifiedBatch", aggregator, await verifyCall(rig, 7n, 8n, false)],
      ["NewAccInputHashDoesNotExist", aggregator, await verifyCall(rig, 0n, 3n, false)],
    ];
    for (const [errorName, from, data] of cases) {
      await assertRevert(rig, { errorName, from, data });
    }
    await sendTo(rig, sequencer, good);
    await assertRevert(rig, {
      errorName: "SequencedTimestampInvalid",
      from: sequencer,
      data: await sequenceCall(rig, 1n, 1, 1n),
    });
    const proven = await verifyCall(rig, 0n, 1n);
    await assertRevert(rig, { errorName: "OnlyTrustedAggregator", from: stranger, data: proven });
    await assertRevert(rig, {
      errorName: "TrustedAggregatorTimeoutNotExpired",
      from: stranger,
      data: await verifyCall(rig, 0n, 1n, true, encodeVerifyBatches),
    });
    await assertRevert(rig, {
      errorName: "InvalidProof",
      from: aggregator,
      data: await verifyCall(rig, 0n, 1n, false),
    });
    await sendTo(rig, aggregator, proven);
    await assertRevert(rig, {
      errorName: "FinalNumBatchBelowLastVerifiedBatch",
      from: aggregator,
      data: await verifyCall(rig, 0n, 1n, false),
    });
    assertEquals(
      await client.call({ to: contracts.rollup, data: "0x" }).catch(codeOf),
      "L1_REVERTED",
    );
  });

  it("says of a mined transaction that it failed", async (rig) => {
    const data = await sequenceCall(rig, 5n, 1);
    const receipt = await sendTo(rig, sequencer, data, 300_000n);
    assertEquals(receipt.success, false);
    assertMatch(receipt.revertReason ?? "InitSequencedBatchDoesNotMatch", /InitSequencedBatch/);
    const filter = {
      address: rig.contracts.rollup,
      fromBlock: receipt.blockNumber,
      toBlock: receipt.blockNumber,
    };
    assertEquals(await rig.client.logs(filter), []);
  });

  it("sends the same bytes twice with one effect, and refuses others", async (rig) => {
    const { client } = rig;
    const before = await client.balance(NOBODY);
    const raw = await signedTransfer(rig, 0n);
    const hash = await client.sendRawTransaction(raw);
    assertEquals(await client.sendRawTransaction(raw), hash);
    assertEquals(await client.balance(NOBODY), before + 7n);
    assertEquals(await client.nonce(sequencer.address, "latest"), 1n);
    assertEquals(await client.nonce(sequencer.address, "pending"), 1n);
    const refused = async (bytes: Uint8Array) =>
      (await assertRejects(() => client.sendRawTransaction(bytes), RollupError)).code;
    assertEquals(await refused(await signedTransfer(rig, 0n, { valueWei: 8n })), "L1_REJECTED");
    const poor = await signedTransfer(rig, 1n, { valueWei: 10n ** 30n });
    assertEquals(await refused(poor), "L1_REJECTED");
    const elsewhere = await signedTransfer(rig, 1n, { chainId: 5n });
    assertEquals(await refused(elsewhere), "L1_REJECTED");
    assertEquals(await refused(Uint8Array.of(2, 0xc0)), "L1_REJECTED");
    assertEquals(await refused(new Uint8Array(0)), "L1_REJECTED");
    assertEquals(await client.nonce(sequencer.address, "latest"), 1n);
  });

  it("prices a transaction so that it is mined", async (rig) => {
    const fees = await rig.client.fees();
    assert(fees.baseFeePerGasWei > 0n, "a block has a base fee");
    assert(fees.maxPriorityFeePerGasWei >= 0n, "a tip is not negative");
    const latest = await rig.client.block("latest");
    assertEquals(fees.baseFeePerGasWei <= 2n * (latest?.baseFeePerGasWei ?? 0n), true);
    const receipt = await sendTo(rig, sequencer, await sequenceCall(rig, 0n, 1));
    assertEquals(receipt.success, true);
  });

  it("forgets what a reorganisation took back, and takes it again", async (rig) => {
    const { client, contracts } = rig;
    const goBack = await rig.snapshot();
    const raw = await signedTransfer(rig, 0n);
    const hash = await client.sendRawTransaction(raw);
    const lost = await client.block("latest");
    assert(lost !== undefined, "the transaction was mined");
    await goBack();
    assertEquals(await client.receipt(hash), undefined);
    assertEquals(await client.transaction(hash), undefined);
    assertEquals(await client.nonce(sequencer.address, "latest"), 0n);
    await rig.mine();
    await rig.mine();
    assert((await client.block(lost.number))?.hash !== lost.hash, "another block took its place");
    assertEquals(await client.sendRawTransaction(raw), hash);
    assertEquals((await client.receipt(hash))?.success, true);
    assertEquals((await readRollupState(client, contracts.rollup)).lastBatchSequenced, 0n);
  });
}

type Rig = L1UnderTest & { readonly contracts: DeployedContracts };

async function sequenceCall(
  { client, contracts }: Rig,
  first: bigint,
  count: number,
  timestampSec?: bigint,
): Promise<Hex> {
  const now = (await client.block("latest"))?.timestampSec ?? 0n;
  return await encodeSequence({ client, rollup: contracts.rollup }, {
    batches: Array.from({ length: count }, (_, index) => ({
      transactions: Uint8Array.of(index, 0xff),
      timestampSec: timestampSec ?? now,
      operationCount: 0n,
    })),
    initSequencedBatch: batchNumber(first),
    l2Coinbase: sequencer.address,
  });
}

/** A call with the proof that the mock verifier wants, or with junk. */
async function verifyCall(
  { client, contracts }: Rig,
  initNumBatch: bigint,
  finalNewBatch: bigint,
  isHonest = true,
  encode = encodeVerifyBatchesTrustedAggregator,
): Promise<Hex> {
  const claim: Omit<VerifyBatchesCall, "proof"> = {
    initNumBatch,
    finalNewBatch,
    newStateRoot: NEW_ROOT,
    newLeafCount: 30n,
    newLocalExitRoot: ZERO,
    pubdataHash: ZERO,
  };
  if (!isHonest) return encode({ ...claim, proof: new Uint8Array(33) });
  const query = { ...claim, prover: aggregator.address };
  const inputsHash = await readPublicInputsHash(client, contracts.rollup, query);
  const domain = new TextEncoder().encode("varve/mock/1");
  const digest = keccak256Bytes(concatBytes(domain, hexToBytes(inputsHash)));
  return encode({ ...claim, proof: concatBytes(Uint8Array.of(0), digest) });
}

/** Sends as the node does: estimate unless a limit is given, price, sign, hand over. */
async function sendTo(
  { client, contracts }: Rig,
  from: DevnetAccount,
  data: Hex,
  gasLimit?: bigint,
): Promise<L1Receipt> {
  const to = contracts.rollup;
  const fees = await client.fees();
  const { raw, hash } = signL1Transaction({
    chainId: await client.chainId(),
    nonce: await client.nonce(from.address, "pending"),
    to,
    data: hexToBytes(data),
    valueWei: 0n,
    gasLimit: gasLimit ?? await client.estimateGas({ from: from.address, to, data }),
    maxFeePerGasWei: 2n * fees.baseFeePerGasWei + fees.maxPriorityFeePerGasWei,
    maxPriorityFeePerGasWei: fees.maxPriorityFeePerGasWei,
  }, from.privateKey);
  assertEquals(await client.sendRawTransaction(raw), hash);
  const receipt = await client.receipt(hash);
  assert(receipt !== undefined, "this L1 mines at once");
  return receipt;
}

async function signedTransfer(
  { client }: Rig,
  nonce: bigint,
  change: { readonly valueWei?: bigint; readonly chainId?: bigint } = {},
): Promise<Uint8Array> {
  return signL1Transaction({
    chainId: await client.chainId(),
    nonce,
    to: NOBODY,
    data: new Uint8Array(0),
    valueWei: 7n,
    gasLimit: 21_000n,
    maxFeePerGasWei: 10n ** 11n,
    maxPriorityFeePerGasWei: 1n,
    ...change,
  }, sequencer.privateKey).raw;
}

async function assertRevert(
  { client, contracts }: Rig,
  wanted: { readonly errorName: string; readonly from: DevnetAccount; readonly data: Hex },
): Promise<void> {
  const { errorName, from, data } = wanted;
  const call = { from: from.address, to: contracts.rollup, data };
  for (const ask of [client.call, client.estimateGas]) {
    const error = await assertRejects(() => ask(call), RollupError);
    assertEquals([error.code, error.details.errorName], ["L1_REVERTED", errorName]);
  }
}

function lastBatchOf(event: RollupEvent | undefined): bigint | undefined {
  return event?.kind === "sequenced" || event?.kind === "verified" ? event.lastBatch : undefined;
}

function codeOf(error: unknown): string {
  if (isRollupError(error)) return error.code;
  throw error;
}
