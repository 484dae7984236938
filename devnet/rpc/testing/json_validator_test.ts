import { assertEquals } from "@std/assert";
import { HASH_JSON, listJson, nullableJson, objectJson, QUANTITY_JSON } from "../json_schema.ts";
import { validateJson } from "./json_validator.ts";

const SCHEMA = objectJson({
  number: QUANTITY_JSON,
  hashes: listJson(HASH_JSON),
  parent: nullableJson(HASH_JSON),
}, { count: { type: "integer", minimum: 1, maximum: 3 }, word: { type: "string", enum: ["a"] } });
const HASH = `0x${"ab".repeat(32)}`;
const GOOD = { number: "0x1", hashes: [HASH], parent: null };

Deno.test("validateJson() finds nothing wrong with what fits", () => {
  assertEquals(validateJson(SCHEMA, { ...GOOD, count: 2, word: "a", extra: {} }), []);
});

Deno.test("validateJson() names each fault by its path", () => {
  const faults = (value: unknown): string[] =>
    validateJson(SCHEMA, value).map((text) => text.slice(0, text.search(/ (is|fits) /)));
  assertEquals(faults({ ...GOOD, number: "0x01" }), ["$.number"]);
  assertEquals(faults({ ...GOOD, hashes: [HASH, 7] }), ["$.hashes[1]"]);
  assertEquals(faults({ ...GOOD, parent: 7 }), ["$.parent"]);
  assertEquals(faults({ ...GOOD, count: 4 }), ["$.count"]);
  assertEquals(faults({ ...GOOD, count: 0.5 }), ["$.count", "$.count"]);
  assertEquals(faults({ ...GOOD, word: "b" }), ["$.word"]);
  assertEquals(faults({ hashes: {} }), ["$.number", "$.parent", "$.hashes"]);
  assertEquals(faults([]), ["$"]);
});

Deno.test("validateJson() refuses what is not described where nothing else may be", () => {
  const closed = { ...objectJson({}), additionalProperties: false };
  assertEquals(validateJson(closed, { more: 1 }), ["$.more is not described"]);
});
