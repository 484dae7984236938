/**
 * What a test may do to the embedded L1.
 *
 * Owns when blocks are made, wishes for the next ones, and who sends without a signature. None of it
 * outlives the process but decreed state (`decrees.ts`) and what became blocks. Does not own going
 * back (`reorganise.ts`) or the pool's rules.
 * @module
 */
import { type PoolEntry } from "../../core/pool/pool.ts";
import type { Address, Hash32 } from "../../core/primitives/hex.ts";
import { encodeTransaction } from "../../core/types/tx.ts";
import type { IntervalMiner } from "../interval_miner.ts";
import type { ChainControls } from "../rpc/chain.ts";
import { decreeAccounts } from "./decrees.ts";
import type { L1Mining } from "./embedded_l1.ts";
import { markUnsigned } from "./impersonation.ts";
import { headEnvironment, type OpenChain } from "./open_chain.ts";
import { reorganiseL1, rollbackL1 } from "./reorganise.ts";
import { dumpL1State, loadL1State } from "./state_dump.ts";

/** What controls use of the chain that they belong to. */
export interface L1Workings {
  /** Runs `task` when every earlier write is done. */
  write<Result>(task: () => Promise<Result>): Promise<Result>;
  readonly miner: IntervalMiner;
  /** Admits, and mines if the chain does so at once. */
  send(raw: Uint8Array, unsignedSender: Address): Promise<Hash32>;
  mineReady(): Promise<unknown>;
  mining(): L1Mining;
  setMining(mining: L1Mining): void;
}

/** The controls of `chain`. */
export function createL1Controls(chain: OpenChain, workings: L1Workings): ChainControls {
  const { write, miner } = workings;
  const impersonated = new Set<Address>();
  let isEveryone = false;
  return {
    reorg: (depth, transactions = []) => write(() => reorganiseL1(chain, depth, transactions)),
    rollback: (depth) => write(() => rollbackL1(chain, depth)),
    setAutomine: (enabled) => write(() => setAutomine(workings, enabled)),
    isAutomine: () => workings.mining() === "automine",
    setIntervalMining: (seconds) =>
      write(() => {
        miner.set(seconds === 0n ? undefined : 1_000 * Number(seconds));
        workings.setMining(seconds === 0n ? "manual" : "interval");
        return Promise.resolve();
      }),
    intervalMiningSec: () => {
      const intervalMs = miner.intervalMs();
      return intervalMs === undefined ? undefined : BigInt(Math.floor(intervalMs / 1_000));
    },
    hardfork: () => {
      const { fork } = headEnvironment(chain).rules;
      return `${fork.slice(0, 1).toUpperCase()}${fork.slice(1)}`;
    },
    dropTransaction: (hash) => write(async () => await dropAll(chain, [hash]) > 0),
    dropTransactions: (sender) =>
      write(async () => {
        const { pool } = chain;
        const entries: readonly PoolEntry[] = sender === undefined
          ? pool.entries()
          : pool.entriesOf(sender);
        await dropAll(chain, entries.map(({ hash }) => hash));
      }),
    decree: (accounts) => write(() => decreeAccounts(chain, accounts)),
    wish: ({ baseFeePerGasWei, prevRandao, coinbase, gasLimit }) =>
      write(() => {
        chain.wishes = {
          ...chain.wishes,
          ...(baseFeePerGasWei === undefined ? {} : { baseFeePerGasWei }),
          ...(prevRandao === undefined ? {} : { prevRandao }),
        };
        chain.standing = {
          ...chain.standing,
          ...(coinbase === undefined ? {} : { coinbase }),
          ...(gasLimit === undefined ? {} : { gasLimit }),
        };
        return Promise.resolve();
      }),
    setTime: (timestampSec) => {
      const beforeSec = chain.clock.nowSec();
      chain.clock.set(timestampSec);
      return timestampSec - beforeSec;
    },
    setBlockTimestampInterval: (seconds) => {
      const { intervalSec: previous, ...standing } = chain.standing;
      chain.standing = seconds === undefined ? standing : { ...standing, intervalSec: seconds };
      // Nothing but blocks moves it then: each is exactly that long after its parent.
      chain.clock.hold(seconds !== undefined);
      return previous !== undefined;
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
    sendUnsigned: (transaction, sender) =>
      write(() => workings.send(encodeTransaction(markUnsigned(transaction, sender)), sender)),
    dumpState: () => write(() => dumpL1State(chain)),
    loadState: (dump) => write(() => loadL1State(chain, dump)),
  };
}

async function setAutomine(workings: L1Workings, enabled: boolean): Promise<void> {
  if (enabled) {
    workings.miner.set(undefined);
    workings.setMining("automine");
    await workings.mineReady();
  } else if (workings.mining() === "automine") workings.setMining("manual");
}

/** How many of `hashes` waited; none of them does now. */
async function dropAll({ pool, store }: OpenChain, hashes: readonly Hash32[]): Promise<number> {
  const waiting = hashes.filter((hash) => pool.has(hash));
  for (const hash of waiting) {
    await store.removePoolEntry(hash);
    pool.remove(hash);
  }
  return waiting.length;
}
