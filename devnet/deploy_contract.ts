/**
 * One contract onto somebody else's L1, restartable between any two lines.
 *
 * Owns the journal: what is signed is in the file before it is sent, so doing it again finds it, sends
 * the same bytes, and never deploys twice; and the fee, which rises while L1 does not mine. Does not
 * own which contracts there are (`deploy_rollup.ts`) nor the file's shape (`deployment.ts`).
 * @module
 */
import type { L1Client, L1Receipt } from "../core/l1/l1_client.ts";
import { MAX_L1_TX_GAS } from "../core/l1/submit_policy.ts";
import { signL1Transaction } from "../core/l1/transaction.ts";
import type { L1Account } from "../core/pipeline/node.ts";
import { assert, isRollupError, RollupError } from "../core/primitives/errors.ts";
import {
  type Address,
  bytesToHex,
  type Hash32,
  type Hex,
  hexToBytes,
} from "../core/primitives/hex.ts";
import { decodeTransaction, transactionHash } from "../core/types/tx.ts";
import { type Journal, type JournalEntry, writeDeploymentFile } from "./deployment.ts";
import { pause } from "./pause.ts";

/** What all contracts of one deployment share. */
export interface DeployRun {
  readonly client: L1Client;
  readonly l1ChainId: bigint;
  readonly deployer: L1Account;
  /** Where the journal is. */
  readonly file: string;
  readonly journal: JournalFile;
  /** Most to pay for a unit of gas; whatever L1 asks when absent. */
  readonly maxFeePerGasWei: bigint | undefined;
  /** Ends the waiting; what was sent stays sent. */
  readonly signal: AbortSignal;
  /** On the clock of `performance.now`. */
  readonly untilMs: number;
  /** Milliseconds until a transaction that waits gets a higher fee; a minute by default. */
  readonly bumpAfterMs: number | undefined;
  readonly progress: (text: string) => void;
}

/** Codes that this file throws, besides those of the L1 client and of the file. */
export type DeployContractErrorCode =
  | "DEPLOYMENT_FAILED"
  | "DEPLOYMENT_PENDING"
  | "DEPLOYMENT_DIFFERS"
  | "L1_INSUFFICIENT_FUNDS"
  | "L1_FEE_ABOVE_CAP";

/** Between two looks at whether a transaction is mined: soon on a devnet, patient elsewhere. */
const FIRST_LOOK_MS = 50;
const MAX_LOOK_MS = 2_000;
const BUMP_AFTER_MS = 60_000;
/** How often a nonce may be lost to somebody else before that is taken for the rule. */
const MAX_LOST_NONCES = 3;
const MAX_BUMPS = 10;

/** A contract that L1 has mined. */
export interface DeployedContract {
  readonly address: Address;
  readonly blockNumber: bigint;
}

/**
 * Sees the contract at `index` of the journal mined: signs, notes, sends, waits, and raises the fee
 * of what waits too long.
 *
 * @throws `DEPLOYMENT_FAILED`, `DEPLOYMENT_PENDING`, `DEPLOYMENT_DIFFERS`, `L1_INSUFFICIENT_FUNDS`,
 * `L1_FEE_ABOVE_CAP`.
 */
export async function deployContract(
  run: DeployRun,
  index: number,
  name: string,
  initCode: Hex,
): Promise<DeployedContract> {
  for (let lost = 0; lost < MAX_LOST_NONCES; lost++) {
    let entry = run.journal.get(index);
    if (entry === undefined) {
      entry = await signFirst(run, name, initCode);
      run.journal.set(index, entry);
    } else {
      checkJournaled(run, entry, initCode);
      run.progress(`Going on with ${name}`);
    }
    const receipt = await seeMined(run, index, name);
    if (receipt === undefined) {
      run.progress(`Another transaction took L1 nonce ${entry.nonce}: ${name} gets a new one`);
      run.journal.set(index, undefined);
      continue;
    }
    if (!receipt.success) {
      run.journal.set(index, undefined);
      throw deploymentFailed(name, receipt.revertReason ?? "it gave no reason");
    }
    const { contractAddress, blockNumber } = receipt;
    assert(contractAddress !== undefined, "a mined deployment has its contract's address");
    run.progress(`Deployed ${name} at ${contractAddress} in L1 block ${blockNumber}`);
    return { address: contractAddress, blockNumber };
  }
  throw new RollupError<DeployContractErrorCode>(
    "DEPLOYMENT_FAILED",
    `Cannot deploy ${name} as its nonce must stay free: it was taken ${MAX_LOST_NONCES} times`,
    {
      details: { deployer: run.deployer.address },
      mend: "Stop whatever else sends from this account, or deploy with another key.",
    },
  );
}

