/**
 * A chain in memory for tests of JSON-RPC: real transactions, headers, receipts and hashes, and a
 * handful of addresses that stand for contracts.
 *
 * Owns just enough execution to give every method something to show. Does not own an EVM.
 * @module
 */
import { privateKeyToAddress } from "../../../core/crypto/secp256k1.ts";
import { EMPTY_BYTES } from "../../../core/primitives/bytes.ts";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bigintToHash32,
  bytesToHash32,
  type Hash32,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import { blockNumber } from "../../../core/primitives/units.ts";
import { type BlockHeader, headerHash, transactionsRoot } from "../../../core/types/block.ts";
import {
  type EventLog,
  logsBloom,
  type Receipt,
  receiptsRoot,
} from "../../../core/types/receipt.ts";
import {
  decodeTransaction,
  effectiveGasPriceWei,
  encodeTransaction,
  maxCostWei,
  recoverSender,
  transactionHash,
} from "../../../core/types/tx.ts";
import type { CallOutcome, CallRequest } from "../../../core/vm/executor.ts";
import { toChainHeader } from "../../chain_block.ts";
import type {
  BlockTag,
  BlockWishes,
  ChainBackend,
  ChainBlock,
  ChainControls,
  ChainHeader,
  ChainReceipt,
  ChainTransaction,
  DroppedBlock,
} from "../chain.ts";
import { createFakeTracing } from "./fake_tracing.ts";
import { createFakeViews } from "./fake_views.ts";

/** Emits a log: topic 0 is the first 32 bytes of the call's data, the rest is its data. */
export const LOGGER: Address = address(`0x${"10".repeat(20)}`);
/** Reverts with the call's data. */
export const REVERTER: Address = address(`0x${"20".repeat(20)}`);
/** Succeeds only with {@linkcode HUNGRY_GAS} gas and uses half of it. */
export const HUNGRY: Address = address(`0x${"30".repeat(20)}`);
/** Fails by an exception that is no revert. */
export const BROKEN: Address = address(`0x${"40".repeat(20)}`);
/** Throws a defect. */
export const DEFECTIVE: Address = address(`0x${"50".repeat(20)}`);
/** Answers with the call's data. */
export const ECHO: Address = address(`0x${"60".repeat(20)}`);

/** See {@linkcode HUNGRY}. */
export const HUNGRY_GAS = 100_000n;
/** Base fee of every block here. */
export const BASE_FEE_WEI = 7n;

const GAS_LIMIT = 30_000_000n;
const INITIAL_BALANCE_WEI = 10n ** 22n;

interface State {
  readonly balances: ReadonlyMap<Address, bigint>;
  readonly nonces: ReadonlyMap<Address, bigint>;
}

interface StoredBlock {
  readonly block: ChainBlock;
  readonly receipts: readonly ChainReceipt[];
  readonly state: State;
}

/** The chain and what only a test may do to it. */
export interface FakeChain extends ChainBackend {
  readonly accounts: readonly { readonly address: Address; readonly privateKey: Uint8Array }[];
  /** Where the tags of a rollup stand. */
  readonly tags: { safe: bigint; finalized: bigint };
  /** Forgets the last `depth` blocks, as an L1 does when it reorganises. */
  rollback(depth: number): void;
  listenerCount(): number;
  /** What the blocks to come were wished to have. */
  wished(): BlockWishes;
}

