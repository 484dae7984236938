/**
 * A rollup with rows in every table, and a use of it that reads them all.
 *
 * Owns both, so that a test can damage one row in between. Does not own what damage there is.
 * @module
 */
import type { LocalEngine } from "../../../core/engine/local_engine.ts";
import { signL1Transaction } from "../../../core/l1/transaction.ts";
import { poolContext } from "../../../core/pipeline/inlet.ts";
import type { Node } from "../../../core/pipeline/node.ts";
import { stageTrappedTx } from "../../../core/pipeline/trapped_tx.ts";
import { decodeAndCheck } from "../../../core/pool/admission.ts";
import { bytesToHex, hash32, type Hex, hexToBytes } from "../../../core/primitives/hex.ts";
import { transactionHash } from "../../../core/types/tx.ts";
import { TABLES } from "../../../core/store/schema.ts";
import { createWriteSet } from "../../../core/store/write_set.ts";
import { devAccount, initCodeOf } from "../l1/testing.ts";
import { createdAddress, l2Tx } from "../proving/l2_txs.ts";
import {
  type MemoryRollup,
  openMemoryRollup,
  openStores,
  type Stores,
} from "../proving/rollup_in_memory.ts";

/** Larger than a row takes inline, so it is stored in chunks. */
const LARGE_BYTES = 70_000;
/** The largest code, stored in a row. */
const CODE = new Uint8Array(20_000).fill(0x5b);

/** Sent in this order; the last one stays in the pool. */
const TRANSACTIONS: readonly Uint8Array[] = [
  l2Tx(0, { nonce: 0n }),
  l2Tx(0, { nonce: 1n, to: undefined, valueWei: 0n, data: initCodeOf(CODE), gasLimit: 9_000_000n }),
  l2Tx(1, { nonce: 0n, data: new Uint8Array(LARGE_BYTES).fill(1), gasLimit: 9_000_000n }),
  l2Tx(0, { nonce: 2n, to: createdAddress(0, 1n), valueWei: 0n }),
  l2Tx(2, { nonce: 0n }),
  l2Tx(3, { nonce: 0n }),
];

/** No block holds it. */
const TRAPPED: Uint8Array = l2Tx(5, { nonce: 0n });

/** Two batches, the first verified, the second sealed; a transaction waits. All is on disk. */
export async function openLivedInStores(): Promise<Stores & Disposable> {
  const stores = await openStores();
  const { engine, l1 } = await openMemoryRollup(stores);
  await l1.mine();
  await l1.reorg(1n);
  await engine.sendL1(await forceOperation(engine));
  await engine.sync();
  const send = async (first: number, until: number) => {
    for (const raw of TRANSACTIONS.slice(first, until)) await engine.sendTransaction(raw);
  };
  await send(0, 1);
  await engine.mineBlock();
  await send(1, 2);
  await engine.sealBatch();
  await engine.submit();
  await engine.prove();
  await engine.submit();
  await engine.sync();
  await send(2, 5);
  await engine.sealBatch();
  await send(5, 6);
  await setAside(engine.node);
  await l1.firstMark();
  await l1.controls.decree(new Map([[devAccount(9).address, { balanceWei: 1n }]]));
  await engine[Symbol.asyncDispose]();
  return stores;
}

/** A transaction to L1 that puts a transaction into the queue. */
async function forceOperation(engine: LocalEngine): Promise<Hex> {
  const { address, privateKey } = devAccount(7);
  const transaction = bytesToHex(l2Tx(7, { nonce: 0n }));
  const plan = await engine.planL1({ kind: "forceBatch", transaction }, address);
  const { raw } = signL1Transaction({
    chainId: BigInt(plan.chainId),
    nonce: BigInt(plan.nonce),
    to: engine.node.l1.rollup,
    data: hexToBytes(plan.data),
    valueWei: 0n,
    gasLimit: BigInt(plan.gasLimit),
    maxFeePerGasWei: BigInt(plan.maxFeePerGasWei),
    maxPriorityFeePerGasWei: BigInt(plan.maxPriorityFeePerGasWei),
  }, privateKey);
  return bytesToHex(raw);
}

/** As if the program had broken on {@linkcode TRAPPED}. */
async function setAside(node: Node): Promise<void> {
  const entry = { ...decodeAndCheck(TRAPPED, poolContext(node)), arrival: 99n };
  const writes = createWriteSet(node.kv);
  await stageTrappedTx(node, writes, { entry, fault: "unreachable", blockNumber: 4n });
  await writes.commit();
}

/** Each thing that a user may do, one after another; every one may throw. */
export function usesOf(
  { engine, l1 }: MemoryRollup,
): readonly (readonly [string, () => Promise<unknown>])[] {
  const uses: [string, () => Promise<unknown>][] = [
    ["dump of the L1", () => l1.controls.dumpState()],
    ["first start of the L1", () => l1.firstMark()],
    ["heads", () => engine.heads()],
    ["sender", () => engine.sender(devAccount(0).address)],
    ["pool", () => engine.inspect({ kind: "pool" })],
    ["state heads", () => engine.inspect({ kind: "heads" })],
  ];
  for (const block of [0, 1, 2, 3]) {
    uses.push([`block ${block}`, () => engine.inspect({ kind: "block", block })]);
  }
  for (const batch of [1, 2]) {
    uses.push([`batch ${batch}`, () => engine.inspect({ kind: "batch", batch })]);
  }
  for (const raw of [...TRANSACTIONS, TRAPPED]) {
    const hash = transactionHash(raw);
    uses.push([`tx ${hash}`, () => engine.inspect({ kind: "tx", hash })]);
  }
  const created = createdAddress(0, 1n);
  for (const address of [devAccount(0).address, created]) {
    uses.push([`account ${address}`, () => engine.inspect({ kind: "account", address })]);
  }
  const slot = hash32(`0x${"00".repeat(32)}`);
  uses.push(["storage", () => engine.inspect({ kind: "storage", address: created, slot })]);
  for (const { name } of TABLES) {
    uses.push([
      `table ${name}`,
      () => engine.inspect({ kind: "table", table: name, limit: 1_000 }),
    ]);
  }
  uses.push(
    ["send", () => engine.sendTransaction(l2Tx(4, { nonce: 0n }))],
    ["next job", () => engine.nextProofJob()],
    [
      "accept nothing",
      () => engine.acceptProof(9, bytesToHex(hexToBytes("0x00"))).catch(ignoreUnknownJob),
    ],
    ["seal", () => engine.sealBatch()],
    ["submit", () => engine.submit()],
    ["prove", () => engine.prove()],
    ["submit the proof", () => engine.submit()],
    ["sync", () => engine.sync()],
    ["close", async () => await engine[Symbol.asyncDispose]()],
  );
  return uses;
}

function ignoreUnknownJob(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "PROOF_JOB_UNKNOWN")) {
    throw error;
  }
}
