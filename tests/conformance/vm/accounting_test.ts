/** The program's storage accounting, row by row, and the gas that pubdata costs users. */
import { assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { assert } from "../../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bigintToHash32,
  type Hash32,
  type Hex,
  hexToBytes,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import { signDigest } from "../../../core/crypto/secp256k1.ts";
import { codeHashSlot, SYSTEM_CONTEXT_ADDRESS } from "../../../core/types/state.ts";
import { authorizationDigest } from "../../../core/vm/authorizations.ts";
import { EXCEPTION_REVERT } from "../../../core/vm/assembly/layout.ts";
import { createWasmExecutor } from "../../../core/vm/host/wasm_executor.ts";
import type { AccountingVectors } from "../../../core/vm/host/program.ts";
import type { MemoryStorage } from "../../../core/vm/memory_storage.ts";
import { assemble, deploy } from "./assemble.ts";
import { beginRun, frame, runValid, type TestRun } from "./program_run.ts";
import {
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

/** zk-stack, section 12.13, on slot 7: value written (none: a read), refund, difference, total. */
const ROWS: readonly (readonly [bigint | undefined, number, number, number])[] = [
  [undefined, 0, 0, 0],
  [undefined, 1970, 0, 0],
  [1n, 2000, 34, 34],
  [(1n << 240n) - 1n, 5440, 29, 63],
  [(1n << 248n) - 1n, 5440, 2, 65],
  [(1n << 256n) - 1n, 5440, -31, 34],
  [0n, 5440, -34, 0],
];

/** What a transaction without fees does around its message: its nonce, and the code hash. */
const AROUND: Pick<AccountingVectors, "refunds" | "pubdataCosts"> = {
  refunds: [0],
  pubdataCosts: [34, 0],
};
/** Of these, pubdata of the sender's first nonce. */
const NONCE_BYTES = 34;

const READ = "7 SLOAD POP";
const write = (value: bigint): string => `${value} 7 SSTORE`;
/** Reads slot 7 without call data, else writes the word that it has. */
const ROW_CODE = assemble("CALLDATASIZE 8 JUMPI 7 SLOAD STOP JUMPDEST 0 CALLDATALOAD 7 SSTORE");

const executor = createWasmExecutor();

const contract = (code: string) => [{ nonce: 1n, code: assemble(code) }];

/** Both vectors of the message alone, of transaction number `index` of account 0. */
function messageOf({ program }: TestRun): Pick<AccountingVectors, "refunds" | "pubdataCosts"> {
  const { refunds, pubdataCosts } = program.vectors();
  assertEquals(refunds.slice(0, AROUND.refunds.length), AROUND.refunds);
  assertEquals(pubdataCosts.slice(0, AROUND.pubdataCosts.length), AROUND.pubdataCosts);
  return {
    refunds: refunds.slice(AROUND.refunds.length),
    pubdataCosts: pubdataCosts.slice(AROUND.pubdataCosts.length),
  };
}

Deno.test("vectors() hold nonce and code hash of a message that touches no storage", async () => {
  const run = await beginRun(contract("STOP"));
  assertEquals(run.program.vectors(), { refunds: [], pubdataCosts: [], decommitRefundErgs: 0n });
  const { usage } = await runValid(run, frame(0, 0n));
  assertEquals(messageOf(run), { refunds: [], pubdataCosts: [] });
  assertEquals(usage.pubdataBytes, NONCE_BYTES);
  assertEquals(usage.storageRefundGas, 0);
});

Deno.test("vectors() are the worked trace in one transaction", async () => {
  const code = ROWS.map(([value]) => value === undefined ? READ : write(value)).join(" ");
  const run = await beginRun(contract(code));
  const { usage, exception } = await runValid(run, frame(0, 0n));
  assertEquals(exception, 0);
  assertEquals(messageOf(run), {
    refunds: ROWS.map(([, refund]) => refund),
    pubdataCosts: ROWS.map(([, , difference]) => difference),
  });
  assertEquals(usage.storageRefundGas, ROWS.reduce((sum, [, refund]) => sum + refund, 0));
  assertEquals(usage.pubdataBytes, NONCE_BYTES);
  assertEquals(run.program.counters().pubdataBytes, NONCE_BYTES);
});

Deno.test("vectors() grow by the worked trace, one transaction for each row", async () => {
  const run = await beginRun([{ nonce: 1n, code: ROW_CODE }]);
  let before = run.program.vectors();
  for (const [nonce, [value, refund, difference, total]] of ROWS.entries()) {
    const data = hexToBytes(value === undefined ? "0x" : bigintToHash32(value));
    const { exception, usage } = await runValid(run, frame(0, BigInt(nonce), { data }));
    assertEquals(exception, 0);
    const after = run.program.vectors();
    // The nonce's write comes first; it was written before in all rows but the first.
    const nonceRefund = nonce === 0 ? 0 : 5440;
    const nonceBytes = nonce === 0 ? NONCE_BYTES : 0;
    assertEquals(after.refunds.slice(before.refunds.length), [nonceRefund, refund]);
    const costs = after.pubdataCosts.slice(before.pubdataCosts.length);
    assertEquals(costs, [nonceBytes, 0, difference]);
    assertEquals(after.refunds.slice(0, before.refunds.length), before.refunds);
    assertEquals(after.pubdataCosts.slice(0, before.pubdataCosts.length), before.pubdataCosts);
    assertEquals(usage.storageRefundGas, nonceRefund + refund);
    assertEquals(usage.pubdataBytes, nonceBytes + difference);
    assertEquals(run.program.counters().pubdataBytes, NONCE_BYTES + total);
    before = after;
  }
});

Deno.test("a reverted frame takes back pubdata and what was paid, not the sets", async () => {
  const inner = address(`0x${"88".repeat(20)}`);
  // With call data it writes; without it runs three rows and reverts.
  const rows = `${READ} ${READ} ${write(1n)} 0 0 REVERT`;
  const target = 4 + (assemble(rows).length - 2) / 2;
  const code = assemble(`CALLDATASIZE ${target} JUMPI ${rows} JUMPDEST ${write(1n)}`);
  const call = (size: number) => `0 0 ${size} 0 0 ${BigInt(inner)} GAS CALL POP`;
  const outer = { nonce: 1n, code: assemble(`${call(0)} ${call(1)}`) };
  const run = await beginRun([outer, { address: inner, nonce: 1n, code }]);
  const { usage } = await runValid(run, frame(0, 0n));
  const { refunds, pubdataCosts } = messageOf(run);
  assertEquals(refunds, [0, 1970, 2000, 5440]);
  assertEquals(pubdataCosts.filter((bytes) => bytes !== 0), [34, 34]);
  assertEquals(usage.pubdataBytes, NONCE_BYTES + 34);
});

Deno.test("a reverted transaction keeps its nonce's pubdata, both vectors and the sets", async () => {
  const code = `${READ} ${READ} ${write(1n)} CALLDATASIZE 1 LT 85 JUMPI`;
  const revert = assemble(code.replace("85", String((assemble(code).length - 2) / 2 + 3)));
  const run = await beginRun([{ nonce: 1n, code: `${revert}5f5ffd5b` }]);
  const failed = await runValid(run, frame(0, 0n));
  assertEquals(failed.exception, EXCEPTION_REVERT);
  assertEquals(failed.usage.pubdataBytes, NONCE_BYTES);
  assertEquals(failed.usage.storageRefundGas, 3970);
  assertEquals(messageOf(run), { refunds: [0, 1970, 2000], pubdataCosts: [0, 0, 34] });
  const written = await runValid(run, frame(0, 1n, { data: new Uint8Array(2) }));
  assertEquals(written.exception, 0);
  assertEquals(messageOf(run).refunds, [0, 1970, 2000, 5440, 1970, 1970, 5440]);
  assertEquals(written.usage.pubdataBytes, 34);
});

Deno.test("an external rollback forgets the sets and shortens the vectors", async () => {
  const run = await beginRun(contract(`${READ} ${READ} ${write(1n)}`));
  const { program } = run;
  const begun = { vectors: program.vectors(), counters: program.counters() };
  program.snapshot();
  await runValid(run, frame(0, 0n));
  const once = { vectors: program.vectors(), counters: program.counters() };
  assertEquals(messageOf(run), { refunds: [0, 1970, 2000], pubdataCosts: [0, 0, 34] });
  program.rollback();
  assertEquals({ vectors: program.vectors(), counters: program.counters() }, begun);
  await runValid(run, frame(0, 0n));
  assertEquals({ vectors: program.vectors(), counters: program.counters() }, once);
});

Deno.test("a slot that has an index costs 4 bytes for its key", async () => {
  const slot = bigintToHash32(7n);
  const one = bigintToHash32(1n);
  // Written and cleared before: zero, but not new.
  const run = await beginRun(contract(write(1n)), (storage) => {
    const diff = { address: TARGET, slot };
    storage.apply([{ ...diff, oldValue: ZERO_HASH, newValue: one }], new Map());
    storage.apply([{ ...diff, oldValue: one, newValue: ZERO_HASH }], new Map());
  });
  await runValid(run, frame(0, 0n));
  assertEquals(messageOf(run), { refunds: [0], pubdataCosts: [6] });

  const held = { ...contract(`6 7 SSTORE 5 7 SSTORE`)[0], storage: [{ slot, value: one }] };
  const again = await beginRun([held]);
  await runValid(again, frame(0, 0n));
  assertEquals(messageOf(again), { refunds: [0, 5440], pubdataCosts: [6, 0] });
});

Deno.test("free slots cost no pubdata and always refund", async () => {
  const code = assemble(`${READ} ${READ} ${write(1n)} ${write(2n)} ${READ}`);
  const run = await beginRun([], (storage) => giveCode(storage, SYSTEM_CONTEXT_ADDRESS, code));
  const { exception, usage } = await runValid(run, frame(0, 0n, { to: SYSTEM_CONTEXT_ADDRESS }));
  assertEquals(exception, 0);
  assertEquals(messageOf(run), {
    refunds: [1970, 1970, 5440, 5440, 1970],
    pubdataCosts: [0, 0, 0, 0, 0],
  });
  assertEquals(usage.pubdataBytes, NONCE_BYTES);
});

Deno.test("the bootloader's balance is free, every other one is not", async () => {
  const bootloader = address(`0x${"8001".padStart(40, "0")}`);
  for (const [to, bytes] of [[bootloader, 0], [address(`0x${"8002".padStart(40, "0")}`), 34]]) {
    const run = await beginRun([]);
    const fields = { to: to as Address, valueWei: 1n };
    const { usage } = await runValid(run, frame(0, 0n, fields));
    // The sender's balance is written before the recipient's; it has an index, and loses one wei.
    assertEquals(usage.pubdataBytes, NONCE_BYTES + 4 + 2 + Number(bytes));
    assertEquals(run.program.vectors().refunds.slice(1), [0, bytes === 0 ? 5440 : 0]);
  }
});

Deno.test("transient storage has no refunds and costs no pubdata", async () => {
  const run = await beginRun(contract("1 7 TSTORE 7 TLOAD POP 2 7 TSTORE"));
  const { usage } = await runValid(run, frame(0, 0n));
  assertEquals(messageOf(run), { refunds: [], pubdataCosts: [0, 0, 0] });
  assertEquals(usage.pubdataBytes, NONCE_BYTES);
});

Deno.test("a code is decommitted once a run and given back in full after that", async () => {
  const code = `${"JUMPDEST ".repeat(70)}STOP`;
  const run = await beginRun(contract(code));
  // 71 bytes are 3 words at 4 ergs.
  await runValid(run, frame(0, 0n));
  assertEquals(run.program.vectors().decommitRefundErgs, 0n);
  await runValid(run, frame(0, 1n));
  assertEquals(run.program.vectors().decommitRefundErgs, 12n);
  run.program.snapshot();
  await runValid(run, frame(1, 0n, { to: testAddress(2) }));
  assertEquals(run.program.vectors().decommitRefundErgs, 0n);
  run.program.rollback();
  assertEquals(run.program.vectors().decommitRefundErgs, 12n);
});

Deno.test("a published code costs 4 bytes and its length, once a run", async () => {
  const runtime = assemble(`${"JUMPDEST ".repeat(96)}STOP`);
  const create = { to: undefined, data: hexToBytes(deploy(runtime)) };
  const run = await beginRun([]);
  const { program } = run;
  // Code hash (new slot, 32 bytes that do not compress), the created account's nonce, the sender's.
  const account = 32 + 33 + 34;
  const published = 4 + 97;
  program.snapshot();
  const taken = await runValid(run, frame(0, 0n, create));
  assertEquals(taken.usage.pubdataBytes, account + NONCE_BYTES + published);
  program.rollback();
  const first = await runValid(run, frame(0, 0n, create));
  assertEquals(first.usage.pubdataBytes, account + NONCE_BYTES + published);
  const second = await runValid(run, frame(0, 1n, create));
  assertEquals(second.usage.pubdataBytes, account);
  const other = deploy(assemble("STOP"));
  const third = await runValid(run, frame(0, 2n, { ...create, data: hexToBytes(other) }));
  assertEquals(third.usage.pubdataBytes, account + 4 + 1);
});

Deno.test("a code whose creation failed is not paid for", async () => {
  const runtime = assemble("STOP STOP STOP");
  // Creates, then reverts all that it did.
  const inner = BigInt(deploy(runtime)) << BigInt(8 * (32 - (deploy(runtime).length - 2) / 2));
  const size = (deploy(runtime).length - 2) / 2;
  const run = await beginRun(contract(`${inner} 0 MSTORE ${size} 0 0 CREATE 0 0 REVERT`));
  const { usage, exception } = await runValid(run, frame(0, 0n));
  assertEquals(exception, EXCEPTION_REVERT);
  assertEquals(usage.pubdataBytes, NONCE_BYTES);
  // It is still to be published.
  const create = { to: undefined, data: hexToBytes(deploy(runtime)) };
  const later = await runValid(run, frame(0, 1n, create));
  assertEquals(later.usage.pubdataBytes, 32 + 33 + 34 + 4 + 3);
});

Deno.test("gas is that of the EVM and of pubdata, and negative pubdata is not credited", async () => {
  const chain = createTestChain(
    executor,
    testConfig([{ nonce: 1n, code: ROW_CODE }], { gasPerPubdata: 100n }),
  );
  const totalWei = chain.totalWei();
  const word = (value: bigint) => ({ data: hexToBytes(bigintToHash32(value)) });
  const result = await chain.block(
    testTx(0, 0n, word((1n << 255n) + 1n)),
    testTx(0, 1n, word(0n)),
    testTx(0, 2n, word(1n)),
  );
  const usages = result.outcomes.map((outcome) => {
    assert(outcome.kind === "included", "the transaction is valid");
    assertEquals(outcome.receipt.success, true);
    const { evmGasUsed, pubdataGas, pubdataBytes } = outcome.usage;
    assertEquals(outcome.receipt.gasUsed, evmGasUsed + pubdataGas);
    assertEquals(pubdataGas, 100n * BigInt(Math.max(0, pubdataBytes)));
    return outcome.usage;
  });
  assertGreater(usages[0]?.pubdataBytes ?? 0, 64 + NONCE_BYTES);
  // Clearing the slot takes its pubdata back.
  assertLess(usages[1]?.pubdataBytes ?? 0, 0);
  assertEquals(usages[1]?.pubdataGas, 0n);
  assertGreater(usages[1]?.refundGas ?? 0n, 0n);
  const used = result.receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
  assertEquals(result.draftHeader.gasUsed, used);
  assertEquals(chain.totalWei(), totalWei);
});

Deno.test("a transaction pays for pubdata with its last gas, and fails with one less", async () => {
  const code = assemble("CALLER 0 SSTORE 5 5 LOG0 42 0 MSTORE 32 0 RETURN");
  const offer = async (gasLimit: bigint) => {
    const config = testConfig([{ nonce: 1n, code }], { gasPerPubdata: 1_000n });
    const chain = createTestChain(executor, config);
    const totalWei = chain.totalWei();
    const result = await chain.block(testTx(0, 0n, { gasLimit, valueWei: ETHER }));
    assertEquals(chain.totalWei(), totalWei);
    assertLessOrEqual(onlyReceipt(result).gasUsed, gasLimit);
    return { chain, outcome: onlyOutcome(result) };
  };
  const plenty = await offer(1_000_000n);
  assertEquals(plenty.outcome.receipt.success, true);
  const { gasUsed } = plenty.outcome.receipt;
  const exact = await offer(gasUsed);
  assertEquals(exact.outcome.receipt.success, true);
  assertEquals(exact.outcome.receipt.gasUsed, gasUsed);

  const { chain, outcome } = await offer(gasUsed - 1n);
  assertEquals(outcome.exception, "out of gas for pubdata");
  assertEquals(outcome.receipt.gasUsed, gasUsed - 1n);
  assertEquals(outcome.receipt.logs, []);
  assertEquals(outcome.returnData.length, 0);
  assertEquals(chain.storage.readSlot(TARGET, ZERO_HASH), ZERO_HASH);
  assertEquals(chain.balanceWei(TARGET), 0n);
  assertEquals(chain.nonce(testAddress(0)), 1n);
  const { usage } = outcome;
  assertEquals(usage.evmGasUsed + usage.pubdataGas, gasUsed - 1n);
  // What is left of its pubdata are the sender's own slots.
  assertGreater(usage.pubdataBytes, NONCE_BYTES);
  assertLessOrEqual(usage.pubdataBytes, NONCE_BYTES + 37);
});

Deno.test("a transaction that failed pays for pubdata with what is left, never more", async () => {
  for (const gasPerPubdata of [1n, 16n, 1_000n, 50_000n]) {
    const config = testConfig([{ nonce: 1n, code: assemble("0 0 REVERT") }], { gasPerPubdata });
    const chain = createTestChain(executor, config);
    const totalWei = chain.totalWei();
    const { receipt, usage, exception } = onlyOutcome(
      await chain.block(testTx(0, 0n, { gasLimit: 100_000n, maxFeePerGasWei: 2n * GWEI })),
    );
    assertEquals(exception, "revert");
    const due = gasPerPubdata * BigInt(usage.pubdataBytes);
    const left = 100_000n - usage.evmGasUsed;
    assertEquals(usage.pubdataGas, due < left ? due : left);
    assertEquals(receipt.gasUsed, usage.evmGasUsed + usage.pubdataGas);
    assertLessOrEqual(receipt.gasUsed, 100_000n);
    assertEquals(chain.totalWei(), totalWei);
  }
});

/** A code for an account of the protocol, which no genesis may give it. */
function giveCode(storage: MemoryStorage, owner: Address, code: Hex): void {
  const bytes = hexToBytes(code);
  const codeHash: Hash32 = keccak256(bytes);
  const diff = { ...codeHashSlot(owner), oldValue: ZERO_HASH, newValue: codeHash };
  storage.apply([diff], new Map([[codeHash, bytes]]));
}

Deno.test("authorizations whose pubdata is not paid for do not stay", async () => {
  const claim = { chainId: 901n, address: TARGET, nonce: 0n };
  const authorizations = Array.from({ length: 3 }, (_, index) => ({
    ...claim,
    ...signDigest(authorizationDigest(claim), testKey(index + 1)),
  }));
  // 21,000 and 25,000 for each authorization; the rest pays for a few bytes.
  for (const code of ["STOP", "0 0 REVERT"] as const) {
    const config = testConfig([{ nonce: 1n, code: assemble(code) }], { gasPerPubdata: 16n });
    const offer = async (gasLimit: bigint) => {
      const chain = createTestChain(executor, config);
      const tx = testTx(0, 0n, { type: 4, authorizations, gasLimit });
      return { chain, outcome: onlyOutcome(await chain.block(tx)) };
    };
    const tight = await offer(96_000n + 40n * 16n);
    const { usage, receipt } = tight.outcome;
    assertEquals(receipt.success, false);
    if (code === "STOP") {
      assertEquals(tight.chain.codeHash(testAddress(1)), ZERO_HASH);
      assertEquals(tight.chain.nonce(testAddress(1)), 0n);
      assertLessOrEqual(usage.pubdataBytes, NONCE_BYTES + 37);
    } else {
      // The refund for accounts that exist pays for them here.
      assertEquals(tight.chain.nonce(testAddress(1)), 1n);
      assertEquals(usage.pubdataGas, 16n * BigInt(usage.pubdataBytes));
    }
    const plenty = await offer(200_000n);
    assertEquals(plenty.chain.nonce(testAddress(3)), 1n);
    assertGreater(plenty.outcome.usage.pubdataBytes, 3 * 100);
    assertEquals(plenty.outcome.usage.pubdataGas, 16n * BigInt(plenty.outcome.usage.pubdataBytes));
  }
});