/** A chain with a genesis block and two dev accounts; `automine` closes a block at each tx. */
export function createFakeChain(
  options: { readonly layer?: "L1" | "L2"; readonly automine?: boolean } = {},
): FakeChain {
  const { layer = "L2", automine = true } = options;
  const chainId = layer === "L1" ? 900n : 901n;
  const accounts = [1, 2].map((seed) => {
    const privateKey = new Uint8Array(32).fill(seed);
    return { privateKey, address: privateKeyToAddress(privateKey) };
  });
  const stored: StoredBlock[] = [];
  const pool = new Map<Hash32, ChainTransaction>();
  const listeners = new Set<(block: ChainBlock) => void>();
  const pendingListeners = new Set<(transaction: ChainTransaction) => void>();
  const reorgListeners = new Set<(dropped: readonly DroppedBlock[]) => void>();
  const tags = { safe: 0n, finalized: 0n };
  // A block after a rollback must differ from the one that it replaces.
  let salt = 0n;
  let advancedSec = 0n;
  let nextTimestampSec: bigint | undefined;
  let nextBaseFeeWei = BASE_FEE_WEI;
  let mines = automine;
  let intervalSec: bigint | undefined;
  let timestampIntervalSec: bigint | undefined;
  let isEveryone = false;
  let wished: BlockWishes = {};
  const impersonated = new Set<Address>();
  const codes = new Map<Address, Uint8Array>();
  const slots = new Map<string, Hash32>();

  const head = (): StoredBlock => {
    const last = stored.at(-1);
    assert(last !== undefined, "there is a genesis block");
    return last;
  };
  const at = (number: bigint): StoredBlock | undefined => stored[Number(number)];
  const mine = (): bigint => {
    const waiting = [...pool.values()].filter((entry) => isReady(entry, pool, head().state));
    const made = makeBlock(stored.at(-1), waiting, { salt, advancedSec, nextTimestampSec });
    nextTimestampSec = undefined;
    stored.push(made);
    for (const { hash } of waiting) pool.delete(hash);
    for (const listener of [...listeners]) listener(made.block);
    return made.block.header.number;
  };
  const rollback = (depth: number): void => {
    const dropped = stored.splice(stored.length - depth, depth).toReversed();
    salt++;
    for (const listener of [...reorgListeners]) listener(dropped);
  };
  const send = (raw: Uint8Array): Hash32 => {
    const entry = admit(raw, { chainId, state: head().state, pool });
    pool.set(entry.hash, entry);
    for (const listener of [...pendingListeners]) listener(entry);
    if (mines) mine();
    return entry.hash;
  };
  const controls: ChainControls = {
    reorg: async (depth, transactions = []) => {
      const { commonNumber, lost } = await controls.rollback(depth);
      mines = false;
      for (let index = 0n; index < depth; index++) {
        for (const transaction of transactions) {
          if (BigInt(transaction.blockIndex) !== index) continue;
          if ("raw" in transaction) send(transaction.raw);
          else await controls.sendUnsigned(transaction.unsigned, transaction.sender);
        }
        mine();
      }
      mines = automine;
      return { commonNumber, lost, refused: [] };
    },
    rollback: (depth) =>
      Promise.resolve().then(() => {
        if (depth >= BigInt(stored.length)) throw refused("L1_REORG_DEPTH");
        rollback(Number(depth));
        return { commonNumber: head().block.header.number, lost: [], refused: [] };
      }),
    setAutomine: (enabled) => {
      mines = enabled;
      return Promise.resolve();
    },
    isAutomine: () => mines,
    setIntervalMining: (seconds) => {
      intervalSec = seconds === 0n ? undefined : seconds;
      mines = false;
      return Promise.resolve();
    },
    intervalMiningSec: () => intervalSec,
    hardfork: () => "Osaka",
    dropTransaction: (hash) => Promise.resolve(pool.delete(hash)),
    dropTransactions: (sender) => {
      for (const entry of [...pool.values()]) {
        if (sender === undefined || entry.sender === sender) pool.delete(entry.hash);
      }
      return Promise.resolve();
    },
    decree: (accounts) => {
      const { block, receipts, state } = head();
      const balances = new Map(state.balances);
      const nonces = new Map(state.nonces);
      for (const [account, { balanceWei, nonce, code, storage }] of accounts) {
        if (balanceWei !== undefined) balances.set(account, balanceWei);
        if (nonce !== undefined) nonces.set(account, nonce);
        if (code !== undefined) codes.set(account, code);
        for (const [slot, value] of storage ?? []) slots.set(`${account}${slot}`, value);
      }
      stored[stored.length - 1] = { block, receipts, state: { balances, nonces } };
      return Promise.resolve();
    },
    wish: (wishes) => {
      wished = { ...wished, ...wishes };
      nextBaseFeeWei = wishes.baseFeePerGasWei ?? nextBaseFeeWei;
      return Promise.resolve();
    },
    setTime: (timestampSec) => {
      const jumpSec = timestampSec - (1_700_000_000n + advancedSec);
      advancedSec += jumpSec;
      return jumpSec;
    },
    setBlockTimestampInterval: (seconds) => {
      const hadInterval = timestampIntervalSec !== undefined;
      timestampIntervalSec = seconds;
      return hadInterval;
    },
    impersonate: (account, enabled) => {
      if (enabled) impersonated.add(account);
      else impersonated.delete(account);
    },
    autoImpersonate: (enabled) => {
      isEveryone = enabled;
    },
    isImpersonated: (account) => isEveryone || impersonated.has(account),
    impersonated: () => [...impersonated],
    sendUnsigned: (transaction, sender) => {
      const raw = encodeTransaction({ ...transaction, yParity: 0, r: BigInt(sender), s: 1n });
      const tx = decodeTransaction(raw);
      const entry = { hash: transactionHash(raw), raw, tx, sender, position: undefined };
      pool.set(entry.hash, entry);
      if (mines) mine();
      return Promise.resolve(entry.hash);
    },
    dumpState: () => Promise.resolve(Uint8Array.of(0x1f, 0x8b)),
    loadState: (dump) =>
      dump[0] === 0x1f ? Promise.resolve() : Promise.reject(refused("STATE_DUMP_MALFORMED")),
  };
  stored.push(makeBlock(undefined, [], {
    salt: 0n,
    advancedSec: 0n,
    nextTimestampSec: undefined,
  }, {
    balances: new Map(accounts.map(({ address }) => [address, INITIAL_BALANCE_WEI])),
    nonces: new Map(),
  }));

  const transaction = (hash: Hash32): ChainTransaction | undefined =>
    pool.get(hash) ??
      stored.flatMap(({ block }) => block.transactions).find((entry) => entry.hash === hash);

  const chain: FakeChain = {
    layer,
    chainId,
    accounts,
    tags,
    rollback,
    controls,
    wished: () => wished,
    increaseTime: (seconds) => advancedSec += seconds,
    setNextBlockTimestamp: (timestampSec) =>
      Promise.resolve().then(() => {
        if (timestampSec <= head().block.header.timestampSec) throw refused("TIMESTAMP_TOO_EARLY");
        nextTimestampSec = timestampSec;
      }),
    listenerCount: () => listeners.size,
    numberOf: (tag) => Promise.resolve(numberOf(tag, head().block.header.number, tags)),
    numberOfHash: (hash) =>
      Promise.resolve(stored.find(({ block }) => block.header.hash === hash)?.block.header.number),
    block: (number) => Promise.resolve(at(number)?.block),
    header: (number) => Promise.resolve(at(number)?.block.header),
    receipts: (number) => Promise.resolve(at(number)?.receipts ?? []),
    transaction: (hash) => Promise.resolve(transaction(hash)),
    receipt: (hash) =>
      Promise.resolve(
        stored.flatMap(({ receipts }) => receipts).find((entry) => entry.transaction.hash === hash),
      ),
    balance: (account, number) => Promise.resolve(at(number)?.state.balances.get(account) ?? 0n),
    nonce: (account, number) => Promise.resolve(at(number)?.state.nonces.get(account) ?? 0n),
    pendingNonce: (account) => Promise.resolve(pendingNonce(account, pool, head().state)),
    code: (account) => Promise.resolve(codes.get(account) ?? codeOf(account)),
    storage: (account, slot) =>
      Promise.resolve(slots.get(`${account}${slot}`) ?? (account === LOGGER ? slot : ZERO_HASH)),
    call: (request) => Promise.resolve().then(() => runCall(request)),
    nextBaseFeePerGasWei: () => Promise.resolve(nextBaseFeeWei),
    blockGasLimit: () => GAS_LIMIT,
    sendRawTransaction: (raw) => Promise.resolve().then(() => send(raw)),
    pendingTransactions: () =>
      Promise.resolve(
        [...pool.values()].sort((left, right) => Number(left.tx.nonce - right.tx.nonce)),
      ),
    devAccounts: () => new Map(accounts.map((entry) => [entry.address, entry.privateKey])),
    mine: () => Promise.resolve(mine()),
    onBlock: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onPending: (listener) => {
      pendingListeners.add(listener);
      return () => pendingListeners.delete(listener);
    },
    onReorg: (listener) => {
      reorgListeners.add(listener);
      return () => reorgListeners.delete(listener);
    },
    tracing: createFakeTracing(() => chain),
    ...createFakeViews(() => chain),
  };
  return chain;
}

