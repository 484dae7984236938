/**
 * What every {@linkcode Executor} makes of whole blocks: state, environment, storage port.
 *
 * Owns the expectations. Does not own any executor: `*_executor_test.ts` names them.
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { AssertionError } from "../../../core/primitives/errors.ts";
import {
  type Address,
  bigintToHash32,
  type Hash32,
  hash32ToBigint,
  hexToBytes,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import { headerHash } from "../../../core/types/block.ts";
import {
  BALANCE_ADDRESS,
  blockHashSlot,
  HEADER_COMMITMENT_SLOT,
  HISTORY_STORAGE_ADDRESS,
  SYSTEM_CONTEXT_ADDRESS,
} from "../../../core/types/state.ts";
import { nextEnvironment } from "../../../core/vm/block_environment.ts";
import {
  executeBlock,
  genesisState,
  openBlock,
  sealHeader,
} from "../../../core/vm/block_transition.ts";
import type { Executor, StoragePort } from "../../../core/vm/executor.ts";
import { createMemoryStorage, recordingStorage } from "../../../core/vm/memory_storage.ts";
import { assemble, deploy } from "./assemble.ts";
import {
  createTestChain,
  ETHER,
  GWEI,
  onlyOutcome,
  onlyReceipt,
  TARGET,
  testAddress,
  testConfig,
  testTx,
} from "./world.ts";

/** Registers the suite for the executors that `create` makes. */
export function testBlocks(name: string, create: () => Executor): void {
  const executor = create();
  const test = (criterion: string, run: () => Promise<void>) =>
    Deno.test(`${name} begin() ${criterion}`, run);

  test("leaves nothing of a contract that was created and destroyed at once", async () => {
    const chain = createTestChain(executor, testConfig());
    const totalWei = chain.totalWei();
    const data = hexToBytes(assemble("1 0 SSTORE 2 1 SSTORE ORIGIN SELFDESTRUCT"));
    const result = await chain.block(testTx(0, 0n, { to: undefined, data, valueWei: ETHER }));
    const { contractAddress, success } = onlyReceipt(result);
    assertEquals(success, true);
    assertEquals(result.diffs.some((diff) => diff.address === contractAddress), false);
    assertEquals(result.newCodes.size, 0);
    assertEquals(chain.nonce(contractAddress ?? TARGET), 0n);
    assertEquals(chain.balanceWei(contractAddress ?? TARGET), 0n);
    assertEquals(chain.totalWei(), totalWei);
  });

  test("only empties an older contract that destroys itself (EIP-6780)", async () => {
    const storage = [{ slot: ZERO_HASH, value: bigintToHash32(5n) }];
    const code = assemble("ORIGIN SELFDESTRUCT");
    const config = testConfig([{ nonce: 1n, balanceWei: ETHER, code, storage }]);
    const chain = createTestChain(executor, config);
    const totalWei = chain.totalWei();
    const codeHash = chain.codeHash(TARGET);
    await chain.block(testTx(0, 0n));
    assertEquals(chain.balanceWei(TARGET), 0n);
    assertEquals(chain.codeHash(TARGET), codeHash);
    assertEquals(chain.storage.readSlot(TARGET, ZERO_HASH), bigintToHash32(5n));
    assertEquals(chain.totalWei(), totalWei);
  });

  test("forgets transient storage and warmth between transactions", async () => {
    // Stores what it finds at transient slot 0, then sets that; slot 1 counts runs.
    const code = assemble("0 TLOAD 0 SSTORE 1 0 TSTORE 1 SLOAD 1 ADD 1 SSTORE");
    const chain = createTestChain(executor, testConfig([{ nonce: 1n, code }]));
    const first = await chain.block(testTx(0, 0n), testTx(0, 1n));
    assertEquals(chain.storage.readSlot(TARGET, ZERO_HASH), ZERO_HASH);
    assertEquals(chain.storage.readSlot(TARGET, bigintToHash32(1n)), bigintToHash32(2n));
    const second = await chain.block(testTx(0, 2n));
    // Runs of one block and of the next cost the same: 1 -> 2 and 2 -> 3.
    assertEquals(first.receipts[1]?.gasUsed, second.receipts[0]?.gasUsed);
  });

  test("answers the block's own opcodes from its environment", async () => {
    const names = [
      "NUMBER",
      "TIMESTAMP",
      "COINBASE",
      "BASEFEE",
      "PREVRANDAO",
      "CHAINID",
      "GASLIMIT",
      "GASPRICE",
      "BLOBBASEFEE",
    ];
    const code = assemble(names.map((op, slot) => `${op} ${slot} SSTORE`).join(" "));
    const chain = createTestChain(executor, testConfig([{ nonce: 1n, code }]));
    const { draftHeader } = await chain.block(testTx(0, 0n, { maxPriorityFeePerGasWei: 3n }));
    const stored = names.map((_, slot) =>
      hash32ToBigint(chain.storage.readSlot(TARGET, bigintToHash32(BigInt(slot))))
    );
    assertEquals(stored, [
      1n,
      draftHeader.timestampSec,
      BigInt(draftHeader.coinbase),
      draftHeader.baseFeePerGasWei,
      BigInt(draftHeader.prevRandao),
      901n,
      draftHeader.gasLimit,
      draftHeader.baseFeePerGasWei + 3n,
      1n,
    ]);
  });

  test("answers BLOCKHASH and the history contract from the ring", async () => {
    // Stores BLOCKHASH(word 0 of the call data) at slot 0 and what the history contract says at 1.
    const history = BigInt(HISTORY_STORAGE_ADDRESS);
    const code = assemble(
      `0 CALLDATALOAD BLOCKHASH 0 SSTORE 0 CALLDATALOAD 0 MSTORE ` +
        `32 32 32 0 ${history} GAS STATICCALL POP 32 MLOAD 1 SSTORE`,
    );
    const chain = createTestChain(executor, testConfig([{ nonce: 1n, code }]));
    const hashes: Hash32[] = [headerHash(chain.head())];
    const ask = async (number: bigint): Promise<Hash32[]> => {
      const nonce = chain.nonce(testAddress(0));
      const data = hexToBytes(bigintToHash32(number));
      await chain.block(testTx(0, nonce, { data }));
      hashes.push(headerHash(chain.head()));
      return [0n, 1n].map((slot) => chain.storage.readSlot(TARGET, bigintToHash32(slot)));
    };
    for (let number = 1; number < 5; number++) {
      const parentHash = hashes[number - 1] ?? ZERO_HASH;
      assertEquals(await ask(BigInt(number - 1)), [parentHash, parentHash]);
      assertEquals(chain.storage.readSlot(...ringSlot(BigInt(number - 1))), parentHash);
    }
    assertEquals(await ask(0n), [hashes[0], hashes[0]]);
    // The block itself and later ones have no hash yet.
    assertEquals((await ask(6n))[0], ZERO_HASH);
    assertEquals((await ask(1n << 70n))[0], ZERO_HASH);
    while (chain.head().number < 256n) await chain.block();
    assertEquals((await ask(0n))[0], ZERO_HASH);
    assertEquals((await ask(2n))[0], hashes[2]);
  });

  test("commits the state to the header", async () => {
    const chain = createTestChain(executor, testConfig());
    await chain.block(testTx(0, 0n));
    const committed = chain.storage.readSlot(SYSTEM_CONTEXT_ADDRESS, HEADER_COMMITMENT_SLOT);
    assertEquals(committed, headerHash(sealHeader(chain.head(), ZERO_HASH)));
  });

  test("gives the same block again, also from slow storage and side by side", async () => {
    const { start, transactions } = busyBlock(executor);
    const expected = await executeBlock({ ...start, transactions });
    const slow = { ...start, storage: slowStorage(start.storage) };
    const again = await Promise.all([
      executeBlock({ ...start, transactions }),
      executeBlock({ ...slow, transactions }),
      executeBlock({ ...slow, transactions }),
    ]);
    for (const result of again) assertEquals(result, expected);
  });

  test("runs from a record of its own reads alone", async () => {
    const { start, transactions } = busyBlock(executor);
    const recorder = recordingStorage(start.storage);
    const expected = await executeBlock({ ...start, storage: recorder, transactions });
    const recorded = createMemoryStorage({
      writes: recorder.readSlots(),
      codes: recorder.readCodes(),
    });
    assertEquals(await executeBlock({ ...start, storage: recorded, transactions }), expected);
  });

  test("gives diffs that are sorted, real and on what was read", async () => {
    const { start, transactions } = busyBlock(executor);
    const recorder = recordingStorage(start.storage);
    const { diffs } = await executeBlock({ ...start, storage: recorder, transactions });
    const read = new Map(recorder.readSlots().map((entry) => [entry.address + entry.slot, entry]));
    for (const diff of diffs) {
      assertEquals(read.get(diff.address + diff.slot)?.value, diff.oldValue);
      assertEquals(diff.oldValue === diff.newValue, false);
    }
    const keys = diffs.map((diff) => diff.address + diff.slot);
    assertEquals(keys, [...new Set(keys)].sort());
  });

  test("throws on a storage that fails, and goes on when it works again", async () => {
    const code = assemble("CALLDATASIZE SLOAD 1 ADD CALLDATASIZE SSTORE");
    const { start } = busyBlock(executor, code);
    let broken = false;
    const storage: StoragePort = {
      ...start.storage,
      readSlot: (account, slot) => {
        if (broken && account === TARGET) throw new Error("the disk is gone");
        return start.storage.readSlot(account, slot);
      },
    };
    const block = await openBlock({ ...start, storage });
    await block.run(testTx(0, 0n));
    broken = true;
    const failing = testTx(0, 1n, { data: Uint8Array.of(1) });
    await assertRejects(() => block.run(failing), Error, "the disk is gone");
    broken = false;
    await block.run(failing);
    const expected = await executeBlock({ ...start, transactions: [testTx(0, 0n), failing] });
    assertEquals((await block.close()).diffs, expected.diffs);
  });

  test("asserts that the protocol itself writes no accounts", async () => {
    const { start } = busyBlock(executor);
    const parentHash = headerHash(start.parent);
    const environment = nextEnvironment({ ...start, parentHash });
    const execution = await executor.begin(environment, start.storage);
    const write = { address: BALANCE_ADDRESS, slot: ZERO_HASH, value: bigintToHash32(1n) };
    await assertRejects(() => execution.finish(() => [write]), AssertionError);
  });

  test("lets a failing transaction pay only once for a reverted creation", async () => {
    const chain = createTestChain(executor, testConfig());
    const totalWei = chain.totalWei();
    const data = hexToBytes(assemble("1 0 SSTORE 0 0 REVERT"));
    const result = await chain.block(testTx(0, 0n, { to: undefined, data, valueWei: ETHER }));
    const outcome = onlyOutcome(result);
    assertEquals(outcome.exception, "revert");
    assertEquals(result.newCodes.size, 0);
    assertEquals(chain.nonce(outcome.receipt.contractAddress ?? TARGET), 0n);
    assertEquals(chain.totalWei(), totalWei);
  });

  test("keeps a code once that two contracts share", async () => {
    const chain = createTestChain(executor, testConfig());
    const create = { to: undefined, data: hexToBytes(deploy(assemble("STOP"))) };
    const result = await chain.block(testTx(0, 0n, create), testTx(1, 0n, create));
    assertEquals(result.newCodes.size, 1);
    const [first, second] = result.receipts.map((receipt) => receipt.contractAddress ?? TARGET);
    assertEquals(chain.codeHash(first ?? TARGET), chain.codeHash(second ?? TARGET));
  });
}

