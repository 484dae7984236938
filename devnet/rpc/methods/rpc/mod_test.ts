import { assertEquals } from "@std/assert";
import { type Case, testMethods, TOO_MANY } from "../../testing/method_cases.ts";
import { RPC_METHODS } from "./mod.ts";

const CASES: Readonly<Record<string, Case>> = {
  rpc_modules: {
    check: (result) =>
      assertEquals(
        Object.keys(Object(result)).join(" "),
        "anvil eth evm hardhat net personal rpc txpool varve web3 zkevm",
      ),
    wrong: TOO_MANY,
  },
};

testMethods(RPC_METHODS, CASES);
