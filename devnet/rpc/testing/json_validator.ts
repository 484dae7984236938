/**
 * A check of JSON against the part of JSON Schema that methods describe themselves with.
 *
 * Owns the keywords of `json_schema.ts`, all of them. Does not own any schema.
 * @module
 */
import type { JsonSchema } from "../json_schema.ts";
import { isRecord } from "../schema.ts";

/** What is wrong with `value` under `schema`, each with its path; nothing when it fits. */
export function validateJson(schema: JsonSchema, value: unknown, path = "$"): readonly string[] {
  return [
    ...typeFaults(schema, value, path),
    ...wordFaults(schema, value, path),
    ...sizeFaults(schema, value, path),
    ...choiceFaults(schema, value, path),
    ...itemFaults(schema, value, path),
    ...fieldFaults(schema, value, path),
  ];
}

function typeFaults({ type }: JsonSchema, value: unknown, path: string): readonly string[] {
  if (type === undefined) return [];
  const actual = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const fits = actual === type || (type === "integer" && Number.isInteger(value));
  return fits ? [] : [`${path} is ${actual}, not ${type}`];
}

function wordFaults(schema: JsonSchema, value: unknown, path: string): readonly string[] {
  const faults: string[] = [];
  const { pattern, const: constant } = schema;
  if (pattern !== undefined && typeof value === "string" && !new RegExp(pattern).test(value)) {
    faults.push(`${path} is "${value.slice(0, 80)}", not ${pattern}`);
  }
  if (schema.enum !== undefined && !schema.enum.some((word) => word === value)) {
    faults.push(`${path} is none of ${schema.enum.join(", ")}`);
  }
  if (constant !== undefined && value !== constant) faults.push(`${path} is not ${constant}`);
  return faults;
}

function sizeFaults(schema: JsonSchema, value: unknown, path: string): readonly string[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  const [least, most] = typeof value === "number"
    ? [minimum, maximum]
    : typeof value === "string"
    ? [minLength, maxLength]
    : [minItems, maxItems];
  const size = typeof value === "number"
    ? value
    : typeof value === "string" || Array.isArray(value)
    ? value.length
    : undefined;
  if (size === undefined) return [];
  return [
    ...(least !== undefined && size < least ? [`${path} is below ${least}`] : []),
    ...(most !== undefined && size > most ? [`${path} is above ${most}`] : []),
  ];
}

function choiceFaults(
  { oneOf, anyOf }: JsonSchema,
  value: unknown,
  path: string,
): readonly string[] {
  const faults: string[] = [];
  if (oneOf !== undefined) {
    const found = oneOf.map((each) => validateJson(each, value, path));
    const count = found.filter((each) => each.length === 0).length;
    if (count !== 1) faults.push(`${path} fits ${count} of oneOf: ${closest(found).join("; ")}`);
  }
  if (anyOf !== undefined) {
    const found = anyOf.map((each) => validateJson(each, value, path));
    if (found.every((each) => each.length > 0)) {
      faults.push(`${path} fits none of anyOf: ${closest(found).join("; ")}`);
    }
  }
  return faults;
}

/** Of the alternatives that do not fit, what is wrong with the one of the fewest faults. */
function closest(found: readonly (readonly string[])[]): readonly string[] {
  return found.toSorted((left, right) => left.length - right.length)
    .find((each) => each.length > 0) ?? [];
}

function itemFaults({ items }: JsonSchema, value: unknown, path: string): readonly string[] {
  if (items === undefined || !Array.isArray(value)) return [];
  return value.flatMap((element: unknown, index) => {
    const schema = isTuple(items) ? items[index] : items;
    return schema === undefined ? [] : validateJson(schema, element, `${path}[${index}]`);
  });
}

function isTuple(items: NonNullable<JsonSchema["items"]>): items is readonly JsonSchema[] {
  return Array.isArray(items);
}

function fieldFaults(schema: JsonSchema, value: unknown, path: string): readonly string[] {
  if (!isRecord(value)) return [];
  const { properties = {}, required = [], additionalProperties } = schema;
  const faults = required.filter((name) => !Object.hasOwn(value, name))
    .map((name) => `${path}.${name} is missing`);
  for (const [name, field] of Object.entries(value)) {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const known = own ?? additionalProperties;
    if (known === false) faults.push(`${path}.${name} is not described`);
    else if (known !== undefined && known !== true) {
      faults.push(...validateJson(known, field, `${path}.${name}`));
    }
  }
  return faults;
}
