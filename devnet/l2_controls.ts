/**
 * What a test may do to the L2.
 *
 * Owns what a zk rollup can do by command: pace, time, the pool, taking back blocks that L1 does not
 * have. What it cannot do is refused with the reason: every state here must follow by proof from
 * what L1 knows, and no proof and no data on L1 could justify a state that somebody decreed. Does
 * not own L1, where all of it works.
 * @module
 */
import type { LocalEngine } from "../core/engine/local_engine.ts";
import { RollupError } from "../core/primitives/errors.ts";
import type { L2Pace } from "./l2_pace.ts";
import type { L2Time } from "./l2_time.ts";
import type { ChainControls } from "./rpc/chain.ts";

/** Codes that this file throws. */
export type L2ControlErrorCode = "DEV_METHOD_UNSUPPORTED" | "L1_REORG_DEPTH";

/** The controls of the L2 of `engine`, whose blocks come as `pace` and `time` say. */
export function createL2Controls(
  engine: LocalEngine,
  { pace, time }: { readonly pace: L2Pace; readonly time: L2Time },
): ChainControls {
  const { node } = engine;
  return {
    reorg: () => refuse("reorganise L2", "it follows one sequencer and L1", TRY_L1_REORG),
    rollback: async (depth) => {
      const latest: bigint = node.tip.get().header.number;
      if (depth < 0n || depth > latest) throw depthOutside(depth, latest);
      const commonNumber = latest - depth;
      const lost = await engine.takeBack(commonNumber);
      return { commonNumber, lost, refused: [] };
    },
    setAutomine: (enabled) => {
      if (enabled) return pace.set("automine");
      return pace.mode() === "automine" ? pace.set("manual") : Promise.resolve();
    },
    isAutomine: () => pace.mode() === "automine",
    setIntervalMining: (seconds) =>
      seconds === 0n ? pace.set("manual") : pace.set("interval", 1_000 * Number(seconds)),
    intervalMiningSec: () => {
      const blockTimeMs = pace.blockTimeMs();
      return blockTimeMs === undefined ? undefined : BigInt(Math.floor(blockTimeMs / 1_000));
    },
    hardfork: () => "Osaka",
    dropTransaction: async (hash) => await engine.dropTransactions([hash]) > 0,
    dropTransactions: async (sender) => {
      const entries = sender === undefined ? node.pool.entries() : node.pool.entriesOf(sender);
      await engine.dropTransactions(entries.map(({ hash }) => hash));
    },
    decree: () =>
      refuse(
        "decree state of L2",
        "no proof and no data on L1 could justify it",
        "Use the L1 port, send from a funded account, or deposit from L1.",
      ),
    wish: () =>
      refuse(
        "choose a header field of an L2 block",
        "the proof derives it from the parent block and from genesis",
        "Use the L1 port, or start a chain with other settings (`varve devnet --help`).",
      ),
    setTime: time.setTime,
    setBlockTimestampInterval: time.setBlockTimestampInterval,
    impersonate: (_account, enabled) => {
      if (enabled) throw unsupported(...IMPERSONATION);
    },
    autoImpersonate: (enabled) => {
      if (enabled) throw unsupported(...IMPERSONATION);
    },
    isImpersonated: () => false,
    impersonated: () => [],
    sendUnsigned: () => refuse(...IMPERSONATION),
    dumpState: () =>
      refuse(
        "dump the L2 as an account state",
        "its state is only as good as the L1 that it is proven to",
        "Copy the data folder, snapshot with evm_snapshot, or rebuild from L1 with `varve sync`.",
      ),
    loadState: () =>
      refuse(
        "load accounts into the L2",
        "no proof and no data on L1 could justify their state",
        "Use the L1 port, or send the transactions that make the state.",
      ),
  };
}

const TRY_L1_REORG = "Use anvil_reorg on the L1 port: the L2 follows what L1 loses.";

const IMPERSONATION = [
  "send an L2 transaction without a signature",
  "batch data on L1 holds signed transactions only",
  "Use the L1 port, or an account of eth_accounts; a deposit from L1 may come from any address.",
] as const;

function refuse(action: string, reason: string, mend: string): Promise<never> {
  return Promise.reject(unsupported(action, reason, mend));
}

function unsupported(
  action: string,
  reason: string,
  mend: string,
): RollupError<L2ControlErrorCode> {
  return new RollupError("DEV_METHOD_UNSUPPORTED", `Cannot ${action}: ${reason}`, { mend });
}

function depthOutside(depth: bigint, latest: bigint): RollupError<L2ControlErrorCode> {
  return new RollupError(
    "L1_REORG_DEPTH",
    `Rollback depth must not exceed current chain height: current height ${latest}, depth ${depth}`,
    { details: { depth, latest }, mend: "Choose a smaller depth; genesis always stays." },
  );
}
