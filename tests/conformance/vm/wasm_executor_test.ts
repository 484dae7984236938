import { assertEquals } from "@std/assert";
import { createWasmExecutor } from "../../../core/vm/host/wasm_executor.ts";
import { WASM_SHA256 } from "../../../core/vm/generated.ts";
import { testBlocks } from "./block_suite.ts";
import { testCalls } from "./call_suite.ts";
import { testTransactions } from "./tx_suite.ts";

testTransactions("program", createWasmExecutor);
testBlocks("program", createWasmExecutor);
testCalls("program", createWasmExecutor);

Deno.test("createWasmExecutor() names its program by the module's hash", () => {
  assertEquals(createWasmExecutor().programHash, `0x${WASM_SHA256}`);
});
