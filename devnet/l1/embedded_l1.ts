/**
 * The embedded L1: an Ethereum chain in this process, kept in KV.
 *
 * Owns the order of writes (one after another), the pool's persistence and when a block is made. A
 * block becomes the head only once it is committed, so a crash or a failed block leaves the chain as
 * it was. It reorganises on command only: `safe` and `finalized` are `latest`. Blob transactions are
 * refused. Does not own execution (`evm.ts`), blocks (`mine_block.ts`), going back
 * (`reorganise.ts`), rows (`block_store.ts`) or JSON-RPC.
 * @module
 */
import { decodeAndCheck } from "../../core/pool/admission.ts";
import { createPool, type Pool, type PoolEntry } from "../../core/pool/pool.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import { type Address, type Hash32, ZERO_HASH } from "../../core/primitives/hex.ts";
import type { Clock, Log } from "../../core/primitives/ports.ts";
import type { GenesisAccount } from "../../core/types/genesis.ts";
import { recoverSender, transactionHash } from "../../core/types/tx.ts";
import { isDelegation } from "../../core/vm/tx_rules.ts";
import { devnetKeys } from "../accounts.ts";
import {
  toChainBlock,
  toChainHeader,
  toChainReceipts,
  toChainTransaction,
} from "../chain_block.ts";
import type {
  ChainBackend,
  ChainBlock,
  ChainControls,
  ChainTransaction,
  TimeErrorCode,
} from "../rpc/chain.ts";
import { decodeL1Transaction, L1_TX_SIZES } from "./admission.ts";
import { type DroppedTx, listSource, readySource } from "./block_builder.ts";
import { createL1BlockStore, type L1BlockStore } from "./block_store.ts";
import { callOnWorld } from "./call.ts";
import { L1_BLOCK_GAS_LIMIT, type L1Outcome, nextEnvironment, toRanBlock } from "./chain_block.ts";
import { createChainView, type L1Head } from "./chain_view.ts";
import { createL1Evm } from "./evm.ts";
import { ensureGenesis, type L1GenesisErrorCode } from "./genesis.ts";
import { mineBlock } from "./mine_block.ts";
import { createNodeStore } from "./node_store.ts";
import { headEnvironment, type OpenChain } from "./open_chain.ts";
import { type L1ReorgErrorCode, reorganiseL1, rollbackL1 } from "./reorganise.ts";
import { createSerialQueue } from "./serial_queue.ts";

/**
 * When blocks are made: at each transaction, or when `mine` is called, by a driver on a clock
 * (`interval`) or by a person (`manual`); to this file the last two are the same.
 */
export type L1Mining = "automine" | "interval" | "manual";

/** What an embedded L1 starts from. */
export interface EmbeddedL1Options {
  /** Stays the caller's, who closes it after the L1. */
  readonly kv: Deno.Kv;
  readonly clock: Clock;
  readonly chainId: bigint;
  readonly genesis: {
    /** Counts when the chain is made; a stored chain keeps its own. */
    readonly timestampSec: bigint;
    readonly accounts: readonly GenesisAccount[];
  };
  readonly mining: L1Mining;
  readonly log: Log;
}

/** An Ethereum chain in this process. */
export interface EmbeddedL1 extends ChainBackend, ChainControls, AsyncDisposable {
  readonly layer: "L1";
  readonly controls: ChainControls;
  /** Why an included transaction failed; `undefined` for a successful or unknown one. */
  failure(hash: Hash32): Promise<Pick<L1Outcome, "exception" | "returnData"> | undefined>;
  mining(): L1Mining;
  /** Takes effect with the next transaction; what waits is not mined at once. */
  setMining(mining: L1Mining): void;
}

/** Codes of the embedded L1 besides those of the pool and of transactions. */
export type EmbeddedL1ErrorCode =
  | L1GenesisErrorCode
  | L1ReorgErrorCode
  | TimeErrorCode
  | "L1_TX_DROPPED"
  | "L1_CLOSED"
  | "L1_BLOCK_UNKNOWN";

