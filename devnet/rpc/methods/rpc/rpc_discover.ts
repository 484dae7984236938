/**
 * The OpenRPC document of this port.
 * @module
 */
import { objectJson, TEXT_JSON } from "../../json_schema.ts";
import { chainMethod, type RpcMethod } from "../../method.ts";
import { type OpenRpcDocument, toOpenRpc } from "../../openrpc.ts";

/** The methods of a port do not change, and making their document takes long. */
const documentsByMethods = new WeakMap<readonly RpcMethod[], OpenRpcDocument>();

/** `rpc.discover`, and under a name like the others `rpc_discover`. */
export const rpcDiscover = chainMethod({
  name: "rpc.discover",
  aliases: ["rpc_discover"],
  summary: "The OpenRPC document of this port",
  params: [],
  result: objectJson({
    openrpc: TEXT_JSON,
    info: { type: "object" },
    methods: { type: "array" },
  }),
  handler: ({ chain, clientVersion, methods }) => {
    const known = documentsByMethods.get(methods);
    if (known !== undefined) return known;
    const made = toOpenRpc(methods, { layer: chain.layer, version: versionOf(clientVersion) });
    documentsByMethods.set(methods, made);
    return made;
  },
});

/** `0.1.0` of `varve/v0.1.0/…`. */
function versionOf(clientVersion: string): string {
  return /\/v([0-9][^/]*)/.exec(clientVersion)?.[1] ?? clientVersion;
}
