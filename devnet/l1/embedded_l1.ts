/**
 * The embedded L1: an Ethereum chain in this process, kept in KV.
 *
 * Owns the order of writes (one after another), the pool's persistence and when a block is made. A
 * block becomes the head only once it is committed, so a crash or a failed block leaves the chain as
 * it was. It reorganises on command only: `safe` and `finalized` are `latest`. Blobs are checked and
 * dropped. Does not own execution (`evm.ts`), blocks (`mine_block.ts`), going back
 * (`reorganise.ts`), rows (`block_store.ts`) or JSON-RPC.
 * @module
 */
import { decodeAndCheck } from "../../core/pool/admission.ts";
import { createPool, type Pool, type PoolEntry } from "../../core/pool/pool.ts";
import { assert, RollupError } from "../../core/primitives/errors.ts";
import { type Address, type Hash32, ZERO_HASH } from "../../core/primitives/hex.ts";
import { areaLog, type Clock, type Log } from "../../core/primitives/ports.ts";
import type { GenesisAccount } from "../../core/types/genesis.ts";
import { transactionHash } from "../../core/types/tx.ts";
import { isDelegation } from "../../core/vm/tx_rules.ts";
import { devnetKeys } from "../accounts.ts";
import { createIntervalMiner } from "../interval_miner.ts";
import { toChainBlock, toChainReceipts, toChainTransaction } from "../chain_block.ts";
import type {
  ChainBackend,
  ChainBlock,
  ChainControls,
  ChainTransaction,
  DroppedBlock,
  TimeErrorCode,
} from "../rpc/chain.ts";
import { createRewindGate, type Rewinds } from "../rpc/rewinds.ts";
import { timestampTooEarly } from "../rpc/time_refusals.ts";
import {
  checkBlobs,
  decodeL1Transaction,
  L1_TX_SIZES,
  type L1AdmissionErrorCode,
} from "./admission.ts";
import { type BlobSidecarErrorCode, stripSidecar } from "./blob_sidecar.ts";
import { type DroppedTx, readySource } from "./block_builder.ts";
import { type ChainImportErrorCode, importChain } from "./chain_import.ts";
import { createL1BlockStore, type L1BlockStore } from "./block_store.ts";
import { type L1Outcome, toRanBlock } from "./chain_block.ts";
import { createChainView, type L1Head } from "./chain_view.ts";
import { createL1Controls } from "./controls.ts";
import { groundAfter, groundRoot } from "./decrees.ts";
import { createL1Evm } from "./evm.ts";
import type { ForkErrorCode, L1Rules } from "./forks.ts";
import type { BlockProtocolErrorCode } from "./block_protocol.ts";
import {
  devnetGenesis,
  ensureGenesis,
  type L1Genesis,
  type L1GenesisErrorCode,
} from "./genesis.ts";
import { type GenesisJsonErrorCode, parseGethGenesis } from "./genesis_json.ts";
import {
  type FirstL1Mark,
  firstL1Mark,
  hasMark,
  type L1Mark,
  markL1,
  returnToMark,
} from "./marks.ts";
import { mineBlock } from "./mine_block.ts";
import { createNodeStore } from "./node_store.ts";
import { headEnvironment, type OpenChain } from "./open_chain.ts";
import type { L1ReorgErrorCode } from "./reorganise.ts";
import { createSerialQueue } from "./serial_queue.ts";
import { createL1Tracing, type L1TraceErrorCode } from "./trace.ts";
import { createL1Views } from "./views.ts";

/**
 * When blocks are made: at each transaction, or when `mine` is called, by a driver on a clock
 * (`interval`) or by a person (`manual`); to this file the last two are the same.
 */
export type L1Mining = "automine" | "interval" | "manual";

/** The first block, and for geth's the blocks that follow it. */
export type L1GenesisSource =
  | {
    /** Counts when the chain is made; a stored chain keeps its own. */
    readonly timestampSec: bigint;
    readonly accounts: readonly GenesisAccount[];
  }
  | {
    /** Text of a `genesis.json`. */
    readonly geth: string;
    /** What `geth export` wrote. */
    readonly chain?: Uint8Array;
  };