/**
 * Opens the chain in `kv`, or makes it.
 *
 * @throws `L1_GENESIS_MISMATCH` when `kv` holds a chain of another id or with other first accounts,
 * `L1_OTHER_VERSION` when another version of this program wrote it.
 */
export async function openEmbeddedL1(options: EmbeddedL1Options): Promise<EmbeddedL1> {
  const { kv, chainId, genesis, clock, log } = options;
  const store = createL1BlockStore(kv);
  const nodes = createNodeStore(kv);
  // BLOCKHASH reads the view below; it is there before anything runs, as genesis runs no code.
  const blockHashOf = async (number: bigint) => (await view.header(number))?.hash ?? ZERO_HASH;
  const evm = createL1Evm(nodes, { chainId, blockHashOf });
  await ensureGenesis(store, evm, { chainId, ...genesis });
  const head = await store.block(await store.headNumber());
  const view = createChainView(store, { head, forkCount: await store.forkCount() });
  clock.observe(head.header.timestampSec);
  const pool = await restorePool(store);
  const listeners = new Set<(block: ChainBlock) => void>();
  const chain = { chainId, clock, log, store, nodes, evm, view, pool, listeners, wishes: {} };
  return createEmbeddedL1(chain, options.mining);
}

function createEmbeddedL1(chain: OpenChain, firstMining: L1Mining): EmbeddedL1 {
  const { listeners } = chain;
  const queue = createSerialQueue();
  let mining = firstMining;
  let closed = false;
  const write = <Result>(task: () => Promise<Result>): Promise<Result> =>
    queue.run(() => closed ? Promise.reject(closedError()) : chain.nodes.guard(task()));
  const controls: ChainControls = {
    reorg: (depth, transactions = []) => write(() => reorganiseL1(chain, depth, transactions)),
    rollback: (depth) => write(() => rollbackL1(chain, depth)),
    setAutomine: (enabled) =>
      write(async () => {
        mining = enabled ? "automine" : "manual";
        if (enabled) await mineReady(chain);
      }),
    dropTransaction: (hash) => write(() => dropTransaction(chain, hash)),
    setBalance: (account, balanceWei) =>
      write(async () => {
        const balances = new Map([[account, balanceWei]]);
        await mineBlock(chain, { source: listSource([]), balances });
      }),
    setNextBaseFeePerGasWei: (baseFeePerGasWei) => {
      chain.wishes = { ...chain.wishes, baseFeePerGasWei };
    },
  };
  return {
    layer: "L1",
    chainId: chain.chainId,
    ...createReads(chain),
    ...controls,
    controls,
    blockGasLimit: () => L1_BLOCK_GAS_LIMIT,
    devAccounts: devnetKeys,
    sendRawTransaction: (raw) => write(() => sendRaw(chain, raw, mining)),
    mine: () => write(async () => (await mineBlock(chain)).block.header.number),
    onBlock: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    increaseTime: (seconds) => {
      chain.clock.advance(seconds);
      return chain.clock.advancedSec();
    },
    setNextBlockTimestamp: (timestampSec) =>
      write(() => {
        const latestSec = chain.view.head().header.timestampSec;
        if (timestampSec <= latestSec) return Promise.reject(tooEarly(timestampSec, latestSec));
        chain.wishes = { ...chain.wishes, timestampSec };
        return Promise.resolve();
      }),
    mining: () => mining,
    setMining: (wanted) => {
      mining = wanted;
    },
    [Symbol.asyncDispose]: async () => {
      closed = true;
      listeners.clear();
      await queue.settle();
    },
  };
}

