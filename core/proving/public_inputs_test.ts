import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { RollupError } from "../primitives/errors.ts";
import { bytesToHex, hash32, ZERO_ADDRESS } from "../primitives/hex.ts";
import {
  decodePublicInputs,
  encodePublicInputs,
  hashPublicInputs,
  PUBLIC_INPUTS_SIZE_BYTES,
  type PublicInputs,
} from "./public_inputs.ts";

Deno.test("encodePublicInputs() packs the fields in the documented order", () => {
  const word = (byte: string) => hash32(`0x${byte.repeat(32)}`);
  const encoded = encodePublicInputs({
    prover: ZERO_ADDRESS,
    oldStateRoot: word("01"),
    oldLeafCount: 2n,
    oldAccInputHash: word("03"),
    initNumBatch: 4n,
    chainId: 5n,
    programHash: word("06"),
    newStateRoot: word("07"),
    newLeafCount: 8n,
    newAccInputHash: word("09"),
    newLocalExitRoot: word("0a"),
    pubdataHash: word("0b"),
    finalNewBatch: 12n,
  });
  const uint64 = (byte: string) => `00000000000000${byte}`;
  assertEquals(
    bytesToHex(encoded),
    "0x" + "00".repeat(20) + "01".repeat(32) + uint64("02") + "03".repeat(32) + uint64("04") +
      uint64("05") + "06".repeat(32) + "07".repeat(32) + uint64("08") + "09".repeat(32) +
      "0a".repeat(32) + "0b".repeat(32) + uint64("0c"),
  );
  assertEquals(encoded.length, PUBLIC_INPUTS_SIZE_BYTES);
});

Deno.test("decodePublicInputs() reads any 284 bytes and encodePublicInputs() gives them back", () => {
  fc.assert(
    fc.property(anyEncoding, (bytes) => {
      assertEquals(encodePublicInputs(decodePublicInputs(bytes)), bytes);
    }),
    { seed: 900, numRuns: 200 },
  );
});

Deno.test("hashPublicInputs() changes with every single byte", () => {
  const bytes = new Uint8Array(PUBLIC_INPUTS_SIZE_BYTES);
  const original = hashPublicInputs(decodePublicInputs(bytes));
  for (let index = 0; index < bytes.length; index++) {
    const changed: PublicInputs = decodePublicInputs(bytes.with(index, 1));
    assertNotEquals(hashPublicInputs(changed), original);
  }
});

Deno.test("decodePublicInputs() refuses bytes of any other length", () => {
  for (const sizeBytes of [0, 283, 285]) {
    const error = assertThrows(() => decodePublicInputs(new Uint8Array(sizeBytes)), RollupError);
    assertEquals(error.code, "PUBLIC_INPUTS_INVALID");
  }
});

const anyEncoding = fc.uint8Array({
  minLength: PUBLIC_INPUTS_SIZE_BYTES,
  maxLength: PUBLIC_INPUTS_SIZE_BYTES,
});
