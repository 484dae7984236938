/**
 * Runs what the embedded L1 ran once more, and lets visitors watch.
 *
 * Owns which state and which block a run is repeated on, and the states before and after it. Works
 * in scratch worlds whose changes are thrown away. Does not own hooks (`evm_watch.ts`) or tracers.
 * @module
 */
import type { EVMInterface } from "@ethereumjs/evm";
import { bigintToBytes, bytesToBigint, EMPTY_BYTES } from "../../core/primitives/bytes.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import { type Address, address, bytesToHash32, hexToBytes } from "../../core/primitives/hex.ts";
import type { Hash32 } from "../../core/primitives/hex.ts";
import { createdAddress } from "../../core/types/tx.ts";
import type { TxOutcome } from "../../core/vm/executor.ts";
import type { StateReader, TraceHooks } from "../../core/vm/trace.ts";
import { toChainTransaction } from "../chain_block.ts";
import type {
  CallOverrides,
  ChainTracing,
  TracedRules,
  TraceTarget,
  TraceVisitor,
} from "../rpc/chain.ts";
import { openCallWorld, seenBlock, toL1Message, toMessageBlock } from "./call.ts";
import { toEnvironment } from "./chain_import.ts";
import { type L1Block, toRanBlock } from "./chain_block.ts";
import { groundAfter } from "./decrees.ts";
import { type L1BlockExecution } from "./evm.ts";
import { type L1World, toLibraryAddress } from "./library.ts";
import { watchEvm } from "./evm_watch.ts";
import { type L1Rules, rulesAt } from "./forks.ts";
import { applyMessage, type L1Message, type MessageBlock } from "./message.ts";
import type { OpenChain } from "./open_chain.ts";
import { applyStateOverrides } from "./state_overrides.ts";

/** Codes that this file throws. */
export type L1TraceErrorCode = "TRACE_BLOCK_UNKNOWN" | "TRACE_GENESIS" | "TRACE_FAILED";

type Visit = Parameters<ChainTracing["trace"]>[1];
type CallTarget = Extract<TraceTarget, { kind: "call" }>;

/** Tracing of the chain `chain`. */
export function createL1Tracing(chain: OpenChain): ChainTracing {
  return {
    trace: (target, visit) =>
      chain.nodes.guard(
        target.kind === "call" ? traceCall(chain, target, visit) : traceBlock(chain, target, visit),
      ),
  };
}

/** Runs `run` on `world` while `hooks` watch; what a hook throws ends it. */
export async function runWatched<Result>(
  world: L1World,
  watching: { readonly hooks: TraceHooks; readonly created: Address | undefined },
  run: () => Promise<Result>,
): Promise<Result> {
  const watch = watchEvm(world.vm.evm, watching.hooks, watching.created);
  try {
    return await run();
  } finally {
    watch.stop();
    watch.rethrow();
  }
}

/** The state of `world` as it is when it is read. */
export function readWorld(open: () => Promise<L1World>): StateReader {
  return {
    account: async (account) => {
      const { state } = await open();
      const found = await state.getAccount(toLibraryAddress(account));
      if (found === undefined) return undefined;
      const code = found.isContract()
        ? await state.getCode(toLibraryAddress(account))
        : EMPTY_BYTES;
      return { nonce: found.nonce, balanceWei: found.balance, code };
    },
    storage: async (account, slot) => {
      const { state } = await open();
      const value = await state.getStorage(toLibraryAddress(account), hexToBytes(slot));
      return bytesToHash32(bigintToBytes(bytesToBigint(value), 32));
    },
  };
}

/** What tracers need to know of `rules`. */
export function tracedRules(rules: L1Rules, evm: EVMInterface): TracedRules {
  return {
    isDestroyedOnlyNew: rules.isActive("cancun"),
    hasDelegations: rules.isActive("prague"),
    clearsEmpty: rules.isActive("spuriousDragon"),
    precompiles: new Set([...evm.precompiles.keys()].map((key) => address(`0x${key}`))),
  };
}

async function traceBlock(
  chain: OpenChain,
  target: Exclude<TraceTarget, CallTarget>,
  visit: Visit,
): Promise<void> {
  const number = target.kind === "block" ? target.number : target.blockNumber;
  const block = await requireBlock(chain, number);
  const only = target.kind === "transaction" ? target.index : undefined;
  const execution = await beginAgain(chain, block);
  const environment = toEnvironment(block, chain.forks);
  const before = createFollower(chain, block);
  for (const [index, transaction] of block.transactions.entries()) {
    if (only !== undefined && index < only) {
      requireIncluded(block, index, await execution.run(transaction));
      continue;
    }
    const { world } = execution;
    const visitor = visit(toChainTransaction(toRanBlock(block), index));
    const { tx, sender } = transaction;
    const created = tx.to === undefined ? createdAddress(sender, tx.nonce) : undefined;
    const watching = { hooks: visitor.hooks, created };
    const outcome = requireIncluded(
      block,
      index,
      await runWatched(world, watching, () => execution.run(transaction)),
    );
    await visitor.onEnd({
      transaction: toChainTransaction(toRanBlock(block), index),
      environment,
      rules: tracedRules(environment.rules, world.vm.evm),
      gasUsed: outcome.receipt.gasUsed,
      success: outcome.exception === undefined,
      returnData: outcome.returnData,
      before: readWorld(() => before.at(index)),
      after: readWorld(() => Promise.resolve(world)),
    });
    if (only !== undefined) return;
  }
}

/**
 * The same block a second time, as far as somebody asks: the state before a transaction is needed
 * only once it has run, and few tracers look at it.
 */