/** Everything that only reads; none of it waits for a block under construction. */
function createReads(chain: OpenChain) {
  const { chainId, evm, view, pool, nodes } = chain;
  const requireHeader = async (number: bigint): Promise<L1Head> =>
    await view.header(number) ?? await Promise.reject(unknownBlock(number, view.head()));
  const stateRootAt = async (number: bigint) => (await requireHeader(number)).header.stateRoot;
  const accountAt = async (number: bigint, account: Address) =>
    await nodes.guard(evm.account(await stateRootAt(number), account));
  const locate = async (hash: Hash32) => {
    const position = await view.position(hash);
    if (position === undefined) return undefined;
    const { blockNumber, index } = position;
    const block = await view.block(blockNumber);
    // Another block may have taken the place of the transaction's meanwhile.
    return block?.transactions[index]?.hash === hash ? { block, index } : undefined;
  };
  return {
    numberOf: (tag) => Promise.resolve(tag === "earliest" ? 0n : view.head().header.number),
    numberOfHash: view.numberOfHash,
    block: async (number) => {
      const block = await view.block(number);
      return block === undefined ? undefined : toChainBlock(toRanBlock(block));
    },
    header: async (number) => {
      const header = await view.header(number);
      return header === undefined ? undefined : toChainHeader(header);
    },
    receipts: async (number) => {
      const block = await view.block(number);
      return block === undefined ? [] : toChainReceipts(toRanBlock(block));
    },
    transaction: async (hash) => {
      // The pool first: a transaction leaves it in the same turn in which its block is shown.
      const entry = pool.get(hash);
      if (entry !== undefined) return toPendingTransaction(entry);
      const place = await locate(hash);
      return place === undefined
        ? undefined
        : toChainTransaction(toRanBlock(place.block), place.index);
    },
    receipt: async (hash) => {
      const place = await locate(hash);
      return place === undefined
        ? undefined
        : toChainReceipts(toRanBlock(place.block))[place.index];
    },
    failure: async (hash) => {
      const place = await locate(hash);
      const outcome = place?.block.outcomes[place.index];
      return outcome === undefined || outcome.receipt.success ? undefined : outcome;
    },
    balance: async (account, number) => (await accountAt(number, account)).balanceWei,
    nonce: async (account, number) => (await accountAt(number, account)).nonce,
    pendingNonce: async (account) => {
      const { nonce } = await nodes.guard(evm.account(view.head().header.stateRoot, account));
      return pool.pendingNonce(account, nonce);
    },
    code: async (account, number) =>
      await nodes.guard(evm.code(await stateRootAt(number), account)),
    storage: async (account, slot, number) =>
      await nodes.guard(evm.storage(await stateRootAt(number), account, slot)),
    call: async (request, number) => {
      const parent = await requireHeader(number);
      const isHead = parent.hash === view.head().hash;
      const environment = isHead
        ? headEnvironment(chain)
        : nextEnvironment(parent, { chainId, nowSec: 0n, forkCount: view.forkCount() });
      const world = await nodes.guard(evm.scratch(parent.header.stateRoot));
      return await nodes.guard(callOnWorld(world, environment, request));
    },
    nextBaseFeePerGasWei: () => Promise.resolve(headEnvironment(chain).baseFeePerGasWei),
    pendingTransactions: () => {
      const senders = new Set(pool.entries().map(({ sender }) => sender));
      const entries = [...senders].flatMap((sender) => pool.entriesOf(sender));
      return Promise.resolve(entries.map(toPendingTransaction));
    },
  } satisfies Partial<EmbeddedL1>;
}

async function sendRaw(chain: OpenChain, raw: Uint8Array, mining: L1Mining): Promise<Hash32> {
  const { view, pool, log } = chain;
  const hash = transactionHash(raw);
  // Who sends again after a crash or a lost answer is told the same as the first time.
  if (await view.position(hash) !== undefined) return hash;
  if (!pool.has(hash)) {
    await admit(chain, raw);
    log.debug("Admitted L1 transaction", { hash });
  }
  if (mining !== "automine") return hash;
  const reason = (await mineReady(chain)).find((entry) => entry.hash === hash)?.reason;
  if (reason !== undefined) throw droppedError(hash, reason);
  return hash;
}

