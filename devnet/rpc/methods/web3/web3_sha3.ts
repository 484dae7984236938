/**
 * keccak256 of some bytes, under the name it had before it was settled.
 * @module
 */
import { keccak256 } from "../../../../core/crypto/keccak.ts";
import { chainMethod } from "../../method.ts";
import { data, param } from "../../schema.ts";

/** `web3_sha3`: keccak256 of some bytes, under the name it had before it was settled. */
export const web3Sha3 = chainMethod({
  name: "web3_sha3",
  params: [param("data", data)],
  handler: (_context, [bytes]) => keccak256(bytes),
});
