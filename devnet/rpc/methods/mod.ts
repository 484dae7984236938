/**
 * Every JSON-RPC method of this devnet, a folder a namespace and a file a method.
 *
 * Owns the list. Does not own how a method is asked (`dispatch.ts`).
 * @module
 */
import type { RpcMethod } from "../method.ts";
import { ANVIL_METHODS } from "./anvil/mod.ts";
import { DEBUG_METHODS } from "./debug/mod.ts";
import { ETH_METHODS } from "./eth/mod.ts";
import { EVM_METHODS } from "./evm/mod.ts";
import { NET_METHODS } from "./net/mod.ts";
import { OTS_METHODS } from "./ots/mod.ts";
import { PERSONAL_METHODS } from "./personal/mod.ts";
import { RPC_METHODS } from "./rpc/mod.ts";
import { TXPOOL_METHODS } from "./txpool/mod.ts";
import { VARVE_METHODS } from "./varve/mod.ts";
import { WEB3_METHODS } from "./web3/mod.ts";
import { ZKEVM_METHODS } from "./zkevm/mod.ts";
import { ZKS_METHODS } from "./zks/mod.ts";

/** All methods of both layers; a port serves those that its chain can answer. */
export const METHODS: readonly RpcMethod[] = [
  ...ANVIL_METHODS,
  ...DEBUG_METHODS,
  ...ETH_METHODS,
  ...EVM_METHODS,
  ...NET_METHODS,
  ...OTS_METHODS,
  ...PERSONAL_METHODS,
  ...RPC_METHODS,
  ...TXPOOL_METHODS,
  ...VARVE_METHODS,
  ...WEB3_METHODS,
  ...ZKEVM_METHODS,
  ...ZKS_METHODS,
];
