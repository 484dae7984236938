/**
 * The embedded L1: an Ethereum chain in this process, kept in KV.
 *
 * Owns the order of writes (one after another), the pool's persistence and when a block is made. A
 * block becomes the head only once it is committed, so a crash or a failed block leaves the chain as
 * it was. It never reorganises by itself: `safe` and `finalized` are `latest`. Blob transactions are
 * refused. Does not own execution (`evm.ts`), rows (`block_store.ts`) or JSON-RPC.
 * @module
 */
import { decodeAndCheck } from "../../core/pool/admission.ts";
import { createPool, type Pool, type PoolEntry } from "../../core/pool/pool.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import { type Hash32, ZERO_HASH } from "../../core/primitives/hex.ts";
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
import type { ChainBackend, ChainBlock, ChainTransaction } from "../rpc/chain.ts";
import { revertReason } from "../rpc/errors.ts";
import { decodeL1Transaction, L1_TX_SIZES } from "./admission.ts";
import { nextBaseFeeWei } from "./base_fee.ts";
import { buildL1Block, type DroppedTx, readNonces } from "./block_builder.ts";
import { createL1BlockStore, type L1BlockStore } from "./block_store.ts";
import { callOnWorld } from "./call.ts";
import {
  L1_BLOCK_GAS_LIMIT,
  type L1Block,
  type L1Outcome,
  nextEnvironment,
  toRanBlock,
} from "./chain_block.ts";
import { type ChainView, createChainView, type L1Head } from "./chain_view.ts";
import { createL1Evm, type L1Evm } from "./evm.ts";
import { ensureGenesis, type L1GenesisErrorCode } from "./genesis.ts";
import { createNodeStore, type NodeStore } from "./node_store.ts";
import { createSerialQueue, type SerialQueue } from "./serial_queue.ts";

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
export interface EmbeddedL1 extends ChainBackend, AsyncDisposable {
  readonly layer: "L1";
  /** Why an included transaction failed; `undefined` for a successful or unknown one. */
  failure(hash: Hash32): Promise<Pick<L1Outcome, "exception" | "returnData"> | undefined>;
  mining(): L1Mining;
  /** Takes effect with the next transaction; what waits is not mined at once. */
  setMining(mining: L1Mining): void;
}

/** Codes of the embedded L1 besides those of the pool and of transactions. */
export type EmbeddedL1ErrorCode =
  | L1GenesisErrorCode
  | "L1_TX_DROPPED"
  | "L1_CLOSED"
  | "L1_BLOCK_UNKNOWN";

/** What the parts of an open chain share. */
interface Chain {
  readonly options: EmbeddedL1Options;
  readonly store: L1BlockStore;
  readonly nodes: NodeStore;
  readonly evm: L1Evm;
  readonly view: ChainView;
  readonly pool: Pool;
  readonly queue: SerialQueue;
  readonly listeners: Set<(block: ChainBlock) => void>;
}

/**
 * Opens the chain in `kv`, or makes it.
 *
 * @throws `L1_GENESIS_MISMATCH` when `kv` holds a chain of another id or with other first accounts,
 * `L1_OTHER_VERSION` when another version of this program wrote it.
 */
export async function openEmbeddedL1(options: EmbeddedL1Options): Promise<EmbeddedL1> {
  const { kv, chainId, genesis, clock } = options;
  const store = createL1BlockStore(kv);
  const nodes = createNodeStore(kv);
  // BLOCKHASH reads the view below; it is there before anything runs, as genesis runs no code.
  const blockHashOf = async (number: bigint) => (await view.header(number))?.hash ?? ZERO_HASH;
  const evm = createL1Evm(nodes, { chainId, blockHashOf });
  await ensureGenesis(store, evm, { chainId, ...genesis });
  const view = createChainView(store, await store.block(await store.headNumber()));
  clock.observe(view.head().header.timestampSec);
  const pool = await restorePool(store);
  const chain: Chain = {
    options,
    store,
    nodes,
    evm,
    view,
    pool,
    queue: createSerialQueue(),
    listeners: new Set(),
  };
  return createEmbeddedL1(chain);
}

