/**
 * An engine without an L1 over a KV file, for benches that stop at the block.
 *
 * Owns opening it on a given genesis. Does not own what is measured.
 * @module
 */
import { createEngine } from "../../core/engine/create_engine.ts";
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import { createJsonRpcL1Client } from "../../core/l1/backends/json_rpc.ts";
import { ZERO_ADDRESS } from "../../core/primitives/hex.ts";
import { createVirtualClock, silentLog } from "../../core/primitives/ports.ts";
import type { GenesisAccount } from "../../core/types/genesis.ts";
import { createWasmExecutor } from "../../core/vm/host/wasm_executor.ts";
import { DEVNET_ROLES } from "../../devnet/accounts.ts";
import { DEVNET_CHAIN, GENESIS_TIMESTAMP_SEC, L1_CHAIN_ID } from "../../devnet/chain_config.ts";

/** Opens the chain that starts with `accounts` in the file `path`; disposing closes the file. */
export async function openBenchEngine(
  path: string,
  accounts: readonly GenesisAccount[],
): Promise<LocalEngine> {
  const refuse = () => Promise.reject(new Error("these benches send nothing to L1"));
  return await createEngine({
    kv: await Deno.openKv(path),
    config: {
      ...DEVNET_CHAIN,
      accounts: accounts.toSorted((left, right) => (left.address < right.address ? -1 : 1)),
    },
    executor: createWasmExecutor(),
    clock: createVirtualClock(GENESIS_TIMESTAMP_SEC),
    log: silentLog,
    automine: false,
    connectL1: () =>
      Promise.resolve({
        client: createJsonRpcL1Client({ request: refuse }),
        chainId: L1_CHAIN_ID,
        rollup: ZERO_ADDRESS,
        deployedAtL1Block: 0n,
        sequencer: DEVNET_ROLES.sequencer,
        aggregator: DEVNET_ROLES.aggregator,
        trustedSequencer: DEVNET_ROLES.sequencer.address,
        trustedAggregator: DEVNET_ROLES.aggregator.address,
      }),
  });
}
