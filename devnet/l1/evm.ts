/**
 * Execution on the embedded L1: the one file that knows `@ethereumjs`.
 *
 * Owns running blocks, calls and reads on the state under a root. Every block and every call works
 * on an overlay of its own, so a failed one leaves nothing behind and reads never wait for writes.
 * Does not own headers, roots of the body (`chain_block.ts`) or what is committed.
 * @module
 */
import { type Block, createBlock, paramsBlock } from "@ethereumjs/block";
import {
  type Common,
  createCustomCommon,
  Hardfork,
  Mainnet,
  type ParamsDict,
} from "@ethereumjs/common";
import {
  type EVMMockBlockchainInterface,
  type ExecResult,
  type Log,
  paramsEVM,
} from "@ethereumjs/evm";
import { MerklePatriciaTrie } from "@ethereumjs/mpt";
import { Caches, MerkleStateManager } from "@ethereumjs/statemanager";
import { createTxFromRLP, paramsTx, type TypedTransaction } from "@ethereumjs/tx";
import {
  Account,
  Address as LibraryAddress,
  createAddressFromString,
  type KZG,
  ValueEncoding,
} from "@ethereumjs/util";
import { createVM, paramsVM, runTx, type VM } from "@ethereumjs/vm";
import { bigintToBytes, bytesToBigint } from "../../core/primitives/bytes.ts";
import { assert, AssertionError } from "../../core/primitives/errors.ts";
import {
  type Address,
  bytesToAddress,
  bytesToHash32,
  type Hash32,
  hexToBytes,
} from "../../core/primitives/hex.ts";
import type { GenesisAccount } from "../../core/types/genesis.ts";
import type { EventLog, Receipt } from "../../core/types/receipt.ts";
import { effectiveGasPriceWei } from "../../core/types/tx.ts";
import type { BlockEnvironment, ExecutableTx, TxOutcome } from "../../core/vm/executor.ts";
import { verifyPointEvaluation } from "../../core/vm/point_evaluation.ts";
import { findStateInvalidity } from "../../core/vm/tx_rules.ts";
import { evmUsage } from "../../core/vm/usage.ts";
import {
  createNodeOverlay,
  type HashedBytes,
  type NodeOverlay,
  type NodeStore,
} from "./node_store.ts";
import { BEACON_ROOTS_ADDRESS, HISTORY_ADDRESS, RING_LENGTH } from "./system_contracts.ts";

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

/** A state after a block, with everything that is new in it. */
export interface L1StateChange extends HashedBytes {
  readonly stateRoot: Hash32;
}

/** A block under construction. */
export interface L1BlockExecution {
  /** Runs `tx`; an invalid one leaves no trace. */
  run(tx: L1ExecutableTx): Promise<TxOutcome>;
  /** Gas that the block has left. */
  gasLeft(): bigint;
  /** Ends the block. */
  finish(): Promise<L1StateChange>;
}

/** A state manager, a VM on it and the overlay under both. */
export interface L1World {
  readonly overlay: NodeOverlay;
  readonly state: MerkleStateManager;
  readonly vm: VM;
  readonly common: Common;
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
    environment: BlockEnvironment,
    balances?: BalanceChanges,
  ): Promise<L1BlockExecution>;
  /** A world on the state under `stateRoot` whose changes nobody else sees. */
  scratch(stateRoot: Hash32): Promise<L1World>;
  account(stateRoot: Hash32, account: Address): Promise<L1Account>;
  code(stateRoot: Hash32, account: Address): Promise<Uint8Array>;
  storage(stateRoot: Hash32, account: Address, slot: Hash32): Promise<Hash32>;
}

