import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { bigintToBytes, bytesToBigint, EMPTY_BYTES } from "../../../core/primitives/bytes.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import {
  address,
  bigintToHash32,
  bytesToHex,
  hexToBytes,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import { authorizationDigest } from "../../../core/vm/authorizations.ts";
import { signDigest } from "../../../core/crypto/secp256k1.ts";
import { createVirtualClock } from "../../../core/primitives/ports.ts";
import { createdAddress } from "../../../core/types/tx.ts";
import { nextBaseFeeWei } from "../../../devnet/l1/base_fee.ts";
import { HISTORY_ADDRESS, SYSTEM_CONTRACTS } from "../../../devnet/l1/system_contracts.ts";
import { importChain, requireBlock } from "./ethereumjs_oracle.ts";
import {
  callOf,
  devAccount,
  GENESIS_SEC,
  initCodeOf,
  requireReceipt,
  signedBy,
  withL1,
} from "./testing.ts";

/** Stores the first word of calldata in slot 0 and logs it with the topic 7. */
const STORE_AND_LOG = hexToBytes("0x5f3580" + "5f55" + "5f52" + "600760205fa100");
/** Reverts with Error("no"). */
const REVERT_NO = hexToBytes(
  "0x62461bcd60e51b5f52602060045260026024526" + "16e6f60f01b60445260645ffd",
);
/** Returns the hash of the block before. */
const PARENT_HASH = hexToBytes("0x60014303405f5260205ff3");

Deno.test("openEmbeddedL1() makes a chain that a second client imports block by block", async () => {
  await withL1({}, async (l1) => {
    const [alice, bob] = [devAccount(0), devAccount(1)];
    await l1.sendRawTransaction(signedBy(alice, { nonce: 0n }));
    await l1.sendRawTransaction(
      signedBy(alice, { nonce: 1n, type: 0, maxPriorityFeePerGasWei: 10_000_000_000n }),
    );
    await l1.sendRawTransaction(
      signedBy(alice, {
        nonce: 2n,
        to: undefined,
        data: initCodeOf(STORE_AND_LOG),
        gasLimit: 200_000n,
      }),
    );
    const contract = createdAddress(alice.address, 2n);
    await l1.sendRawTransaction(signedBy(bob, {
      nonce: 0n,
      type: 1,
      maxPriorityFeePerGasWei: 10_000_000_000n,
      to: contract,
      data: bigintToBytes(5n, 32),
      valueWei: 0n,
      gasLimit: 100_000n,
      accessList: [{ address: contract, storageKeys: [ZERO_HASH] }],
    }));
    await l1.mine();
    l1.setMining("manual");
    for (let nonce = 3n; nonce < 8n; nonce++) {
      await l1.sendRawTransaction(signedBy(alice, {
        nonce,
        to: contract,
        data: bigintToBytes(nonce % 2n, 32),
        valueWei: 0n,
        gasLimit: 100_000n,
      }));
    }
    await l1.sendRawTransaction(signedBy(bob, { nonce: 1n, to: devAccount(5).address }));
    await l1.mine();
    assertEquals((await requireBlock(l1, 6n)).transactions.length, 6);
    assertEquals(await importChain(l1), 6n);
  });
});

Deno.test("openEmbeddedL1() puts the published system contracts at genesis", async () => {
  assertEquals(SYSTEM_CONTRACTS.map(({ code }) => keccak256(hexToBytes(code))), [
    // Code hashes of both contracts on mainnet.
    "0x6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d",
    "0xf57acd40259872606d76197ef052f3d35588dadf919ee1f0e3cb9b62d3f4b02c",
  ]);
  await withL1({}, async (l1) => {
    await l1.mine();
    await l1.mine();
    const first = await requireBlock(l1, 1n);
    assertEquals(await l1.storage(HISTORY_ADDRESS, bigintToHash32(1n), 2n), first.header.hash);
    const outcome = await l1.call(
      callOf({ to: HISTORY_ADDRESS, data: bigintToBytes(1n, 32) }),
      2n,
    );
    assertEquals(bytesToHex(outcome.returnData), first.header.hash);
  });
});

