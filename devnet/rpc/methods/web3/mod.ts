/**
 * The methods `web3_*`, each in a file of its own: the client.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { web3ClientVersion } from "./web3_client_version.ts";
import { web3Sha3 } from "./web3_sha3.ts";

/** All methods `web3_*`. */
export const WEB3_METHODS: readonly RpcMethod[] = [
  web3ClientVersion,
  web3Sha3,
];