/** Mines until nothing waits that could be mined; the answer is what can be in no block. */
async function mineReady(chain: OpenChain): Promise<readonly DroppedTx[]> {
  const dropped: DroppedTx[] = [];
  while (await hasReady(chain)) dropped.push(...(await mineBlock(chain)).dropped);
  return dropped;
}

async function admit(chain: OpenChain, raw: Uint8Array): Promise<void> {
  const { chainId, evm, view, pool, store } = chain;
  const head = view.head().header;
  const context = { chainId, blockGasLimit: L1_BLOCK_GAS_LIMIT };
  const candidate = decodeAndCheck(raw, context, L1_TX_SIZES);
  const { nonce, balanceWei } = await evm.account(head.stateRoot, candidate.sender);
  const code = await evm.code(head.stateRoot, candidate.sender);
  const hasCode = code.length > 0 && !isDelegation(code);
  const { entry, replaced } = pool.admit(candidate, { nonce, balanceWei, hasCode }, {
    chainId,
    baseFeePerGasWei: headEnvironment(chain).baseFeePerGasWei,
    blockGasLimit: L1_BLOCK_GAS_LIMIT,
  });
  try {
    await store.savePoolEntry(entry, replaced?.hash);
  } catch (error) {
    // What is not stored was not admitted.
    pool.remove(entry.hash);
    if (replaced !== undefined) pool.restore(replaced);
    throw error;
  }
}

async function hasReady(chain: OpenChain): Promise<boolean> {
  const { evm, view, pool } = chain;
  if (pool.size() === 0) return false;
  const { stateRoot } = view.head().header;
  const { baseFeePerGasWei } = headEnvironment(chain);
  return (await readySource(evm, pool, { stateRoot, baseFeePerGasWei })).next() !== undefined;
}

async function dropTransaction(
  { pool, store }: OpenChain,
  hash: Hash32,
): Promise<boolean> {
  if (!pool.has(hash)) return false;
  await store.removePoolEntry(hash);
  pool.remove(hash);
  return true;
}

async function restorePool(store: L1BlockStore): Promise<Pool> {
  const pool = createPool();
  for (const { arrival, raw } of await store.poolEntries()) {
    const tx = decodeL1Transaction(raw);
    pool.restore({ hash: transactionHash(raw), raw, tx, sender: recoverSender(tx), arrival });
  }
  return pool;
}

function toPendingTransaction({ hash, raw, tx, sender }: PoolEntry): ChainTransaction {
  return { hash, raw, tx, sender, position: undefined };
}

function closedError(): RollupError<EmbeddedL1ErrorCode> {
  return new RollupError(
    "L1_CLOSED",
    "Cannot write to the embedded L1 as it must be open: it was closed",
    { mend: "Open it again." },
  );
}

function unknownBlock(number: bigint, head: L1Head): RollupError<EmbeddedL1ErrorCode> {
  return new RollupError(
    "L1_BLOCK_UNKNOWN",
    `Cannot read the state after L1 block ${number} as the chain must have that block: ` +
      `its latest is ${head.header.number}`,
    {
      details: { number, latestNumber: head.header.number },
      mend: `Name a block from 0 to ${head.header.number}.`,
    },
  );
}

function tooEarly(timestampSec: bigint, latestSec: bigint): RollupError<EmbeddedL1ErrorCode> {
  return new RollupError(
    "TIMESTAMP_TOO_EARLY",
    `Cannot give the next L1 block the timestamp ${timestampSec} as it must be later than the ` +
      `latest block's: that has ${latestSec}`,
    { details: { timestampSec, latestSec }, mend: `Choose ${latestSec + 1n} or later.` },
  );
}

function droppedError(hash: Hash32, reason: string): RollupError<EmbeddedL1ErrorCode> {
  return new RollupError(
    "L1_TX_DROPPED",
    `Cannot include transaction ${hash} in an L1 block: ${reason}`,
    { details: { hash, reason }, mend: "Sign and send another transaction." },
  );
}
