import { assertEquals } from "@std/assert";
import { verifyPointEvaluation } from "./point_evaluation.ts";

/** The vector of go-ethereum's precompile tests (`pointEvaluation.json`), without its hash. */
const CLAIM = {
  z: Uint8Array.fromHex("564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306"),
  y: Uint8Array.fromHex("24d25032e67a7e6a4910df5834b8fe70e6bcfeeac0352434196bdf4b2485d5a1"),
  commitment: Uint8Array.fromHex(
    "8f59a8d2a1a625a17f3fea0fe5eb8c896db3764f3185481bc22f91b4aaffcca25f26936857bc3a7c2539ea8ec3a952b7",
  ),
  proof: Uint8Array.fromHex(
    "873033e038326e87ed3e1276fd140253fa08e9fc25fb2d9a98527fc22a2c9612fbeafdad446cbc7bcdbdcd780af2c16a",
  ),
};

Deno.test("verifyPointEvaluation() accepts the published proof", () => {
  assertEquals(verifyPointEvaluation(CLAIM), true);
});

Deno.test("verifyPointEvaluation() refuses another value", () => {
  assertEquals(verifyPointEvaluation({ ...CLAIM, y: CLAIM.z }), false);
});

Deno.test("verifyPointEvaluation() accepts the zero polynomial", () => {
  const infinity = new Uint8Array(48);
  infinity[0] = 0xc0;
  const claim = { commitment: infinity, proof: infinity, z: CLAIM.z, y: new Uint8Array(32) };
  assertEquals(verifyPointEvaluation(claim), true);
});

Deno.test("verifyPointEvaluation() answers undefined for what is no element or point", () => {
  assertEquals(verifyPointEvaluation({ ...CLAIM, z: new Uint8Array(32).fill(255) }), undefined);
  assertEquals(verifyPointEvaluation({ ...CLAIM, proof: new Uint8Array(48) }), undefined);
});
