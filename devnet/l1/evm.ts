/**
 * Execution on the embedded L1: the one file that knows `@ethereumjs`.
 *
 * Owns running blocks, calls and reads on the state under a root. Every block and every call works
 * on an overlay of its own, so a failed one leaves nothing behind and reads never wait for writes.
 * Does not own headers, roots of the body (`chain_block.ts`) or what is committed.
 * @module
 */
import type { Block } from "@ethereumjs/block";
import type { Common } from "@ethereumjs/common";
import type { EVMMockBlockchainInterface } from "@ethereumjs/evm";
import type { MerkleStateManager } from "@ethereumjs/statemanager";
import { createTxFromRLP, type TypedTransaction } from "@ethereumjs/tx";
import { Account } from "@ethereumjs/util";
import { createVM, runTx } from "@ethereumjs/vm";
import { bigintToBytes, bytesToBigint } from "../../core/primitives/bytes.ts";
import { assert } from "../../core/primitives/errors.ts";
import {
  type Address,
  bytesToAddress,
  bytesToHash32,
  type Hash32,
  hexToBytes,
} from "../../core/primitives/hex.ts";
import type { GenesisAccount } from "../../core/types/genesis.ts";
import type { EventLog, Receipt } from "../../core/types/receipt.ts";
import { blobGas, effectiveGasPriceWei } from "../../core/types/tx.ts";
import type { BlockEnvironment, ExecutableTx, TxOutcome } from "../../core/vm/executor.ts";
import { findStateInvalidity, type TxInvalidity } from "../../core/vm/tx_rules.ts";
import { evmUsage } from "../../core/vm/usage.ts";
import { blobBaseFeeWei } from "./blob_fee.ts";
import { beginProtocol, endProtocol } from "./block_protocol.ts";
import { guardTime } from "./call_time.ts";
import type { BlockEnd, L1Environment } from "./chain_block.ts";
import { isUnsignedBy, runAsAccount } from "./impersonation.ts";
import {
  createLibraryBlock,
  exceptionOf,
  type L1World,
  toEventLogs,
  toLibraryAddress,
} from "./library.ts";
import { type ForkSchedule, GAS_PER_BLOB, type L1Rules, rulesAt } from "./forks.ts";
import {
  createNodeOverlay,
  type HashedBytes,
  type NodeOverlay,
  type NodeStore,
} from "./node_store.ts";
import { openState } from "./state_manager.ts";

/** Hash of an earlier block of the same chain, for BLOCKHASH. */
export type BlockHashOf = (number: bigint) => Promise<Hash32>;

/** An account as the state has it. */
export interface L1Account {
  readonly nonce: bigint;
  readonly balanceWei: bigint;
}

/** A transaction that is to run; `raw` are the bytes that were signed. */
export interface L1ExecutableTx extends ExecutableTx {
  readonly raw: Uint8Array;
}

/** Balances in wei that accounts get by decree; no protocol rule allows for them. */
export type BalanceChanges = ReadonlyMap<Address, bigint>;

/** A state, with everything that is new in it. */
export interface L1StateChange extends HashedBytes {
  readonly stateRoot: Hash32;
}

/** The state after a block. */
export type L1BlockEnd = L1StateChange & BlockEnd;

/** A block under construction. */
export interface L1BlockExecution {
  /** What it runs on; whoever watches an EVM watches this one. */
  readonly world: L1World;
  /** Runs `tx`; an invalid one leaves no trace. */
  run(tx: L1ExecutableTx): Promise<TxOutcome>;
  /** Gas that the block has left. */
  gasLeft(): bigint;
  /** Ends the block: requests, withdrawals and rewards. */
  finish(): Promise<L1BlockEnd>;
}

