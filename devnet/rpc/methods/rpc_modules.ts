/**
 * The namespaces of this port, each with a version.
 * @module
 */
import { chainMethod } from "../method.ts";

/** `rpc_modules`: the namespaces of this port, each with a version. */
export const rpcModules = chainMethod({
  name: "rpc_modules",
  params: [],
  handler: ({ methodNames }) => {
    const modules = new Set(methodNames.map((name) => name.slice(0, name.indexOf("_"))));
    return Object.fromEntries([...modules].sort().map((module) => [module, "1.0"]));
  },
});
