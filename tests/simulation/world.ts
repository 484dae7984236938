/**
 * A rollup and its L1 over KV in memory: it can crash, and its L1 can reorganise.
 *
 * Owns assembling, and forgetting all that a dead process had in memory. Does not own the script
 * that runs, or when anything goes wrong.
 * @module
 */
import type { SealLimits } from "../../core/batching/seal_policy.ts";
import { createEngine } from "../../core/engine/create_engine.ts";
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import { createJsonRpcL1Client, type L1Request } from "../../core/l1/backends/json_rpc.ts";
import {
  type Clock,
  createVirtualClock,
  type Log,
  silentLog,
} from "../../core/primitives/ports.ts";
import type { SubmitPolicy } from "../../core/l1/submit_policy.ts";
import type { L1Account, Role } from "../../core/pipeline/node.ts";
import type { Address } from "../../core/primitives/hex.ts";
import type { Executor } from "../../core/vm/executor.ts";
import { createWasmExecutor } from "../../core/vm/host/wasm_executor.ts";
import { devnetGenesisAccounts } from "../../devnet/accounts.ts";
import { DEVNET_CHAIN, GENESIS_TIMESTAMP_SEC, L1_CHAIN_ID } from "../../devnet/chain_config.ts";
import { type EmbeddedL1, type L1Mining, openEmbeddedL1 } from "../../devnet/l1/embedded_l1.ts";
import { connectEmbeddedL1 } from "../../devnet/rollup.ts";
import { createDispatcher, createRpcMethods } from "../../devnet/rpc/dispatch.ts";
import { createKvFault, type KvFault } from "./fault.ts";

/** What a world may be told at its start. */
export interface WorldOptions {
  readonly sealLimits?: Partial<SealLimits>;
  /** Stands between the node and its program. */
  readonly wrapExecutor?: (executor: Executor) => Executor;
  readonly log?: Log;
  readonly roles?: ReadonlySet<Role>;
  readonly submitPolicy?: Partial<SubmitPolicy>;
  readonly censored?: ReadonlySet<Address>;
  /** Who proves, in the place of the trusted aggregator. */
  readonly aggregator?: L1Account;
  /** Seconds by which the node's own clock is ahead of that of its L1, or behind. */
  readonly clockSkewSec?: bigint;
  /** Stands between the node and its L1 once the contracts are there. */
  readonly intercept?: (next: L1Request) => L1Request;
}

/** Both layers, with their faults. */
export interface World extends AsyncDisposable {
  readonly fault: KvFault;
  /** The engine, opened again if the last one has died; `other` options count for that opening. */
  engine(other?: WorldOptions): Promise<LocalEngine>;
  /** The L1 that the node talks to at present. */
  l1(): Promise<EmbeddedL1>;
  /** The clock of the process that lives; `observe` moves it on. */
  clock(): Promise<Clock>;
  /** Whether the process has died since it was asked last; then all in memory is forgotten. */
  crashed(): boolean;
  /** Ends the process between two commits. */
  restart(): void;
  setL1Mining(mining: L1Mining): Promise<void>;
  /** Keeps the L1 as it stands, to go back to. */
  snapshotL1(): Promise<L1Snapshot>;
  /** A node of its own on the same L1, which only follows unless `options` say otherwise. */
  follower(options?: WorldOptions): Promise<LocalEngine>;
  /** Another process on a copy of the node's store, beside the one that lives. */
  twin(options?: WorldOptions): Promise<LocalEngine>;
  /** Asks the L1 past `intercept`: what a watcher sees who has a good connection. */
  request(): Promise<L1Request>;
  /** The L1 forgets every block and transaction after `snapshot`; the node is not told. */
  rewindL1(snapshot: L1Snapshot): Promise<void>;
}

/** Every row of an L1 at some time. */
export type L1Snapshot = readonly (readonly [Deno.KvKey, unknown])[];

interface OpenWorld {
  readonly engine: LocalEngine;
  readonly l1: EmbeddedL1;
  readonly clock: Clock;
}

