/**
 * The engine that a command talks to: the devnet that owns the data folder, or one of its own.
 *
 * Owns that choice, made by the lease. Does not own either engine.
 * @module
 */
import type { Engine } from "../core/engine/engine.ts";
import { createRemoteEngine } from "../core/engine/remote_engine.ts";
import type { Log } from "../core/primitives/ports.ts";
import { readLease } from "../core/store/lease.ts";
import { openRollup } from "./rollup.ts";
import { httpRequest } from "./rpc/http_client.ts";

/** What opening needs. */
export interface OpenEngineOptions {
  readonly dataDir: string;
  readonly clock: "real" | "virtual";
  readonly log: Log;
  /** Text of `parseSealLimits`; a devnet that owns the folder keeps its own. */
  readonly sealLimits?: string;
  /** Gas for each byte of pubdata, of a folder that is made now. */
  readonly gasPerPubdata?: bigint;
}

/**
 * Finds or opens the rollup in `dataDir`.
 *
 * @throws `DATA_FOLDER_OWNED` when another command is at work in it, and the codes of `openRollup`.
 */
export async function openEngine(options: OpenEngineOptions): Promise<Engine> {
  const rpcUrl = readLease(options.dataDir)?.rpcUrl;
  if (rpcUrl !== undefined) {
    return createRemoteEngine({ request: httpRequest(rpcUrl), url: rpcUrl });
  }
  const { engine } = await openRollup({ ...options, automine: false });
  return engine;
}
