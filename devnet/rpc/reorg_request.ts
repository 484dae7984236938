/**
 * A reorganisation as a client describes it: how deep, and which transactions the new blocks hold.
 *
 * Owns the parameters of `anvil_reorg`, and signing for the dev accounts among their senders. Does not
 * own the reorganisation (the chain's).
 * @module
 */
import { RollupError } from "../../core/primitives/errors.ts";
import type { Address } from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import { decodeBlockTransaction, encodeTransaction, signTransaction } from "../../core/types/tx.ts";
import type { ChainBackend, ReorgTransaction } from "./chain.ts";
import { findDevAccount, needsNoSignature, senderOf } from "./dev_accounts.ts";
import { invalidParams } from "./errors.ts";
import { MAX_REORG_TXS } from "./limits.ts";
import {
  anyQuantity,
  data,
  isRecord,
  list,
  object,
  optional,
  type Schema,
  wholeNumber,
  wrong,
} from "./schema.ts";
import {
  fillTransaction,
  type TransactionRequest,
  transactionRequest,
} from "./transaction_request.ts";

/** A transaction, signed or as the node is to sign it, and the new block that it goes into. */
export interface ReorgPair {
  readonly transaction: Uint8Array | TransactionRequest;
  /** 0 is the first new block. */
  readonly blockIndex: number;
}

const reorgPair: Schema<ReorgPair> = {
  json: {
    type: "array",
    items: [
      { oneOf: [data.json ?? {}, transactionRequest.json ?? {}] },
      wholeNumber.json ?? {},
    ],
  },
  parse(value, path) {
    if (!Array.isArray(value) || value.length !== 2) {
      throw wrong(path, "a pair [transaction, block index]", value);
    }
    const [transaction, index]: readonly unknown[] = value;
    const shape: Schema<Uint8Array | TransactionRequest> = isRecord(transaction)
      ? transactionRequest
      : data;
    return {
      transaction: shape.parse(transaction, `${path}[0]`),
      blockIndex: wholeNumber.parse(index, `${path}[1]`),
    };
  },
};

/** Pairs of a transaction, as signed bytes or as an object, and a block index. */
export const reorgPairs: Schema<readonly ReorgPair[]> = list(reorgPair, MAX_REORG_TXS);

const depthSchema = anyQuantity();
const namedOptions = object({
  depth: depthSchema,
  tx_block_pairs: optional(reorgPairs),
  txBlockPairs: optional(reorgPairs),
});

/** A depth alone, or anvil's `ReorgOptions` with the pairs beside it. */
export const reorgOptions: Schema<{
  readonly depth: bigint;
  readonly pairs: readonly ReorgPair[] | undefined;
}> = {
  json: { oneOf: [depthSchema.json ?? {}, namedOptions.json ?? {}] },
  parse(value, path) {
    if (!isRecord(value)) return { depth: depthSchema.parse(value, path), pairs: undefined };
    const { depth, tx_block_pairs: snakePairs, txBlockPairs } = namedOptions.parse(value, path);
    return { depth, pairs: txBlockPairs ?? snakePairs };
  },
};

/**
 * The pairs with all of them signed but those of impersonated senders, those of an earlier block
 * first. What an object leaves out is filled in as of the latest block that stays: the first dev
 * account, its next nonce there counted over the objects, all the gas that a transaction may have.
 *
 * @throws RpcError for a sender who is not impersonated and whose key the node does not have, and for
 * bytes that are no transaction.
 */
export async function toReorgTransactions(
  chain: ChainBackend,
  depth: bigint,
  pairs: readonly ReorgPair[],
): Promise<readonly ReorgTransaction[]> {
  const latestNumber = await chain.numberOf("latest");
  // A depth beyond genesis is refused by the chain, whatever the transactions are.
  const commonNumber = depth < latestNumber ? latestNumber - depth : 0n;
  const forkView = await viewFromFork(chain, commonNumber);
  const nextNonces = new Map<Address, bigint>();
  const transactions: ReorgTransaction[] = [];
  for (const pair of pairs.toSorted((left, right) => left.blockIndex - right.blockIndex)) {
    const { transaction: request, blockIndex } = pair;
    if (request instanceof Uint8Array) {
      assertTransaction(request);
      transactions.push({ raw: request, blockIndex });
      continue;
    }
    const [firstAccount] = chain.devAccounts().keys();
    const sender = senderOf(request.from ?? firstAccount);
    const privateKey = needsNoSignature(chain, sender)
      ? undefined
      : findDevAccount(chain, sender).privateKey;
    const nextNonce = nextNonces.get(sender) ?? await chain.nonce(sender, commonNumber);
    nextNonces.set(sender, nextNonce + 1n);
    const tx = await fillTransaction(forkView, sender, {
      ...request,
      gas: request.gas ?? LIMITS.maxTxGas,
      nonce: request.nonce ?? nextNonce,
    });
    transactions.push(
      privateKey === undefined
        ? { unsigned: tx, sender, blockIndex }
        : { raw: encodeTransaction(signTransaction(tx, privateKey)), blockIndex },
    );
  }
  return transactions;
}

/** Bytes are a parameter here: what is wrong with them is said as of one. */
function assertTransaction(raw: Uint8Array): void {
  try {
    decodeBlockTransaction(raw);
  } catch (error) {
    if (!(error instanceof RollupError)) throw error;
    throw invalidParams(error.message, error.mend);
  }
}

/** The chain with a base fee that is enough on both sides of the fork. */
async function viewFromFork(chain: ChainBackend, commonNumber: bigint): Promise<ChainBackend> {
  const nextWei = await chain.nextBaseFeePerGasWei();
  const commonWei = (await chain.header(commonNumber))?.baseFeePerGasWei ?? nextWei;
  const enoughWei = commonWei > nextWei ? commonWei : nextWei;
  return { ...chain, nextBaseFeePerGasWei: () => Promise.resolve(enoughWei) };
}