/** A world over fresh KV. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const stores = { l1: await Deno.openKv(":memory:"), node: await Deno.openKv(":memory:") };
  const fault = createKvFault();
  const followers: Deno.Kv[] = [];
  const cell: { open: OpenWorld | undefined; l1: EmbeddedL1 | undefined; mining: L1Mining } = {
    open: undefined,
    l1: undefined,
    mining: "automine",
  };
  const openL1 = async (clock: Clock): Promise<EmbeddedL1> => {
    const l1 = await openEmbeddedL1({
      kv: fault.wrap(stores.l1, "l1"),
      clock,
      chainId: L1_CHAIN_ID,
      genesis: { timestampSec: GENESIS_TIMESTAMP_SEC, accounts: devnetGenesisAccounts() },
      mining: "automine",
      log: silentLog,
    });
    cell.l1 = l1;
    return l1;
  };
  const openNode = (
    kv: Deno.Kv,
    { options, l1, clock }: { options: WorldOptions; l1: EmbeddedL1; clock: Clock },
  ): Promise<LocalEngine> => {
    const { sealLimits, roles, submitPolicy, censored, aggregator } = options;
    return createEngine({
      kv,
      config: DEVNET_CHAIN,
      executor: options.wrapExecutor?.(createWasmExecutor()) ?? createWasmExecutor(),
      clock: options.clockSkewSec === undefined ? clock : skewed(clock, options.clockSkewSec),
      log: options.log ?? silentLog,
      automine: false,
      ...(sealLimits === undefined ? {} : { sealLimits }),
      ...(roles === undefined ? {} : { roles }),
      ...(submitPolicy === undefined ? {} : { submitPolicy }),
      ...(censored === undefined ? {} : { censored }),
      connectL1: async (genesis) => {
        const { connection } = await connectEmbeddedL1(l1, genesis, silentLog);
        const request: L1Request = (method, params) => requestTo(cell.l1 ?? l1)(method, params);
        const client = createJsonRpcL1Client({
          request: options.intercept?.(request) ?? request,
        });
        return { ...connection, ...(aggregator === undefined ? {} : { aggregator }), client };
      },
    });
  };
  const open = async (other: WorldOptions = {}): Promise<OpenWorld> => {
    const clock = createVirtualClock(GENESIS_TIMESTAMP_SEC);
    const l1 = await openL1(clock);
    const engine = await openNode(fault.wrap(stores.node, "node"), {
      options: { ...options, ...other },
      l1,
      clock,
    });
    l1.setMining(cell.mining);
    return cell.open = { engine, l1, clock };
  };
  const forget = () => {
    cell.open = undefined;
    cell.l1 = undefined;
  };
  const require = async (other?: WorldOptions) => cell.open ?? await open(other);
  return {
    fault,
    engine: async (other) => (await require(other)).engine,
    l1: async () => {
      const { l1 } = await require();
      return cell.l1 ?? l1;
    },
    clock: async () => (await require()).clock,
    crashed: () => {
      if (!fault.isDead()) return false;
      forget();
      fault.revive();
      return true;
    },
    restart: forget,
    setL1Mining: async (mining) => {
      await require();
      cell.mining = mining;
      cell.l1?.setMining(mining);
    },
    snapshotL1: () => readAll(stores.l1),
    follower: async (other = {}) => {
      const { l1, clock } = await require();
      const kv = await Deno.openKv(":memory:");
      followers.push(kv);
      const roles = new Set(["synchronizer"] as const);
      return await openNode(kv, { options: { roles, ...other }, l1: cell.l1 ?? l1, clock });
    },
    twin: async (other = {}) => {
      const { l1, clock } = await require();
      const kv = await Deno.openKv(":memory:");
      followers.push(kv);
      for (const [key, value] of await readAll(stores.node)) await kv.set(key, value);
      return await openNode(kv, {
        options: { ...options, intercept: (next) => next, ...other },
        l1: cell.l1 ?? l1,
        clock,
      });
    },
    request: async () => {
      const { l1 } = await require();
      return requestTo(cell.l1 ?? l1);
    },
    rewindL1: async (snapshot) => {
      const { clock } = await require();
      const fresh = await Deno.openKv(":memory:");
      for (const [key, value] of snapshot) await fresh.set(key, value);
      stores.l1.close();
      stores.l1 = fresh;
      (await openL1(clock)).setMining(cell.mining);
    },
    [Symbol.asyncDispose]: () => {
      stores.l1.close();
      stores.node.close();
      for (const kv of followers) kv.close();
      return Promise.resolve();
    },
  };
}

/** A clock of the node's own, wrong by so much; what it observes does not move that of the L1. */
function skewed(clock: Clock, skewSec: bigint): Clock {
  let observedSec = 0n;
  return {
    ...clock,
    nowSec: () => {
      const nowSec = clock.nowSec() + skewSec;
      return nowSec > observedSec ? nowSec : observedSec;
    },
    observe: (timestampSec) => {
      if (timestampSec > observedSec) observedSec = timestampSec;
    },
  };
}

function requestTo(l1: EmbeddedL1): L1Request {
  return createDispatcher(createRpcMethods({ chain: l1, log: silentLog })).request;
}

async function readAll(kv: Deno.Kv): Promise<L1Snapshot> {
  const rows: (readonly [Deno.KvKey, unknown])[] = [];
  for await (const { key, value } of kv.list({ prefix: [] })) rows.push([key, value]);
  return rows;
}
