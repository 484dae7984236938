/**
 * An Engine that answers with constants and remembers what it was asked, for tests of JSON-RPC.
 *
 * Owns no rollup at all.
 * @module
 */
import type { Engine, HeadsView, JsonValue, ProveView } from "../../../core/engine/engine.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { bigintToHash32, bytesToHex, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { privateKeyToAddress } from "../../../core/crypto/secp256k1.ts";
import { TRUSTED_BY_PROOF_KIND } from "../../../core/types/proof.ts";

/** The engine and what only a test may read. */
export interface FakeEngine extends Engine {
  /** Every verb that was called, with its arguments. */
  readonly calls: readonly (readonly unknown[])[];
  /** What the next call of any verb throws. */
  failNext(error: unknown): void;
}

/** Heads of the fake: three sealed batches of two blocks each. */
export const FAKE_HEADS: HeadsView = {
  block: 7,
  sealed: 3,
  sequenced: 2,
  proven: 2,
  verified: 1,
  l1Block: 20,
  pooled: 0,
};

const HASH_7 = bigintToHash32(7n);
const FAKE_LEAF = {
  leaf: { index: 2, key: HASH_7, value: HASH_7, nextIndex: 1 },
  siblings: [HASH_7],
};

/** What `inspect` answers by constants, besides batches. */
const FAKE_ANSWERS: Readonly<Record<string, JsonValue>> = {
  chain: {
    chainId: 901,
    l1ChainId: 900,
    rollup: "0x7070707070707070707070707070707070707070",
    coinbase: "0x8080808080808080808080808080808080808080",
    genesisTimestampSec: 1_700_000_000,
    gasPerPubdata: 16,
    programHash: HASH_7,
    limits: [
      { reason: "gas", counter: "gasUsed", limit: 30_000_000 },
      { reason: "pubdata bytes", counter: "pubdataBytes", limit: 100_000 },
    ],
  },
  l1: {
    number: 21,
    hash: HASH_7,
    parentHash: HASH_7,
    timestampSec: 1_700_000_021,
    baseFeePerGasWei: "7",
  },
  proof: {
    batch: 2,
    block: 4,
    stateRoot: HASH_7,
    treeHash: "poseidon2-koalabear-16",
    slots: [
      { slot: HASH_7, key: HASH_7, value: HASH_7, proof: { kind: "presence", entry: FAKE_LEAF } },
      {
        slot: HASH_7,
        key: HASH_7,
        value: ZERO_HASH,
        proof: { kind: "absence", low: FAKE_LEAF, next: FAKE_LEAF },
      },
    ],
  },
  data: "0x0102",
  witness: { batchNumber: 2, witness: "0x1234", publicInputs: "0x5678" },
  code: "0x6001",
  tx: { isForced: false, counters: [{ counter: "keccak-f", used: 3 }], gasUsed: 21_000 },
};

