/** `undoLast()` of the program: a block in which the transaction was never offered. */
import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { assert, AssertionError } from "../../../core/primitives/errors.ts";
import { bytesToHex, hexToBytes } from "../../../core/primitives/hex.ts";
import { signDigest } from "../../../core/crypto/secp256k1.ts";
import type { ExecutionCounters } from "../../../core/types/counters.ts";
import type { ChainConfig } from "../../../core/types/genesis.ts";
import { authorizationDigest } from "../../../core/vm/authorizations.ts";
import { openBlock } from "../../../core/vm/block_transition.ts";
import type { ExecutableTx, Executor, TxOutcome } from "../../../core/vm/executor.ts";
import { createWasmExecutor } from "../../../core/vm/host/wasm_executor.ts";
import { assemble, deploy } from "./assemble.ts";
import {
  contractAddress,
  createDraw,
  type Draw,
  randomContracts,
  randomTransaction,
} from "./random_programs.ts";
import { createTestChain, ETHER, TARGET, testConfig, testKey, testTx } from "./world.ts";

/** A transaction that was offered, and whether it was taken back. */
interface Offer {
  readonly tx: ExecutableTx;
  readonly isUndone: boolean;
}

/** The first block of `config`'s chain. */
function open(executor: Executor, config: ChainConfig) {
  const chain = createTestChain(executor, config);
  const timestampSec = chain.head().timestampSec + 2n;
  return openBlock({
    executor,
    storage: chain.storage,
    config,
    parent: chain.head(),
    timestampSec,
  });
}

/** What can be seen of a block after one of its transactions. */
interface Step {
  readonly outcome: TxOutcome;
  readonly counters: ExecutionCounters;
  readonly gasLeft: bigint;
}

/** Runs `offers`; gives the steps that were kept, and the block. */
async function runOffers(executor: Executor, config: ChainConfig, offers: readonly Offer[]) {
  const block = await open(executor, config);
  const steps: Step[] = [];
  const undone: TxOutcome[] = [];
  for (const { tx, isUndone } of offers) {
    const outcome = await block.run(tx);
    if (isUndone) {
      block.undoLast();
      undone.push(outcome);
    } else {
      steps.push({ outcome, counters: block.counters(), gasLeft: block.gasLeft() });
    }
  }
  return { steps, undone, result: await block.close() };
}

/** `offers` leave what those leave that were not taken back. */
async function compare(
  executors: readonly [Executor, Executor],
  config: ChainConfig,
  offers: readonly Offer[],
  label: string,
): Promise<readonly TxOutcome[]> {
  const kept = offers.filter(({ isUndone }) => !isUndone);
  const { undone, ...ours } = await runOffers(executors[0], config, offers);
  const { undone: none, ...expected } = await runOffers(executors[1], config, kept);
  assertEquals(none, []);
  assertEquals(ours, expected, label);
  return undone;
}

const runtime = assemble("1 0 SSTORE 0 0 LOG0");
const claim = { chainId: 901n, address: TARGET, nonce: 0n };
const authorization = {
  ...claim,
  ...signDigest(authorizationDigest(claim), testKey(5)),
};
const create = { to: undefined, data: hexToBytes(deploy(runtime)) };

/** By name: a transaction of account 0 that is taken back. */
const KINDS: Readonly<Record<string, ExecutableTx>> = {
  "a transfer to an account that was empty": testTx(0, 0n, {
    to: contractAddress(9),
    valueWei: ETHER,
  }),
  "a call that writes and logs": testTx(0, 0n),
  "a call that reverts": testTx(0, 0n, { data: Uint8Array.of(1) }),
  "a creation": testTx(0, 0n, create),
  "a creation that destroys itself": testTx(0, 0n, {
    to: undefined,
    valueWei: ETHER,
    data: hexToBytes(assemble("1 0 SSTORE 1 1 TSTORE CALLER SELFDESTRUCT")),
  }),
  "a delegation": testTx(0, 0n, { type: 4, authorizations: [authorization] }),
  "one that runs out of gas": testTx(0, 0n, { gasLimit: 30_000n }),
};

/** Writes, clears and restores slots, keeps transient storage, logs; reverts with call data. */
const CODE = assemble(
  `0 SLOAD 1 ADD 0 SSTORE 9 1 SSTORE 0 2 SSTORE 7 0 TSTORE 0 TLOAD 3 SSTORE 0 0 LOG0 ` +
    `CALLDATASIZE 37 JUMPI STOP STOP STOP STOP STOP STOP JUMPDEST 0 0 REVERT`,
);

