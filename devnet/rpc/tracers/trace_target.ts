/**
 * From a block or a transaction as clients name it to what is to be traced.
 *
 * Owns geth's refusals. Does not own running it (`run_trace.ts`).
 * @module
 */
import type { Hash32 } from "../../../core/primitives/hex.ts";
import { findNumber } from "../block_reference.ts";
import type { ChainBackend, TraceTarget } from "../chain.ts";
import { refusal, RPC_CODES, type RpcError } from "../errors.ts";
import type { BlockReference } from "../schema.ts";

/** @throws RpcError -32000 for a block that is not there, and for the first one. */
export async function blockTarget(
  chain: ChainBackend,
  reference: BlockReference,
): Promise<TraceTarget & { readonly kind: "block" }> {
  const number = await requireNumber(chain, reference);
  if (number === 0n) throw genesisUntraceable();
  return { kind: "block", number };
}

/** @throws RpcError -32000 for a transaction that is in no block. */
export async function transactionTarget(chain: ChainBackend, hash: Hash32): Promise<TraceTarget> {
  const position = (await chain.transaction(hash))?.position;
  if (position === undefined) {
    throw refused(
      "TRANSACTION_NOT_FOUND",
      "transaction not found",
      "Give the hash of a transaction that is in a block.",
    );
  }
  return { kind: "transaction", blockNumber: position.blockNumber, index: position.index };
}

/** The number of a block whose state a call is traced on. @throws RpcError -32000 */
export async function requireNumber(
  chain: ChainBackend,
  reference: BlockReference,
): Promise<bigint> {
  if (reference.kind === "tag" && reference.tag === "pending") {
    throw refused(
      "TRACE_PENDING",
      "tracing on top of pending is not supported",
      'Name "latest", and give block overrides for what is to be different.',
    );
  }
  const number = await findNumber(chain, reference);
  if (number !== undefined) return number;
  const name = reference.kind === "hash"
    ? reference.hash
    : `#${reference.kind === "number" ? reference.number : reference.tag}`;
  throw refused(
    "BLOCK_NOT_FOUND",
    `block ${name} not found`,
    `Name a block of this ${chain.layer}: numbers go up to ${await chain.numberOf("latest")}.`,
  );
}

function genesisUntraceable(): RpcError {
  return refused("TRACE_GENESIS", "genesis is not traceable", "Trace block 1 or a later one.");
}

function refused(code: string, message: string, mend: string): RpcError {
  return refusal(RPC_CODES.serverError, code, message, mend);
}
