/**
 * From a parent and transactions to a block without its state root, and from a configuration to
 * block 0: the rules that sequencer, follower and prover share.
 *
 * Owns the header's fields, the header commitment in the state, the slots of a genesis, and
 * skipping invalid transactions. Does not own the state root (`tree`), or which transactions are
 * offered (`pool`, `batching`).
 * @module
 */
import { keccak256 } from "../crypto/keccak.ts";
import { assert, isRollupError, RollupError } from "../primitives/errors.ts";
import {
  type Address,
  bigintToHash32,
  type Hash32,
  hexToBytes,
  ZERO_HASH,
} from "../primitives/hex.ts";
import { blockNumber } from "../primitives/units.ts";
import { type BlockHeader, headerHash, transactionsRoot } from "../types/block.ts";
import type { ExecutionCounters } from "../types/counters.ts";
import type { ChainConfig, GenesisAccount } from "../types/genesis.ts";
import { logsBloom, type Receipt, receiptsRoot } from "../types/receipt.ts";
import {
  BALANCE_ADDRESS,
  balanceSlot,
  CODE_HASH_ADDRESS,
  codeHashSlot,
  compareSlots,
  GAS_PER_PUBDATA_SLOT,
  HEADER_COMMITMENT_SLOT,
  HISTORY_STORAGE_ADDRESS,
  NONCE_ADDRESS,
  nonceSlot,
  type SlotId,
  SYSTEM_CONTEXT_ADDRESS,
} from "../types/state.ts";
import { encodeTransaction } from "../types/tx.ts";
import { type BlockConfig, nextEnvironment, prevRandaoAfter } from "./block_environment.ts";
import type {
  BlockEnvironment,
  ExecutableTx,
  ExecutionOutput,
  Executor,
  StoragePort,
  SystemWrite,
  TxOutcome,
} from "./executor.ts";
import { HISTORY_STORAGE_CODE } from "./history.ts";

/** A header that waits for the root of the state it leads to. */
export type DraftHeader = Omit<BlockHeader, "stateRoot">;

/** Where a block starts from. */
export interface BlockStart {
  readonly executor: Executor;
  /** The state after the parent. */
  readonly storage: StoragePort;
  readonly config: BlockConfig;
  readonly parent: BlockHeader;
  /** Seconds since 1970, greater than the parent's. */
  readonly timestampSec: bigint;
}

/** What a closed block holds and changes. */
export interface BlockResult extends ExecutionOutput {
  readonly draftHeader: DraftHeader;
  /** EIP-2718 bytes of the included transactions, in order. */
  readonly transactions: readonly Uint8Array[];
  /** One for each transaction that was offered and did not trap, in order. */
  readonly outcomes: readonly TxOutcome[];
}

/** A block that still takes transactions. */
export interface OpenBlock {
  readonly environment: BlockEnvironment;
  /** Runs and, unless it is invalid, includes `tx`. */
  run(tx: ExecutableTx): Promise<TxOutcome>;
  /** Takes the transaction back that was included last; only once after each `run`. */
  undoLast(): void;
  gasLeft(): bigint;
  /** What the block has used so far. */
  counters(): ExecutionCounters;
  /** Ends the block; nothing runs after it. */
  close(): Promise<BlockResult>;
}

/** Starts the block after `parent`. */
export async function openBlock(start: BlockStart): Promise<OpenBlock> {
  const { executor, storage, config, parent, timestampSec } = start;
  const parentHash = headerHash(parent);
  const environment = nextEnvironment({ config, parent, parentHash, timestampSec });
  const execution = await executor.begin(environment, storage);
  const transactions: Uint8Array[] = [];
  const outcomes: TxOutcome[] = [];
  return {
    environment,
    gasLeft: () => execution.gasLeft(),
    counters: () => execution.counters(),
    undoLast: () => {
      execution.undoLast();
      transactions.pop();
      outcomes.pop();
    },
    run: async (tx) => {
      const outcome = await execution.run(tx);
      outcomes.push(outcome);
      if (outcome.kind === "included") transactions.push(tx.raw ?? encodeTransaction(tx.tx));
      return outcome;
    },
    close: async () => {
      let draftHeader: DraftHeader | undefined;
      const output = await execution.finish((receipts) => {
        assert(receipts.length === transactions.length, "each included transaction has a receipt");
        draftHeader = draftHeaderOf(environment, transactions, receipts);
        return [headerCommitment(draftHeader)];
      });
      assert(draftHeader !== undefined, "an executor asks for the block's own writes");
      return { ...output, draftHeader, transactions, outcomes };
    },
  };
}

