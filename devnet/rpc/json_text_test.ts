import { assertEquals } from "@std/assert";
import { answerText, jsonText, plainAnswer, plainResult } from "./json_text.ts";

const answer = { jsonrpc: "2.0", id: 'a"b', result: jsonText('[1,{"a":"ü"}]') };
const PLAIN = { jsonrpc: "2.0", id: 'a"b', result: [1, { a: "ü" }] };

Deno.test("answerText() writes text and plain results alike", () => {
  assertEquals(answerText(answer), JSON.stringify(PLAIN));
  assertEquals(answerText(PLAIN), JSON.stringify(PLAIN));
  assertEquals(JSON.stringify([answer]), JSON.stringify([PLAIN]));
});

Deno.test("plainAnswer() and plainResult() leave nothing of the text", () => {
  assertEquals(plainAnswer(answer), PLAIN);
  assertEquals(plainAnswer(PLAIN), PLAIN);
  assertEquals(plainResult(answer.result), PLAIN.result);
  assertEquals(plainResult(null), null);
});
