/**
 * What a block of Ethereum does besides its transactions, in every fork.
 *
 * Owns the DAO's rescue, the roots and hashes that system contracts keep, requests, withdrawals and
 * rewards. Does not own transactions (`evm.ts`) or what a header says of all this
 * (`chain_block.ts`).
 * @module
 */
import type { Block } from "@ethereumjs/block";
import type { MerkleStateManager } from "@ethereumjs/statemanager";
import { Account } from "@ethereumjs/util";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  bigintToBytes,
  bytesToBigint,
  concatBytes,
  joinBytes,
} from "../../core/primitives/bytes.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import {
  type Address,
  bytesToHash32,
  type Hash32,
  hash32,
  hexToBytes,
} from "../../core/primitives/hex.ts";
import { EMPTY_REQUESTS_HASH } from "../../core/types/block.ts";
import type { EventLog } from "../../core/types/receipt.ts";
import type { L1Environment } from "./chain_block.ts";
import { DAO_ACCOUNTS, DAO_REFUND_CONTRACT } from "./dao_fork.ts";
import { type L1World, toLibraryAddress } from "./library.ts";
import type { ForkSchedule, L1Rules } from "./forks.ts";
import {
  BEACON_ROOTS_ADDRESS,
  CONSOLIDATION_QUEUE_ADDRESS,
  HISTORY_ADDRESS,
  RING_LENGTH,
  SYSTEM_ADDRESS,
  WITHDRAWAL_QUEUE_ADDRESS,
} from "./system_contracts.ts";

/** Codes that this file throws. */
export type BlockProtocolErrorCode = "L1_DEPOSIT_MALFORMED" | "L1_SYSTEM_CALL_FAILED";

const WEI_PER_GWEI = 1_000_000_000n;
const SYSTEM_CALL_GAS = 30_000_000n;
/** The topic of the deposit contract's event. */
const DEPOSIT_TOPIC = hash32(
  "0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5",
);
/** Where the event's data has each field, and how long it is (EIP-6110). */
const DEPOSIT_FIELDS = [
  { offset: 160, sizeBytes: 48 },
  { offset: 256, sizeBytes: 32 },
  { offset: 320, sizeBytes: 8 },
  { offset: 384, sizeBytes: 96 },
  { offset: 512, sizeBytes: 8 },
] as const;
const DEPOSIT_DATA_BYTES = 576;

/** What happens before the first transaction. */
export async function beginProtocol(
  { state }: L1World,
  environment: L1Environment,
  forks: ForkSchedule,
): Promise<void> {
  const { number, timestampSec, rules } = environment;
  if (number === forks.daoForkNumber) await rescueDao(state);
  if (rules.isActive("cancun") && await hasCode(state, BEACON_ROOTS_ADDRESS)) {
    const slot = timestampSec % RING_LENGTH;
    const root = hexToBytes(environment.parentBeaconBlockRoot ?? "0x");
    await putSlot(state, BEACON_ROOTS_ADDRESS, slot, bigintToBytes(timestampSec, 32));
    await putSlot(state, BEACON_ROOTS_ADDRESS, slot + RING_LENGTH, root);
  }
  if (rules.isActive("prague") && await hasCode(state, HISTORY_ADDRESS)) {
    const slot = (number - 1n) % RING_LENGTH;
    await putSlot(state, HISTORY_ADDRESS, slot, hexToBytes(environment.parentHash));
  }
}

/** What happens after the last transaction; the answer is the requests hash, from Prague on. */
export async function endProtocol(
  world: L1World,
  environment: L1Environment,
  done: {
    readonly forks: ForkSchedule;
    readonly logs: readonly EventLog[];
    readonly block: Block;
  },
): Promise<Hash32 | undefined> {
  const { rules } = environment;
  const requestsHash = rules.isActive("prague")
    ? hashRequests([
      collectDeposits(done.logs, done.forks.depositContract),
      await callQueue(world, WITHDRAWAL_QUEUE_ADDRESS, done.block),
      await callQueue(world, CONSOLIDATION_QUEUE_ADDRESS, done.block),
    ])
    : undefined;
  for (const { address, amountGwei } of environment.withdrawals ?? []) {
    await reward(world.state, address, amountGwei * WEI_PER_GWEI);
  }
  if (environment.difficulty > 0n && !rules.isActive("paris") && !done.forks.isClique) {
    await payMiners(world.state, environment);
  }
  return requestsHash;
}

/** EIP-7685: sha256 of the sha256 of each kind of request that there is any of. */
export function hashRequests(requests: readonly Uint8Array[]): Hash32 {
  if (requests.every((data) => data.length === 0)) return EMPTY_REQUESTS_HASH;
  const digests = requests.flatMap((data, type) =>
    data.length === 0 ? [] : [sha256(concatBytes(Uint8Array.of(type), data))]
  );
  return bytesToHash32(sha256(joinBytes(digests)));
}

