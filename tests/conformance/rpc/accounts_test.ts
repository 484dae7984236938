/**
 * What a real devnet says of an account as a whole, on both ports.
 * @module
 */
import { assertEquals } from "@std/assert";
import { field } from "../../../devnet/rpc/testing/method_cases.ts";
import { ALICE, NOBODY, refusalOf, send, withDevnet } from "./dev_steps.ts";

const FIELDS = ["nonce", "balance", "codeHash"];

Deno.test("eth_getAccount is what eth_getProof proves, and an empty account for none", async () => {
  await withDevnet({}, async ({ l1 }) => {
    const empty = await l1("eth_getAccount", [NOBODY, "latest"]);
    assertEquals(empty, {
      nonce: "0x0",
      balance: "0x0",
      storageRoot: "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
      codeHash: "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
    });
    await send(l1, NOBODY);
    await l1("anvil_setCode", [NOBODY, "0x00"]);
    await l1("anvil_setStorageAt", [NOBODY, "0x1", `0x${"07".repeat(32)}`]);
    // What was decreed is read at once, and proven from the next block on.
    const decreed = await l1("eth_getAccount", [NOBODY, "latest"]);
    const before = await l1("eth_getProof", [NOBODY, [], "latest"]);
    for (const name of ["codeHash", "storageRoot"]) {
      assertEquals(
        field(decreed, name) === field(before, name.replace("Root", "Hash")),
        false,
        name,
      );
    }
    await l1("evm_mine");
    assertEquals(await l1("eth_getAccount", [NOBODY, "latest"]), decreed);
    for (const account of [NOBODY, ALICE]) {
      const shown = await l1("eth_getAccount", [account, "latest"]);
      const proven = await l1("eth_getProof", [account, [], "latest"]);
      const read = (from: unknown) => FIELDS.map((name) => field(from, name));
      assertEquals(read(shown), read(proven), account);
      assertEquals(field(shown, "storageRoot"), field(proven, "storageHash"), account);
    }
  });
});

Deno.test("eth_getAccount says on the L2 why it has none, and what to ask instead", async () => {
  await withDevnet({}, async ({ l2 }) => {
    const error = await refusalOf(l2("eth_getAccount", [ALICE, "latest"]));
    assertEquals([error.code, field(error.data, "code")], [-32000, "PROOF_OF_OTHER_TREE"]);
    assertEquals(/eth_getAccountInfo/.test(String(field(error.data, "mend"))), true);
  });
});
