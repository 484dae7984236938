/**
 * A world whose second batch does a bit of everything, and the job of proving it.
 *
 * Owns the script: transfers, a creation, storage that is written, reverted and cleared, in several
 * blocks. Does not own what a test then breaks.
 * @module
 */
import type { LocalEngine } from "../../../core/engine/local_engine.ts";
import type { ProofJobView } from "../../../core/engine/engine.ts";
import { assert } from "../../../core/primitives/errors.ts";
import { hexToBytes } from "../../../core/primitives/hex.ts";
import type { ProofJob } from "../../../core/proving/prover.ts";
import { decodePublicInputs } from "../../../core/proving/public_inputs.ts";
import { devAccount, initCodeOf } from "../l1/testing.ts";
import { createdAddress, l2Tx } from "./l2_txs.ts";
import { openMemoryRollup, openStores, type Stores } from "./rollup_in_memory.ts";

/** Stores the first word of the calldata in slot 0; reverts when there is none. */
const STORE_CODE = hexToBytes("0x366007575f5ffd5b5f355f5500");

/** A world in which batch 1 is proven and batch 2 is sealed and not proven. */
export interface ProofWorld extends AsyncDisposable {
  readonly stores: Stores;
  readonly engine: LocalEngine;
  /** The job of batch 1, which is done. */
  readonly firstJob: ProofJob;
  /** The job of batch 2. */
  readonly job: ProofJob;
}

/** Opens a fresh world and runs the script. */
export async function openProofWorld(): Promise<ProofWorld> {
  const stores = await openStores();
  const { engine } = await openMemoryRollup(stores);
  const store = createdAddress(0, 0n);
  const word = (value: number) => new Uint8Array(32).with(31, value);
  const call = (nonce: bigint, data: Uint8Array) =>
    l2Tx(0, { nonce, to: store, valueWei: 0n, data });
  const create = (nonce: bigint) =>
    l2Tx(0, { nonce, to: undefined, valueWei: 0n, data: initCodeOf(STORE_CODE) });

  const block = async (...transactions: readonly Uint8Array[]) => {
    for (const raw of transactions) await engine.sendTransaction(raw);
    await engine.mineBlock();
  };
  await block(create(0n), call(1n, word(7)));
  // More leaves than the second batch and its neighbours take.
  const idle = Array.from(
    { length: 24 },
    (_, nonce) => l2Tx(7, { nonce: BigInt(nonce), to: createdAddress(7, BigInt(nonce)) }),
  );
  await block(...idle);
  await engine.sealBatch();
  const firstJob = decodeJob(await engine.nextProofJob());
  await engine.prove();
  await block(l2Tx(1, { nonce: 0n, to: devAccount(2).address }), call(2n, word(9)));
  await block(create(3n), call(4n, new Uint8Array(0)));
  await block(call(5n, word(0)), l2Tx(2, { nonce: 0n, to: createdAddress(5, 0n) }));
  await engine.sealBatch();
  const job = decodeJob(await engine.nextProofJob());
  return {
    stores,
    engine,
    firstJob,
    job,
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      stores[Symbol.dispose]();
    },
  };
}

/** A job as a prover in this process takes it. */
export function decodeJob(view: ProofJobView | null): ProofJob {
  assert(view !== null, "a sealed batch has a job");
  return {
    batchNumber: BigInt(view.batchNumber),
    witness: hexToBytes(view.witness),
    publicInputs: decodePublicInputs(hexToBytes(view.publicInputs)),
  };
}