/** What an embedded L1 starts from. */
export interface EmbeddedL1Options {
  /** Stays the caller's, who closes it after the L1. */
  readonly kv: Deno.Kv;
  readonly clock: Clock;
  /** Of the devnet's own genesis; one of geth brings its own. */
  readonly chainId?: bigint;
  readonly genesis: L1GenesisSource;
  readonly mining: L1Mining;
  readonly log: Log;
}

/** An Ethereum chain in this process. */
export interface EmbeddedL1 extends ChainBackend, ChainControls, AsyncDisposable {
  readonly layer: "L1";
  readonly controls: ChainControls;
  readonly rewinds: Rewinds;
  /** Why an included transaction failed; `undefined` for a successful or unknown one. */
  failure(hash: Hash32): Promise<Pick<L1Outcome, "exception" | "returnData"> | undefined>;
  /** The rules that the next block will have. */
  nextRules(): L1Rules;
  mining(): L1Mining;
  /** Takes effect with the next transaction; what waits is not mined at once. */
  setMining(mining: L1Mining): void;
  /** The present, for {@linkcode EmbeddedL1.returnTo}. */
  mark(): Promise<L1Mark>;
  /** The moment that was the present when this was first asked of the chain. */
  firstMark(): Promise<FirstL1Mark>;
  /** Whether the chain still has the block of `mark`; without it nobody goes back there. */
  hasMark(mark: L1Mark): Promise<boolean>;
  returnTo(mark: L1Mark): Promise<void>;
}

/** Codes of the embedded L1 besides those of the pool and of transactions. */
export type EmbeddedL1ErrorCode =
  | L1GenesisErrorCode
  | GenesisJsonErrorCode
  | ChainImportErrorCode
  | ForkErrorCode
  | BlockProtocolErrorCode
  | L1AdmissionErrorCode
  | BlobSidecarErrorCode
  | L1ReorgErrorCode
  | TimeErrorCode
  | L1TraceErrorCode
  | "L1_TX_DROPPED"
  | "L1_CLOSED"
  | "L1_BLOCK_UNKNOWN";

/**
 * Opens the chain in `kv`, or makes it.
 *
 * @throws `L1_GENESIS_MISMATCH` when `kv` holds a chain of another id or with other first accounts,
 * `L1_OTHER_VERSION` when another version of this program wrote it, `L1_GENESIS_MALFORMED`,
 * `L1_CONFIG_INVALID`, `L1_FORK_UNSUPPORTED`, `L1_IMPORT_MALFORMED` and `L1_IMPORT_INVALID`.
 */
export async function openEmbeddedL1(options: EmbeddedL1Options): Promise<EmbeddedL1> {
  const { kv, clock } = options;
  const log = areaLog(options.log, "l1");
  const store = createL1BlockStore(kv);
  const nodes = createNodeStore(kv);
  // BLOCKHASH reads the view below; it is there before anything runs, as genesis runs no code.
  const blockHashOf = async (number: bigint) => (await view.header(number))?.hash ?? ZERO_HASH;
  const genesis = readGenesis(options);
  const { forks } = genesis;
  const evm = createL1Evm(nodes, { forks, blockHashOf });
  await ensureGenesis(store, evm, genesis);
  const head = await store.block(await store.headNumber());
  const view = createChainView(store, { head, forkCount: await store.forkCount() });
  clock.observe(head.header.timestampSec);
  const pool = await restorePool(store);
  const listeners = new Set<(block: ChainBlock) => void>();
  const chain = {
    forks,
    clock,
    log,
    store,
    nodes,
    evm,
    view,
    pool,
    listeners,
    wishes: {},
    pendingListeners: new Set<(transaction: ChainTransaction) => void>(),
    reorgListeners: new Set<(dropped: readonly DroppedBlock[]) => void>(),
    rewinds: createRewindGate(),
    firstNumber: 0n,
    decreed: await store.decreed(head.hash),
    standing: {},
  };
  if ("geth" in options.genesis && options.genesis.chain !== undefined) {
    await importChain(chain, options.genesis.chain);
  }
  return createEmbeddedL1(chain, options.mining);
}

function readGenesis({ chainId, genesis }: EmbeddedL1Options): L1Genesis {
  if ("geth" in genesis) return parseGethGenesis(genesis.geth);
  assert(chainId !== undefined, "the devnet's own chain has an id");
  return devnetGenesis({ chainId, ...genesis });
}

