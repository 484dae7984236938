/**
 * The same message on the program's tracing build and on the embedded L1's EVM, and what each of them
 * tells of it.
 *
 * Owns the common form of both. Does not own messages.
 * @module
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../../core/primitives/errors.ts";
import {
  type Address,
  bytesToHex,
  type Hash32,
  hexToBytes,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import type { ChainConfig, GenesisAccount } from "../../../core/types/genesis.ts";
import { genesisState } from "../../../core/vm/block_transition.ts";
import type { BlockEnvironment, CallRequest, Executor } from "../../../core/vm/executor.ts";
import { createWasmExecutor } from "../../../core/vm/host/wasm_executor.ts";
import { createMemoryStorage } from "../../../core/vm/memory_storage.ts";
import type { OpcodeStep, TraceHooks } from "../../../core/vm/trace.ts";
import type { AccountOverride, ChainBackend } from "../../../devnet/rpc/chain.ts";
import { withL1 } from "../l1/testing.ts";
import { COINBASE } from "./world.ts";

/** Both EVMs. */
export interface TracePair {
  /**
   * Runs `request` on the accounts of `config` on both, which must tell the same; what they told.
   * `hooks` watch the program's run, too.
   */
  compare(
    config: ChainConfig,
    request: CallRequest,
    watch: { readonly label: string; readonly hooks?: TraceHooks },
  ): Promise<readonly string[]>;
}

/** Runs `test` with both EVMs. */
export async function withTracePair(test: (pair: TracePair) => Promise<void>): Promise<void> {
  await withL1({ chainId: 901n }, async (l1) => {
    const executor = createWasmExecutor();
    const parent = await l1.header(0n);
    assert(parent !== undefined, "the L1 has a genesis");
    const environment: BlockEnvironment = {
      chainId: 901n,
      number: 1n,
      timestampSec: 1_700_000_001n,
      coinbase: COINBASE,
      gasLimit: 30_000_000n,
      baseFeePerGasWei: 0n,
      prevRandao: ZERO_HASH,
      parentHash: parent.hash,
      gasPerPubdata: 0n,
    };
    await test({
      compare: async (config, request, { label, hooks }) => {
        const lines = await traceOnProgram(executor, environment, { config, request, hooks });
        const state = toOverrides(config.accounts);
        const expected = await traceOnL1(l1, environment, { request, state }).catch(
          // Below the intrinsic cost neither runs.
          (error) => error instanceof Error ? [] : [String(error)],
        );
        const at = lines.findIndex((line, position) => line !== expected[position]);
        const from = Math.max(at - 2, 0);
        const where = `${label}, line ${at}`;
        if (at >= 0) assertEquals(lines.slice(from, at + 2), expected.slice(from, at + 2), where);
        assertEquals(lines.length, expected.length, label);
        return lines;
      },
    });
  });
}

async function traceOnProgram(
  executor: Executor,
  environment: BlockEnvironment,
  { config, request, hooks: watcher = {} }: {
    readonly config: ChainConfig;
    readonly request: CallRequest;
    readonly hooks: TraceHooks | undefined;
  },
): Promise<readonly string[]> {
  const { hooks, lines } = recorder(request.authorizations.length === 0);
  const both: TraceHooks = {
    ...hooks,
    onOpcode: (step) => {
      hooks.onOpcode?.(step);
      watcher.onOpcode?.(step);
    },
    onEnter: (frame) => {
      hooks.onEnter?.(frame);
      watcher.onEnter?.(frame);
    },
  };
  await executor.trace(environment, createMemoryStorage(genesisState(config)), [
    { run: { kind: "call", request }, hooks: both },
  ]);
  return lines;
}

/**
 * What hooks are told, one line each. Without the refund counter for messages with authorizations:
 * ethereumjs adds what those give back only after the run, geth and the program before it.
 */
function recorder(hasRefunds: boolean): { readonly hooks: TraceHooks; readonly lines: string[] } {
  const lines: string[] = [];
  const opened: Address[] = [];
  const describe = (step: OpcodeStep): string => {
    const { pc, op, gas, cost, depth, stack, memorySizeBytes, refund, address } = step;
    const words = Array.from(
      { length: stack.length },
      (_, index) => stack.peek(index).toString(16),
    );
    return `${depth}:${pc} ${op.toString(16)} gas ${gas} cost ${cost} refund ${
      hasRefunds ? refund : "?"
    } of ${address} ` +
      `[${words}] ${memorySizeBytes} ${bytesToHex(step.memory())} ${bytesToHex(step.returnData())}`;
  };
  return {
    lines,
    hooks: {
      onEnter: ({ kind, depth, from, to, gas, valueWei, input }) => {
        opened.push(to);
        lines.push(`> ${kind} ${depth} ${from} ${to} ${gas} ${valueWei} ${bytesToHex(input)}`);
      },
      onExit: ({ depth, gasUsed, output, error, isReverted }) => {
        // Why a precompile failed is worded by each library for itself.
        const isPrecompile = BigInt(opened.pop() ?? 0n) <= 0x100n;
        const shown = error !== undefined && isPrecompile ? "failed" : error;
        const shownOutput = shown === undefined || shown === "execution reverted"
          ? bytesToHex(output)
          : "";
        lines.push(`< ${depth} ${gasUsed} ${shownOutput} ${shown} ${isReverted}`);
      },
      onOpcode: (step) => {
        lines.push(describe(step));
      },
      onFault: (step, error) => {
        lines.push(`! ${step.depth}:${step.pc} ${error}`);
      },
      onLog: ({ address, topics, data }, index) => {
        lines.push(`log ${index} ${address} ${topics} ${bytesToHex(data)}`);
      },
    },
  };
}

function toOverrides(accounts: readonly GenesisAccount[]): ReadonlyMap<Address, AccountOverride> {
  return new Map(accounts.map(({ address, balanceWei, nonce, code, storage }) => [address, {
    balanceWei,
    nonce,
    code: hexToBytes(code),
    state: new Map(storage.map(({ slot, value }): [Hash32, Hash32] => [slot, value])),
  }]));
}

async function traceOnL1(
  l1: ChainBackend,
  environment: BlockEnvironment,
  call: {
    readonly request: CallRequest;
    readonly state: ReadonlyMap<Address, AccountOverride>;
  },
): Promise<readonly string[]> {
  const { hooks, lines } = recorder(call.request.authorizations.length === 0);
  assert(l1.tracing !== undefined, "the L1 can be traced");
  const { number, timestampSec, coinbase, gasLimit, prevRandao, baseFeePerGasWei } = environment;
  const block = { number, timestampSec, coinbase, gasLimit, prevRandao, baseFeePerGasWei };
  await l1.tracing.trace(
    { kind: "call", request: call.request, number: 0n, overrides: { state: call.state, block } },
    () => ({ hooks, onEnd: () => Promise.resolve() }),
  );
  return lines;
}