function numberOf(
  tag: BlockTag,
  head: bigint,
  tags: { readonly safe: bigint; readonly finalized: bigint },
): bigint {
  if (tag === "safe" || tag === "finalized") return tags[tag];
  return tag === "earliest" ? 0n : head;
}

function codeOf(account: Address): Uint8Array {
  const contracts = [LOGGER, REVERTER, HUNGRY, BROKEN, DEFECTIVE, ECHO];
  return contracts.includes(account) ? Uint8Array.of(0x60, 0x00) : new Uint8Array(0);
}

function pendingNonce(
  account: Address,
  pool: ReadonlyMap<Hash32, ChainTransaction>,
  state: State,
): bigint {
  const waiting = new Set(
    [...pool.values()].filter(({ sender }) => sender === account).map(({ tx }) => tx.nonce),
  );
  let nonce = state.nonces.get(account) ?? 0n;
  while (waiting.has(nonce)) nonce++;
  return nonce;
}

function isReady(
  entry: ChainTransaction,
  pool: ReadonlyMap<Hash32, ChainTransaction>,
  state: State,
): boolean {
  return entry.tx.nonce < pendingNonce(entry.sender, pool, state);
}

function admit(
  raw: Uint8Array,
  into: {
    readonly chainId: bigint;
    readonly state: State;
    readonly pool: ReadonlyMap<Hash32, ChainTransaction>;
  },
): ChainTransaction {
  const tx = decodeTransaction(raw);
  const sender = recoverSender(tx);
  const hash = transactionHash(raw);
  if (tx.chainId !== into.chainId) throw refused("POOL_CHAIN_ID_MISMATCH");
  if (into.pool.has(hash)) throw refused("POOL_ALREADY_KNOWN");
  if (tx.nonce < (into.state.nonces.get(sender) ?? 0n)) throw refused("POOL_NONCE_TOO_LOW");
  if (maxCostWei(tx) > (into.state.balances.get(sender) ?? 0n)) {
    throw refused("POOL_INSUFFICIENT_FUNDS");
  }
  return { hash, raw, tx, sender, position: undefined };
}