Deno.test("nextBaseFeeWei() follows EIP-1559 up, down and at the target", () => {
  const parent = { gasLimit: 30_000_000n, baseFeePerGasWei: 1_000_000_000n };
  assertEquals(nextBaseFeeWei({ ...parent, gasUsed: 0n }), 875_000_000n);
  assertEquals(nextBaseFeeWei({ ...parent, gasUsed: 15_000_000n }), 1_000_000_000n);
  assertEquals(nextBaseFeeWei({ ...parent, gasUsed: 30_000_000n }), 1_125_000_000n);
  assertEquals(nextBaseFeeWei({ ...parent, gasUsed: 15_000_001n }), 1_000_000_008n);
  assertEquals(nextBaseFeeWei({ ...parent, baseFeePerGasWei: 1n, gasUsed: 15_000_001n }), 2n);
});

Deno.test("mine() gives strictly increasing timestamps and moves a virtual clock", async () => {
  const clock = createVirtualClock(GENESIS_SEC);
  await withL1({ clock }, async (l1) => {
    for (let number = 1n; number <= 3n; number++) {
      assertEquals(await l1.mine(), number);
      const { header } = await requireBlock(l1, number);
      assertEquals(header.timestampSec, GENESIS_SEC + number);
      assertEquals(clock.nowSec(), header.timestampSec);
    }
    clock.observe(GENESIS_SEC + 100n);
    await l1.mine();
    assertEquals((await requireBlock(l1, 4n)).header.timestampSec, GENESIS_SEC + 100n);
    await l1.mine();
    assertEquals((await requireBlock(l1, 5n)).header.timestampSec, GENESIS_SEC + 101n);
  });
});

Deno.test("mine() sets mixHash to the hash of the parent's hash, and PREVRANDAO answers it", async () => {
  await withL1({}, async (l1) => {
    await l1.mine();
    const genesis = await requireBlock(l1, 0n);
    const { header } = await requireBlock(l1, 1n);
    assertEquals(header.mixHash, keccak256(hexToBytes(genesis.header.hash)));
    // PREVRANDAO, then return it.
    const code = hexToBytes("0x445f5260205ff3");
    const outcome = await l1.call(callOf({ data: code }), 1n);
    assertEquals(bytesToHex(outcome.returnData), header.mixHash);
  });
});

Deno.test("sendRawTransaction() answers after the block with the transaction is there", async () => {
  await withL1({}, async (l1) => {
    const hash = await l1.sendRawTransaction(signedBy(devAccount(0), { nonce: 0n, valueWei: 9n }));
    const { transaction, receipt } = await requireReceipt(l1, hash);
    assertEquals(receipt.success, true);
    assertEquals(receipt.gasUsed, 21_000n);
    assertEquals(receipt.effectiveGasPriceWei, 1_875_000_000n);
    assertEquals(transaction.position?.blockNumber, 1n);
    assertEquals(await l1.balance(devAccount(1).address, 1n), 10_000n * 10n ** 18n + 9n);
    assertEquals(await l1.numberOf("latest"), 1n);
    assertEquals(await l1.numberOfHash((await requireBlock(l1, 1n)).header.hash), 1n);
  });
});

Deno.test("sendRawTransaction() creates contracts, whose code, storage and logs are read back", async () => {
  await withL1({}, async (l1) => {
    const alice = devAccount(0);
    const data = initCodeOf(STORE_AND_LOG);
    const deployed = await l1.sendRawTransaction(
      signedBy(alice, { nonce: 0n, to: undefined, data, valueWei: 0n, gasLimit: 200_000n }),
    );
    const contract = createdAddress(alice.address, 0n);
    assertEquals((await requireReceipt(l1, deployed)).receipt.contractAddress, contract);
    assertEquals(await l1.code(contract, 1n), STORE_AND_LOG);
    assertEquals(await l1.code(contract, 0n), EMPTY_BYTES);
    const called = await l1.sendRawTransaction(signedBy(alice, {
      nonce: 1n,
      to: contract,
      data: bigintToBytes(42n, 32),
      valueWei: 0n,
      gasLimit: 100_000n,
    }));
    const { receipt, firstLogIndex } = await requireReceipt(l1, called);
    assertEquals(firstLogIndex, 0);
    assertEquals(receipt.logs, [
      { address: contract, topics: [bigintToHash32(7n)], data: bigintToBytes(42n, 32) },
    ]);
    assertEquals(await l1.storage(contract, ZERO_HASH, 2n), bigintToHash32(42n));
    // Old states stay readable.
    assertEquals(await l1.storage(contract, ZERO_HASH, 1n), ZERO_HASH);
  });
});

