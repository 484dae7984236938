import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { RollupError } from "../core/primitives/errors.ts";
import { type Flags, parseEther, parseLine, parseQuantity, readFlags } from "./args.ts";

const FLAGS = {
  "l1-port": { type: "port", alias: "p", default: "8545", summary: "a port" },
  folder: { type: "string", also: "data", summary: "a folder" },
  json: { type: "boolean", alias: "j", summary: "a switch" },
  clock: { type: "enum", choices: ["real", "virtual"], summary: "a clock" },
  value: { type: "ether", summary: "an amount" },
  key: { type: "hex", secret: true, summary: "a secret" },
  nonce: { type: "quantity", summary: "a number" },
  every: { type: "seconds", summary: "a time" },
} as const satisfies Flags;

function read(...argv: string[]) {
  const line = parseLine(argv, FLAGS);
  return { ...readFlags(FLAGS, line.given), positionals: line.positionals };
}

function refuse(code: string, ...argv: string[]): RollupError {
  const error = assertThrows(() => read(...argv), RollupError);
  assertEquals(error.code, code);
  return error;
}

Deno.test("parseLine() reads --flag value, --flag=value, aliases, second names and --", () => {
  const values = read("a", "--l1-port", "1", "--data=x=y", "-j", "--", "--json", "-p");
  assertEquals(values["l1-port"], 1);
  assertEquals(values.folder, "x=y");
  assertEquals(values.json, true);
  assertEquals(values.positionals, ["a", "--json", "-p"]);
  assertEquals(read("-p", "7")["l1-port"], 7);
  assertEquals(read("-p=7")["l1-port"], 7);
});

Deno.test("readFlags() types each value and gives defaults", () => {
  const values = read(
    ...["--value", "1.5ether", "--key=0xAB", "--nonce", "0x10", "--every", "0.5"],
    ...["--clock", "virtual", "--json=false"],
  );
  assertEquals(values.value, 1_500_000_000_000_000_000n);
  assertEquals(values.key, "0xab");
  assertEquals(values.nonce, 16n);
  assertEquals(values.every, 500);
  assertEquals(values.clock, "virtual");
  assertEquals(values.json, false);
  assertEquals(values["l1-port"], 8545);
  assertEquals(values.folder, undefined);
});

Deno.test("parseLine() takes negative numbers and a lone dash as arguments", () => {
  assertEquals(read("-5", "-", "-0x1").positionals, ["-5", "-", "-0x1"]);
});

Deno.test("parseLine() suggests the nearest flag for an unknown one", () => {
  const error = refuse("USAGE_UNKNOWN_FLAG", "--l1port", "1");
  assertEquals(error.details["nearest"], "--l1-port");
  assertEquals(refuse("USAGE_UNKNOWN_FLAG", "--dat").details["nearest"], "--data");
  refuse("USAGE_UNKNOWN_FLAG", "-z");
  refuse("USAGE_UNKNOWN_FLAG", "--constructor");
  refuse("USAGE_UNKNOWN_FLAG", "---json");
});

Deno.test("parseLine() refuses a flag without its value and a repeated flag", () => {
  refuse("USAGE_MISSING_VALUE", "--folder");
  refuse("USAGE_MISSING_VALUE", "--folder", "--json");
  refuse("USAGE_MISSING_VALUE", "--folder", "--");
  refuse("USAGE_REPEATED_FLAG", "--folder", "a", "--folder", "b");
  refuse("USAGE_REPEATED_FLAG", "--folder", "a", "--data", "b");
});

Deno.test("readFlags() refuses values that do not fit, and suggests a choice", () => {
  refuse("USAGE_INVALID_VALUE", "--l1-port", "65536");
  refuse("USAGE_INVALID_VALUE", "--l1-port", "08");
  refuse("USAGE_INVALID_VALUE", "--every", "0");
  refuse("USAGE_INVALID_VALUE", "--nonce", "-1");
  refuse("USAGE_INVALID_VALUE", "--json=maybe");
  refuse("USAGE_INVALID_VALUE", "--value", "0.5wei");
  assert(refuse("USAGE_INVALID_VALUE", "--clock", "virtaul").mend.includes('"virtual"'));
});

Deno.test("readFlags() never repeats a secret in an error", () => {
  const error = refuse("USAGE_INVALID_VALUE", "--key", "0xdeadbee");
  assert(!JSON.stringify([error.message, error.mend, error.details]).includes("deadbee"));
});

Deno.test("parseEther() reads units exactly and refuses what is no amount", () => {
  const amounts: [string, bigint | undefined][] = [
    ["1ether", 10n ** 18n],
    ["0.000000000000000001ether", 1n],
    ["0.0000000000000000001ether", undefined],
    ["1.50 gwei", 1_500_000_000n],
    ["7wei", 7n],
    ["7", 7n],
    ["0x10", 16n],
    ["1.5", undefined],
    ["-1ether", undefined],
    ["1e18", undefined],
    ["", undefined],
  ];
  for (const [text, wei] of amounts) assertEquals(parseEther(text), wei, text);
});

Deno.test("parseQuantity() inverts decimal and hex printing", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n }), (value) => {
      assertEquals(parseQuantity(value.toString()), value);
      assertEquals(parseQuantity(`0x${value.toString(16)}`), value);
    }),
    { seed: 20261121 },
  );
});

Deno.test("parseLine() either reads any line or refuses it as misuse", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom("--", "-", "--json", "--folder", "-p", "--l1-port=1", "--clock", "-5"),
    fc.string().map((text) => `--${text}`),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
      try {
        const line = parseLine(argv, FLAGS);
        assert(line.positionals.length <= argv.length);
        readFlags(FLAGS, line.given);
      } catch (error) {
        assert(error instanceof RollupError && error.code.startsWith("USAGE_"));
      }
    }),
    { seed: 20261122, numRuns: 500 },
  );
});

Deno.test("parseLine() gives back every value that was written with =", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (value, rest) => {
      const line = parseLine([`--folder=${value}`, "--", ...rest], FLAGS);
      assertEquals(line.given.get("folder")?.text, value);
      assertEquals(line.positionals, rest);
    }),
    { seed: 20261123 },
  );
});