/**
 * The whole block of `transactions`, which run in their order.
 *
 * Total over any transactions: an invalid one is skipped, changes nothing and is not part of the
 * block, as a follower must do with what L1 data says.
 */
export async function executeBlock(
  start: BlockStart & { readonly transactions: readonly ExecutableTx[] },
): Promise<BlockResult> {
  const block = await openBlock(start);
  for (const tx of start.transactions) await block.run(tx);
  return await block.close();
}

/** What `batching/batch_plan.ts` says of a block, as far as it matters to running it. */
export interface RunnableBlock<Tx extends ExecutableTx> {
  /** Seconds since 1970, greater than the parent's. */
  readonly timestampSec: bigint;
  /** L1->L2 operations that are transactions; they run before all others. */
  readonly operations: readonly Tx[];
  readonly transactions: readonly Tx[];
}

/** A planned block that has run. */
export interface ExecutedBlock<Tx extends ExecutableTx> {
  readonly result: BlockResult;
  /** What was included, in the order of `result.transactions` and `result.receipts`. */
  readonly included: readonly Tx[];
  /** How many of the first of `included` came as operations. */
  readonly operationTxCount: number;
}

/**
 * The block that a batch tells, as follower and prover must come to it.
 *
 * Total over any transactions: what is invalid is skipped, and so is what traps the program, as an
 * operation that the sequencer cannot leave out must not stop the chain.
 */
export async function executePlannedBlock<Tx extends ExecutableTx>(
  { block: planned, ...start }: Omit<BlockStart, "timestampSec"> & {
    readonly block: RunnableBlock<Tx>;
  },
): Promise<ExecutedBlock<Tx>> {
  const block = await openBlock({ ...start, timestampSec: planned.timestampSec });
  const operations = await runEach(block, planned.operations);
  const transactions = await runEach(block, planned.transactions);
  return {
    result: await block.close(),
    included: [...operations, ...transactions],
    operationTxCount: operations.length,
  };
}

/** Those of `offered` that are included. */
async function runEach<Tx extends ExecutableTx>(
  block: OpenBlock,
  offered: readonly Tx[],
): Promise<Tx[]> {
  const included: Tx[] = [];
  for (const tx of offered) {
    try {
      const outcome = await block.run(tx);
      if (outcome.kind === "included") included.push(tx);
    } catch (error) {
      // The executor goes on as if it had never been offered.
      if (!isRollupError(error, "PROGRAM_TRAPPED")) throw error;
    }
  }
  return included;
}

/** The header, now that the root of its state is known. */
export function sealHeader(draft: DraftHeader, stateRoot: Hash32): BlockHeader {
  return { ...draft, stateRoot };
}

/**
 * The write by which a state commits to the header of its block: keccak256 of the header with a
 * zero state root, since the root depends on this very slot.
 */
export function headerCommitment(draft: DraftHeader): SystemWrite {
  return {
    address: SYSTEM_CONTEXT_ADDRESS,
    slot: HEADER_COMMITMENT_SLOT,
    value: headerHash(sealHeader(draft, ZERO_HASH)),
  };
}

/** The header of a block that ran in `environment`. */
export function draftHeaderOf(
  environment: BlockEnvironment,
  transactions: readonly Uint8Array[],
  receipts: readonly Receipt[],
): DraftHeader {
  return {
    parentHash: environment.parentHash,
    coinbase: environment.coinbase,
    transactionsRoot: transactionsRoot(transactions),
    receiptsRoot: receiptsRoot(receipts),
    logsBloom: logsBloom(receipts.flatMap((receipt) => receipt.logs)),
    number: blockNumber(environment.number),
    gasLimit: environment.gasLimit,
    gasUsed: receipts.at(-1)?.cumulativeGasUsed ?? 0n,
    timestampSec: environment.timestampSec,
    prevRandao: environment.prevRandao,
    baseFeePerGasWei: environment.baseFeePerGasWei,
  };
}

/** Codes that this file throws. */
export type GenesisErrorCode = "GENESIS_INVALID";

/** Block 0 before its state root is known. */
export interface GenesisState {
  /** Sorted by (address, slot); no value is zero. */
  readonly writes: readonly SystemWrite[];
  /** By their keccak256. */
  readonly codes: ReadonlyMap<Hash32, Uint8Array>;
  readonly draftHeader: DraftHeader;
}

/** The most gas for a byte of pubdata (zk-stack, section 9). */
export const MAX_GAS_PER_PUBDATA = 50_000n;

