/**
 * Both layers in this process over KV that a test may look into and damage.
 *
 * Owns opening and closing. Does not own what runs on it.
 * @module
 */
import { createEngine } from "../../../core/engine/create_engine.ts";
import type { LocalEngine } from "../../../core/engine/local_engine.ts";
import { createVirtualClock, silentLog } from "../../../core/primitives/ports.ts";
import type { ChainConfig } from "../../../core/types/genesis.ts";
import type { Executor } from "../../../core/vm/executor.ts";
import { createWasmExecutor } from "../../../core/vm/host/wasm_executor.ts";
import { devnetGenesisAccounts } from "../../../devnet/accounts.ts";
import { DEVNET_CHAIN, GENESIS_TIMESTAMP_SEC, L1_CHAIN_ID } from "../../../devnet/chain_config.ts";
import { type EmbeddedL1, openEmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { connectEmbeddedL1 } from "../../../devnet/rollup.ts";

/** The databases of a rollup; they outlive it. */
export interface Stores {
  readonly l1: Deno.Kv;
  readonly node: Deno.Kv;
}

/** An open rollup. */
export interface MemoryRollup {
  readonly engine: LocalEngine;
  readonly l1: EmbeddedL1;
}

/** Fresh databases in memory. */
export async function openStores(): Promise<Stores & Disposable> {
  const stores = { l1: await Deno.openKv(":memory:"), node: await Deno.openKv(":memory:") };
  return {
    ...stores,
    [Symbol.dispose]: () => {
      stores.l1.close();
      stores.node.close();
    },
  };
}

/** Copies of `stores`, row by row. */
export async function copyStores(stores: Stores): Promise<Stores & Disposable> {
  const copies = await openStores();
  for (const name of ["l1", "node"] as const) {
    let commit = copies[name].atomic();
    let count = 0;
    for await (const { key, value } of stores[name].list({ prefix: [] })) {
      commit.set(key, value);
      if (++count % 10 === 0) {
        await commit.commit();
        commit = copies[name].atomic();
      }
    }
    await commit.commit();
  }
  return copies;
}

/** Opens the devnet's chains in `stores`. Nothing closes the databases: that is the caller's. */
export async function openMemoryRollup(
  stores: Stores,
  config: ChainConfig = DEVNET_CHAIN,
  executor: Executor = createWasmExecutor(),
): Promise<MemoryRollup> {
  const clock = createVirtualClock(GENESIS_TIMESTAMP_SEC);
  const l1 = await openEmbeddedL1({
    kv: stores.l1,
    clock,
    chainId: L1_CHAIN_ID,
    genesis: { timestampSec: GENESIS_TIMESTAMP_SEC, accounts: devnetGenesisAccounts() },
    mining: "automine",
    log: silentLog,
  });
  const engine = await createEngine({
    kv: keepOpen(stores.node),
    config,
    executor,
    clock,
    log: silentLog,
    automine: false,
    connectL1: async (genesis) => (await connectEmbeddedL1(l1, genesis, silentLog)).connection,
    openFreshKv: async () => ({
      kv: await Deno.openKv(":memory:"),
      folder: undefined,
      close: () => Promise.resolve(),
    }),
    close: async () => await l1[Symbol.asyncDispose](),
  });
  return { engine, l1 };
}

/** The engine closes its database, and a test wants to look into it afterwards. */
function keepOpen(kv: Deno.Kv): Deno.Kv {
  return new Proxy(kv, {
    get: (target, name) => {
      if (name === "close") return () => {};
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