for (const [kind, tx] of Object.entries(KINDS)) {
  Deno.test(`undoLast() takes back ${kind}`, async () => {
    const executor = createWasmExecutor();
    const config = testConfig([{ nonce: 1n, code: CODE }], { gasPerPubdata: 3n });
    const others = [
      testTx(1, 0n),
      testTx(1, 1n, create),
      testTx(5, 0n, { valueWei: 3n }),
      testTx(0, 0n),
      testTx(2, 0n, { type: 4, authorizations: [authorization] }),
      testTx(1, 2n, { to: contractAddress(9), valueWei: 1n }),
    ];
    for (let place = 0; place <= others.length; place++) {
      // Account 0 has been used by then: its nonce is another.
      const undone = place > 3 ? testTx(0, 1n, { ...tx.tx, nonce: 1n }) : tx;
      const offers = others.map((other): Offer => ({ tx: other, isUndone: false }));
      offers.splice(place, 0, { tx: undone, isUndone: true });
      const [outcome] = await compare([executor, executor], config, offers, `at ${place}`);
      assertEquals(outcome?.kind, "included");
    }
    // Taken back and offered again, any number of times, it does the same.
    const again = [true, true, true, false].map((isUndone): Offer => ({ tx, isUndone }));
    await compare([executor, executor], config, again, "again");
  });
}

Deno.test("undoLast() works only right after a transaction that was included", async () => {
  const block = await open(createWasmExecutor(), testConfig([{ nonce: 1n, code: CODE }]));
  assertThrows(() => block.undoLast(), AssertionError);
  await block.run(testTx(0, 0n));
  block.undoLast();
  assertThrows(() => block.undoLast(), AssertionError);
  assertEquals((await block.run(testTx(0, 0n))).kind, "included");
  assertEquals((await block.run(testTx(0, 5n))).kind, "invalid");
  assertThrows(() => block.undoLast(), AssertionError);
  const { receipts } = await block.close();
  assertEquals(receipts.length, 1);
});

const SEED_COUNT = 240;
const OFFER_COUNT = 12;

/** Offers of three accounts, some of them taken back; the nonces are those of who is kept. */
async function randomOffers(draw: Draw, executor: Executor, config: ChainConfig) {
  const block = await open(executor, config);
  const nonces = [0n, 0n, 0n];
  const offers: Offer[] = [];
  for (let count = 0; count < OFFER_COUNT; count++) {
    const from = draw.below(nonces.length);
    const tx = randomTransaction(draw, from, nonces[from] ?? 0n);
    const outcome = await block.run(tx);
    const isUndone = outcome.kind === "included" && draw.chance(50);
    if (isUndone) block.undoLast();
    else if (outcome.kind === "included") nonces[from] = (nonces[from] ?? 0n) + 1n;
    offers.push({ tx, isUndone });
  }
  await block.close();
  return offers;
}

Deno.test(`undoLast() leaves no trace, seeds 0 to ${SEED_COUNT - 1}`, async () => {
  const shared = createWasmExecutor();
  const seen = { creation: 0, failure: 0, logs: 0, delegation: 0, refund: 0, shrinking: 0 };
  for (let seed = 0; seed < SEED_COUNT; seed++) {
    const draw = createDraw(seed + 5_000);
    const gasPerPubdata = draw.pick([0n, 3n, 100n]);
    const config = testConfig(randomContracts(draw), { gasPerPubdata });
    const offers = await randomOffers(draw, shared, config);
    // The other block runs now in the same instance, now in one that knows no code yet.
    const fresh = seed % 8 === 0 ? createWasmExecutor() : shared;
    const undone = await compare([shared, fresh], config, offers, `seed ${seed}`);
    for (const outcome of undone) {
      assert(outcome.kind === "included", "only what was included is taken back");
      const { receipt, usage } = outcome;
      if (receipt.contractAddress !== undefined && receipt.success) seen.creation++;
      if (!receipt.success) seen.failure++;
      if (receipt.logs.length > 0) seen.logs++;
      if (receipt.type === 4) seen.delegation++;
      if (usage.refundGas > 0n) seen.refund++;
      if (usage.pubdataBytes < 0) seen.shrinking++;
    }
  }
  // The comparison means something only while all kinds are met.
  for (const [kind, count] of Object.entries(seen)) assertGreater(count, 0, `${kind}: ${count}`);
});

Deno.test("undoLast() makes a code as new as it was before", async () => {
  const config = testConfig([], { gasPerPubdata: 10n });
  const executor = createWasmExecutor();
  const data = hexToBytes(deploy(bytesToHex(new Uint8Array(300).fill(0x5b))));
  const fields = { to: undefined, data };
  const block = await open(executor, config);
  const taken = await block.run(testTx(0, 0n, fields));
  block.undoLast();
  const kept = await block.run(testTx(0, 0n, fields));
  assertEquals(kept, taken);
  assert(kept.kind === "included", "it deploys");
  assertGreater(kept.usage.pubdataBytes, 304);
  const { newCodes } = await block.close();
  assertEquals(newCodes.size, 1);
});
