import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { RollupError } from "../../core/primitives/errors.ts";
import { ACCOUNTS, hashOf, runFake } from "../testing/fake_world.ts";
import { readQuery } from "./inspect_state.ts";

const query = (...words: string[]) => readQuery(words, 20n, ACCOUNTS);

function refusal(...words: string[]): string {
  return assertThrows(() => query(...words), RollupError).code;
}

const FIRST = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

Deno.test("readQuery() reads every topic", () => {
  assertEquals(query(), { kind: "heads" });
  assertEquals(query("heads"), { kind: "heads" });
  assertEquals(query("block", "12"), { kind: "block", block: 12 });
  assertEquals(query("block", "safe"), { kind: "block", block: "safe" });
  assertEquals(query("block", hashOf("AB")), { kind: "block", block: hashOf("ab") });
  assertEquals(query("batch", "latest"), { kind: "batch", batch: "latest" });
  assertEquals(query("tx", hashOf("01")), { kind: "tx", hash: hashOf("01") });
  assertEquals(query("account", "0")?.kind, "account");
  assertEquals(query("account", FIRST.toUpperCase().replace("0X", "0x")), query("account", "0"));
  assertEquals(query("proof", "0", "1", "latest"), {
    kind: "proof",
    address: FIRST,
    slots: [`0x${"1".padStart(64, "0")}`],
    batch: "latest",
  });
  assertEquals(query("data", "1"), { kind: "data", batch: 1 });
  assertEquals(query("witness", "safe"), { kind: "witness", batch: "safe" });
  assertEquals(query("code", hashOf("01")), { kind: "code", hash: hashOf("01") });
  assertEquals(query("chain"), { kind: "chain" });
  assertEquals(query("l1", "latest"), { kind: "l1", block: "latest" });
  assertEquals(query("l1", "5"), { kind: "l1", block: 5 });
  assertEquals(query("pool"), { kind: "pool" });
  assertEquals(query("tables"), { kind: "tables" });
  assertEquals(query("table", "blocks"), { kind: "table", table: "blocks", limit: 20 });
});

Deno.test("readQuery() reads a slot as a number or as 32 bytes", () => {
  const slotOf = (text: string) => Reflect.get(query("storage", "0", text), "slot");
  assertEquals(slotOf("0"), `0x${"0".repeat(64)}`);
  assertEquals(slotOf("0x10"), `0x${"10".padStart(64, "0")}`);
  assertEquals(slotOf(hashOf("ff")), hashOf("ff"));
});

Deno.test("readQuery() refuses unknown topics, missing and surplus arguments, bad keys", () => {
  assertEquals(refusal("blok", "1"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("toString"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("block"), "USAGE_MISSING_ARGUMENT");
  assertEquals(refusal("storage", "0"), "USAGE_MISSING_ARGUMENT");
  assertEquals(refusal("heads", "1"), "USAGE_UNEXPECTED_ARGUMENT");
  assertEquals(refusal("batch", hashOf("01")), "USAGE_INVALID_VALUE");
  assertEquals(refusal("block", "pending"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("block", "9007199254740992"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("tx", "0x01"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("code", "0x01"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("l1", "safe"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("proof", "0", "1"), "USAGE_MISSING_ARGUMENT");
  assertEquals(refusal("account", "2"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("storage", "0", `0x1${"0".repeat(64)}`), "USAGE_INVALID_VALUE");
  const unlimited = assertThrows(() => readQuery(["table", "x"], 0n, []), RollupError);
  assertEquals(unlimited.code, "USAGE_INVALID_VALUE");
});

Deno.test("inspect-state shows what the engine answers, as fields and as JSON", async () => {
  const human = await runFake(["inspect-state", "account", "1"]);
  assertStringIncludes(human.out, "balance  1000000000000000000 wei (1 ETH)");
  const machine = await runFake(["inspect-state", "account", "1", "--json"]);
  assertEquals(JSON.parse(machine.out).asked, "account");
});

Deno.test("inspect-state refuses a bad question before it opens anything", async () => {
  const run = await runFake(["inspect-state", "bach", "1"]);
  assertEquals([run.code, run.opened.length], [2, 0]);
  assertStringIncludes(run.err, 'Did you mean "batch"?');
});