function busyBlock(
  executor: Executor,
  code = assemble("CALLER SLOAD CALLVALUE ADD CALLER SSTORE 0 0 LOG0"),
) {
  const config = testConfig([{ nonce: 1n, code }]);
  const genesis = genesisState(config);
  const parent = sealHeader(genesis.draftHeader, ZERO_HASH);
  const storage = createMemoryStorage(genesis);
  const timestampSec = parent.timestampSec + 1n;
  const transactions = Array.from(
    { length: 20 },
    (_, index) =>
      testTx(index % 4, BigInt(Math.floor(index / 4)), {
        valueWei: BigInt(index),
        maxPriorityFeePerGasWei: BigInt(index) * GWEI / 10n,
        ...(index % 5 === 4
          ? { to: undefined, data: hexToBytes(deploy(assemble("CALLER SELFDESTRUCT"))) }
          : {}),
      }),
  );
  return { start: { executor, storage, config, parent, timestampSec }, transactions };
}

/** Every read takes a turn of the event loop. */
function slowStorage(port: StoragePort): StoragePort {
  return {
    readSlot: async (account: Address, slot: Hash32) => {
      await Promise.resolve();
      return port.readSlot(account, slot);
    },
    isWritten: async (account: Address, slot: Hash32) => {
      await Promise.resolve();
      return port.isWritten(account, slot);
    },
    readCode: async (codeHash: Hash32) => {
      await Promise.resolve();
      return port.readCode(codeHash);
    },
  };
}

function ringSlot(number: bigint): [Address, Hash32] {
  const { address, slot } = blockHashSlot(number);
  return [address, slot];
}
