/**
 * The namespaces of this port, each with a version.
 * @module
 */
import { TEXT_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `rpc_modules`. */
export const rpcModules = chainMethod({
  name: "rpc_modules",
  summary: "The namespaces of this port, each with a version",
  params: [],
  result: { type: "object", additionalProperties: TEXT_JSON },
  handler: ({ methods }) => {
    const names = methods.flatMap(({ name, aliases }) => [name, ...aliases]);
    const modules = new Set(names.map((name) => name.slice(0, name.search(/[_.]/))));
    return Object.fromEntries([...modules].sort().map((module) => [module, "1.0"]));
  },
});
