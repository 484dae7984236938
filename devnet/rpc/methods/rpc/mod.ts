/**
 * The methods `rpc_*`, each in a file of its own: this server.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { rpcDiscover } from "./rpc_discover.ts";
import { rpcModules } from "./rpc_modules.ts";

/** All methods `rpc_*`. */
export const RPC_METHODS: readonly RpcMethod[] = [
  rpcDiscover,
  rpcModules,
];
