/**
 * The namespaces of this port, each with a version.
 * @module
 */
import { chainMethod } from "../../method.ts";

/** `rpc_modules`: the namespaces of this port, each with a version. */
export const rpcModules = chainMethod({
  name: "rpc_modules",
  params: [],
  handler: ({ methods }) => {
    const names = methods.flatMap(({ name, aliases }) => [name, ...aliases]);
    const modules = new Set(names.map((name) => name.slice(0, name.indexOf("_"))));
    return Object.fromEntries([...modules].sort().map((module) => [module, "1.0"]));
  },
});
