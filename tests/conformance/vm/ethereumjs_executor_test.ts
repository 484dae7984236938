import { assertEquals, assertNotEquals } from "@std/assert";
import { ZERO_HASH } from "../../../core/primitives/hex.ts";
import {
  createEthereumjsExecutor,
  ETHEREUMJS_PROGRAM_HASH,
} from "../../oracle/ethereumjs_executor.ts";
import { testBlocks } from "./block_suite.ts";
import { testCalls } from "./call_suite.ts";
import { testTransactions } from "./tx_suite.ts";

testTransactions("ethereumjs", createEthereumjsExecutor);
testBlocks("ethereumjs", createEthereumjsExecutor);
testCalls("ethereumjs", createEthereumjsExecutor);

Deno.test("createEthereumjsExecutor() names its program", () => {
  assertEquals(createEthereumjsExecutor().programHash, ETHEREUMJS_PROGRAM_HASH);
  assertNotEquals(ETHEREUMJS_PROGRAM_HASH, ZERO_HASH);
});
