import { assertEquals, assertThrows } from "@std/assert";
import { RollupError } from "../primitives/errors.ts";
import { parseSealLimits } from "./limit_settings.ts";

Deno.test("parseSealLimits() reads names and values, each of its type", () => {
  assertEquals(parseSealLimits("maxBatchSteps=7570538, maxBatchGas=1000000"), {
    maxBatchSteps: 7_570_538,
    maxBatchGas: 1_000_000n,
  });
  assertEquals(parseSealLimits("maxTxsPerBatch=300"), { maxTxsPerBatch: 300 });
});

Deno.test("parseSealLimits() refuses what is no limit, and what nobody could take on", () => {
  for (
    const text of [
      "",
      "maxBatchSteps",
      "maxBatchSteps=",
      "maxBatchSteps=0",
      "maxBatchSteps=-1",
      "maxBatchSteps=1.5",
      "maxBatchSteps=1e3",
      "maxBatchSteps=1=2",
      "maxBatchSteps=1,maxBatchSteps=2",
      "maxBatchSteps=9999999999999999",
      "toString=1",
      "maxbatchsteps=1",
      "maxTxsPerBatch=301",
      "maxBatchDataBytes=120001",
      "maxOperationsPerBatch=51",
    ]
  ) {
    const error = assertThrows(() => parseSealLimits(text), RollupError, undefined, text);
    assertEquals(error.code, "SEAL_LIMIT_INVALID");
  }
});