Deno.test("receipts() numbers logs through the block", async () => {
  await withL1({}, async (l1) => {
    const alice = devAccount(0);
    const contract = createdAddress(alice.address, 0n);
    const data = initCodeOf(STORE_AND_LOG);
    await l1.sendRawTransaction(
      signedBy(alice, { nonce: 0n, to: undefined, data, valueWei: 0n, gasLimit: 200_000n }),
    );
    l1.setMining("interval");
    for (let nonce = 1n; nonce <= 3n; nonce++) {
      await l1.sendRawTransaction(signedBy(alice, {
        nonce,
        to: contract,
        data: bigintToBytes(nonce, 32),
        valueWei: 0n,
        gasLimit: 100_000n,
      }));
    }
    const receipts = await l1.receipts(await l1.mine());
    assertEquals(receipts.map(({ firstLogIndex }) => firstLogIndex), [0, 1, 2]);
    const cumulative = receipts.map(({ receipt }) => receipt.cumulativeGasUsed);
    const sums = receipts.map((_, index) =>
      receipts.slice(0, index + 1).reduce((sum, { receipt }) => sum + receipt.gasUsed, 0n)
    );
    assertEquals(cumulative, sums);
  });
});

Deno.test("failure() tells why an included transaction reverted or ran out of gas", async () => {
  await withL1({}, async (l1) => {
    const alice = devAccount(0);
    const data = initCodeOf(REVERT_NO);
    await l1.sendRawTransaction(
      signedBy(alice, { nonce: 0n, to: undefined, data, valueWei: 0n, gasLimit: 200_000n }),
    );
    const contract = createdAddress(alice.address, 0n);
    const reverted = await l1.sendRawTransaction(
      signedBy(alice, { nonce: 1n, to: contract, valueWei: 0n, gasLimit: 100_000n }),
    );
    const { receipt } = await requireReceipt(l1, reverted);
    assertEquals(receipt.success, false);
    assertEquals(receipt.logs, []);
    assert(receipt.gasUsed < 100_000n);
    const failure = await l1.failure(reverted);
    assertEquals(failure?.exception, "revert");
    assertEquals(failure?.returnData.subarray(0, 4).toHex(), "08c379a0");

    const code = hexToBytes("0x5b5f56"); // JUMPDEST, PUSH0, JUMP: never ends
    const spinning = await l1.sendRawTransaction(
      signedBy(alice, { nonce: 2n, to: undefined, data: code, valueWei: 0n, gasLimit: 100_000n }),
    );
    const spun = await requireReceipt(l1, spinning);
    assertEquals(spun.receipt.success, false);
    assertEquals(spun.receipt.gasUsed, 100_000n);
    assertEquals((await l1.failure(spinning))?.exception, "out of gas");
    assertEquals(
      await l1.failure(await l1.sendRawTransaction(signedBy(alice, { nonce: 3n }))),
      undefined,
    );
    assertEquals(await importChain(l1), 4n);
  });
});

