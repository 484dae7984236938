/**
 * The engine that a command talks to: the devnet that owns the data folder, or one of its own.
 *
 * Owns that choice, made by the lease. Does not own either engine.
 * @module
 */
import type { Engine } from "../core/engine/engine.ts";
import { createRemoteEngine } from "../core/engine/remote_engine.ts";
import { readLease } from "../core/store/lease.ts";
import { type ExternalL1Options, openExternalRollup } from "./external_rollup.ts";
import type { NodeOptions } from "./open_node.ts";
import { openRollup } from "./rollup.ts";
import { httpRequest } from "./rpc/http_client.ts";

/** What opening needs; a devnet that owns the folder keeps its own, and its own L1. */
export interface OpenEngineOptions extends Omit<NodeOptions, "automine"> {
  /** Somebody else's L1 in the place of the embedded one. */
  readonly l1?: ExternalL1Options;
}

/**
 * Finds or opens the rollup in `dataDir`.
 *
 * @throws `DATA_FOLDER_OWNED` when another command is at work in it, and the codes of `openRollup`
 * or `openExternalRollup`.
 */
export async function openEngine(options: OpenEngineOptions): Promise<Engine> {
  const rpcUrl = readLease(options.dataDir)?.rpcUrl;
  if (rpcUrl !== undefined) {
    return createRemoteEngine({ request: httpRequest(rpcUrl), url: rpcUrl });
  }
  const { l1, ...rest } = options;
  const node = { ...rest, automine: false };
  const { engine } = l1 === undefined ? await openRollup(node) : await openExternalRollup(node, l1);
  return engine;
}
