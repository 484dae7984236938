import { assertEquals, assertThrows } from "@std/assert";
import { parseExactJson } from "./exact_json.ts";

Deno.test("parseExactJson() keeps the digits of numbers that JavaScript would round", () => {
  assertEquals(
    parseExactJson('{"id":7,"params":["0x1", 12345678901234567891]}'),
    { id: 7, params: ["0x1", "12345678901234567891"] },
  );
  assertEquals(parseExactJson("[9007199254740991,9007199254740993]"), [
    9007199254740991,
    "9007199254740993",
  ]);
});

Deno.test("parseExactJson() gives an id that is written again as it was read", () => {
  const ids = ["9007199254740993", "-9007199254740993", "12345678901234567890123"];
  ids.push("1.0", "-0", "1e2", "1E+2", "0.10", "1.5e-7", "7", "-7", "0", "1.5", "9007199254740991");
  for (const id of ids) {
    for (const text of [`{"id":${id},"a":1}`, `[{"id":${id}}]`]) {
      assertEquals(JSON.stringify(parseExactJson(text)), text);
    }
  }
  // What is no number in JavaScript is none here either, so that it can be refused.
  assertEquals(parseExactJson('{"id":1e400}'), { id: Infinity });
});

Deno.test("parseExactJson() leaves everything else as JSON has it", () => {
  for (
    const text of [
      '{"a":[1,2.5,null,true,"x, 12345678901234567"]}',
      "1e30",
      "[-12345678901234567,1234567890123456.5]",
    ]
  ) {
    assertEquals(parseExactJson(text), JSON.parse(text));
  }
  assertThrows(() => parseExactJson("[12345678901234567"), SyntaxError);
});
