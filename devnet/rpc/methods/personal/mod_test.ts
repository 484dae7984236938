import { assertEquals } from "@std/assert";
import { recoverAddress } from "../../../../core/crypto/secp256k1.ts";
import { keccak256Bytes } from "../../../../core/crypto/keccak.ts";
import { RECIPIENT } from "../../testing/fixture.ts";
import { type Case, testMethods } from "../../testing/method_cases.ts";
import { PERSONAL_METHODS } from "./mod.ts";

const CASES: Readonly<Record<string, Case>> = {
  personal_sign: {
    params: ({ other }) => ["0xdeadbeef", other],
    check: (result, { other }) => assertEquals(signerOf(result, "deadbeef"), other),
    wrong: [[["text", RECIPIENT], "message"]],
  },
};

testMethods(PERSONAL_METHODS, CASES);

function signerOf(signature: unknown, messageHex: string): unknown {
  const bytes = Uint8Array.fromHex(String(signature).slice(2));
  assertEquals(bytes.length, 65);
  const message = Uint8Array.fromHex(messageHex);
  const prefix = new TextEncoder().encode(`\x19Ethereum Signed Message:\n${message.length}`);
  const digest = keccak256Bytes(Uint8Array.from([...prefix, ...message]));
  return recoverAddress(digest, {
    r: BigInt(`0x${bytes.subarray(0, 32).toHex()}`),
    s: BigInt(`0x${bytes.subarray(32, 64).toHex()}`),
    yParity: (bytes[64] ?? 0) - 27,
  });
}