/** An engine whose batch `n` holds the blocks `2n - 1` and `2n`. */
export function createFakeEngine(): FakeEngine {
  const calls: (readonly unknown[])[] = [];
  let failure: { readonly error: unknown } | undefined;
  const answer = async <T>(value: T, ...call: readonly unknown[]): Promise<T> => {
    await Promise.resolve();
    calls.push(call);
    const { error } = failure ?? {};
    failure = undefined;
    if (error !== undefined) throw error;
    return value;
  };
  const hash = bigintToHash32(7n);
  const proof: ProveView = {
    batchNumber: 2,
    kind: "mock",
    trusted: TRUSTED_BY_PROOF_KIND.mock,
    publicInputsHash: hash,
    newStateRoot: hash,
    proofBytes: 2,
  };
  return {
    calls,
    failNext: (error) => {
      failure = { error };
    },
    sendTransaction: (raw) =>
      answer(
        {
          transactionHash: hash,
          from: privateKeyToAddress(new Uint8Array(32).fill(1)),
          to: null,
          nonce: 4,
          status: "included",
          blockNumber: 8,
          success: true,
          gasUsed: 21_000,
          contractAddress: "0x6060606060606060606060606060606060606060",
        },
        "sendTransaction",
        bytesToHex(raw),
      ),
    sealBatch: () =>
      answer({
        batchNumber: 4,
        firstBlock: 7,
        lastBlock: 7,
        txCount: 1,
        sealReason: "seal-batch command",
        stateRoot: hash,
        batchDataHash: hash,
        accInputHash: hash,
      }, "sealBatch"),
    submit: () =>
      answer([
        {
          purpose: "sequenceBatches",
          firstBatch: 2,
          lastBatch: 3,
          transactionHash: hash,
          nonce: 9,
          status: "mined",
          l1BlockNumber: 21,
          gasUsed: 90_000,
        },
        {
          purpose: "verifyBatches",
          firstBatch: 2,
          lastBatch: 2,
          transactionHash: hash,
          nonce: 10,
          status: "sent",
        },
      ], "submit"),
    prove: () => answer([proof], "prove"),
    sync: () =>
      answer(
        { fromL1Block: 20, toL1Block: 22, sequenced: 3, verified: 2, unwoundL1Blocks: 0 },
        "sync",
      ),
    rebuild: (options) =>
      answer(
        {
          batches: 3,
          blocks: 7,
          l1Block: 22,
          lastStateRoot: hash,
          compared: 3,
          matches: false,
          difference: { batch: 2, field: "coinbase", here: "0x01", fromL1: "0x02" },
          folder: options.into ?? null,
        },
        "rebuild",
        options,
      ),
    inspect: async (query) => {
      const shown = await answer<JsonValue>(
        FAKE_ANSWERS[query.kind] ?? { asked: query.kind },
        "inspect",
        query,
      );
      if (query.kind !== "batch" || typeof query.batch !== "number") return shown;
      const { batch } = query;
      if (batch > FAKE_HEADS.sealed) {
        throw new RollupError("NOT_FOUND", `Cannot show batch ${batch}: there is none`, {
          mend: "Ask for another.",
        });
      }
      const firstBlock = batch === 0 ? 0 : 2 * batch - 1;
      return {
        number: batch,
        firstBlock,
        lastBlock: 2 * batch,
        stateRoot: hash,
        accInputHash: hash,
        coinbase: "0x8080808080808080808080808080808080808080",
        limitTimestampSec: 1_700_000_000 + 2 * batch,
        txCount: 2,
        operationCount: 0,
        counters: [{ counter: "gas", used: 42_000, limit: 30_000_000 }],
        sequenced: { transactionHash: hash, status: "mined", l1BlockNumber: 21 },
        verified: null,
      };
    },
    heads: () => answer(FAKE_HEADS, "heads"),
    sender: (account) =>
      answer(
        { chainId: 901, nonce: 4, balanceWei: (10n ** 22n).toString(), baseFeePerGasWei: "7" },
        "sender",
        account,
      ),
    estimateGas: (request) => answer(21_000, "estimateGas", request),
    planL1: (call, from) =>
      answer(
        {
          purpose: "sequence 2 overdue operations",
          chainId: 900,
          to: "0x7070707070707070707070707070707070707070",
          data: "0x1234",
          nonce: 5,
          gasLimit: 90_000,
          maxFeePerGasWei: "2000000007",
          maxPriorityFeePerGasWei: "1000000000",
        },
        "planL1",
        call,
        from,
      ),
    sendL1: (raw) =>
      answer(
        {
          transactionHash: hash,
          status: "mined",
          l1BlockNumber: 21,
          gasUsed: 80_000,
          operation: { number: 3, deadlineSec: 1_700_000_000 },
        },
        "sendL1",
        raw,
      ),
    nextProofJob: () =>
      answer({ batchNumber: 3, witness: "0x1234", publicInputs: "0x5678" }, "nextProofJob"),
    acceptProof: (batchNumber, bytes) => answer(proof, "acceptProof", batchNumber, bytes),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