/** The EVM over the tries of one {@linkcode NodeStore}. */
export interface L1Evm {
  /** The state that `accounts` make. */
  genesis(accounts: readonly GenesisAccount[]): Promise<L1StateChange>;
  /**
   * Starts the block that `environment` describes on the state under `stateRoot`; accounts of
   * `balances` have what it says before the first transaction.
   */
  begin(
    stateRoot: Hash32,
    environment: L1Environment,
    balances?: BalanceChanges,
  ): Promise<L1BlockExecution>;
  /**
   * A world on the state under `stateRoot`, with `rules`, whose changes nobody else sees. The state
   * is one that is stored, or one that another world left in `overlay`.
   */
  scratch(stateRoot: Hash32, rules: L1Rules, overlay?: NodeOverlay): Promise<L1World>;
  account(stateRoot: Hash32, account: Address): Promise<L1Account>;
  code(stateRoot: Hash32, account: Address): Promise<Uint8Array>;
  storage(stateRoot: Hash32, account: Address, slot: Hash32): Promise<Hash32>;
}

/** An EVM for the chain of `forks`. */
export function createL1Evm(
  store: NodeStore,
  options: { readonly forks: ForkSchedule; readonly blockHashOf: BlockHashOf },
): L1Evm {
  const { forks } = options;
  const blockchain = createBlockchain(options.blockHashOf);
  const openWorld = (stateRoot: Hash32, { common }: L1Rules, overlay = createNodeOverlay(store)) =>
    createWorld(common, overlay, { stateRoot, blockchain });
  // Who only reads needs no rules of a block; without any, the library makes some each time.
  const { common } = rulesAt(forks, { number: 0n, timestampSec: 0n, isMerged: false });
  const readState = (stateRoot: Hash32) =>
    openState(createNodeOverlay(store), { stateRoot, common });
  return {
    genesis: async (accounts) => {
      const overlay = createNodeOverlay(store);
      const state = openState(overlay, { common });
      for (const account of accounts) await putGenesisAccount(state, account);
      return await finishState(state, overlay);
    },
    begin: async (stateRoot, environment, balances = new Map()) => {
      const world = await openWorld(stateRoot, environment.rules);
      return await beginBlock(world, environment, { balances, forks });
    },
    scratch: openWorld,
    account: async (stateRoot, account) => {
      const found = await readState(stateRoot).getAccount(toLibraryAddress(account));
      return { nonce: found?.nonce ?? 0n, balanceWei: found?.balance ?? 0n };
    },
    code: async (stateRoot, account) =>
      await readState(stateRoot).getCode(toLibraryAddress(account)),
    storage: async (stateRoot, account, slot) => {
      const state = readState(stateRoot);
      const value = await state.getStorage(toLibraryAddress(account), hexToBytes(slot));
      return bytesToHash32(bigintToBytes(bytesToBigint(value), 32));
    },
  };
}

/** A world in memory that holds `accounts` and nothing else, with the rules of `common`. */
export async function openAllocWorld(
  common: Common,
  accounts: readonly GenesisAccount[],
  blockHashOf: BlockHashOf,
): Promise<L1World> {
  const overlay = createNodeOverlay(EMPTY_NODE_STORE);
  const state = openState(overlay, { common });
  for (const account of accounts) await putGenesisAccount(state, account);
  const stateRoot = bytesToHash32(await state.getStateRoot());
  return await createWorld(common, overlay, {
    stateRoot,
    blockchain: createBlockchain(blockHashOf),
  });
}

const EMPTY_NODE_STORE: NodeStore = {
  get: () => Promise.resolve(undefined),
  remember: () => {},
  guard: (work) => work,
};

async function createWorld(
  common: Common,
  overlay: NodeOverlay,
  base: { readonly stateRoot: Hash32; readonly blockchain: EVMMockBlockchainInterface },
): Promise<L1World> {
  const { stateRoot, blockchain } = base;
  const state = openState(overlay, { stateRoot, common });
  const vm = await createVM({ common, stateManager: state, blockchain });
  return { overlay, state, vm, common };
}

