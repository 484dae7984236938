/**
 * Everything that the node knows, as JSON. `Engine.inspect`.
 * @module
 */
import { inspectQuery } from "../../inspect_query.ts";
import { ANY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param } from "../../schema.ts";

/** `varve_inspect`, `Engine.inspect`. */
export const varveInspect = rollupMethod({
  name: "varve_inspect",
  summary: "Everything that the node knows, as JSON",
  params: [param("query", inspectQuery)],
  result: ANY_JSON,
  handler: async ({ engine }, [query]) => await engine.inspect(query),
});