/** An EVM for the chain `chainId`. */
export function createL1Evm(
  store: NodeStore,
  options: { readonly chainId: bigint; readonly blockHashOf: BlockHashOf },
): L1Evm {
  const common = createL1Common(options.chainId);
  const blockchain = createBlockchain(options.blockHashOf);
  const openState = (stateRoot: Hash32 | undefined, overlay: NodeOverlay) => {
    const trie = new MerklePatriciaTrie({
      db: overlay.db,
      useKeyHashing: true,
      valueEncoding: ValueEncoding.Bytes,
      common,
      ...(stateRoot === undefined ? {} : { root: hexToBytes(stateRoot) }),
    });
    return new MerkleStateManager({ common, trie, caches: new Caches() });
  };
  const openWorld = async (stateRoot: Hash32): Promise<L1World> => {
    const overlay = createNodeOverlay(store);
    const state = openState(stateRoot, overlay);
    const vm = await createVM({ common, stateManager: state, blockchain });
    return { overlay, state, vm, common };
  };
  const readState = (stateRoot: Hash32) => openState(stateRoot, createNodeOverlay(store));
  return {
    genesis: async (accounts) => {
      const overlay = createNodeOverlay(store);
      const state = openState(undefined, overlay);
      for (const account of accounts) await putGenesisAccount(state, account);
      return await finishState(state, overlay);
    },
    begin: async (stateRoot, environment, balances) =>
      await beginBlock(await openWorld(stateRoot), environment, balances ?? new Map()),
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

/** The library's address of ours. */
export function toLibraryAddress(account: Address): LibraryAddress {
  return createAddressFromString(account);
}

/** The library's view of a block of `environment`: what opcodes read of it. */
export function createLibraryBlock(environment: BlockEnvironment, common: Common): Block {
  return createBlock(
    {
      header: {
        parentHash: environment.parentHash,
        number: environment.number,
        timestamp: environment.timestampSec,
        coinbase: environment.coinbase,
        gasLimit: environment.gasLimit,
        baseFeePerGas: environment.baseFeePerGasWei,
        mixHash: environment.prevRandao,
      },
    },
    { common, skipConsensusFormatValidation: true },
  );
}

/** Logs of the library as ours. */
export function toEventLogs(logs: readonly Log[] | undefined): readonly EventLog[] {
  return (logs ?? []).map(([emitter, topics, data]) => ({
    address: bytesToAddress(emitter),
    topics: topics.map(bytesToHash32),
    data,
  }));
}

/** Name of the EVM's exception, `undefined` for success. */
export function exceptionOf(result: ExecResult): string | undefined {
  return result.exceptionError?.error;
}

function createL1Common(chainId: bigint): Common {
  const common = createCustomCommon(
    { chainId: Number(chainId), name: "varve-l1" },
    Mainnet,
    { hardfork: Hardfork.Osaka, customCrypto: { kzg: POINT_EVALUATION } },
  );
  // Every block, transaction and VM merges its package's parameters in again, which costs as much as
  // running a transfer. Once is enough; the VM's come last, as they do when a VM is made.
  const merged: readonly ParamsDict[] = [paramsBlock, paramsTx, paramsEVM, paramsVM];
  for (const params of merged) common.updateParams(params);
  const { updateParams } = common;
  common.updateParams = function (this: Common, params: ParamsDict): void {
    if (!merged.includes(params)) updateParams.call(this, params);
  };
  return common;
}

/** Of all that KZG does, the EVM needs one check (precompile 0x0a); blobs are refused anyway. */
const POINT_EVALUATION: KZG = {
  verifyProof: (commitment, z, y, proof) =>
    verifyPointEvaluation({
      commitment: hexToBytes(commitment),
      z: hexToBytes(z),
      y: hexToBytes(y),
      proof: hexToBytes(proof),
    }) === true,
  blobToKzgCommitment: refuseBlobs,
  computeBlobProof: refuseBlobs,
  verifyBlobProofBatch: refuseBlobs,
  computeCells: refuseBlobs,
  computeCellsAndProofs: refuseBlobs,
  recoverCellsAndProofs: refuseBlobs,
  verifyCellKzgProofBatch: refuseBlobs,
};

function refuseBlobs(): never {
  throw new AssertionError("Broken invariant: blob transactions are refused at admission");
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
  environment: BlockEnvironment,
  balances: BalanceChanges,
): Promise<L1BlockExecution> {
  const { state, overlay, common } = world;
  const block = createLibraryBlock(environment, common);
  for (const [account, balanceWei] of balances) await putBalance(state, account, balanceWei);
  await writeSystemSlots(state, environment);
  // One checkpoint around all transactions: the caches reach the tries once a block.
  await state.checkpoint();
  let gasUsed = 0n;
  let finished = false;
  return {
    run: async (tx) => {
      assert(!finished, "transactions come before the end of their block");
      const gasLeft = environment.gasLimit - gasUsed;
      const invalidity = await findInvalidity(state, tx, { environment, gasLeft });
      if (invalidity !== undefined) return { kind: "invalid", ...invalidity };
      const outcome = await runTransaction(world, tx, { block, gasUsed, environment });
      if (outcome.kind === "included") gasUsed = outcome.receipt.cumulativeGasUsed;
      return outcome;
    },
    gasLeft: () => environment.gasLimit - gasUsed,
    finish: async () => {
      assert(!finished, "a block ends once");
      finished = true;
      await state.commit();
      return await finishState(state, overlay);
    },
  };
}

async function findInvalidity(
  state: MerkleStateManager,
  { tx, sender }: L1ExecutableTx,
  block: { readonly environment: BlockEnvironment; readonly gasLeft: bigint },
) {
  const account = await state.getAccount(toLibraryAddress(sender));
  const code = account?.isContract() === true
    ? await state.getCode(toLibraryAddress(sender))
    : new Uint8Array(0);
  return findStateInvalidity(
    tx,
    { nonce: account?.nonce ?? 0n, balanceWei: account?.balance ?? 0n, code },
    { baseFeePerGasWei: block.environment.baseFeePerGasWei, gasLeft: block.gasLeft },
  );
}

async function runTransaction(
  { vm, common }: L1World,
  { tx, raw, sender }: L1ExecutableTx,
  place: { block: Block; gasUsed: bigint; environment: BlockEnvironment },
): Promise<TxOutcome> {
  const libraryTx = withSender(createTxFromRLP(raw, { common, freeze: false }), sender);
  let result;
  try {
    result = await runTx(vm, { tx: libraryTx, block: place.block, blockGasUsed: place.gasUsed });
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
  };
  return {
    kind: "included",
    receipt,
    returnData: result.execResult.returnValue,
    exception,
    usage: evmUsage(receipt.gasUsed),
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

/** What the system calls of EIP-2935 and EIP-4788 leave behind; the beacon root is always zero. */
async function writeSystemSlots(
  state: MerkleStateManager,
  environment: BlockEnvironment,
): Promise<void> {
  const parentSlot = (environment.number - 1n) % RING_LENGTH;
  await putSlot(state, HISTORY_ADDRESS, parentSlot, hexToBytes(environment.parentHash));
  const { timestampSec } = environment;
  const timestampSlot = timestampSec % RING_LENGTH;
  await putSlot(state, BEACON_ROOTS_ADDRESS, timestampSlot, bigintToBytes(timestampSec, 32));
}

async function putSlot(
  state: MerkleStateManager,
  account: Address,
  slot: bigint,
  value: Uint8Array,
): Promise<void> {
  await state.putStorage(toLibraryAddress(account), bigintToBytes(slot, 32), value);
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
