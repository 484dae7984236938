/**
 * A small chain in memory for the tests of executors.
 *
 * Owns accounts, signing and running single blocks. Does not own any expectation.
 * @module
 */
import { bigintToBytes } from "../../../core/primitives/bytes.ts";
import { privateKeyToAddress } from "../../../core/crypto/secp256k1.ts";
import {
  type Address,
  address,
  type Hash32,
  hash32ToBigint,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import { assert } from "../../../core/primitives/errors.ts";
import type { BlockHeader } from "../../../core/types/block.ts";
import type { ChainConfig, GenesisAccount } from "../../../core/types/genesis.ts";
import type { Receipt } from "../../../core/types/receipt.ts";
import { balanceSlot, codeHashSlot, nonceSlot } from "../../../core/types/state.ts";
import { signTransaction, type UnsignedTransaction } from "../../../core/types/tx.ts";
import {
  type BlockResult,
  executeBlock,
  genesisState,
  sealHeader,
} from "../../../core/vm/block_transition.ts";
import type { CallRequest, ExecutableTx, Executor, TxOutcome } from "../../../core/vm/executor.ts";
import { createMemoryStorage, type MemoryStorage } from "../../../core/vm/memory_storage.ts";

export const COINBASE: Address = address(`0x${"cb".repeat(20)}`);
export const TARGET: Address = address(`0x${"77".repeat(20)}`);
export const ETHER = 10n ** 18n;
export const GWEI = 10n ** 9n;

/** Key number `index`; the same bytes each time. */
export function testKey(index: number): Uint8Array {
  return bigintToBytes(BigInt(index + 1), 32);
}

/** The account of {@linkcode testKey}. */
export function testAddress(index: number): Address {
  return privateKeyToAddress(testKey(index));
}

/** A chain with ten funded accounts and whatever else is given. */
export function testConfig(
  extra: readonly Partial<GenesisAccount>[] = [],
  overrides: Partial<ChainConfig> = {},
): ChainConfig {
  const funded = Array.from({ length: 10 }, (_, index) => testAddress(index))
    .map((account) => ({ address: account, balanceWei: 1_000n * ETHER }));
  const accounts = [...funded, ...extra].map((account): GenesisAccount => ({
    address: TARGET,
    balanceWei: 0n,
    nonce: 0n,
    code: "0x",
    storage: [],
    ...account,
  }));
  return {
    chainId: 901n,
    l1ChainId: 900n,
    genesisTimestampSec: 1_700_000_000n,
    coinbase: COINBASE,
    blockGasLimit: 30_000_000n,
    initialBaseFeePerGasWei: GWEI,
    gasPerPubdata: 0n,
    dataAvailability: "transactions",
    accounts: accounts.sort((left, right) => left.address < right.address ? -1 : 1),
    ...overrides,
  };
}

/** A transaction of account `from`; the rest is a type 2 transfer of nothing unless said. */
export function testTx(
  from: number,
  nonce: bigint,
  fields: Partial<UnsignedTransaction> = {},
): ExecutableTx {
  const tx = signTransaction({
    type: 2,
    chainId: 901n,
    nonce,
    maxFeePerGasWei: 10n * GWEI,
    maxPriorityFeePerGasWei: GWEI,
    gasLimit: 1_000_000n,
    to: TARGET,
    valueWei: 0n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
    ...fields,
  }, testKey(from));
  return { tx, sender: testAddress(from) };
}

/** A call of account 0 to {@linkcode TARGET} with gas for everything. */
export function testCall(fields: Partial<CallRequest> = {}): CallRequest {
  return {
    from: testAddress(0),
    to: TARGET,
    data: new Uint8Array(0),
    valueWei: 0n,
    gasLimit: 1_000_000n,
    gasPriceWei: 0n,
    asTransaction: false,
    accessList: [],
    authorizations: [],
    ...fields,
  };
}

/** A chain that grows block by block. */
export interface TestChain {
  readonly config: ChainConfig;
  readonly storage: MemoryStorage;
  head(): BlockHeader;
  /** Executes the next block and moves the state on. */
  block(...transactions: readonly ExecutableTx[]): Promise<BlockResult>;
  balanceWei(account: Address): bigint;
  nonce(account: Address): bigint;
  codeHash(account: Address): Hash32;
  /** Wei of all accounts together. */
  totalWei(): bigint;
}

/** The chain of `config` at block 0. */
export function createTestChain(executor: Executor, config: ChainConfig): TestChain {
  const genesis = genesisState(config);
  const storage = createMemoryStorage(genesis);
  let head = sealHeader(genesis.draftHeader, ZERO_HASH);
  const balanceTable = balanceSlot(TARGET).address;
  const read = (id: { address: Address; slot: Hash32 }) => storage.readSlot(id.address, id.slot);
  return {
    config,
    storage,
    head: () => head,
    block: async (...transactions) => {
      const timestampSec = head.timestampSec + 2n;
      const result = await executeBlock({
        executor,
        storage,
        config,
        parent: head,
        timestampSec,
        transactions,
      });
      storage.apply(result.diffs, result.newCodes);
      head = sealHeader(result.draftHeader, ZERO_HASH);
      return result;
    },
    balanceWei: (account) => hash32ToBigint(read(balanceSlot(account))),
    nonce: (account) => hash32ToBigint(read(nonceSlot(account))),
    codeHash: (account) => read(codeHashSlot(account)),
    totalWei: () =>
      storage.entries().filter((entry) => entry.address === balanceTable)
        .reduce((sum, entry) => sum + hash32ToBigint(entry.value), 0n),
  };
}

/** The only receipt of a block with one transaction. */
export function onlyReceipt(result: BlockResult): Receipt {
  const [receipt] = result.receipts;
  assert(receipt !== undefined && result.receipts.length === 1, "the block has one transaction");
  return receipt;
}

/** The outcome of a block's one transaction, which must be in the block. */
export function onlyOutcome(result: BlockResult): Extract<TxOutcome, { kind: "included" }> {
  const [outcome] = result.outcomes;
  assert(outcome !== undefined && result.outcomes.length === 1, "one transaction was offered");
  assert(outcome.kind === "included", "the transaction is part of the block");
  return outcome;
}
