/**
 * One EVM of ethereumjs, ready to run messages on a {@linkcode WorldState}.
 *
 * Owns how the library is set up (Osaka, chain id, BLOCKHASH) and a small pool: setting one up
 * costs more than running a block of transfers. Does not own transactions: fees, nonces and
 * refunds are the executor's.
 * @module
 */
import { createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { createEVM, type EVM } from "@ethereumjs/evm";
import { Address as EvmAddress } from "@ethereumjs/util";
import { assert } from "../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bytesToAddress,
  bytesToHash32,
  hexToBytes,
} from "../../core/primitives/hex.ts";
import type { EventLog } from "../../core/types/receipt.ts";
import type { BlockEnvironment } from "../../core/vm/executor.ts";
import { readBlockHash } from "./history.ts";
import type { Machine, TopMessage } from "./machine.ts";
import type { WorldState } from "./world_state.ts";
import { createPrecompileCrypto } from "./precompile_crypto.ts";
import { type AttachableStateManager, createStateManager } from "./state_manager.ts";

/** Lends machines; see {@linkcode createMachinePool}. */
export interface MachinePool {
  borrow(environment: BlockEnvironment, state: WorldState): Promise<LentMachine>;
}

/** A machine that goes back when its block is done. */
export interface LentMachine extends Machine {
  /** Lends it to the next block. Without it, the machine is simply forgotten. */
  giveBack(): void;
}

/** Idle machines that are kept: as many as blocks and calls usually run at once. */
const MAX_IDLE_MACHINES = 8;

/** A log as the library has it: address, topics, data. */
type EvmLog = readonly [Uint8Array, readonly Uint8Array[], Uint8Array];

interface Bench {
  readonly chainId: bigint;
  readonly evm: EVM;
  readonly stateManager: AttachableStateManager;
  block: { readonly number: bigint; readonly state: WorldState } | undefined;
}

/** An empty pool. */
export function createMachinePool(): MachinePool {
  const idle: Bench[] = [];
  return {
    borrow: async (environment, state) => {
      const position = idle.findIndex((bench) => bench.chainId === environment.chainId);
      const [found] = position < 0 ? [] : idle.splice(position, 1);
      const bench = found ?? await createBench(environment.chainId);
      bench.block = { number: environment.number, state };
      bench.stateManager.attach(state);
      return {
        ...createMachine(bench, environment),
        giveBack: () => {
          if (bench.block?.state !== state) return;
          bench.block = undefined;
          bench.stateManager.detach();
          if (idle.length < MAX_IDLE_MACHINES) idle.push(bench);
        },
      };
    },
  };
}

async function createBench(chainId: bigint): Promise<Bench> {
  assert(chainId <= BigInt(Number.MAX_SAFE_INTEGER), "the library keeps chain ids as doubles");
  const common = createCustomCommon({ chainId: Number(chainId) }, Mainnet, {
    hardfork: Hardfork.Osaka,
    customCrypto: createPrecompileCrypto(),
  });
  const stateManager = createStateManager();
  const blockchain = {
    getBlock: async (number: number) => {
      assert(bench.block !== undefined, "BLOCKHASH is asked for inside of a block");
      const hash = await readBlockHash(bench.block.state, bench.block.number, BigInt(number));
      return { hash: () => hash };
    },
    putBlock: () => Promise.resolve(),
    shallowCopy: () => blockchain,
  };
  const evm = await createEVM({ common, stateManager, blockchain });
  const bench: Bench = { chainId, evm, stateManager, block: undefined };
  return bench;
}

function createMachine({ evm }: Bench, environment: BlockEnvironment): Machine {
  const header = {
    number: environment.number,
    coinbase: toEvmAddress(environment.coinbase),
    timestamp: environment.timestampSec,
    difficulty: 0n,
    prevRandao: hexToBytes(environment.prevRandao),
    gasLimit: environment.gasLimit,
    baseFeePerGas: environment.baseFeePerGasWei,
    // No blobs on this layer: the price stays at its minimum (EIP-4844).
    getBlobGasPrice: () => 1n,
  };
  return {
    isPrecompile: (account) => evm.precompiles.has(account.slice(2)),
    run: async (message) => {
      warmUp(evm, environment, message);
      const { execResult, createdAddress } = await evm.runCall({
        block: { header },
        caller: toEvmAddress(message.from),
        ...(message.to === undefined ? {} : { to: toEvmAddress(message.to) }),
        data: message.data,
        value: message.valueWei,
        gasLimit: message.gasLimit,
        gasPrice: message.gasPriceWei,
        // The caller has raised the nonce already.
        skipNonceIncrement: true,
      });
      // Drops warm sets and touched accounts; empty accounts do not exist in this state anyway.
      evm.journal.cleanJournal();
      const created = execResult.createdAddresses ?? new Set<string>();
      const destroyed = [...execResult.selfdestruct?.keys() ?? []]
        .filter((destroyed) => created.has(destroyed))
        .sort();
      return {
        gasUsed: execResult.executionGasUsed,
        refundGas: execResult.gasRefund ?? 0n,
        returnData: execResult.returnValue,
        exception: execResult.exceptionError?.error,
        logs: (execResult.logs ?? []).map(toEventLog),
        createdAddress: createdAddress && bytesToAddress(createdAddress.bytes),
        destroyed: destroyed.map(address),
      };
    },
  };
}

/** EIP-2929, EIP-2930, EIP-3651: what is warm when a transaction starts. */
function warmUp(evm: EVM, environment: BlockEnvironment, message: TopMessage): void {
  const { journal } = evm;
  journal.cleanJournal();
  for (const precompile of evm.precompiles.keys()) journal.addAlwaysWarmAddress(precompile);
  journal.addAlwaysWarmAddress(message.from);
  if (message.to !== undefined) journal.addAlwaysWarmAddress(message.to);
  journal.addAlwaysWarmAddress(environment.coinbase);
  for (const account of message.warmAddresses) journal.addAlwaysWarmAddress(account);
  for (const entry of message.accessList) {
    journal.addAlwaysWarmAddress(entry.address);
    for (const key of entry.storageKeys) journal.addAlwaysWarmSlot(entry.address, key);
  }
}

function toEvmAddress(account: Address): EvmAddress {
  return new EvmAddress(hexToBytes(account));
}

function toEventLog([emitter, topics, data]: EvmLog): EventLog {
  return { address: bytesToAddress(emitter), topics: topics.map(bytesToHash32), data };
}