Deno.test("call() changes nothing, and runs on the state of the named block", async () => {
  await withL1({}, async (l1) => {
    const alice = devAccount(0);
    await l1.sendRawTransaction(signedBy(alice, { nonce: 0n, valueWei: 7n }));
    const head = await requireBlock(l1, 1n);
    // BALANCE of account 1.
    const code = hexToBytes(`0x73${devAccount(1).address.slice(2)}315f5260205ff3`);
    const before = await l1.call(callOf({ data: code }), 0n);
    const after = await l1.call(callOf({ data: code }), 1n);
    assertEquals(bytesToBigint(after.returnData) - bytesToBigint(before.returnData), 7n);
    const writing = await l1.call(
      callOf({ data: initCodeOf(STORE_AND_LOG), asTransaction: true }),
      1n,
    );
    assertEquals(writing.success, true);
    assertEquals(await l1.nonce(alice.address, 1n), 1n);
    assertEquals(await requireBlock(l1, await l1.mine() - 1n), head);
    assertEquals(await importChain(l1), 2n);
  });
});

Deno.test("call() as a transaction uses the gas that the transaction then uses", async () => {
  await withL1({}, async (l1) => {
    const alice = devAccount(0);
    const data = initCodeOf(STORE_AND_LOG);
    const fields = { data, valueWei: 0n, gasLimit: 200_000n };
    const outcome = await l1.call(callOf({ ...fields, asTransaction: true }), 0n);
    const hash = await l1.sendRawTransaction(
      signedBy(alice, { ...fields, nonce: 0n, to: undefined }),
    );
    const { receipt } = await requireReceipt(l1, hash);
    assertEquals(outcome.gasUsed, receipt.gasUsed);
    const tooLow = await l1.call(callOf({ ...fields, gasLimit: 21_000n, asTransaction: true }), 0n);
    assertEquals([tooLow.success, tooLow.exception], [
      false,
      "err: intrinsic gas too low: have 21000, want 53382 (supplied gas 21000)",
    ]);
    const tooMuch = callOf({ to: alice.address, valueWei: 10n ** 30n, asTransaction: true });
    assertEquals((await l1.call(tooMuch, 1n)).success, false);
  });
});

Deno.test("call() reads the hash of the parent block", async () => {
  await withL1({}, async (l1) => {
    await l1.mine();
    const outcome = await l1.call(callOf({ data: PARENT_HASH }), 1n);
    assertEquals(bytesToHex(outcome.returnData), (await requireBlock(l1, 0n)).header.hash);
    const coming = await l1.nextBlock?.();
    const next = await l1.call(callOf({ data: PARENT_HASH }), 1n, { block: coming ?? {} });
    assertEquals(bytesToHex(next.returnData), (await requireBlock(l1, 1n)).header.hash);
  });
});

Deno.test("call() refuses a block that is not there", async () => {
  await withL1({}, async (l1) => {
    const error = await assertRejects(() => l1.call(callOf({}), 1n), RollupError);
    assertEquals(error.code, "L1_BLOCK_UNKNOWN");
  });
});

Deno.test("numberOf() says safe and finalized are latest: nothing reorganises", async () => {
  await withL1({}, async (l1) => {
    await l1.mine();
    for (const tag of ["latest", "pending", "safe", "finalized"] as const) {
      assertEquals(await l1.numberOf(tag), 1n);
    }
    assertEquals(await l1.numberOf("earliest"), 0n);
    assertEquals(await l1.block(2n), undefined);
    assertEquals(await l1.numberOfHash(ZERO_HASH), undefined);
  });
});

Deno.test("onBlock() calls until it is told to stop", async () => {
  await withL1({}, async (l1) => {
    const seen: bigint[] = [];
    l1.onBlock(() => {
      throw new Error("a listener that fails hurts nobody else");
    });
    const stop = l1.onBlock(({ header }) => seen.push(header.number));
    await l1.mine();
    await l1.mine();
    stop();
    await l1.mine();
    assertEquals(seen, [1n, 2n]);
  });
});

Deno.test("openEmbeddedL1() gives two runs the same bytes", async () => {
  const runOnce = async () => {
    let hashes: readonly string[] = [];
    await withL1({}, async (l1) => {
      for (let nonce = 0n; nonce < 4n; nonce++) {
        await l1.sendRawTransaction(signedBy(devAccount(2), { nonce }));
      }
      const head = await l1.numberOf("latest");
      hashes = await Promise.all(
        Array.from(
          { length: Number(head) },
          async (_, index) => (await requireBlock(l1, BigInt(index + 1))).header.hash,
        ),
      );
    });
    return hashes;
  };
  const first = await runOnce();
  assertEquals(first.length, 4);
  assertEquals(await runOnce(), first);
  assertEquals(new Set(first).size, 4);
});

