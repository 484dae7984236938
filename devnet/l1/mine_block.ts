/**
 * One more block of the embedded L1: built, committed, shown, told.
 *
 * Owns that order: before the commit nothing in memory has changed. Does not own which
 * transactions a block takes (`block_builder.ts`) or when one is made (`embedded_l1.ts`).
 * @module
 */
import type { Hash32 } from "../../core/primitives/hex.ts";
import type { Log } from "../../core/primitives/ports.ts";
import { toChainBlock } from "../chain_block.ts";
import { revertReason } from "../rpc/errors.ts";
import { buildL1Block, type BuiltBlock, readySource, type TxSource } from "./block_builder.ts";
import { type L1Block, toRanBlock } from "./chain_block.ts";
import type { BalanceChanges } from "./evm.ts";
import { groundRoot } from "./decrees.ts";
import { headEnvironment, type OpenChain } from "./open_chain.ts";

/** What a block is made of instead of what waits in the pool. */
export interface MineOptions {
  readonly source?: TxSource;
  readonly balances?: BalanceChanges;
}

/** A block that is part of the chain now. */
export type MinedBlock = Omit<BuiltBlock, "state">;

/** Builds, commits and shows one block. */
export async function mineBlock(
  chain: OpenChain,
  options: MineOptions = {},
): Promise<MinedBlock> {
  const { evm, view, pool, store, nodes, clock, wishes } = chain;
  const environment = headEnvironment(chain);
  const stateRoot = groundRoot(chain);
  const { baseFeePerGasWei } = environment;
  const source = options.source ?? await readySource(evm, pool, { stateRoot, baseFeePerGasWei });
  const { balances = new Map() } = options;
  const built = await buildL1Block(evm, source, { stateRoot, environment, balances });
  const { block, state } = built;
  const leftPool = [...leavingPool(chain, built)];
  await store.commit({ block, state, leftPool });
  for (const hash of leftPool) pool.remove(hash);
  nodes.remember(state);
  view.advance(block);
  chain.wishes = {};
  chain.decreed = undefined;
  const { timestampSec } = block.header;
  const aheadSec = timestampSec - clock.nowSec();
  // Who chose a time wants both layers to go on from there, not to wait until it has come.
  if (wishes.timestampSec !== undefined && aheadSec > 0n) clock.advance(aheadSec);
  clock.observe(timestampSec);
  logBlock(chain.log, built);
  tellListeners(chain, block);
  return built;
}

/** What was included or dropped, and what waited for a nonce that is used now. */
function leavingPool(
  { pool }: OpenChain,
  { block, dropped }: BuiltBlock,
): ReadonlySet<Hash32> {
  const hashes = new Set<Hash32>([...block.transactions, ...dropped].map(({ hash }) => hash));
  for (const { sender, tx } of block.transactions) {
    for (const entry of pool.entriesOf(sender)) {
      if (entry.tx.nonce <= tx.nonce) hashes.add(entry.hash);
    }
  }
  return hashes;
}

function tellListeners({ listeners, log }: OpenChain, block: L1Block): void {
  const shown = toChainBlock(toRanBlock(block));
  for (const listener of [...listeners]) {
    try {
      listener(shown);
    } catch (error) {
      // The block is there whatever a listener makes of it, and the others want to know.
      const reason = error instanceof Error ? error.message : String(error);
      log.warn("Listener of L1 blocks failed", { reason });
    }
  }
}

function logBlock(log: Log, { block, dropped }: BuiltBlock): void {
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
