/**
 * Everything that the node knows, as JSON. `Engine.inspect`.
 * @module
 */
import { inspectQuery } from "../../inspect_query.ts";
import { rollupMethod } from "../../method.ts";
import { param } from "../../schema.ts";

/** `varve_inspect`: everything that the node knows, as JSON. `Engine.inspect`. */
export const varveInspect = rollupMethod({
  name: "varve_inspect",
  params: [param("query", inspectQuery)],
  handler: async ({ engine }, [query]) => await engine.inspect(query),
});
