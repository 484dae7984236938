/**
 * Tracing of the fake chain: each message is one frame without opcodes.
 *
 * Owns just enough for methods that trace. Does not own an EVM.
 * @module
 */
import { EMPTY_BYTES } from "../../../core/primitives/bytes.ts";
import { bytesToAddress, ZERO_HASH } from "../../../core/primitives/hex.ts";
import type { FrameStart, StateReader } from "../../../core/vm/trace.ts";
import type { ChainBackend, ChainTracing, TraceVisitor } from "../chain.ts";
import { OSAKA_TRACED_RULES } from "../tracers/rules.ts";

/** Gas that a frame is told to have used. */
const FRAME_GAS = 5n;

/** Tracing of what `chain` holds. */
export function createFakeTracing(chain: () => ChainBackend): ChainTracing {
  return {
    trace: async (target, visit) => {
      if (target.kind === "call") {
        const { from, to, data, valueWei, gasLimit } = target.request;
        const start = { from, to: to ?? from, input: data, gas: gasLimit, valueWei };
        await watch(chain(), visit(undefined), { start, number: target.number });
        return;
      }
      const number = target.kind === "block" ? target.number : target.blockNumber;
      const block = await chain().block(number);
      for (const transaction of block?.transactions ?? []) {
        if (target.kind === "transaction" && transaction.position?.index !== target.index) continue;
        const { tx, sender } = transaction;
        const { data, gasLimit, valueWei } = tx;
        const start = {
          from: sender,
          to: tx.to ?? bytesToAddress(new Uint8Array(20)),
          input: data,
          gas: gasLimit,
          valueWei,
        };
        await watch(chain(), visit(transaction), { start, number });
      }
    },
  };
}

async function watch(
  chain: ChainBackend,
  { hooks, onEnd }: TraceVisitor,
  { start, number }: {
    readonly start: Omit<FrameStart, "kind" | "depth">;
    readonly number: bigint;
  },
): Promise<void> {
  hooks.onEnter?.({ kind: "CALL", depth: 0, ...start });
  hooks.onExit?.({
    depth: 0,
    output: EMPTY_BYTES,
    gasUsed: FRAME_GAS,
    error: undefined,
    isReverted: false,
  });
  const header = await chain.header(number);
  await onEnd({
    transaction: undefined,
    environment: {
      chainId: chain.chainId,
      number,
      timestampSec: header?.timestampSec ?? 0n,
      coinbase: header?.miner ?? start.from,
      gasLimit: header?.gasLimit ?? 0n,
      baseFeePerGasWei: header?.baseFeePerGasWei ?? 0n,
      prevRandao: header?.mixHash ?? ZERO_HASH,
      parentHash: header?.parentHash ?? ZERO_HASH,
      gasPerPubdata: 0n,
    },
    rules: OSAKA_TRACED_RULES,
    gasUsed: FRAME_GAS,
    success: true,
    returnData: EMPTY_BYTES,
    before: readState(chain, number === 0n ? 0n : number - 1n),
    after: readState(chain, number),
  });
}

function readState(chain: ChainBackend, number: bigint): StateReader {
  return {
    account: async (account) => ({
      nonce: await chain.nonce(account, number),
      balanceWei: await chain.balance(account, number),
      code: await chain.code(account, number),
    }),
    storage: (account, slot) => chain.storage(account, slot, number),
  };
}
