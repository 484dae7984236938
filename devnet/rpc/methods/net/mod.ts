/**
 * The methods `net_*`, each in a file of its own: the network.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { netListening } from "./net_listening.ts";
import { netPeerCount } from "./net_peer_count.ts";
import { netVersion } from "./net_version.ts";

/** All methods `net_*`. */
export const NET_METHODS: readonly RpcMethod[] = [
  netListening,
  netPeerCount,
  netVersion,
];
