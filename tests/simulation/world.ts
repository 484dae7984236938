/**
 * A rollup and its L1 over KV in memory, with crashes where a test wants them.
 *
 * Owns the fault: at the chosen commit the write is refused (or done, then the process "dies"), and
 * everything in memory is thrown away. Does not own the script that runs.
 * @module
 */
import { createEngine } from "../../core/engine/create_engine.ts";
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import { createVirtualClock, silentLog } from "../../core/primitives/ports.ts";
import { createEthereumjsExecutor } from "../../core/vm/ethereumjs/ethereumjs_executor.ts";
import { DEVNET_CHAIN, GENESIS_TIMESTAMP_SEC, L1_CHAIN_ID } from "../../devnet/chain_config.ts";
import { devnetGenesisAccounts } from "../../devnet/accounts.ts";
import { openEmbeddedL1 } from "../../devnet/l1/embedded_l1.ts";
import { connectEmbeddedL1 } from "../../devnet/rollup.ts";

/** A world that can crash once. */
export interface World {
  /** The engine, opened again if the last one has crashed. */
  engine(): Promise<LocalEngine>;
  /** Whether the crash has happened since it was asked last; then all in memory is forgotten. */
  crashed(): boolean;
  /** Commits of both chains so far. */
  commitCount(): number;
  close(): Promise<void>;
}

class Crash extends Error {
  override readonly name = "Crash";
}

/** A world over fresh KV that dies at the given commit, if one is given. */
export async function openWorld(crashAtCommit: number | undefined): Promise<World> {
  const stores = { l1: await Deno.openKv(":memory:"), node: await Deno.openKv(":memory:") };
  const fault = createFault(crashAtCommit);
  let engine: LocalEngine | undefined;
  return {
    engine: async () => engine ??= await openEngine(fault.wrap(stores.l1), fault.wrap(stores.node)),
    crashed: () => {
      if (!fault.isDead()) return false;
      engine = undefined;
      fault.revive();
      return true;
    },
    commitCount: fault.commitCount,
    close: () => {
      stores.l1.close();
      stores.node.close();
      return Promise.resolve();
    },
  };
}

async function openEngine(l1Kv: Deno.Kv, kv: Deno.Kv): Promise<LocalEngine> {
  const clock = createVirtualClock(GENESIS_TIMESTAMP_SEC);
  const log = silentLog;
  const l1 = await openEmbeddedL1({
    kv: l1Kv,
    clock,
    chainId: L1_CHAIN_ID,
    genesis: { timestampSec: GENESIS_TIMESTAMP_SEC, accounts: devnetGenesisAccounts() },
    mining: "automine",
    log,
  });
  return await createEngine({
    kv,
    config: DEVNET_CHAIN,
    executor: createEthereumjsExecutor(),
    clock,
    log,
    automine: false,
    connectL1: async (genesis) => (await connectEmbeddedL1(l1, genesis, log)).connection,
  });
}

interface Fault {
  wrap(kv: Deno.Kv): Deno.Kv;
  /** From the crash on nothing is written any more, until the world is opened again. */
  isDead(): boolean;
  revive(): void;
  commitCount(): number;
}

/** Counts commits; the chosen one dies before it is made when its number is odd, else after. */
function createFault(crashAtCommit: number | undefined): Fault {
  let count = 0;
  let dead = false;
  const commit = async (make: () => Promise<Deno.KvCommitResult | Deno.KvCommitError>) => {
    if (dead) throw new Crash("the process has ended");
    count++;
    if (count !== crashAtCommit) return await make();
    if (count % 2 === 0) await make();
    dead = true;
    throw new Crash(`commit ${count}`);
  };
  return {
    wrap: (kv) => {
      const wrapped = {
        get: kv.get.bind(kv),
        getMany: kv.getMany.bind(kv),
        list: kv.list.bind(kv),
        set: (...args: Parameters<Deno.Kv["set"]>) => commit(() => kv.set(...args)),
        close: () => {},
        atomic: () => {
          const operation = kv.atomic();
          const make = operation.commit.bind(operation);
          operation.commit = () => commit(make);
          return operation;
        },
      };
      // The rooms use only these methods of KV; a missing one would fail loudly.
      return wrapped as unknown as Deno.Kv;
    },
    isDead: () => dead,
    revive: () => {
      dead = false;
    },
    commitCount: () => count,
  };
}