function createFollower(chain: OpenChain, block: L1Block) {
  let execution: L1BlockExecution | undefined;
  let ranCount = 0;
  return {
    /** The world before transaction `index`; never earlier than one that was asked for before. */
    at: async (index: number): Promise<L1World> => {
      execution ??= await beginAgain(chain, block);
      for (const transaction of block.transactions.slice(ranCount, index)) {
        requireIncluded(block, ranCount, await execution.run(transaction));
        ranCount++;
      }
      return execution.world;
    },
  };
}

async function beginAgain(chain: OpenChain, block: L1Block): Promise<L1BlockExecution> {
  const parent = await chain.view.header(block.header.number - 1n);
  if (parent === undefined) throw unknownBlock(block.header.number - 1n);
  return await chain.evm.begin(
    await groundAfter(chain, parent.header),
    toEnvironment(block, chain.forks),
  );
}

async function traceCall(chain: OpenChain, target: CallTarget, visit: Visit): Promise<void> {
  const { request } = target;
  const { world, block, rules } = await openTraceWorld(chain, target);
  const message = await toL1Message(world, block, request);
  const visitor = visit(undefined);
  const result = await traceMessage(world, { message, block, visitor });
  let earlier: Promise<L1World> | undefined;
  const openEarlier = () => earlier ??= openTraceWorld(chain, target).then((open) => open.world);
  await visitor.onEnd({
    transaction: undefined,
    environment: toBlockEnvironment(chain, block),
    rules: tracedRules(rules, world.vm.evm),
    ...result,
    before: readWorld(openEarlier),
    after: readWorld(() => Promise.resolve(world)),
  });
}

async function traceMessage(
  world: L1World,
  { message, block, visitor }: {
    readonly message: L1Message;
    readonly block: MessageBlock;
    readonly visitor: TraceVisitor;
  },
) {
  const account = await world.state.getAccount(toLibraryAddress(message.from));
  const created = message.to === undefined
    ? createdAddress(message.from, account?.nonce ?? 0n)
    : undefined;
  const outcome = await runWatched(
    world,
    { hooks: visitor.hooks, created },
    () =>
      applyMessage(world, message, seenBlock(message, block), {
        isValidated: false,
        // The visitor has a deadline of its own.
        deadlineMs: Infinity,
      }),
  );
  if (outcome.kind === "refused") throw failed(outcome.message);
  const { exception, returnData, gasUsed } = outcome;
  return { success: exception === undefined, returnData, gasUsed };
}

interface TraceWorld {
  readonly world: L1World;
  readonly block: MessageBlock;
  readonly rules: L1Rules;
}

async function openTraceWorld(
  chain: OpenChain,
  { number, index, overrides = {} }: CallTarget,
): Promise<TraceWorld> {
  if (index !== undefined) return await openWithin(chain, number + 1n, { index, overrides });
  const head = await chain.view.header(number);
  if (head === undefined) throw unknownBlock(number);
  const { world, block } = await openCallWorld(chain, head.header, overrides);
  const place = { ...head.header, ...overrides.block };
  const rules = rulesAt(chain.forks, { ...place, isMerged: head.header.difficulty === 0n });
  return { world, block, rules };
}

/** The state before transaction `index` of block `number`, in that block. */
async function openWithin(
  chain: OpenChain,
  number: bigint,
  { index, overrides }: { readonly index: number; readonly overrides: CallOverrides },
): Promise<TraceWorld> {
  const block = await requireBlock(chain, number);
  const { rules } = toEnvironment(block, chain.forks);
  const execution = await beginAgain(chain, block);
  for (const [at, transaction] of block.transactions.slice(0, index).entries()) {
    requireIncluded(block, at, await execution.run(transaction));
  }
  const { world } = execution;
  if (overrides.state !== undefined) await applyStateOverrides(world, overrides.state);
  const seen = toMessageBlock(block.header, { rules, overrides: overrides.block ?? {} });
  return { world, block: seen, rules };
}

function toBlockEnvironment(chain: OpenChain, block: MessageBlock) {
  return {
    chainId: chain.forks.chainId,
    number: block.number,
    timestampSec: block.timestampSec,
    coinbase: block.coinbase,
    gasLimit: block.gasLimit,
    baseFeePerGasWei: block.baseFeePerGasWei ?? 0n,
    prevRandao: block.prevRandao,
    parentHash: NO_PARENT,
    gasPerPubdata: 0n,
  };
}

/** Nobody looks for the parent of a call's block. */
const NO_PARENT: Hash32 = bytesToHash32(new Uint8Array(32));

async function requireBlock({ view }: OpenChain, number: bigint): Promise<L1Block> {
  if (number === 0n) throw genesisUntraceable();
  const block = await view.block(number);
  if (block === undefined) throw unknownBlock(number);
  return block;
}

function requireIncluded(block: L1Block, index: number, outcome: TxOutcome) {
  if (outcome.kind === "included") return outcome;
  throw failed(
    `transaction ${index} of block ${block.header.number} is invalid now: ${outcome.message}`,
  );
}

function unknownBlock(number: bigint): RollupError<L1TraceErrorCode> {
  return new RollupError("TRACE_BLOCK_UNKNOWN", `block #${number} not found`, {
    details: { number },
    mend: "Name a block that eth_getBlockByNumber finds.",
  });
}

function genesisUntraceable(): RollupError<L1TraceErrorCode> {
  return new RollupError("TRACE_GENESIS", "genesis is not traceable", {
    mend: "Trace block 1 or a later one.",
  });
}

function failed(reason: string): RollupError<L1TraceErrorCode> {
  return new RollupError("TRACE_FAILED", `tracing failed: ${reason}`, {
    details: { reason },
    mend: "Correct the call as the message says.",
  });
}
