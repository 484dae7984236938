/**
 * A transaction as a client describes it before it is signed: calls, estimates, sending.
 *
 * Owns the object's fields and what is filled in. Does not own running it (the chain's).
 * @module
 */
import { type Address, bytesToHex, ZERO_ADDRESS } from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import type { AccessListEntry, Authorization } from "../../core/types/tx.ts";
import type { UnsignedTransaction } from "../../core/types/tx.ts";
import type { CallRequest } from "../../core/vm/executor.ts";
import type { ChainBackend } from "./chain.ts";
import { invalidParams, refusal, RPC_CODES, RpcError } from "./errors.ts";
import { SUGGESTED_PRIORITY_FEE_WEI } from "./fees.ts";
import { checksumAddress } from "./format.ts";
import { estimateGas } from "./gas_estimate.ts";
import { resolveCallPlace } from "./overrides.ts";
import {
  address,
  data,
  hash,
  list,
  object,
  optional,
  quantity,
  type Schema,
  type ValueOf,
  withDefault,
} from "./schema.ts";

/** Entries of a list in a request: more than fit a transaction's bytes. */
const MAX_LIST_ENTRIES = 10_000;

const accessListSchema: Schema<readonly AccessListEntry[]> = list(
  object({
    address,
    storageKeys: withDefault(list(hash, MAX_LIST_ENTRIES), []),
  }),
  MAX_LIST_ENTRIES,
);

const authorizationFields = object({
  chainId: quantity(),
  address,
  nonce: quantity(64),
  yParity: quantity(8),
  r: quantity(),
  s: quantity(),
});

const authorizationSchema: Schema<Authorization> = {
  json: authorizationFields.json ?? {},
  parse(value, path) {
    const fields = authorizationFields.parse(value, path);
    return { ...fields, yParity: Number(fields.yParity) };
  },
};

const requestFields = object({
  from: optional(address),
  to: optional(address),
  gas: optional(quantity(64)),
  gasPrice: optional(quantity()),
  maxFeePerGas: optional(quantity()),
  maxPriorityFeePerGas: optional(quantity()),
  value: withDefault(quantity(), 0n),
  nonce: optional(quantity(64)),
  data: optional(data),
  input: optional(data),
  accessList: optional(accessListSchema),
  authorizationList: optional(list(authorizationSchema, MAX_LIST_ENTRIES)),
  chainId: optional(quantity()),
  maxFeePerBlobGas: optional(quantity()),
  blobVersionedHashes: optional(list(hash, MAX_LIST_ENTRIES)),
});

/** The fields with `data` and `input` made one. */
export type TransactionRequest = Omit<ValueOf<typeof requestFields>, "data" | "input"> & {
  readonly data: Uint8Array;
};

/** The transaction object of `eth_call`, `eth_estimateGas` and `eth_sendTransaction`. */
export const transactionRequest: Schema<TransactionRequest> = {
  json: { title: "transaction request", ...requestFields.json },
  parse(value, path) {
    const { data, input, ...fields } = requestFields.parse(value, path);
    if (data !== undefined && input !== undefined && bytesToHex(data) !== bytesToHex(input)) {
      throw invalidParams(
        `invalid ${path}: both "data" and "input" are set and not equal; ` +
          `use "input" to pass transaction call data`,
      );
    }
    if (fields.gasPrice !== undefined && hasFeeCaps(fields)) {
      throw invalidParams(
        `invalid ${path}: both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified`,
      );
    }
    const { maxFeePerGas, maxPriorityFeePerGas } = fields;
    if ((maxPriorityFeePerGas ?? 0n) > (maxFeePerGas ?? maxPriorityFeePerGas ?? 0n)) {
      throw invalidParams(
        `invalid ${path}: maxFeePerGas (${maxFeePerGas}) < maxPriorityFeePerGas ` +
          `(${maxPriorityFeePerGas})`,
      );
    }
    return { ...fields, data: input ?? data ?? new Uint8Array(0) };
  },
};

/** @throws RpcError for the id of another chain, and for blobs on the L2, which has none. */
export function assertOfChain(chain: ChainBackend, request: TransactionRequest): void {
  if (request.chainId !== undefined && request.chainId !== chain.chainId) {
    throw refusal(
      RPC_CODES.serverError,
      "CHAIN_ID_MISMATCH",
      `chainId does not match node's (have=${request.chainId}, want=${chain.chainId})`,
      `Leave chainId away, or give ${chain.chainId}.`,
    );
  }
  if (request.blobVersionedHashes !== undefined && chain.layer === "L2") {
    throw refusal(
      RPC_CODES.transactionRejected,
      "TX_TYPE_UNSUPPORTED",
      "transaction type not supported",
      "The L2 has no blobs: leave blobVersionedHashes away, or use the L1 port.",
    );
  }
}

/**
 * The message to run for `eth_call`.
 *
 * @throws RpcError -32000 for a list of authorizations that has none.
 */
