/**
 * What every {@linkcode Executor} does with transactions: effects, fees, refusals.
 *
 * Owns the expectations. Does not own any executor: `*_executor_test.ts` names them.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { signDigest } from "../../../core/crypto/secp256k1.ts";
import { bigintToHash32, hexToBytes, ZERO_HASH } from "../../../core/primitives/hex.ts";
import {
  type Authorization,
  createdAddress,
  type UnsignedTransaction,
} from "../../../core/types/tx.ts";
import { authorizationDigest, delegationCode } from "../../../core/vm/authorizations.ts";
import type { Executor, InvalidReason } from "../../../core/vm/executor.ts";
import { assemble, deploy } from "./assemble.ts";
import {
  COINBASE,
  createTestChain,
  ETHER,
  GWEI,
  onlyOutcome,
  onlyReceipt,
  TARGET,
  testAddress,
  testConfig,
  testKey,
  testTx,
} from "./world.ts";

/** Registers the suite for the executors that `create` makes. */
export function testTransactions(name: string, create: () => Executor): void {
  const executor = create();
  const test = (criterion: string, run: () => Promise<void>) =>
    Deno.test(`${name} run() ${criterion}`, run);

  test("moves value, nonce and all fees, and loses no wei", async () => {
    const chain = createTestChain(executor, testConfig());
    const totalWei = chain.totalWei();
    const result = await chain.block(testTx(0, 0n, { valueWei: ETHER }));
    const receipt = onlyReceipt(result);
    const { baseFeePerGasWei } = result.draftHeader;
    assertEquals(receipt.gasUsed, 21_000n);
    assertEquals(receipt.effectiveGasPriceWei, baseFeePerGasWei + GWEI);
    assertEquals(receipt.contractAddress, undefined);
    const feeWei = 21_000n * receipt.effectiveGasPriceWei;
    assertEquals(chain.balanceWei(COINBASE), feeWei);
    assertEquals(chain.balanceWei(TARGET), ETHER);
    assertEquals(chain.balanceWei(testAddress(0)), 999n * ETHER - feeWei);
    assertEquals(chain.nonce(testAddress(0)), 1n);
    assertEquals(chain.totalWei(), totalWei);
    assertEquals(result.counters.gasUsed, 21_000n);
    assertEquals(result.counters.txCount, 1);
  });

  test("charges types 0, 1, 2 and 4 their effective gas price", async () => {
    const baseFeePerGasWei = 875_000_000n;
    const prices: [Partial<UnsignedTransaction>, bigint][] = [
      [{ type: 0, maxFeePerGasWei: 3n * GWEI, maxPriorityFeePerGasWei: 3n * GWEI }, 3n * GWEI],
      [{ type: 0, chainId: undefined, maxFeePerGasWei: GWEI, maxPriorityFeePerGasWei: GWEI }, GWEI],
      [{ type: 1, maxFeePerGasWei: 2n * GWEI, maxPriorityFeePerGasWei: 2n * GWEI }, 2n * GWEI],
      [{ type: 2, maxFeePerGasWei: GWEI, maxPriorityFeePerGasWei: GWEI }, GWEI],
      [{ type: 2, maxPriorityFeePerGasWei: 5n }, baseFeePerGasWei + 5n],
      [
        { type: 4, maxPriorityFeePerGasWei: 5n, authorizations: [authorize(1, 0n)] },
        baseFeePerGasWei + 5n,
      ],
    ];
    for (const [fields, expected] of prices) {
      const chain = createTestChain(executor, testConfig());
      const receipt = onlyReceipt(await chain.block(testTx(0, 0n, fields)));
      assertEquals(receipt.effectiveGasPriceWei, expected);
      assertEquals(receipt.type, fields.type);
      assertEquals(chain.balanceWei(COINBASE), receipt.gasUsed * expected);
    }
  });

  test("lets an account send its whole balance to itself or to the coinbase", async () => {
    const chain = createTestChain(executor, testConfig());
    const totalWei = chain.totalWei();
    const all = { maxFeePerGasWei: GWEI, maxPriorityFeePerGasWei: GWEI, gasLimit: 21_000n };
    const valueWei = 1_000n * ETHER - 21_000n * GWEI;
    const result = await chain.block(
      testTx(0, 0n, { ...all, to: testAddress(0), valueWei }),
      testTx(1, 0n, { ...all, to: COINBASE, valueWei }),
    );
    assert(result.receipts.every((receipt) => receipt.success));
    assertEquals(chain.balanceWei(testAddress(0)), valueWei);
    assertEquals(chain.balanceWei(testAddress(1)), 0n);
    assertEquals(chain.balanceWei(COINBASE), valueWei + 42_000n * GWEI);
    assertEquals(chain.totalWei(), totalWei);
  });

  test("creates a contract with nonce 1 at the sender's next address", async () => {
    const chain = createTestChain(executor, testConfig());
    const runtime = assemble("1 0 SSTORE");
    const data = hexToBytes(deploy(runtime));
    const result = await chain.block(testTx(0, 0n, { to: undefined, data, valueWei: 5n }));
    const receipt = onlyReceipt(result);
    const created = createdAddress(testAddress(0), 0n);
    assertEquals(receipt.success, true);
    assertEquals(receipt.contractAddress, created);
    assertEquals(chain.nonce(created), 1n);
    assertEquals(chain.balanceWei(created), 5n);
    const code = hexToBytes(runtime);
    assertEquals(chain.codeHash(created), keccak256(code));
    assertEquals([...result.newCodes], [[keccak256(code), code]]);
    // Its code runs in the next block.
    await chain.block(testTx(0, 1n, { to: created }));
    assertEquals(chain.storage.readSlot(created, ZERO_HASH), bigintToHash32(1n));
  });

  test("keeps nothing of a reverted message but nonce and fee", async () => {
    const code = assemble("1 0 SSTORE 0 0 LOG0 42 0 MSTORE 32 0 REVERT");
    const chain = createTestChain(executor, testConfig([{ nonce: 1n, code }]));
    const result = await chain.block(testTx(0, 0n, { valueWei: ETHER }));
    const outcome = onlyOutcome(result);
    assertEquals(outcome.receipt.success, false);
    assertEquals(outcome.receipt.logs, []);
    assertEquals(outcome.exception, "revert");
    assertEquals(outcome.returnData, hexToBytes(bigintToHash32(42n)));
    assert(outcome.receipt.gasUsed < 100_000n);
    assertEquals(chain.storage.readSlot(TARGET, ZERO_HASH), ZERO_HASH);
    assertEquals(chain.balanceWei(TARGET), 0n);
    assertEquals(chain.nonce(testAddress(0)), 1n);
    const { gasUsed, effectiveGasPriceWei } = outcome.receipt;
    assertEquals(chain.balanceWei(COINBASE), gasUsed * effectiveGasPriceWei);
  });

  test("takes all gas when it runs out", async () => {
    const code = assemble("JUMPDEST 0 JUMP"); // for ever
    const chain = createTestChain(executor, testConfig([{ nonce: 1n, code }]));
    const result = await chain.block(testTx(0, 0n, { gasLimit: 60_000n }));
    const outcome = onlyOutcome(result);
    assertEquals(outcome.exception, "out of gas");
    assertEquals(outcome.receipt.gasUsed, 60_000n);
    assertEquals(outcome.receipt.success, false);
  });

  test("charges the floor of EIP-7623 for much data and little work", async () => {
    const chain = createTestChain(executor, testConfig());
    const data = new Uint8Array(1_000).fill(1);
    const receipt = onlyReceipt(await chain.block(testTx(0, 0n, { data })));
    assertEquals(receipt.gasUsed, 21_000n + 10n * 4_000n);
  });

  test("refunds cleared storage, at most a fifth", async () => {
    const slot = { slot: ZERO_HASH, value: bigintToHash32(1n) };
    const code = assemble("0 0 SSTORE");
    const chain = createTestChain(executor, testConfig([{ nonce: 1n, code, storage: [slot] }]));
    const receipt = onlyReceipt(await chain.block(testTx(0, 0n)));
    // 21,000 + 2 PUSH0 + cold reset 5,000 = 26,004; less 4,800 refund.
    assertEquals(receipt.gasUsed, 26_004n - 4_800n);
    assertEquals(chain.storage.readSlot(TARGET, ZERO_HASH), ZERO_HASH);
  });

  test("gives logs in order, with topics and data", async () => {
    const code = assemble("7 0 MSTORE 2 1 32 0 LOG2 0 0 LOG0");
    const chain = createTestChain(executor, testConfig([{ nonce: 1n, code }]));
    const receipt = onlyReceipt(await chain.block(testTx(0, 0n)));
    assertEquals(receipt.logs, [
      {
        address: TARGET,
        topics: [bigintToHash32(1n), bigintToHash32(2n)],
        data: hexToBytes(bigintToHash32(7n)),
      },
      { address: TARGET, topics: [], data: new Uint8Array(0) },
    ]);
  });

  test("warms what an access list names", async () => {
    const code = assemble("0 SLOAD POP");
    const gasUsed = async (accessList: UnsignedTransaction["accessList"]) => {
      const chain = createTestChain(executor, testConfig([{ nonce: 1n, code }]));
      return onlyReceipt(await chain.block(testTx(0, 0n, { accessList }))).gasUsed;
    };
    const cold = await gasUsed([]);
    assertEquals(cold, 21_000n + 2n + 2_100n + 2n);
    const warm = await gasUsed([{ address: TARGET, storageKeys: [ZERO_HASH] }]);
    assertEquals(warm - cold, 2_400n + 1_900n - 2_000n);
  });

  test("delegates accounts to code, also when the message reverts", async () => {
    // Stores its value, then reverts when there is call data.
    const code = assemble("CALLVALUE 0 SSTORE CALLDATASIZE 8 JUMPI STOP JUMPDEST 0 0 REVERT");
    const chain = createTestChain(executor, testConfig([{ nonce: 1n, code }]));
    const delegating = testAddress(1);
    const designator = keccak256(delegationCode(TARGET));
    const call = { type: 4, to: delegating, valueWei: 9n } as const;
    const first = await chain.block(
      testTx(0, 0n, { ...call, data: Uint8Array.of(1), authorizations: [authorize(1, 0n)] }),
    );
    assertEquals(onlyReceipt(first).success, false);
    assertEquals(chain.codeHash(delegating), designator);
    assertEquals(chain.nonce(delegating), 1n);
    await chain.block(testTx(0, 1n, { to: delegating, valueWei: 9n }));
    assertEquals(chain.storage.readSlot(delegating, ZERO_HASH), bigintToHash32(9n));
    // A delegating account still sends (EIP-3607), and its own authorization follows its tx nonce.
    const last = await chain.block(
      testTx(1, 1n, { ...call, to: testAddress(2), authorizations: [authorize(1, 2n, 0n)] }),
    );
    assertEquals(onlyReceipt(last).success, true);
    assertEquals(chain.nonce(delegating), 3n);
  });

  test("names the reason of each invalid transaction, and none leaves a trace", async () => {
    const contract = testAddress(9);
    const accounts = testConfig().accounts.map((account) =>
      account.address === contract ? { ...account, code: "0x00" } as const : account
    );
    const cases: [InvalidReason, ReturnType<typeof testTx>][] = [
      ["NONCE_TOO_LOW", testTx(0, 0n)],
      ["NONCE_TOO_HIGH", testTx(0, 2n)],
      ["INSUFFICIENT_FUNDS", testTx(0, 1n, { valueWei: 1_000n * ETHER })],
      ["INTRINSIC_GAS_TOO_LOW", testTx(0, 1n, { gasLimit: 20_999n })],
      ["GAS_LIMIT_TOO_HIGH", testTx(0, 1n, { gasLimit: 16_777_217n })],
      ["FEE_BELOW_BASE_FEE", testTx(0, 1n, { maxFeePerGasWei: 1n, maxPriorityFeePerGasWei: 0n })],
      ["SENDER_HAS_CODE", testTx(9, 0n)],
      ["CHAIN_ID_MISMATCH", testTx(0, 1n, { chainId: 1n })],
      [
        "INIT_CODE_TOO_LARGE",
        testTx(0, 1n, {
          to: undefined,
          data: new Uint8Array(49_153),
          gasLimit: 5_000_000n,
        }),
      ],
      ["INVALID", testTx(0, 1n, { maxPriorityFeePerGasWei: 11n * GWEI })],
    ];
    const config = testConfig([], { accounts });
    const valid = testTx(0, 0n);
    const without = await createTestChain(executor, config).block(valid);
    const withInvalid = await createTestChain(executor, config)
      .block(valid, ...cases.map(([, tx]) => tx));
    const reasons = withInvalid.outcomes.slice(1)
      .map((outcome) => outcome.kind === "invalid" ? outcome.reason : outcome.kind);
    assertEquals(reasons, cases.map(([reason]) => reason));
    assertEquals(withInvalid.diffs, without.diffs);
    assertEquals(withInvalid.draftHeader, without.draftHeader);
  });

  test("refuses what the block has no gas left for", async () => {
    const code = assemble("JUMPDEST 0 JUMP"); // for ever
    const chain = createTestChain(executor, testConfig([{ nonce: 1n, code }]));
    const result = await chain.block(
      testTx(0, 0n, { gasLimit: 16_000_000n }),
      testTx(1, 0n, { gasLimit: 14_000_001n }),
      testTx(1, 0n, { gasLimit: 14_000_000n }),
    );
    const kinds = result.outcomes.map((outcome) =>
      outcome.kind === "invalid" ? outcome.reason : outcome.kind
    );
    assertEquals(kinds, ["included", "BLOCK_GAS_EXHAUSTED", "included"]);
    assertEquals(result.draftHeader.gasUsed, 30_000_000n);
  });
}

function authorize(index: number, nonce: bigint, chainId = 901n): Authorization {
  const claim = { chainId, address: TARGET, nonce };
  return { ...claim, ...signDigest(authorizationDigest(claim), testKey(index)) };
}
