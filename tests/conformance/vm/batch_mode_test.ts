/**
 * The run mode Batch on the module itself: all transactions lie in memory before it starts.
 *
 * Owns an operator of its own that notes which hooks it is called at. Does not own the node's
 * operator (`core/vm/host/instance.ts`), which hands in one transaction at a time.
 * @module
 */
import { assertEquals } from "@std/assert";
import { address, bigintToHash32, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { balanceSlot, HEADER_COMMITMENT_SLOT } from "../../../core/types/state.ts";
import * as layout from "../../../core/vm/assembly/layout.ts";
import { WASM_BASE64 } from "../../../core/vm/generated.ts";
import { createMemoryView } from "../../../core/vm/host/memory_view.ts";
import { readCounters, readDiffs } from "../../../core/vm/host/results.ts";
import { writeTxFrame } from "../../../core/vm/host/tx_frame.ts";
import { ETHER, GWEI, TARGET, testAddress } from "./world.ts";

const COMMITMENT = bigintToHash32(7n);
/** Where the second and third frame lie, counted from the first. */
const FRAME_STEP = 512;

interface BatchRun {
  readonly answer: number;
  /** Ids of the hooks in order, and what was refused at each transaction's end. */
  readonly hooks: readonly number[];
  readonly refusals: readonly number[];
  readonly memory: ReturnType<typeof createMemoryView>;
  readonly diffs: { readonly count: number; readonly pointer: number };
}

/** Runs transfers of account 0 with these nonces, and closes with the given fictive number. */
function runBatch(nonces: readonly bigint[], fictiveNumber: bigint): BatchRun {
  const hooks: number[] = [];
  const refusals: number[] = [];
  let diffs = { count: 0, pointer: 0 };
  const funded = balanceSlot(testAddress(0));
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(Uint8Array.fromBase64(WASM_BASE64)),
    {
      env: {
        storage_read: (account: number, slot: number, out: number) => {
          const isFunded = memory.account(account) === funded.address &&
            memory.hash(slot) === funded.slot;
          memory.setHash(out, isFunded ? bigintToHash32(ETHER) : ZERO_HASH);
          return isFunded ? 1 : 0;
        },
        cost_of_writing_storage: () => 32,
        is_free_storage_slot: () => 0,
        decommit: () => -1,
        block_hash: () => {},
        account_has_storage: () => 0,
        crypto: () => -1,
        hook: (id: number) => {
          hooks.push(id);
          if (id === layout.HOOK_TX_HAS_ENDED) {
            refusals.push(Number(memory.number(layout.SLOT_RESULT_INVALID)));
          }
          if (id === layout.HOOK_FINAL_BATCH_INFO) {
            memory.setNumber(layout.SLOT_FICTIVE_NUMBER, fictiveNumber);
            memory.setNumber(layout.SLOT_FICTIVE_TIMESTAMP, 11n);
            memory.setHash(layout.SLOT_FICTIVE_COMMITMENT * layout.WORD_BYTES, COMMITMENT);
          }
          if (id === layout.HOOK_PUBDATA_REQUESTED) {
            diffs = {
              count: memory.count(layout.SLOT_HOOK_PARAM_0),
              pointer: memory.count(layout.SLOT_HOOK_PARAM_1),
            };
          }
        },
      },
    },
  );
  // The module's exports are those of `assembly/index.ts`.
  const exports = instance.exports as unknown as {
    readonly memory: WebAssembly.Memory;
    begin(): number;
    run(mode: number): number;
  };
  const memory = createMemoryView(exports.memory);
  memory.setNumber(layout.SLOT_NUMBER, 5n);
  memory.setNumber(layout.SLOT_TIMESTAMP, 10n);
  memory.setNumber(layout.SLOT_FORK, BigInt(layout.FORK_OSAKA));
  memory.setNumber(layout.SLOT_GAS_LIMIT, 30_000_000n);
  memory.setWord(layout.SLOT_BASE_FEE * layout.WORD_BYTES, GWEI);
  memory.setWord(layout.SLOT_CHAIN_ID * layout.WORD_BYTES, 901n);
  writeTxFrame(memory, {
    type: 2,
    sender: testAddress(0),
    to: TARGET,
    valueWei: 3n,
    maxFeePerGasWei: GWEI,
    maxPriorityFeePerGasWei: 0n,
    maxFeePerBlobGasWei: 0n,
    chainId: 901n,
    gasLimit: 21_000n,
    nonce: 0n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
    blobHashes: [],
    asTransaction: true,
  });
  const first = memory.read(layout.TX_REGION_BASE, FRAME_STEP);
  assertEquals(exports.begin(), 0);
  for (const [index, nonce] of nonces.entries()) {
    const frame = layout.TX_REGION_BASE + index * FRAME_STEP;
    memory.write(frame, first);
    memory.setU64(frame + layout.TX_NONCE, nonce);
    const description = layout.TX_DESCRIPTIONS_BASE + index * layout.TX_DESCRIPTION_BYTES;
    memory.setU32(description, 1);
    memory.setU32(description + 4, frame);
  }
  return { answer: exports.run(layout.MODE_BATCH), hooks, refusals, memory, diffs };
}

Deno.test("run() in mode Batch runs every description and closes", () => {
  const { answer, hooks, refusals, memory, diffs } = runBatch([0n, 1n, 2n], 6n);
  assertEquals(answer, layout.RUN_CLOSED);
  const ofTx = [
    layout.HOOK_ASK_OPERATOR_FOR_REFUND,
    layout.HOOK_NOTIFY_ABOUT_REFUND,
    layout.HOOK_POST_RESULT,
    layout.HOOK_TX_HAS_ENDED,
  ];
  const closing = [layout.HOOK_FINAL_BATCH_INFO, layout.HOOK_PUBDATA_REQUESTED];
  assertEquals(hooks, [...ofTx, ...ofTx, ...ofTx, ...closing]);
  assertEquals(refusals, [0, 0, 0]);
  assertEquals(memory.number(layout.SLOT_TX_INDEX), 3n);
  const counters = readCounters(memory);
  assertEquals([counters.txCount, counters.gasUsed], [3, 63_000n]);
  const found = readDiffs(memory, diffs.pointer, diffs.count);
  const received = balanceSlot(TARGET);
  assertEquals(
    found.find(({ address, slot }) => address === received.address && slot === received.slot)
      ?.newValue,
    bigintToHash32(9n),
  );
  const systemContext = address(`0x${"800b".padStart(40, "0")}`);
  assertEquals(
    found.find((diff) => diff.address === systemContext && diff.slot === HEADER_COMMITMENT_SLOT)
      ?.newValue,
    COMMITMENT,
  );
});

Deno.test("run() in mode Batch goes on after what is invalid", () => {
  const { answer, refusals, memory } = runBatch([0n, 5n, 1n], 6n);
  assertEquals(answer, layout.RUN_CLOSED);
  assertEquals(refusals, [0, layout.INVALID_NONCE_TOO_HIGH, 0]);
  assertEquals(readCounters(memory).txCount, 2);
});

Deno.test("run() in mode Batch refuses another fictive block than the next one", () => {
  assertEquals(runBatch([0n], 7n).answer, layout.RUN_REFUSED);
  assertEquals(runBatch([], 6n).answer, layout.RUN_CLOSED);
});
