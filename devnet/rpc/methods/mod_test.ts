import { assert, assertEquals } from "@std/assert";
import { createFixture, refusalOf } from "../testing/fixture.ts";
import { createRpcMethods } from "../dispatch.ts";
import { METHODS } from "./mod.ts";

const NAMES = METHODS.flatMap(({ name, aliases }) => [name, ...aliases]);

Deno.test("methods/mod.ts lists each name once", () => {
  assertEquals(new Set(NAMES).size, NAMES.length);
});

Deno.test("createRpcMethods() leaves methods for developers out when it is told to", async () => {
  const { chain } = await createFixture({ layer: "L1" });
  const { names } = createRpcMethods({ chain, devMethods: false });
  assertEquals(names.filter((name) => /^(anvil|hardhat|evm)_/.test(name)), []);
  assert(names.includes("eth_chainId"));
});

Deno.test("createRpcMethods() gives the L1 no method of the L2", async () => {
  const { methods, dispatcher } = await createFixture({ layer: "L1" });
  assertEquals(methods.names.filter((name) => /^(zkevm|varve)_/.test(name)), []);
  assertEquals((await refusalOf(dispatcher, "varve_heads", [])).code, -32601);
  assertEquals(await dispatcher.request("eth_chainId"), "0x384");
});
