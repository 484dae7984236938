import { assertEquals } from "@std/assert";
import { type Case, field, testMethods, TOO_MANY } from "../../testing/method_cases.ts";
import { RPC_METHODS } from "./mod.ts";

const CASES: Readonly<Record<string, Case>> = {
  "rpc.discover": {
    check: (result) => {
      assertEquals(field(result, "openrpc"), "1.3.2");
      const names = Object(field(result, "methods")).map((each: unknown) => field(each, "name"));
      assertEquals(names.includes("eth_call") && names.includes("hardhat_mine"), true);
      assertEquals(names, names.toSorted());
    },
    wrong: TOO_MANY,
  },
  rpc_modules: {
    check: (result) =>
      assertEquals(
        Object.keys(Object(result)).join(" "),
        "anvil debug erigon eth evm hardhat net ots personal rpc tenderly txpool varve web3 zkevm zks",
      ),
    wrong: TOO_MANY,
  },
};

testMethods(RPC_METHODS, CASES);