function createBlockchain(blockHashOf: BlockHashOf): EVMMockBlockchainInterface {
  const blockchain: EVMMockBlockchainInterface = {
    getBlock: async (number) => {
      const hash = hexToBytes(await blockHashOf(BigInt(number)));
      return { hash: () => hash };
    },
    putBlock: () => Promise.resolve(),
    shallowCopy: () => blockchain,
  };
  return blockchain;
}

async function beginBlock(
  world: L1World,
  environment: L1Environment,
  chain: { readonly balances: BalanceChanges; readonly forks: ForkSchedule },
): Promise<L1BlockExecution> {
  const { state, overlay, common } = world;
  const block = createLibraryBlock(environment, common);
  // A block takes as long as it takes, but others have their turns meanwhile.
  guardTime(world.vm.evm, Infinity);
  for (const [account, balanceWei] of chain.balances) await putBalance(state, account, balanceWei);
  await beginProtocol(world, environment, chain.forks);
  // One checkpoint around all transactions: the caches reach the tries once a block.
  await state.checkpoint();
  const used = { gas: 0n, blobGas: 0n };
  const logs: EventLog[] = [];
  let finished = false;
  return {
    world,
    run: async (tx) => {
      assert(!finished, "transactions come before the end of their block");
      const invalidity = findBlobInvalidity(tx, environment, used.blobGas) ??
        await findInvalidity(state, tx, { environment, gasLeft: environment.gasLimit - used.gas });
      if (invalidity !== undefined) return { kind: "invalid", ...invalidity };
      const outcome = await runTransaction(world, tx, { block, gasUsed: used.gas, environment });
      if (outcome.kind === "included") {
        used.gas = outcome.receipt.cumulativeGasUsed;
        used.blobGas += blobGas(tx.tx);
        logs.push(...outcome.receipt.logs);
      }
      return outcome;
    },
    gasLeft: () => environment.gasLimit - used.gas,
    finish: async () => {
      assert(!finished, "a block ends once");
      finished = true;
      const requestsHash = await endProtocol(world, environment, {
        forks: chain.forks,
        logs,
        block,
      });
      await state.commit();
      return { ...await finishState(state, overlay), requestsHash };
    },
  };
}

/** What a blob transaction needs of its block besides gas (EIP-4844). */
function findBlobInvalidity(
  { tx }: L1ExecutableTx,
  { rules, excessBlobGas }: L1Environment,
  usedBlobGas: bigint,
): TxInvalidity | undefined {
  if (tx.type !== 3) return undefined;
  const { blobs } = rules;
  if (blobs === undefined || excessBlobGas === undefined) {
    return { reason: "INVALID", message: "blob transactions begin with Cancun (EIP-4844)" };
  }
  const feeWei = blobBaseFeeWei(excessBlobGas, blobs);
  const capWei = tx.maxFeePerBlobGasWei ?? 0n;
  if (capWei < feeWei) {
    return {
      reason: "FEE_BELOW_BASE_FEE",
      message: `blob fee cap ${capWei} wei is below the blob base fee ${feeWei} wei`,
    };
  }
  const leftGas = blobs.maxBlobs * GAS_PER_BLOB - usedBlobGas;
  if (blobGas(tx) <= leftGas) return undefined;
  return {
    reason: "BLOCK_GAS_EXHAUSTED",
    message: `its blobs take ${blobGas(tx)} of the ${leftGas} blob gas that the block has left`,
  };
}

async function findInvalidity(
  state: MerkleStateManager,
  { tx, sender }: L1ExecutableTx,
  block: { readonly environment: BlockEnvironment; readonly gasLeft: bigint },
) {
  const account = await state.getAccount(toLibraryAddress(sender));
  const code = account?.isContract() === true && !isUnsignedBy(tx, sender)
    ? await state.getCode(toLibraryAddress(sender))
    : new Uint8Array(0);
  return findStateInvalidity(
    tx,
    { nonce: account?.nonce ?? 0n, balanceWei: account?.balance ?? 0n, code },
    { baseFeePerGasWei: block.environment.baseFeePerGasWei, gasLeft: block.gasLeft },
  );
}