function createEmbeddedL1(chain: OpenChain, firstMining: L1Mining): EmbeddedL1 {
  const { listeners } = chain;
  const queue = createSerialQueue();
  let mining = firstMining;
  let closed = false;
  const write = <Result>(task: () => Promise<Result>): Promise<Result> =>
    queue.run(() => closed ? Promise.reject(closedError()) : chain.nodes.guard(task()));
  const mine = () => write(async () => (await mineBlock(chain)).block.header.number);
  const miner = createIntervalMiner(mine, (error) => {
    chain.log.warn("Cannot mine an L1 block", { error: String(error) });
  });
  const setMining = (wanted: L1Mining) => {
    mining = wanted;
  };
  const controls = createL1Controls(chain, {
    write,
    miner,
    send: (raw, unsignedSender) => sendRaw(chain, raw, { mining, unsignedSender }),
    mineReady: () => mineReady(chain),
    mining: () => mining,
    setMining,
  });
  return {
    layer: "L1",
    chainId: chain.forks.chainId,
    ...createReads(chain),
    ...controls,
    controls,
    rewinds: chain.rewinds,
    tracing: createL1Tracing(chain),
    blockGasLimit: () => chain.view.head().header.gasLimit,
    devAccounts: devnetKeys,
    sendRawTransaction: (raw) => write(() => sendRaw(chain, raw, { mining })),
    mine,
    onBlock: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onPending: (listener) => {
      chain.pendingListeners.add(listener);
      return () => chain.pendingListeners.delete(listener);
    },
    onReorg: (listener) => {
      chain.reorgListeners.add(listener);
      return () => chain.reorgListeners.delete(listener);
    },
    increaseTime: (seconds) => {
      chain.clock.advance(seconds);
      return chain.clock.advancedSec();
    },
    setNextBlockTimestamp: (timestampSec) =>
      write(() => {
        const latestSec = chain.view.head().header.timestampSec;
        if (timestampSec <= latestSec) return Promise.reject(timestampTooEarly(timestampSec));
        chain.wishes = { ...chain.wishes, timestampSec };
        return Promise.resolve();
      }),
    nextRules: () => headEnvironment(chain).rules,
    mining: () => mining,
    setMining,
    mark: () =>
      write(() => Promise.resolve(markL1(chain, { mining, intervalMs: miner.intervalMs() }))),
    firstMark: () =>
      write(() => firstL1Mark(chain, { mining: firstMining, intervalMs: undefined })),
    hasMark: (mark) => hasMark(chain, mark),
    returnTo: (mark) =>
      write(async () => {
        await chain.rewinds.during(returnToMark(chain, mark));
        mining = mark.mining;
        miner.set(mark.intervalMs);
      }),
    [Symbol.asyncDispose]: async () => {
      miner.set(undefined);
      closed = true;
      listeners.clear();
      chain.pendingListeners.clear();
      chain.reorgListeners.clear();
      await queue.settle();
    },
  };
}

/** Everything that only reads; none of it waits for a block under construction. */
function createReads(chain: OpenChain) {
  const { evm, view, pool, nodes } = chain;
  const requireHeader = async (number: bigint): Promise<L1Head> =>
    await view.header(number) ?? await Promise.reject(unknownBlock(number, view.head()));
  const stateRootAt = async (number: bigint) =>
    await groundAfter(chain, (await requireHeader(number)).header);
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
      return header?.header;
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
      const { nonce } = await nodes.guard(evm.account(groundRoot(chain), account));
      return pool.pendingNonce(account, nonce);
    },
    code: async (account, number) =>
      await nodes.guard(evm.code(await stateRootAt(number), account)),
    storage: async (account, slot, number) =>
      await nodes.guard(evm.storage(await stateRootAt(number), account, slot)),
    ...createL1Views(chain, requireHeader),
    nextBaseFeePerGasWei: () => Promise.resolve(headEnvironment(chain).baseFeePerGasWei),
    pendingTransactions: () => {
      const senders = new Set(pool.entries().map(({ sender }) => sender));
      const entries = [...senders].flatMap((sender) => pool.entriesOf(sender));
      return Promise.resolve(entries.map(toPendingTransaction));
    },
  } satisfies Partial<EmbeddedL1>;
}

interface SendOptions {
  readonly mining: L1Mining;
  /** Sends without a key. */
  readonly unsignedSender?: Address;
}

