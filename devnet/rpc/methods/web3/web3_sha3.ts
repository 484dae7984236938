/**
 * keccak256 of some bytes, under the name it had before it was settled.
 * @module
 */
import { keccak256 } from "../../../../core/crypto/keccak.ts";
import { HASH_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { data, param } from "../../schema.ts";

/** `web3_sha3`. */
export const web3Sha3 = chainMethod({
  name: "web3_sha3",
  summary: "keccak256 of some bytes, under the name it had before it was settled",
  params: [param("data", data)],
  result: HASH_JSON,
  handler: (_context, [bytes]) => keccak256(bytes),
});