function refused(code: string): RollupError {
  return new RollupError(code, "Cannot do what was asked: the fake says so", {
    mend: "Ask for something else.",
  });
}

function runCall(request: CallRequest): CallOutcome {
  const failed = (exception: string, returnData: Uint8Array = EMPTY_BYTES): CallOutcome => ({
    success: false,
    returnData,
    gasUsed: request.gasLimit,
    exception,
    logs: () => [],
  });
  const intrinsic = request.asTransaction ? 21_000n + 16n * BigInt(request.data.length) : 0n;
  if (request.gasLimit < intrinsic) return failed("intrinsic gas too low");
  if (request.to === DEFECTIVE) throw new TypeError("the fake is broken on purpose");
  if (request.to === REVERTER) return failed("revert", request.data);
  if (request.to === BROKEN) return failed("invalid opcode");
  const isHungry = request.to === HUNGRY;
  if (isHungry && request.gasLimit < HUNGRY_GAS) return failed("out of gas");
  const gasUsed = isHungry ? HUNGRY_GAS / 2n : intrinsic;
  return { success: true, returnData: request.data, gasUsed, exception: undefined, logs: () => [] };
}

/** What the fake was told of the next block. */
interface NextBlock {
  readonly salt: bigint;
  readonly advancedSec: bigint;
  readonly nextTimestampSec: bigint | undefined;
}