/** Runs one transaction in a block that has used `gasUsed` before it. */
export async function runTransaction(
  { vm, common }: L1World,
  { tx, raw, sender }: L1ExecutableTx,
  place: { block: Block; gasUsed: bigint; environment: L1Environment },
): Promise<TxOutcome> {
  let result;
  try {
    const libraryTx = withSender(createTxFromRLP(raw, { common, freeze: false }), sender);
    const options = { tx: libraryTx, block: place.block, blockGasUsed: place.gasUsed };
    result = isUnsignedBy(tx, sender)
      ? await runAsAccount(vm.stateManager, sender, () => runTx(vm, options))
      : await runTx(vm, options);
  } catch (error) {
    // The library reverts its own changes before it throws; what is left is a refusal.
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "invalid", reason: "INVALID", message };
  }
  const exception = exceptionOf(result.execResult);
  const receipt: Receipt = {
    type: tx.type,
    success: exception === undefined,
    gasUsed: result.totalGasSpent,
    cumulativeGasUsed: place.gasUsed + result.totalGasSpent,
    effectiveGasPriceWei: effectiveGasPriceWei(tx, place.environment.baseFeePerGasWei),
    logs: exception === undefined ? toEventLogs(result.execResult.logs) : [],
    contractAddress: tx.to === undefined && result.createdAddress !== undefined
      ? bytesToAddress(result.createdAddress.bytes)
      : undefined,
    ...("stateRoot" in result.receipt
      ? { stateRoot: bytesToHash32(result.receipt.stateRoot) }
      : {}),
    ...blobFields(tx, place.environment),
  };
  return {
    kind: "included",
    receipt,
    returnData: result.execResult.returnValue,
    exception,
    usage: evmUsage(receipt.gasUsed),
  };
}

function blobFields(
  tx: L1ExecutableTx["tx"],
  { rules, excessBlobGas }: L1Environment,
): Pick<Receipt, "blobGasUsed" | "blobGasPriceWei"> {
  if (tx.type !== 3 || rules.blobs === undefined) return {};
  return {
    blobGasUsed: blobGas(tx),
    blobGasPriceWei: blobBaseFeeWei(excessBlobGas ?? 0n, rules.blobs),
  };
}

/** Spares the library its slow recovery: the sender was recovered at admission. */
export function withSender(tx: TypedTransaction, sender: Address): TypedTransaction {
  const senderAddress = toLibraryAddress(sender);
  return Object.assign(tx, { getSenderAddress: () => senderAddress });
}

async function putBalance(
  state: MerkleStateManager,
  account: Address,
  balanceWei: bigint,
): Promise<void> {
  const libraryAddress = toLibraryAddress(account);
  const found = await state.getAccount(libraryAddress) ?? new Account();
  found.balance = balanceWei;
  // EIP-161: an account with nothing in it is not in the state.
  if (found.isEmpty()) await state.deleteAccount(libraryAddress);
  else await state.putAccount(libraryAddress, found);
}

async function putGenesisAccount(state: MerkleStateManager, account: GenesisAccount) {
  const libraryAddress = toLibraryAddress(account.address);
  const { nonce, balanceWei } = account;
  await state.putAccount(libraryAddress, new Account(nonce, balanceWei));
  const code = hexToBytes(account.code);
  if (code.length > 0) await state.putCode(libraryAddress, code);
  for (const { slot, value } of account.storage) {
    await state.putStorage(libraryAddress, hexToBytes(slot), hexToBytes(value));
  }
}

async function finishState(
  state: MerkleStateManager,
  overlay: NodeOverlay,
): Promise<L1StateChange> {
  const stateRoot = await state.getStateRoot();
  return { stateRoot: bytesToHash32(stateRoot), ...overlay.reachable(stateRoot) };
}