async function signFirst(run: DeployRun, name: string, initCode: Hex): Promise<JournalEntry> {
  const { client, deployer } = run;
  const fees = await chooseFees(run, undefined);
  const estimate = await client.estimateGas({ from: deployer.address, data: initCode })
    .catch((error: unknown) => {
      if (!isRollupError(error, "L1_REVERTED")) throw error;
      throw deploymentFailed(name, String(error.details["reason"]), error);
    });
  const withMargin = estimate + estimate / 5n;
  const gasLimit = withMargin < MAX_L1_TX_GAS ? withMargin : MAX_L1_TX_GAS;
  const balanceWei = await client.balance(deployer.address);
  const costWei = gasLimit * fees.maxFeePerGasWei;
  if (balanceWei < costWei) throw insufficientFunds(name, deployer, { balanceWei, costWei });
  const nonce = await client.nonce(deployer.address, "pending");
  const { raw } = signL1Transaction({
    chainId: run.l1ChainId,
    nonce,
    to: undefined,
    data: hexToBytes(initCode),
    valueWei: 0n,
    gasLimit,
    ...fees,
  }, deployer.privateKey);
  return { nonce, attempts: [raw] };
}

/** A journal that was begun with other parameters would deploy another chain's contract. */
function checkJournaled({ file }: DeployRun, entry: JournalEntry, initCode: Hex): void {
  for (const raw of entry.attempts) {
    if (bytesToHex(decodeTransaction(raw).data) === initCode) continue;
    throw deploymentDiffers(file, "constructor arguments", "others", "those of this command");
  }
}

/** The receipt; `undefined` when another transaction of the account was mined in its place. */
async function seeMined(
  run: DeployRun,
  index: number,
  name: string,
): Promise<L1Receipt | undefined> {
  const { client, deployer } = run;
  let lookMs = FIRST_LOOK_MS;
  let isTold = false;
  let sentAtMs = performance.now();
  await sendLatest(run, index);
  for (let bumps = 0;;) {
    const entry = run.journal.get(index);
    assert(entry !== undefined, "what is waited for is in the journal");
    // The nonce first: ours may be mined between the two answers.
    const minedCount = await client.nonce(deployer.address, "latest");
    for (const raw of entry.attempts) {
      const receipt = await client.receipt(transactionHash(raw));
      if (receipt !== undefined) return receipt;
    }
    if (minedCount > entry.nonce) return undefined;
    if (run.signal.aborted || performance.now() > run.untilMs) throw pending(run, entry, name);
    if (!isTold) run.progress(`Waiting for L1 to mine ${name}: ${latestHash(entry)}`);
    isTold = true;
    if (performance.now() - sentAtMs > (run.bumpAfterMs ?? BUMP_AFTER_MS) && bumps < MAX_BUMPS) {
      await raiseFee(run, index, name);
      sentAtMs = performance.now();
      bumps++;
    }
    await pause(lookMs, run.signal);
    lookMs = Math.min(2 * lookMs, MAX_LOOK_MS);
  }
}

/** Hands the latest form to the node; that it has it, or has mined it, is as good. */
async function sendLatest(run: DeployRun, index: number): Promise<void> {
  const { client, deployer } = run;
  const entry = run.journal.get(index);
  const raw = entry?.attempts.at(-1);
  assert(entry !== undefined && raw !== undefined, "what is sent is in the journal");
  for (const attempt of entry.attempts) {
    if (await client.receipt(transactionHash(attempt)) !== undefined) return;
  }
  try {
    await client.sendRawTransaction(raw);
  } catch (error) {
    // A nonce that is gone is found by who waits; any other refusal stands.
    if (!isRollupError(error, "L1_REJECTED")) throw error;
    if (await client.nonce(deployer.address, "latest") <= entry.nonce) throw error;
  }
}

/** Signs the same transaction with a fee that nodes take as a replacement, and sends it. */
async function raiseFee(run: DeployRun, index: number, name: string): Promise<void> {
  const entry = run.journal.get(index);
  const raw = entry?.attempts.at(-1);
  assert(entry !== undefined && raw !== undefined, "what is raised is in the journal");
  const last = decodeTransaction(raw);
  const fees = await chooseFees(run, last);
  if (fees.maxFeePerGasWei <= last.maxFeePerGasWei) return;
  const { nonce, gasLimit, data } = last;
  const chainId = run.l1ChainId;
  const fields = { chainId, nonce, to: undefined, data, valueWei: 0n, gasLimit, ...fees };
  const { raw: next } = signL1Transaction(fields, run.deployer.privateKey);
  run.journal.set(index, { ...entry, attempts: [...entry.attempts, next] });
  run.progress(`Raising the fee of ${name} to ${fees.maxFeePerGasWei} wei a gas`);
  await sendLatest(run, index);
}