function makeBlock(
  parent: StoredBlock | undefined,
  transactions: readonly ChainTransaction[],
  next: NextBlock,
  genesis: State = { balances: new Map(), nonces: new Map() },
): StoredBlock {
  const before = parent?.state ?? genesis;
  const balances = new Map(before.balances);
  const nonces = new Map(before.nonces);
  const receipts: Receipt[] = [];
  let cumulativeGasUsed = 0n;
  for (const { tx, sender } of transactions) {
    const gasUsed = 21_000n + 16n * BigInt(tx.data.length);
    const price = effectiveGasPriceWei(tx, BASE_FEE_WEI);
    cumulativeGasUsed += gasUsed;
    nonces.set(sender, tx.nonce + 1n);
    balances.set(sender, (balances.get(sender) ?? 0n) - tx.valueWei - gasUsed * price);
    const to = tx.to ?? ZERO_ADDRESS;
    balances.set(to, (balances.get(to) ?? 0n) + tx.valueWei);
    receipts.push({
      type: tx.type,
      success: tx.to !== REVERTER,
      gasUsed,
      cumulativeGasUsed,
      effectiveGasPriceWei: price,
      logs: tx.to === LOGGER ? [logOf(tx.data)] : [],
      contractAddress: tx.to === undefined ? ECHO : undefined,
    });
  }
  const header = makeHeader(parent, { transactions, receipts, next });
  const placed = transactions.map((entry, index): ChainTransaction => ({
    ...entry,
    position: {
      blockHash: header.hash,
      blockNumber: header.number,
      index,
      timestampSec: header.timestampSec,
      baseFeePerGasWei: BASE_FEE_WEI,
    },
  }));
  const block: ChainBlock = {
    header,
    sizeBytes: 600,
    transactions: placed,
    uncles: [],
    withdrawals: [],
  };
  return { block, receipts: placeReceipts(placed, receipts), state: { balances, nonces } };
}

function placeReceipts(
  transactions: readonly ChainTransaction[],
  receipts: readonly Receipt[],
): readonly ChainReceipt[] {
  let firstLogIndex = 0;
  return transactions.flatMap((transaction, index) => {
    const receipt = receipts[index];
    if (receipt === undefined) return [];
    const entry = { transaction, receipt, firstLogIndex };
    firstLogIndex += receipt.logs.length;
    return [entry];
  });
}

function logOf(data: Uint8Array): EventLog {
  const topic = new Uint8Array(32);
  topic.set(data.subarray(0, 32));
  return { address: LOGGER, topics: [bytesToHash32(topic)], data: data.slice(32) };
}

function makeHeader(
  parent: StoredBlock | undefined,
  body: {
    readonly transactions: readonly ChainTransaction[];
    readonly receipts: readonly Receipt[];
    readonly next: NextBlock;
  },
): ChainHeader {
  const { salt, advancedSec, nextTimestampSec } = body.next;
  const previous = parent?.block.header;
  const number = previous === undefined ? 0n : previous.number + 1n;
  const header: BlockHeader = {
    parentHash: previous?.hash ?? ZERO_HASH,
    coinbase: ZERO_ADDRESS,
    stateRoot: bigintToHash32(number + 1n),
    transactionsRoot: transactionsRoot(body.transactions.map(({ raw }) => raw)),
    receiptsRoot: receiptsRoot(body.receipts),
    logsBloom: logsBloom(body.receipts.flatMap(({ logs }) => logs)),
    number: blockNumber(number),
    gasLimit: GAS_LIMIT,
    gasUsed: body.receipts.at(-1)?.cumulativeGasUsed ?? 0n,
    timestampSec: nextTimestampSec ?? 1_700_000_000n + number + advancedSec,
    prevRandao: bigintToHash32(salt),
    baseFeePerGasWei: BASE_FEE_WEI,
  };
  return toChainHeader({ header, hash: headerHash(header) });
}
