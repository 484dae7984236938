/**
 * What every {@linkcode Executor} answers to calls, and its precompiles.
 *
 * Owns the expectations. Does not own any executor: `*_executor_test.ts` names them.
 * @module
 */
import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { assert, assertEquals } from "@std/assert";
import { keccak256Bytes } from "../../../core/crypto/keccak.ts";
import { signDigest } from "../../../core/crypto/secp256k1.ts";
import { bigintToBytes, concatBytes } from "../../../core/primitives/bytes.ts";
import {
  address,
  bigintToHash32,
  bytesToAddress,
  type Hex,
  hexToBytes,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import { headerHash } from "../../../core/types/block.ts";
import { nextEnvironment } from "../../../core/vm/block_environment.ts";
import { genesisState, sealHeader } from "../../../core/vm/block_transition.ts";
import type { CallOutcome, CallRequest, Executor } from "../../../core/vm/executor.ts";
import { createMemoryStorage } from "../../../core/vm/memory_storage.ts";
import { assemble, deploy } from "./assemble.ts";
import { ETHER, GWEI, TARGET, testAddress, testCall, testConfig, testKey } from "./world.ts";

/** Registers the suite for the executors that `create` makes. */
export function testCalls(name: string, create: () => Executor): void {
  const executor = create();
  const test = (criterion: string, run: () => Promise<void>) =>
    Deno.test(`${name} call() ${criterion}`, run);
  const callWith = (code: Hex, fields: Partial<CallRequest> = {}): Promise<CallOutcome> => {
    const config = testConfig([{ nonce: 1n, code }]);
    const genesis = genesisState(config);
    const parent = sealHeader(genesis.draftHeader, ZERO_HASH);
    const environment = nextEnvironment({
      config,
      parent,
      parentHash: headerHash(parent),
      timestampSec: parent.timestampSec + 1n,
    });
    return executor.call(environment, createMemoryStorage(genesis), testCall(fields));
  };
  const precompile = async (number: number, data: Uint8Array): Promise<CallOutcome> => {
    const to = address(`0x${number.toString(16).padStart(40, "0")}`);
    return await callWith("0x", { to, data, gasLimit: 10_000_000n });
  };

  test("returns data without asking for funds, nonce or fees", async () => {
    const code = assemble("ORIGIN 0 MSTORE 32 0 RETURN");
    const from = address(`0x${"99".repeat(20)}`);
    const outcome = await callWith(code, { from });
    assertEquals(outcome.success, true);
    assertEquals(outcome.returnData, hexToBytes(bigintToHash32(BigInt(from))));
    assertEquals(outcome.exception, undefined);
    assert(outcome.gasUsed < 100n);
  });

  test("takes 50 million gas, which no transaction may", async () => {
    const code = assemble("GAS 0 MSTORE 32 0 RETURN");
    const outcome = await callWith(code, { gasLimit: 50_000_000n });
    assertEquals(outcome.returnData, hexToBytes(bigintToHash32(50_000_000n - 2n)));
  });

  test("gives logs, and the reason of a revert", async () => {
    const logs = (await callWith(assemble("1 0 0 LOG1"))).logs();
    assertEquals(logs, [{
      address: TARGET,
      topics: [bigintToHash32(1n)],
      data: new Uint8Array(0),
    }]);
    const reverted = await callWith(assemble("7 0 MSTORE 32 0 REVERT"));
    assertEquals(reverted.success, false);
    assertEquals(reverted.exception, "revert");
    assertEquals(reverted.returnData, hexToBytes(bigintToHash32(7n)));
  });

  test("creates without a recipient and returns the code", async () => {
    const runtime = assemble("1 0 SSTORE");
    const outcome = await callWith("0x", { to: undefined, data: hexToBytes(deploy(runtime)) });
    assertEquals(outcome.success, true);
    assertEquals(outcome.returnData, hexToBytes(runtime));
  });

  test("forgets what it wrote", async () => {
    const code = assemble("0 SLOAD DUP1 1 ADD 0 SSTORE 0 MSTORE 32 0 RETURN");
    for (let round = 0; round < 2; round++) {
      assertEquals((await callWith(code)).returnData, new Uint8Array(32));
    }
  });

  test("needs the value that it sends", async () => {
    const enough = await callWith("0x", { valueWei: 1_000n * ETHER });
    assertEquals(enough.success, true);
    const outcome = await callWith("0x", { valueWei: 1_000n * ETHER + 1n });
    assertEquals(outcome.success, false);
    assertEquals(outcome.invalid?.reason, "INSUFFICIENT_FUNDS");
  });

  test("asks for the base fee only when a gas price is given", async () => {
    const code = assemble("GASPRICE 0 MSTORE 32 0 RETURN");
    assertEquals((await callWith(code)).returnData, new Uint8Array(32));
    const priced = await callWith(code, { gasPriceWei: GWEI });
    assertEquals(priced.returnData, hexToBytes(bigintToHash32(GWEI)));
    const low = await callWith(code, { gasPriceWei: 1n });
    assertEquals(low.invalid?.reason, "FEE_BELOW_BASE_FEE");
  });

  test("charges a transaction its intrinsic gas, floor and refund", async () => {
    const asTransaction = { asTransaction: true };
    assertEquals((await callWith("0x", asTransaction)).gasUsed, 21_000n);
    const data = new Uint8Array(100).fill(1);
    assertEquals((await callWith("0x", { asTransaction: true, data })).gasUsed, 25_000n);
    // Sets a slot and clears it: 22,100 + 100, of which 19,900 may come back, but a fifth at most.
    const code = assemble("1 0 SSTORE 0 0 SSTORE");
    const spentGas = 21_000n + 3n + 2n + 22_100n + 2n + 2n + 100n;
    const outcome = await callWith(code, asTransaction);
    assertEquals(outcome.gasUsed, spentGas - spentGas / 5n);
  });

  test("refuses as a transaction would be", async () => {
    const low = await callWith("0x", { asTransaction: true, gasLimit: 20_999n });
    assertEquals(low.invalid?.reason, "INTRINSIC_GAS_TOO_LOW");
    assertEquals(low.success, false);
    const poor = await callWith("0x", {
      asTransaction: true,
      gasPriceWei: GWEI,
      valueWei: 1_000n * ETHER,
    });
    assertEquals(poor.invalid?.reason, "INSUFFICIENT_FUNDS");
    const large = await callWith("0x", {
      asTransaction: true,
      to: undefined,
      data: new Uint8Array(49_153),
      gasLimit: 10_000_000n,
    });
    assertEquals(large.invalid?.reason, "INIT_CODE_TOO_LARGE");
  });

  test("recovers signers (0x01) and hashes (0x02)", async () => {
    const digest = keccak256Bytes(Uint8Array.of(1));
    const { r, s, yParity } = signDigest(digest, testKey(3));
    const words = [BigInt(27 + yParity), r, s].map((word) => bigintToBytes(word, 32));
    const recovered = await precompile(1, concatBytes(digest, ...words));
    assertEquals(bytesToAddress(recovered.returnData.subarray(12)), testAddress(3));
    assertEquals(recovered.gasUsed, 3_000n);
    const nobody = await precompile(
      1,
      concatBytes(digest, ...words.slice(0, 2), new Uint8Array(32)),
    );
    assertEquals(nobody.success, true);
    assertEquals(nobody.returnData.length, 0);
    assertEquals((await precompile(2, digest)).returnData, sha256(digest));
  });

  test("evaluates points of blobs (0x0a)", async () => {
    // The vector of go-ethereum's precompile tests (`pointEvaluation.json`).
    const input = hexToBytes(
      "0x01e798154708fe7789429634053cbf9f99b619f9f084048927333fce637f549b" +
        "564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306" +
        "24d25032e67a7e6a4910df5834b8fe70e6bcfeeac0352434196bdf4b2485d5a1" +
        "8f59a8d2a1a625a17f3fea0fe5eb8c896db3764f3185481bc22f91b4aaffcca25f26936857bc3a7c2539ea8ec3a952b7" +
        "873033e038326e87ed3e1276fd140253fa08e9fc25fb2d9a98527fc22a2c9612fbeafdad446cbc7bcdbdcd780af2c16a",
    );
    const outcome = await precompile(10, input);
    assertEquals(outcome.success, true);
    assertEquals(outcome.gasUsed, 50_000n);
    assertEquals(
      outcome.returnData.toHex(),
      "0000000000000000000000000000000000000000000000000000000000001000" +
        "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001",
    );
    // Another z makes the claim false; another commitment does not fit its versioned hash.
    for (const position of [40, 100]) {
      const tampered = input.slice();
      tampered[position] = (tampered[position] ?? 0) ^ 1;
      const refused = await precompile(10, tampered);
      assertEquals(refused.success, false);
      assertEquals(refused.gasUsed, 10_000_000n);
    }
  });

  test("adds and pairs on BLS12-381 (0x0b, 0x0f) and BN254 (0x06, 0x08)", async () => {
    assertEquals((await precompile(0x0b, new Uint8Array(256))).returnData, new Uint8Array(128));
    assertEquals((await precompile(0x0b, new Uint8Array(255))).success, false);
    const one = bigintToBytes(1n, 32);
    assertEquals((await precompile(0x0f, new Uint8Array(384))).returnData, one);
    assertEquals((await precompile(0x06, new Uint8Array(128))).returnData, new Uint8Array(64));
    assertEquals((await precompile(0x08, new Uint8Array(0))).returnData, one);
  });

  test("verifies P-256 signatures (0x100) and says nothing to bad ones", async () => {
    const digest = sha256(Uint8Array.of(7));
    const signature = p256.sign(digest, testKey(1), { prehash: false });
    const publicKey = p256.getPublicKey(testKey(1), false).subarray(1);
    const input = concatBytes(digest, signature, publicKey);
    const valid = await precompile(0x100, input);
    assertEquals(valid.returnData, bigintToBytes(1n, 32));
    assertEquals(valid.gasUsed, 6_900n);
    input[0] = (input[0] ?? 0) ^ 1;
    const bad = await precompile(0x100, input);
    assertEquals(bad.success, true);
    assertEquals(bad.returnData.length, 0);
  });

  test("counts leading zeros (EIP-7939), which tells Osaka from Prague", async () => {
    const code: Hex = "0x60011e5f5260205ff3"; // PUSH1 1, CLZ, MSTORE(0), RETURN(0, 32)
    assertEquals((await callWith(code)).returnData, hexToBytes(bigintToHash32(255n)));
  });

  test("bounds MODEXP as Osaka does (EIP-7823)", async () => {
    const lengths = [1_025n, 1n, 1n].map((length) => bigintToBytes(length, 32));
    const outcome = await precompile(5, concatBytes(...lengths, new Uint8Array(1_027)));
    assertEquals(outcome.success, false);
  });
}