Deno.test("sendRawTransaction() runs EIP-7702 delegations as the second client does", async () => {
  await withL1({}, async (l1) => {
    const [alice, bob] = [devAccount(0), devAccount(1)];
    const target = createdAddress(alice.address, 0n);
    await l1.sendRawTransaction(signedBy(alice, {
      nonce: 0n,
      to: undefined,
      data: initCodeOf(STORE_AND_LOG),
      valueWei: 0n,
      gasLimit: 200_000n,
    }));
    const grant = { chainId: 900n, address: target, nonce: 0n };
    const authorization = { ...grant, ...signDigest(authorizationDigest(grant), bob.privateKey) };
    const fields = {
      to: bob.address,
      data: bigintToBytes(3n, 32),
      valueWei: 0n,
      gasLimit: 200_000n,
      authorizations: [authorization],
    };
    const estimated = await l1.call(callOf({ ...fields, asTransaction: true }), 1n);
    const hash = await l1.sendRawTransaction(signedBy(alice, { ...fields, nonce: 1n, type: 4 }));
    assertEquals((await requireReceipt(l1, hash)).receipt.gasUsed, estimated.gasUsed);
    assertEquals(bytesToHex(await l1.code(bob.address, 2n)), `0xef0100${target.slice(2)}`);
    assertEquals(await l1.storage(bob.address, ZERO_HASH, 2n), bigintToHash32(3n));
    assertEquals(await l1.nonce(bob.address, 2n), 1n);
    // A delegated account still sends.
    await l1.sendRawTransaction(signedBy(bob, { nonce: 1n, to: alice.address, gasLimit: 50_000n }));
    assertNotEquals(await l1.balance(alice.address, 3n), await l1.balance(alice.address, 2n));
    assertEquals(await importChain(l1), 3n);
  });
});

Deno.test("call() answers the point evaluation precompile for the zero polynomial", async () => {
  await withL1({}, async (l1) => {
    const infinity = `c0${"00".repeat(47)}`;
    const commitment = hexToBytes(`0x${infinity}`);
    const hash = sha256(commitment);
    hash[0] = 1;
    const zeroWord = "00".repeat(32);
    const data = hexToBytes(`0x${hash.toHex()}${zeroWord}${zeroWord}${infinity}${infinity}`);
    const to = address(`0x${"00".repeat(19)}0a`);
    const outcome = await l1.call(callOf({ to, data }), 0n);
    assertEquals(outcome.exception, undefined);
    assertEquals(bytesToBigint(outcome.returnData.subarray(0, 32)), 4096n);
    const wrong = hexToBytes(
      `0x${hash.toHex()}${zeroWord}${"00".repeat(31)}01${infinity}${infinity}`,
    );
    assertEquals((await l1.call(callOf({ to, data: wrong }), 0n)).success, false);
  });
});

Deno.test("mine() lets others have their turns while a transaction works hard", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    // JUMPDEST, SSTORE of GAS in slot 0, JUMP to 0: until the gas is gone.
    const data = hexToBytes("0x5b5a5f555f56");
    await l1.sendRawTransaction(
      signedBy(devAccount(0), { nonce: 0n, to: undefined, gasLimit: 2_000_000n, data }),
    );
    let turns = 0;
    let isMining = true;
    const count = () => {
      turns++;
      if (isMining) setTimeout(count, 0);
    };
    const first = setTimeout(count, 0);
    const blocks = await Promise.all([l1.mine(), l1.mine()]);
    isMining = false;
    clearTimeout(first);
    // Still one block after another, whoever had a turn in between.
    assertEquals(blocks, [1n, 2n]);
    assertEquals((await l1.block(1n))?.header.gasUsed, 2_000_000n);
    assert(turns > 5, `there were ${turns} turns`);
  });
});
