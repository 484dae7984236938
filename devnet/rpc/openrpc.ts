/**
 * The OpenRPC document of a port, made from the files of its methods.
 *
 * Owns the document's shape. Does not own what a method takes or answers: each says so itself.
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import { ANY_JSON } from "./json_schema.ts";
import type { RpcMethod } from "./method.ts";
import { isRecord } from "./schema.ts";

/** A parameter or a result. */
export interface ContentDescriptor {
  readonly name: string;
  readonly required?: boolean;
  /** A JSON Schema whose titled parts are references. */
  readonly schema: unknown;
}

/** A method as OpenRPC describes it. */
export interface OpenRpcMethod {
  readonly name: string;
  readonly summary: string;
  readonly tags: readonly { readonly name: string }[];
  readonly paramStructure: "by-position";
  readonly params: readonly ContentDescriptor[];
  readonly result: ContentDescriptor;
}

/** A document of OpenRPC 1.3. */
export interface OpenRpcDocument {
  readonly openrpc: "1.3.2";
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    readonly license: { readonly name: string };
  };
  readonly methods: readonly OpenRpcMethod[];
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

/** What a port is called in its document. */
export interface OpenRpcOptions {
  readonly layer: "L1" | "L2";
  readonly version: string;
}

/** The document of `methods`, sorted by name; an alias is a method of its own. */
export function toOpenRpc(
  methods: readonly RpcMethod[],
  { layer, version }: OpenRpcOptions,
): OpenRpcDocument {
  const schemas = new Map<string, unknown>();
  const described = methods.flatMap((method) =>
    [method.name, ...method.aliases].map((name) => describeMethod(method, name, schemas))
  );
  return {
    openrpc: "1.3.2",
    info: {
      title: `varve ${layer}`,
      version,
      description: layer === "L1"
        ? "JSON-RPC of the embedded Ethereum L1"
        : "JSON-RPC of the rollup: Ethereum's methods, and those of batches and proofs",
      license: { name: "MIT" },
    },
    methods: described.toSorted((left, right) => left.name < right.name ? -1 : 1),
    components: {
      schemas: Object.fromEntries(
        [...schemas].toSorted(([left], [right]) => left < right ? -1 : 1),
      ),
    },
  };
}

function describeMethod(
  method: RpcMethod,
  name: string,
  schemas: Map<string, unknown>,
): OpenRpcMethod {
  const { summary = "", params, result = ANY_JSON, isDev } = method;
  const namespace = name.slice(0, name.search(/[_.]/));
  return {
    name,
    summary: name === method.name ? summary : `${summary} (the same as \`${method.name}\`)`,
    tags: [{ name: namespace }, ...(isDev ? [{ name: "dev" }] : [])],
    paramStructure: "by-position",
    params: params.map(({ name, schema }) => ({
      name,
      required: schema.isOptional !== true,
      schema: hoistTitled(schema.json ?? ANY_JSON, schemas),
    })),
    result: { name: `${name} result`, schema: hoistTitled(result, schemas) },
  };
}

/** `schema` with a reference in the place of each titled part, which goes into `schemas`. */
function hoistTitled(schema: unknown, schemas: Map<string, unknown>): unknown {
  if (Array.isArray(schema)) return schema.map((each: unknown) => hoistTitled(each, schemas));
  if (!isRecord(schema)) return schema;
  const parts = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, hoistTitled(value, schemas)]),
  );
  const { title } = schema;
  if (typeof title !== "string") return parts;
  const name = title.split(" ").map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
  const known = schemas.get(name);
  assert(
    known === undefined || JSON.stringify(known) === JSON.stringify(parts),
    "schemas of one title are the same",
  );
  schemas.set(name, parts);
  return { $ref: `#/components/schemas/${name}` };
}
