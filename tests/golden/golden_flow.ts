/**
 * The golden flow: one scripted run on a virtual clock, recorded to the byte.
 *
 * Owns the script and the record: transfers, a contract deployment, calls, a revert, two batches,
 * all the way to consolidated. Does not own comparing it with the fixture.
 * @module
 */
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import type { JsonValue } from "../../core/engine/engine.ts";
import {
  type Address,
  bytesToHash32,
  bytesToHex,
  type Hex,
  hexToBytes,
} from "../../core/primitives/hex.ts";
import { silentLog } from "../../core/primitives/ports.ts";
import { readBatchData } from "../../core/store/batches.ts";
import { requireBlock } from "../../core/store/blocks.ts";
import { PROOFS } from "../../core/store/schema.ts";
import { requireRow } from "../../core/store/table.ts";
import { encodeHeader } from "../../core/types/block.ts";
import { encodeReceipt } from "../../core/types/receipt.ts";
import {
  createdAddress,
  encodeTransaction,
  signTransaction,
  type UnsignedTransaction,
} from "../../core/types/tx.ts";
import { DEV_ACCOUNTS, type DevnetAccount } from "../../devnet/accounts.ts";
import { openRollup, type Rollup } from "../../devnet/rollup.ts";

/** Stores its first calldata word and logs it with the caller as topic; reverts without calldata. */
export const STORE_RUNTIME = "36156012575f35805f555f523360205fa1005b5f5ffd";
const STORE_INIT_CODE: Hex = `0x60168060095f395ff3${STORE_RUNTIME}`;

/** Runs the flow in `dataDir`, which must be empty, and gives its record. */
export async function runGoldenFlow(dataDir: string): Promise<JsonValue> {
  const rollup = await openRollup({
    dataDir,
    clock: "virtual",
    automine: false,
    log: silentLog,
  });
  await using engine = rollup.engine;
  const [alice, bob, carol] = DEV_ACCOUNTS;
  if (alice === undefined || bob === undefined || carol === undefined) {
    throw new Error("the devnet has at least three accounts");
  }
  const store = createdAddress(alice.address, 1n);
  await send(engine, alice, 0n, { to: bob.address, valueWei: 10n ** 18n });
  await send(engine, alice, 1n, { to: undefined, data: hexToBytes(STORE_INIT_CODE) });
  await send(engine, bob, 0n, { type: 0, to: carol.address, valueWei: 5n });
  await engine.sealBatch();
  await send(engine, alice, 2n, { to: store, data: new Uint8Array(32).fill(7) });
  await send(engine, bob, 1n, { type: 1, to: store, data: new Uint8Array(32).fill(9) });
  await send(engine, carol, 0n, { to: store, data: new Uint8Array(0) });
  await engine.mineBlock();
  await send(engine, alice, 3n, { to: store, data: new Uint8Array(32) });
  await engine.sealBatch();
  await engine.submit();
  await engine.prove();
  await engine.submit();
  await engine.sync();
  return await record(rollup, store);
}

async function send(
  engine: LocalEngine,
  from: DevnetAccount,
  nonce: bigint,
  fields: Partial<UnsignedTransaction>,
): Promise<void> {
  const tx: UnsignedTransaction = {
    type: 2,
    chainId: engine.node.config.chainId,
    nonce,
    maxFeePerGasWei: 3_000_000_000n,
    maxPriorityFeePerGasWei: 1_000_000_000n,
    gasLimit: 200_000n,
    to: undefined,
    valueWei: 0n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
    ...fields,
  };
  const legacy = tx.type < 2 ? { ...tx, maxPriorityFeePerGasWei: tx.maxFeePerGasWei } : tx;
  await engine.sendTransaction(encodeTransaction(signTransaction(legacy, from.privateKey)));
}

async function record({ engine, l1, rollupAddress, verifierAddress }: Rollup, store: Address) {
  const { node } = engine;
  const heads = await engine.heads();
  const blocks: JsonValue[] = [];
  for (let number = 0n; number <= BigInt(heads.block); number++) {
    const block = await requireBlock(node.kv, number);
    blocks.push({
      number: Number(number),
      hash: block.hash,
      header: bytesToHex(encodeHeader(block.header)),
      leafCount: Number(block.leafCount),
      transactions: block.transactions.map((tx) => ({ hash: tx.hash, raw: bytesToHex(tx.raw) })),
      receipts: block.receipts.map((receipt) => bytesToHex(encodeReceipt(receipt))),
      diffs: block.diffs.map((diff) => ({ ...diff })),
    });
  }
  const batches: JsonValue[] = [];
  for (let number = 1n; number <= BigInt(heads.sealed); number++) {
    const proof = await requireRow(node.kv, PROOFS, [number]);
    batches.push({
      summary: await engine.inspect({ kind: "batch", batch: Number(number) }),
      data: bytesToHex(await readBatchData(node.kv, number)),
      publicInputs: bytesToHex(proof.publicInputs),
    });
  }
  const l1Blocks: JsonValue[] = [];
  for (let number = 0n; number <= await l1.numberOf("latest"); number++) {
    const block = await l1.block(number);
    if (block === undefined) throw new Error(`L1 block ${number} is missing`);
    l1Blocks.push({
      number: Number(number),
      hash: block.header.hash,
      stateRoot: block.header.stateRoot,
      transactions: block.transactions.map((tx) => tx.hash),
    });
  }
  return {
    contracts: { rollup: rollupAddress, verifier: verifierAddress },
    programHash: node.executor.programHash,
    heads: { ...heads },
    blocks,
    batches,
    stored: await engine.inspect({
      kind: "storage",
      address: store,
      slot: bytesToHash32(new Uint8Array(32)),
    }),
    l1Blocks,
  };
}
