import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  CONTRACTS_SOURCE_HASH,
  MOCK_VERIFIER_DEPLOYED_BYTECODE,
  ROLLUP_DEPLOYED_BYTECODE,
} from "../../../core/l1/contracts/generated.ts";
import { hashSources, readContractSources } from "../../tools/build_contracts.ts";

Deno.test("generated.ts comes from the contracts beside it: else `deno task contracts:build`", async () => {
  assertEquals(CONTRACTS_SOURCE_HASH, await hashSources(await readContractSources()));
});

Deno.test("hashSources() changes with every source", async () => {
  const sources = await readContractSources();
  const names = Object.keys(sources);
  assertEquals(names, [
    "AccInputHash.sol",
    "EmergencyState.sol",
    "IRollup.sol",
    "IVerifier.sol",
    "MockVerifier.sol",
    "OperationQueue.sol",
    "ProgramRegistry.sol",
    "Rollup.sol",
    "RollupRoles.sol",
  ]);
  for (const name of names) {
    const changed = { ...sources, [name]: `${sources[name]}\n` };
    assertNotEquals(await hashSources(changed), CONTRACTS_SOURCE_HASH);
  }
});

Deno.test("the contracts fit into what EIP-170 lets a chain keep", () => {
  for (const code of [ROLLUP_DEPLOYED_BYTECODE, MOCK_VERIFIER_DEPLOYED_BYTECODE]) {
    assert((code.length - 2) / 2 < 24_576);
  }
});