interface Fees {
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
}

/** Twice the base fee plus the tip; as a replacement an eighth above the last, within the cap. */
async function chooseFees(
  { client, maxFeePerGasWei: capWei }: DeployRun,
  last: Fees | undefined,
): Promise<Fees> {
  const { baseFeePerGasWei, maxPriorityFeePerGasWei: tipWei } = await client.fees();
  const raised = (wei: bigint | undefined) => wei === undefined ? 0n : wei + wei / 8n + 1n;
  const wantedTip = maxOf(tipWei, raised(last?.maxPriorityFeePerGasWei));
  const wanted = maxOf(2n * baseFeePerGasWei + tipWei, raised(last?.maxFeePerGasWei));
  if (capWei === undefined || wanted <= capWei) {
    return { maxFeePerGasWei: wanted, maxPriorityFeePerGasWei: minOf(wantedTip, wanted) };
  }
  if (last !== undefined) return last;
  if (baseFeePerGasWei > capWei) {
    throw new RollupError<DeployContractErrorCode>(
      "L1_FEE_ABOVE_CAP",
      `Cannot deploy for at most ${capWei} wei a gas: L1 asks for ${baseFeePerGasWei} at least`,
      {
        details: { capWei, baseFeePerGasWei },
        mend: "Wait for a lower base fee, or raise `--l1-max-fee`.",
      },
    );
  }
  return { maxFeePerGasWei: capWei, maxPriorityFeePerGasWei: minOf(wantedTip, capWei) };
}

function maxOf(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function minOf(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

function latestHash(entry: JournalEntry): Hash32 {
  const raw = entry.attempts.at(-1);
  assert(raw !== undefined, "an entry of the journal has an attempt");
  return transactionHash(raw);
}

function pending(
  { file, signal }: DeployRun,
  entry: JournalEntry,
  name: string,
): RollupError<DeployContractErrorCode> {
  const hash = latestHash(entry);
  const reason = signal.aborted ? "the waiting was ended" : "it was not mined in time";
  return new RollupError(
    "DEPLOYMENT_PENDING",
    `Cannot finish the deployment as ${name} must be mined first, transaction ${hash}: ${reason}`,
    {
      details: { hash, nonce: entry.nonce, file },
      mend: "Let the L1 make blocks, then run the same command again: it goes on where it ended.",
    },
  );
}

function deploymentFailed(
  name: string,
  reason: string,
  cause?: unknown,
): RollupError<DeployContractErrorCode> {
  return new RollupError("DEPLOYMENT_FAILED", `Cannot deploy ${name}: L1 reverts it, ${reason}`, {
    details: { reason },
    mend: "Correct what the contract refuses, then run the command again.",
    cause,
  });
}

function insufficientFunds(
  name: string,
  { address }: L1Account,
  { balanceWei, costWei }: { readonly balanceWei: bigint; readonly costWei: bigint },
): RollupError<DeployContractErrorCode> {
  return new RollupError(
    "L1_INSUFFICIENT_FUNDS",
    `Cannot deploy ${name}: ${address} has ${balanceWei} wei on L1, it may cost ${costWei} wei`,
    {
      details: { address, balanceWei, costWei },
      mend: `Send ETH to ${address} on L1, then run the command again.`,
    },
  );
}

/** The journal on disk: what is set is written before the promise of anything sent. */
export interface JournalFile {
  get(index: number): JournalEntry | undefined;
  set(index: number, entry: JournalEntry | undefined): void;
}

/** The journal of `file`, as `start` or as an earlier run has left it. */
export function createJournal(file: string, start: Journal): JournalFile {
  const entries = [...start.entries];
  return {
    get: (index) => entries[index],
    set: (index, entry) => {
      // An entry stands on those before it: the rollup's constructor names the verifier.
      entries.splice(index, entries.length - index, ...(entry === undefined ? [] : [entry]));
      writeDeploymentFile(file, { kind: "unfinished", journal: { ...start, entries } });
    },
  };
}

/** The refusal of a file that was begun or finished for something else. */
export function deploymentDiffers(
  file: string,
  field: string,
  found: unknown,
  asked: unknown,
): RollupError<DeployContractErrorCode> {
  return new RollupError(
    "DEPLOYMENT_DIFFERS",
    `Cannot deploy into "${file}" as it must be for the same: its ${field} is ${found}, asked for ` +
      `${asked}`,
    {
      details: { file, field, found, asked },
      mend: "Give the flags that it was begun with, or another file with `--out FILE`.",
    },
  );
}
