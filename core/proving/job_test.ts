import { assertEquals, assertThrows } from "@std/assert";
import { RollupError } from "../primitives/errors.ts";
import { assertSameInputs } from "./job.ts";
import type { ProofJob } from "./prover.ts";
import {
  decodePublicInputs,
  encodePublicInputs,
  PUBLIC_INPUTS_SIZE_BYTES,
} from "./public_inputs.ts";

const inputs = decodePublicInputs(new Uint8Array(PUBLIC_INPUTS_SIZE_BYTES).fill(1));
const job: ProofJob = { batchNumber: 1n, witness: new Uint8Array(0), publicInputs: inputs };

Deno.test("assertSameInputs() passes when every field is the same", () => {
  assertSameInputs(job, { ...inputs });
});

Deno.test("assertSameInputs() names the field that any one changed byte is in", () => {
  const packed = encodePublicInputs(inputs);
  const named = new Set<unknown>();
  for (const [index, byte] of packed.entries()) {
    const found = decodePublicInputs(packed.with(index, byte ^ 0x80));
    const error = assertThrows(() => assertSameInputs(job, found), RollupError);
    assertEquals(error.code, "PROOF_JOB_MISMATCH");
    named.add(error.details["field"]);
  }
  assertEquals(named, new Set(Object.keys(inputs)));
});