/** Addresses whose slots or code belong to the protocol. */
const RESERVED_ADDRESSES: readonly Address[] = [
  BALANCE_ADDRESS,
  NONCE_ADDRESS,
  CODE_HASH_ADDRESS,
  SYSTEM_CONTEXT_ADDRESS,
  HISTORY_STORAGE_ADDRESS,
];

/**
 * What block 0 of `config` holds: its accounts, the EIP-2935 contract and the header commitment.
 *
 * @throws `GENESIS_INVALID` when an account is repeated, uses an address of the protocol, has
 * storage without nonce and code, when there is more wei than 256 bits can count, or when pubdata
 * costs more than {@linkcode MAX_GAS_PER_PUBDATA}.
 */
export function genesisState(config: ChainConfig): GenesisState {
  assertAccounts(config.accounts);
  if (config.gasPerPubdata < 0n || config.gasPerPubdata > MAX_GAS_PER_PUBDATA) {
    throw invalidGenesis(`its gas per byte of pubdata is not from 0 to ${MAX_GAS_PER_PUBDATA}`);
  }
  const codes = new Map<Hash32, Uint8Array>();
  const accounts = [...config.accounts, historyAccount()];
  const draftHeader = genesisHeader(config);
  const writes = [
    ...accounts.flatMap((account) => accountWrites(account, codes)),
    headerCommitment(draftHeader),
    {
      address: SYSTEM_CONTEXT_ADDRESS,
      slot: GAS_PER_PUBDATA_SLOT,
      value: bigintToHash32(config.gasPerPubdata),
    },
  ].filter((write) => write.value !== ZERO_HASH);
  return { writes: writes.sort(compareSlots), codes, draftHeader };
}

function genesisHeader(config: ChainConfig): DraftHeader {
  const environment = {
    chainId: config.chainId,
    number: 0n,
    timestampSec: config.genesisTimestampSec,
    coinbase: config.coinbase,
    gasLimit: config.blockGasLimit,
    baseFeePerGasWei: config.initialBaseFeePerGasWei,
    prevRandao: prevRandaoAfter(ZERO_HASH),
    parentHash: ZERO_HASH,
    gasPerPubdata: config.gasPerPubdata,
  };
  return draftHeaderOf(environment, [], []);
}

/** EIP-2935 gives the contract nonce 1, as if it had been created by a transaction. */
function historyAccount(): GenesisAccount {
  return {
    address: HISTORY_STORAGE_ADDRESS,
    balanceWei: 0n,
    nonce: 1n,
    code: HISTORY_STORAGE_CODE,
    storage: [],
  };
}

function accountWrites(account: GenesisAccount, codes: Map<Hash32, Uint8Array>): SystemWrite[] {
  const { address, nonce, balanceWei, storage } = account;
  const write = (id: SlotId, value: Hash32): SystemWrite => ({ ...id, value });
  const writes = [
    write(balanceSlot(address), bigintToHash32(balanceWei)),
    write(nonceSlot(address), bigintToHash32(nonce)),
    ...storage.map(({ slot, value }) => write({ address, slot }, value)),
  ];
  const code = hexToBytes(account.code);
  if (code.length > 0) {
    const codeHash = keccak256(code);
    codes.set(codeHash, code);
    writes.push(write(codeHashSlot(address), codeHash));
  }
  return writes;
}

function assertAccounts(accounts: readonly GenesisAccount[]): void {
  const seen = new Set<Address>(RESERVED_ADDRESSES);
  let totalWei = 0n;
  for (const { address, balanceWei, nonce, code, storage } of accounts) {
    if (seen.has(address)) throw invalidGenesis(`${address} is repeated or reserved`);
    seen.add(address);
    if (balanceWei < 0n) throw invalidGenesis(`${address} has a negative balance`);
    totalWei += balanceWei;
    if (nonce < 0n || nonce >= (1n << 64n) - 1n) {
      throw invalidGenesis(`${address} has nonce ${nonce}`);
    }
    // EIP-7610 refuses to create over storage; here no such account can come to be at all.
    if (storage.length > 0 && nonce === 0n && code === "0x") {
      throw invalidGenesis(`${address} has storage but neither nonce nor code`);
    }
  }
  if (totalWei >= 1n << 256n) throw invalidGenesis("its accounts have 2^256 wei or more");
}

function invalidGenesis(reason: string): RollupError<GenesisErrorCode> {
  return new RollupError("GENESIS_INVALID", `Cannot start a chain from its genesis: ${reason}`, {
    details: { reason },
    mend: "Correct the genesis configuration.",
  });
}