function createEmbeddedL1(chain: Chain): EmbeddedL1 {
  const { options, view, queue, listeners } = chain;
  let { mining } = options;
  let closed = false;
  const write = <Result>(task: () => Promise<Result>): Promise<Result> =>
    queue.run(() => closed ? Promise.reject(closedError()) : task());
  return {
    layer: "L1",
    chainId: options.chainId,
    ...createReads(chain),
    nextBaseFeePerGasWei: () => Promise.resolve(nextBaseFeeWei(view.head().header)),
    blockGasLimit: () => L1_BLOCK_GAS_LIMIT,
    devAccounts: devnetKeys,
    sendRawTransaction: (raw) => write(() => sendRaw(chain, raw, mining)),
    mine: () => write(async () => (await mineBlock(chain)).block.header.number),
    onBlock: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
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
function createReads(chain: Chain) {
  const { evm, view, pool, options } = chain;
  const requireHeader = async (number: bigint): Promise<L1Head> =>
    await view.header(number) ?? await Promise.reject(unknownBlock(number, view.head()));
  const stateRootAt = async (number: bigint) => (await requireHeader(number)).header.stateRoot;
  const locate = async (hash: Hash32) => {
    const position = await view.position(hash);
    const block = position === undefined ? undefined : await view.block(position.blockNumber);
    return position === undefined || block === undefined
      ? undefined
      : { block, index: position.index };
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
    balance: async (account, number) =>
      (await evm.account(await stateRootAt(number), account)).balanceWei,
    nonce: async (account, number) => (await evm.account(await stateRootAt(number), account)).nonce,
    pendingNonce: async (account) => {
      const { nonce } = await evm.account(view.head().header.stateRoot, account);
      return pool.pendingNonce(account, nonce);
    },
    code: async (account, number) => await evm.code(await stateRootAt(number), account),
    storage: async (account, slot, number) =>
      await evm.storage(await stateRootAt(number), account, slot),
    call: async (request, number) => {
      const parent = await requireHeader(number);
      const isHead = parent.hash === view.head().hash;
      const environment = nextEnvironment(parent, {
        chainId: options.chainId,
        nowSec: isHead ? options.clock.nowSec() : 0n,
      });
      return await callOnWorld(await evm.scratch(parent.header.stateRoot), environment, request);
    },
    pendingTransactions: () => {
      const senders = new Set(pool.entries().map(({ sender }) => sender));
      const entries = [...senders].flatMap((sender) => pool.entriesOf(sender));
      return Promise.resolve(entries.map(toPendingTransaction));
    },
  } satisfies Partial<EmbeddedL1>;
}

async function sendRaw(chain: Chain, raw: Uint8Array, mining: L1Mining): Promise<Hash32> {
  const { view, pool, options } = chain;
  const hash = transactionHash(raw);
  // Who sends again after a crash or a lost answer is told the same as the first time.
  if (await view.position(hash) !== undefined) return hash;
  if (!pool.has(hash)) {
    await admit(chain, raw);
    options.log.debug("Admitted L1 transaction", { hash });
  }
  if (mining !== "automine") return hash;
  while (await hasReady(chain)) {
    const { dropped } = await mineBlock(chain);
    const reason = dropped.find((entry) => entry.hash === hash)?.reason;
    if (reason !== undefined) throw droppedError(hash, reason);
  }
  return hash;
}

async function admit(chain: Chain, raw: Uint8Array): Promise<void> {
  const { evm, view, pool, store, options } = chain;
  const { chainId } = options;
  const head = view.head().header;
  const context = { chainId, blockGasLimit: L1_BLOCK_GAS_LIMIT };
  const candidate = decodeAndCheck(raw, context, L1_TX_SIZES);
  const { nonce, balanceWei } = await evm.account(head.stateRoot, candidate.sender);
  const code = await evm.code(head.stateRoot, candidate.sender);
  const hasCode = code.length > 0 && !isDelegation(code);
  const { entry, replaced } = pool.admit(candidate, { nonce, balanceWei, hasCode }, {
    chainId,
    baseFeePerGasWei: nextBaseFeeWei(head),
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

async function hasReady({ evm, view, pool }: Chain): Promise<boolean> {
  if (pool.size() === 0) return false;
  const { header } = view.head();
  const nonces = await readNonces(evm, pool, header.stateRoot);
  const selection = pool.ready((sender) => nonces.get(sender) ?? 0n, nextBaseFeeWei(header));
  return selection.next() !== undefined;
}

interface MinedBlock {
  readonly block: L1Block;
  readonly dropped: readonly DroppedTx[];
}

/** Builds, commits and shows one block; before the commit nothing in memory has changed. */
async function mineBlock(chain: Chain): Promise<MinedBlock> {
  const { evm, view, pool, store, nodes, options } = chain;
  const { clock, chainId, log } = options;
  const parent = view.head();
  const environment = nextEnvironment(parent, { chainId, nowSec: clock.nowSec() });
  const { stateRoot } = parent.header;
  const built = await buildL1Block(evm, pool, { stateRoot, environment });
  const { block, state, dropped } = built;
  const leftPool = [...block.transactions, ...dropped].map(({ hash }) => hash);
  await store.commit({ block, state, leftPool });
  for (const hash of leftPool) pool.remove(hash);
  nodes.remember(state);
  view.advance(block);
  clock.observe(block.header.timestampSec);
  logBlock(log, built);
  tellListeners(chain, block);
  return { block, dropped };
}

function tellListeners({ listeners, options }: Chain, block: L1Block): void {
  const shown = toChainBlock(toRanBlock(block));
  for (const listener of [...listeners]) {
    try {
      listener(shown);
    } catch (error) {
      // The block is there whatever a listener makes of it, and the others want to know.
      const reason = error instanceof Error ? error.message : String(error);
      options.log.warn("Listener of L1 blocks failed", { reason });
    }
  }
}

function logBlock(log: Log, { block, dropped }: MinedBlock): void {
  const { number, gasUsed, timestampSec } = block.header;
  const txCount = block.transactions.length;
  log.debug("Mined L1 block", { l1BlockNumber: number, txCount, gasUsed, timestampSec });
  for (const [index, { receipt, exception, returnData }] of block.outcomes.entries()) {
    if (receipt.success) continue;
    const hash = block.transactions[index]?.hash;
    log.debug("L1 transaction failed", { hash, exception, reason: revertReason(returnData) });
  }
  for (const { hash, reason } of dropped) log.warn("Dropped L1 transaction", { hash, reason });
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

function droppedError(hash: Hash32, reason: string): RollupError<EmbeddedL1ErrorCode> {
  return new RollupError(
    "L1_TX_DROPPED",
    `Cannot include transaction ${hash} in an L1 block: ${reason}`,
    { details: { hash, reason }, mend: "Sign and send another transaction." },
  );
}
