/**
 * A receipt that somebody waits for (EIP-7966).
 *
 * Owns how long, and what is said when there is none by then. Does not own sending.
 * @module
 */
import type { Hash32 } from "../../core/primitives/hex.ts";
import type { ChainBackend } from "./chain.ts";
import { RpcError } from "./errors.ts";
import { formatReceipt, type JsonObject } from "./format.ts";
import { DEFAULT_SYNC_TIMEOUT_MS, MAX_SYNC_TIMEOUT_MS } from "./limits.ts";
import { quantityOrNumber, type Schema } from "./schema.ts";

/** geth: the transaction is in the pool but in no block yet; `data` is its hash. */
const SYNC_TIMEOUT_CODE = 4;

const wantedMs = quantityOrNumber();

/** How long a client wants to wait; 0 and nothing are as long as the port does by itself. */
export const syncTimeoutMs: Schema<number> = {
  json: wantedMs.json ?? {},
  isOptional: true,
  parse(value, path) {
    const wanted = value === undefined || value === null ? 0n : wantedMs.parse(value, path);
    return wanted === 0n ? DEFAULT_SYNC_TIMEOUT_MS : Math.min(Number(wanted), MAX_SYNC_TIMEOUT_MS);
  },
};

/** The receipt of `hash`, which the pool has, once its block is there. @throws RpcError code 4 */
export async function awaitReceipt(
  chain: ChainBackend,
  hash: Hash32,
  { timeoutMs, stopping }: { readonly timeoutMs: number; readonly stopping: AbortSignal },
): Promise<JsonObject> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  // It may come while a receipt is being looked up, when nobody waits for it yet.
  timeout.catch(() => {});
  const startedMs = performance.now();
  const giveUp = (): void => reject(timedOut(hash, performance.now() - startedMs));
  const timer = setTimeout(() => reject(timedOut(hash, timeoutMs)), timeoutMs);
  if (stopping.aborted) giveUp();
  stopping.addEventListener("abort", giveUp);
  let wake: (() => void) | undefined;
  const stop = chain.onBlock(() => wake?.());
  try {
    for (;;) {
      const { promise: nextBlock, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const receipt = await findReceipt(chain, hash);
      if (receipt !== undefined) return receipt;
      await Promise.race([nextBlock, timeout]);
    }
  } finally {
    stop();
    stopping.removeEventListener("abort", giveUp);
    clearTimeout(timer);
  }
}

async function findReceipt(chain: ChainBackend, hash: Hash32): Promise<JsonObject | undefined> {
  const found = await chain.receipt(hash);
  const number = found?.transaction.position?.blockNumber;
  if (found === undefined || number === undefined) return undefined;
  const header = await chain.header(number);
  return header === undefined ? undefined : formatReceipt(found, header.timestampSec);
}

function timedOut(hash: Hash32, timeoutMs: number): RpcError {
  return new RpcError(
    SYNC_TIMEOUT_CODE,
    "The transaction was added to the transaction pool but wasn't processed in " +
      `${Math.round(timeoutMs) / 1_000}s`,
    { data: hash },
  );
}
