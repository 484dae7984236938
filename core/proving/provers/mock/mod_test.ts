import { assertEquals, assertFalse } from "@std/assert";
import { keccak256Bytes } from "../../../crypto/keccak.ts";
import { concatBytes } from "../../../primitives/bytes.ts";
import { hexToBytes } from "../../../primitives/hex.ts";
import {
  decodePublicInputs,
  encodePublicInputs,
  hashPublicInputs,
  PUBLIC_INPUTS_SIZE_BYTES,
} from "../../public_inputs.ts";
import { mockProver } from "./mod.ts";

const inputs = decodePublicInputs(new Uint8Array(PUBLIC_INPUTS_SIZE_BYTES).fill(5));
const digest = keccak256Bytes(
  concatBytes(new TextEncoder().encode("varve/mock/1"), hexToBytes(hashPublicInputs(inputs))),
);
const proof = concatBytes(Uint8Array.of(0), digest);

Deno.test("verify() takes the documented proof and no other bytes", () => {
  assertEquals(mockProver.verify(inputs, proof), true);
  for (const [index, byte] of proof.entries()) {
    assertFalse(mockProver.verify(inputs, proof.with(index, byte ^ 1)), `proof byte ${index}`);
    assertFalse(mockProver.verify(inputs, proof.slice(0, index)), `${index} bytes`);
  }
  assertFalse(mockProver.verify(inputs, new Uint8Array([...proof, 0])));
});

Deno.test("verify() refuses the proof of any other public inputs", () => {
  const packed = encodePublicInputs(inputs);
  for (const [index, byte] of packed.entries()) {
    const other = decodePublicInputs(packed.with(index, byte ^ 1));
    assertFalse(mockProver.verify(other, proof), `public input byte ${index}`);
  }
});
