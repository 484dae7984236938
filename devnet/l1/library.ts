/**
 * What the library (`@ethereumjs`) and we call things, one as the other.
 *
 * Owns the translation of addresses, blocks and logs, and what of the library makes up a world to run
 * in. Does not own running anything (`evm.ts`).
 * @module
 */
import { type Block, createBlock } from "@ethereumjs/block";
import type { Common } from "@ethereumjs/common";
import type { ExecResult, Log } from "@ethereumjs/evm";
import type { MerkleStateManager } from "@ethereumjs/statemanager";
import { type Address as LibraryAddress, createAddressFromString } from "@ethereumjs/util";
import type { VM } from "@ethereumjs/vm";
import { type Address, bytesToAddress, bytesToHash32 } from "../../core/primitives/hex.ts";
import type { EventLog } from "../../core/types/receipt.ts";
import type { BlockEnvironment } from "../../core/vm/executor.ts";
import type { L1Environment } from "./chain_block.ts";
import type { NodeOverlay } from "./node_store.ts";

/** A state manager, a VM on it and the overlay under both. */
export interface L1World {
  readonly overlay: NodeOverlay;
  readonly state: MerkleStateManager;
  readonly vm: VM;
  readonly common: Common;
}

/** The library's address of ours. */
export function toLibraryAddress(account: Address): LibraryAddress {
  return createAddressFromString(account);
}

/** The library's view of a block of `environment`: what opcodes read of it. */
export function createLibraryBlock(
  environment: BlockEnvironment & Partial<L1Environment>,
  common: Common,
): Block {
  const { difficulty = 0n, excessBlobGas, parentBeaconBlockRoot } = environment;
  return createBlock(
    {
      header: {
        parentHash: environment.parentHash,
        number: environment.number,
        timestamp: environment.timestampSec,
        coinbase: environment.coinbase,
        gasLimit: environment.gasLimit,
        difficulty,
        mixHash: environment.prevRandao,
        ...(common.isActivatedEIP(1559) ? { baseFeePerGas: environment.baseFeePerGasWei } : {}),
        ...(excessBlobGas === undefined ? {} : { excessBlobGas }),
        ...(parentBeaconBlockRoot === undefined ? {} : { parentBeaconBlockRoot }),
      },
    },
    { common, skipConsensusFormatValidation: true },
  );
}

/** Logs of the library as ours. */
export function toEventLogs(logs: readonly Log[] | undefined): readonly EventLog[] {
  return (logs ?? []).map(([emitter, topics, data]) => ({
    address: bytesToAddress(emitter),
    topics: topics.map(bytesToHash32),
    data,
  }));
}

/** Name of the EVM's exception, `undefined` for success. */
export function exceptionOf(result: ExecResult): string | undefined {
  return result.exceptionError?.error;
}
