/**
 * An Engine whose verbs run in another process, over JSON-RPC (`varve_*`).
 *
 * Owns the way of each verb over the wire and of each refusal back. Does not own the transport: the
 * function that asks is a parameter, so this works in process, over HTTP or anything else.
 * @module
 */
import { isRollupError, RollupError } from "../primitives/errors.ts";
import { bytesToHex } from "../primitives/hex.ts";
import {
  decodeGas,
  decodeHeads,
  decodeJson,
  decodeL1Plan,
  decodeL1Sent,
  decodeProofJob,
  decodeProofs,
  decodeProve,
  decodeRebuild,
  decodeSeal,
  decodeSend,
  decodeSender,
  decodeSubmit,
  decodeSync,
} from "./codec.ts";
import type { Engine } from "./engine.ts";

/** Codes that this file throws; refusals of the other end keep the codes they have there. */
export type RemoteEngineErrorCode = "REMOTE_UNAVAILABLE" | "REMOTE_REFUSED";

/** What {@linkcode createRemoteEngine} needs. */
export interface RemoteEngineOptions {
  /** Asks the node; throws an error with `code` and `data` for what the node refused. */
  readonly request: (method: string, params: readonly unknown[]) => Promise<unknown>;
  /** Where the node is, for messages. */
  readonly url?: string;
  /** Runs when the engine is disposed of. */
  readonly dispose?: () => Promise<void>;
}

/**
 * The engine of the node that `request` asks.
 *
 * Every verb throws what the same verb throws there, and besides `REMOTE_UNAVAILABLE`,
 * `REMOTE_REFUSED` or `REMOTE_ANSWER_INVALID`.
 */
export function createRemoteEngine(options: RemoteEngineOptions): Engine {
  const { request, url = "its address", dispose } = options;
  const ask = async <T>(
    method: string,
    params: readonly unknown[],
    decode: (answer: unknown) => T,
  ): Promise<T> => {
    let answer: unknown;
    try {
      answer = await request(method, params);
    } catch (error) {
      throw toRollupError(error, { method, url });
    }
    return decode(answer);
  };
  return {
    sendTransaction: (raw) => ask("varve_sendTransaction", [bytesToHex(raw)], decodeSend),
    sealBatch: () => ask("varve_sealBatch", [], decodeSeal),
    submit: () => ask("varve_submit", [], decodeSubmit),
    prove: () => ask("varve_prove", [], decodeProofs),
    sync: () => ask("varve_sync", [], decodeSync),
    rebuild: (options) => ask("varve_rebuild", [options], decodeRebuild),
    inspect: (query) => ask("varve_inspect", [query], decodeJson),
    heads: () => ask("varve_heads", [], decodeHeads),
    sender: (account) => ask("varve_sender", [account], decodeSender),
    estimateGas: (transaction) => ask("varve_estimateGas", [transaction], decodeGas),
    planL1: (call, from) => ask("varve_planL1", [call, from], decodeL1Plan),
    sendL1: (raw) => ask("varve_sendL1", [raw], decodeL1Sent),
    nextProofJob: () => ask("varve_nextProofJob", [], decodeProofJob),
    acceptProof: (batchNumber, proof) =>
      ask("varve_acceptProof", [batchNumber, proof], decodeProve),
    [Symbol.asyncDispose]: async () => await dispose?.(),
  };
}

/** The error as the verb threw it at the other end, or what went wrong between the ends. */
function toRollupError(
  error: unknown,
  asked: { readonly method: string; readonly url: string },
): RollupError {
  if (isRollupError(error)) return error;
  const { method, url } = asked;
  const code = fieldOf(error, "code");
  if (!(error instanceof Error) || typeof code !== "number") {
    const reason = error instanceof Error ? error.message : String(error);
    return new RollupError<RemoteEngineErrorCode>(
      "REMOTE_UNAVAILABLE",
      `Cannot reach a node at ${url}: ${reason}`,
      {
        details: { url, reason },
        mend: "Start it with `devnet`, or name the right address with `--rpc URL`.",
        cause: error,
      },
    );
  }
  return sentError(error) ?? new RollupError<RemoteEngineErrorCode>(
    "REMOTE_REFUSED",
    `Cannot run ${method} at ${url}: ${error.message}`,
    {
      details: { method, url, rpcCode: code, rpcMessage: error.message },
      mend: code === METHOD_NOT_FOUND
        ? "Name the L2 RPC of a varve devnet; this node is something else or an older one."
        : "Look at the log of that node.",
      cause: error,
    },
  );
}

/** JSON-RPC 2.0. */
const METHOD_NOT_FOUND = -32601;

/** The `RollupError` that the other end put into `data`, if it did. */
function sentError(error: Error): RollupError | undefined {
  const data = fieldOf(error, "data");
  const code = fieldOf(data, "code");
  const message = fieldOf(data, "message");
  const mend = fieldOf(data, "mend");
  if (typeof code !== "string" || typeof message !== "string" || typeof mend !== "string") {
    return undefined;
  }
  const details = fieldOf(data, "details");
  return new RollupError(code, message, {
    details: isObject(details) ? Object.fromEntries(Object.entries(details)) : {},
    mend,
    cause: error,
  });
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