async function sendRaw(
  chain: OpenChain,
  sent: Uint8Array,
  { mining, unsignedSender }: SendOptions,
): Promise<Hash32> {
  const raw = stripSidecar(sent);
  const hash = transactionHash(raw);
  // A crash may have come between its admission and its block.
  if (mining === "automine" && chain.pool.has(hash)) await mineReady(chain);
  await admit(chain, raw, unsignedSender);
  chain.log.debug("Admitted L1 transaction", { hash });
  if (mining !== "automine") return hash;
  const reason = (await mineReady(chain)).find((entry) => entry.hash === hash)?.reason;
  if (reason !== undefined) throw droppedError(hash, reason);
  return hash;
}

/** Mines until nothing waits that could be mined; the answer is what can be in no block. */
async function mineReady(chain: OpenChain): Promise<readonly DroppedTx[]> {
  const dropped: DroppedTx[] = [];
  while (await hasReady(chain)) {
    const mined = await mineBlock(chain);
    dropped.push(...mined.dropped);
    // What is left needs more gas than a block has since its limit was set, and waits for it.
    if (mined.block.transactions.length === 0 && mined.dropped.length === 0) break;
  }
  return dropped;
}

async function admit(
  chain: OpenChain,
  raw: Uint8Array,
  unsignedSender: Address | undefined,
): Promise<void> {
  const { forks: { chainId }, evm, view, pool, store } = chain;
  const head = view.head().header;
  const blockGasLimit = head.gasLimit;
  const context = {
    chainId,
    blockGasLimit,
    ...(unsignedSender === undefined ? {} : { sender: unsignedSender }),
  };
  const candidate = decodeAndCheck(raw, context, L1_TX_SIZES);
  const environment = headEnvironment(chain);
  checkBlobs(candidate.tx, environment);
  const stateRoot = groundRoot(chain);
  const { nonce, balanceWei } = await evm.account(stateRoot, candidate.sender);
  const code = await evm.code(stateRoot, candidate.sender);
  const hasCode = unsignedSender === undefined && code.length > 0 && !isDelegation(code);
  const { entry, replaced } = pool.admit(candidate, { nonce, balanceWei, hasCode }, {
    chainId,
    baseFeePerGasWei: environment.baseFeePerGasWei,
    blockGasLimit,
  });
  try {
    await store.savePoolEntry(entry, replaced?.hash);
  } catch (error) {
    // What is not stored was not admitted.
    pool.remove(entry.hash);
    if (replaced !== undefined) pool.restore(replaced);
    throw error;
  }
  const ready = readyWith(pool, entry, nonce);
  // What comes after a transaction that was replaced was told of before.
  for (const told of replaced === undefined ? ready : ready.slice(0, 1)) {
    const pending = toPendingTransaction(told);
    for (const listener of [...chain.pendingListeners]) listener(pending);
  }
}

/**
 * What can be mined now that `entry` has come: it and what waited for it, or nothing while an earlier
 * nonce, from `nonce` on, is missing. geth tells of a transaction only then.
 */
function readyWith(pool: Pool, entry: PoolEntry, nonce: bigint): readonly PoolEntry[] {
  const byNonce = new Map(pool.entriesOf(entry.sender).map((own) => [own.tx.nonce, own]));
  for (let earlier = nonce; earlier < entry.tx.nonce; earlier++) {
    if (!byNonce.has(earlier)) return [];
  }
  const ready: PoolEntry[] = [];
  let next: PoolEntry | undefined = entry;
  while (next !== undefined) {
    ready.push(next);
    next = byNonce.get(next.tx.nonce + 1n);
  }
  return ready;
}

async function hasReady(chain: OpenChain): Promise<boolean> {
  const { evm, pool } = chain;
  if (pool.size() === 0) return false;
  const stateRoot = groundRoot(chain);
  const { baseFeePerGasWei } = headEnvironment(chain);
  return (await readySource(evm, pool, { stateRoot, baseFeePerGasWei })).next() !== undefined;
}

async function restorePool(store: L1BlockStore): Promise<Pool> {
  const pool = createPool();
  for (const { arrival, sender, raw } of await store.poolEntries()) {
    const tx = decodeL1Transaction(raw);
    pool.restore({ hash: transactionHash(raw), raw, tx, sender, arrival });
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
