import { assertEquals, assertNotEquals } from "@std/assert";
import { CONTRACTS_SOURCE_HASH } from "../../../core/l1/contracts/generated.ts";
import { hashSources, readContractSources } from "../../tools/build_contracts.ts";

Deno.test("generated.ts comes from the contracts beside it: else `deno task contracts:build`", async () => {
  assertEquals(CONTRACTS_SOURCE_HASH, await hashSources(await readContractSources()));
});

Deno.test("hashSources() changes with every source", async () => {
  const sources = await readContractSources();
  const names = Object.keys(sources);
  assertEquals(names, [
    "AccInputHash.sol",
    "IRollup.sol",
    "IVerifier.sol",
    "MockVerifier.sol",
    "Rollup.sol",
  ]);
  for (const name of names) {
    const changed = { ...sources, [name]: `${sources[name]}\n` };
    assertNotEquals(await hashSources(changed), CONTRACTS_SOURCE_HASH);
  }
});