/** Ether for whoever found a block before the merge, in wei. */
export function blockRewardWei(rules: L1Rules): bigint {
  if (rules.isActive("constantinople")) return 2n * 10n ** 18n;
  return rules.isActive("byzantium") ? 3n * 10n ** 18n : 5n * 10n ** 18n;
}

async function payMiners(state: MerkleStateManager, environment: L1Environment): Promise<void> {
  const { rules, number, uncles, coinbase } = environment;
  const rewardWei = blockRewardWei(rules);
  for (const uncle of uncles) {
    await reward(state, uncle.miner, (uncle.number + 8n - number) * rewardWei / 8n);
  }
  await reward(state, coinbase, rewardWei + BigInt(uncles.length) * (rewardWei / 32n));
}

/** Gives ether to `account`; nothing, given to nobody, makes no account (EIP-161). */
async function reward(
  state: MerkleStateManager,
  account: Address,
  amountWei: bigint,
): Promise<void> {
  const libraryAddress = toLibraryAddress(account);
  const found = await state.getAccount(libraryAddress) ?? new Account();
  found.balance += amountWei;
  if (found.isEmpty()) await state.deleteAccount(libraryAddress);
  else await state.putAccount(libraryAddress, found);
}

async function rescueDao(state: MerkleStateManager): Promise<void> {
  const refund = toLibraryAddress(DAO_REFUND_CONTRACT);
  const refundAccount = await state.getAccount(refund) ?? new Account();
  for (const drained of DAO_ACCOUNTS) {
    const libraryAddress = toLibraryAddress(drained);
    const account = await state.getAccount(libraryAddress) ?? new Account();
    refundAccount.balance += account.balance;
    account.balance = 0n;
    await state.putAccount(libraryAddress, account);
  }
  await state.putAccount(refund, refundAccount);
}

/** What a queue of EIP-7002 or EIP-7251 gives away at the end of a block. */
async function callQueue(
  { state, vm }: L1World,
  queue: Address,
  block: Block,
): Promise<Uint8Array> {
  const libraryAddress = toLibraryAddress(queue);
  // A chain without the contract has no such requests.
  if (!await hasCode(state, queue)) return new Uint8Array(0);
  const caller = toLibraryAddress(SYSTEM_ADDRESS);
  const callerAccount = await state.getAccount(caller);
  const { execResult } = await vm.evm.runCall({
    block,
    caller,
    to: libraryAddress,
    gasLimit: SYSTEM_CALL_GAS,
  });
  await vm.evm.journal.cleanup();
  // The caller is nobody; the library counts it among the touched.
  if (callerAccount === undefined) await state.deleteAccount(caller);
  else await state.putAccount(caller, callerAccount);
  if (execResult.exceptionError !== undefined) {
    throw new RollupError<BlockProtocolErrorCode>(
      "L1_SYSTEM_CALL_FAILED",
      `Cannot end block ${block.header.number} as the queue ${queue} must answer: it failed with ` +
        `"${execResult.exceptionError.error}"`,
      { details: { queue }, mend: "Correct the code of that account in the genesis file." },
    );
  }
  return execResult.returnValue;
}

/** EIP-6110: the deposits that the logs of `contract` tell of, one after another. */
function collectDeposits(logs: readonly EventLog[], contract: Address): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { address, topics, data } of logs) {
    if (address !== contract || topics[0] !== DEPOSIT_TOPIC) continue;
    if (!isDepositData(data)) throw malformedDeposit(data.length);
    for (const { offset, sizeBytes } of DEPOSIT_FIELDS) {
      parts.push(data.subarray(offset + 32, offset + 32 + sizeBytes));
    }
  }
  return joinBytes(parts);
}

function isDepositData(data: Uint8Array): boolean {
  if (data.length !== DEPOSIT_DATA_BYTES) return false;
  const word = (offset: number) => bytesToBigint(data.subarray(offset, offset + 32));
  return DEPOSIT_FIELDS.every(({ offset, sizeBytes }, index) =>
    word(32 * index) === BigInt(offset) && word(offset) === BigInt(sizeBytes)
  );
}

async function hasCode(state: MerkleStateManager, account: Address): Promise<boolean> {
  return (await state.getAccount(toLibraryAddress(account)))?.isContract() === true;
}

async function putSlot(
  state: MerkleStateManager,
  account: Address,
  slot: bigint,
  value: Uint8Array,
): Promise<void> {
  await state.putStorage(toLibraryAddress(account), bigintToBytes(slot, 32), value);
}

function malformedDeposit(sizeBytes: number): RollupError<BlockProtocolErrorCode> {
  return new RollupError(
    "L1_DEPOSIT_MALFORMED",
    "Cannot end the block as each event of the deposit contract must have the data of EIP-6110: " +
      `one has ${sizeBytes} bytes of another layout`,
    { mend: "Name another depositContractAddress in the genesis file." },
  );
}
