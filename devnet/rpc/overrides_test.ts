import { assertEquals } from "@std/assert";
import { blockOverrides } from "./overrides.ts";

const WORD = `0x${"07".repeat(32)}`;
const ACCOUNT = `0x${"08".repeat(20)}`;

/** Names of the same field, geth's own first. */
const NAMES: readonly (readonly [name: string, alias: string, value: string])[] = [
  ["number", "blockNumber", "0x4d"],
  ["time", "timestamp", "0x4d"],
  ["feeRecipient", "coinbase", ACCOUNT],
  ["prevRandao", "random", WORD],
  ["baseFeePerGas", "baseFee", "0x4d"],
];

Deno.test("blockOverrides takes every field by each of its names, geth's before the others", () => {
  for (const [name, alias, value] of NAMES) {
    const meant = blockOverrides.parse({ [name]: value }, "overrides");
    assertEquals(Object.keys(meant).length, 1, name);
    assertEquals(blockOverrides.parse({ [alias]: value }, "overrides"), meant, alias);
    const other = value.replace(/.$/, "1");
    assertEquals(blockOverrides.parse({ [alias]: other, [name]: value }, "overrides"), meant);
  }
});