export function toCallRequest(request: TransactionRequest): CallRequest {
  const gasLimit = request.gas === undefined || request.gas > LIMITS.maxCallGas
    ? LIMITS.maxCallGas
    : request.gas;
  const from = request.from ?? ZERO_ADDRESS;
  if (request.authorizationList?.length === 0) throw emptyAuthorizationList(from, gasLimit);
  return {
    from,
    to: request.to,
    data: request.data,
    valueWei: request.value,
    gasLimit,
    gasPriceWei: request.gasPrice ?? request.maxFeePerGas ?? 0n,
    ...feeCapsOf(request),
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    asTransaction: false,
    accessList: request.accessList ?? [],
    authorizations: request.authorizationList ?? [],
  };
}

/**
 * A transaction with everything filled in that the client left out, ready to be signed by `from`.
 *
 * @throws RpcError for a chain id that is not this chain's, for blobs, or when its gas cannot be
 * estimated.
 */
export async function fillTransaction(
  chain: ChainBackend,
  from: Address,
  request: TransactionRequest,
): Promise<UnsignedTransaction> {
  assertOfChain(chain, request);
  assertNoBlobs(request);
  const type = typeOf(request);
  const fees = await feesOf(chain, request);
  const place = await resolveCallPlace(chain, { kind: "tag", tag: "pending" });
  const call = { ...toCallRequest(request), from, gasPriceWei: fees.maxFeePerGasWei };
  const gasLimit = request.gas ??
    await estimateGas(chain, { ...call, asTransaction: true }, { ...place, cap: undefined });
  return {
    type,
    chainId: chain.chainId,
    nonce: request.nonce ?? await chain.pendingNonce(from),
    ...fees,
    gasLimit,
    to: request.to,
    valueWei: request.value,
    data: request.data,
    accessList: request.accessList ?? [],
    authorizations: request.authorizationList ?? [],
  };
}

/** In geth's words, for which no list and an empty one are not the same. */
function emptyAuthorizationList(from: Address, gasLimit: bigint): RpcError {
  return new RpcError(
    RPC_CODES.serverError,
    `err: EIP-7702 transaction with empty auth list (sender ${checksumAddress(from)}) ` +
      `(supplied gas ${gasLimit})`,
  );
}

/** Blobs come with a signed transaction only: without them, nobody could be given any. */
function assertNoBlobs({ blobVersionedHashes, maxFeePerBlobGas }: TransactionRequest): void {
  if (blobVersionedHashes === undefined && maxFeePerBlobGas === undefined) return;
  throw refusal(
    RPC_CODES.serverError,
    "BLOB_SIDECAR_INVALID",
    "signing blob transactions not supported",
    "Sign it with its blobs elsewhere and send it with eth_sendRawTransaction, or leave " +
      "blobVersionedHashes and maxFeePerBlobGas away.",
  );
}

function typeOf(request: TransactionRequest): UnsignedTransaction["type"] {
  if ((request.authorizationList ?? []).length > 0) return 4;
  if (request.gasPrice === undefined) return 2;
  return request.accessList === undefined ? 0 : 1;
}

async function feesOf(chain: ChainBackend, request: TransactionRequest) {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = request;
  if (gasPrice !== undefined) {
    return { maxFeePerGasWei: gasPrice, maxPriorityFeePerGasWei: gasPrice };
  }
  const suggestedTip = maxFeePerGas !== undefined && maxFeePerGas < SUGGESTED_PRIORITY_FEE_WEI
    ? maxFeePerGas
    : SUGGESTED_PRIORITY_FEE_WEI;
  const tipWei = maxPriorityFeePerGas ?? suggestedTip;
  // Twice the base fee, as geth: included even after several full blocks.
  const capWei = maxFeePerGas ?? 2n * await chain.nextBaseFeePerGasWei() + tipWei;
  return { maxFeePerGasWei: capWei, maxPriorityFeePerGasWei: tipWei };
}

function feeCapsOf(request: TransactionRequest): Partial<CallRequest> {
  const { maxFeePerGas, maxPriorityFeePerGas, maxFeePerBlobGas, blobVersionedHashes } = request;
  return {
    ...(hasFeeCaps(request)
      ? {
        maxFeePerGasWei: maxFeePerGas ?? 0n,
        maxPriorityFeePerGasWei: maxPriorityFeePerGas ?? 0n,
      }
      : {}),
    ...(maxFeePerBlobGas === undefined ? {} : { maxFeePerBlobGasWei: maxFeePerBlobGas }),
    ...(blobVersionedHashes === undefined ? {} : { blobHashes: blobVersionedHashes }),
  };
}

function hasFeeCaps(request: {
  readonly maxFeePerGas: bigint | undefined;
  readonly maxPriorityFeePerGas: bigint | undefined;
}): boolean {
  return request.maxFeePerGas !== undefined || request.maxPriorityFeePerGas !== undefined;
}
