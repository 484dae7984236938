/**
 * An L1 behind Ethereum JSON-RPC: any node, and the embedded L1 in process.
 *
 * Owns the questions, and what a node's refusal means. Every answer is checked (`json_rpc_answer.ts`):
 * a node may be broken or hostile. Does not own transport; `request` may reach over HTTP or into
 * this process.
 * @module
 */
import { keccak256 } from "../../crypto/keccak.ts";
import { AssertionError, isRollupError, RollupError } from "../../primitives/errors.ts";
import { bytesToHex, type Hash32, type Hex, hexToBytes } from "../../primitives/hex.ts";
import type { L1Call, L1Client, L1ErrorCode, L1Receipt, L1Transaction } from "../l1_client.ts";
import { decodeRevert } from "../revert.ts";
import {
  badResponse,
  readBlock,
  readBytes,
  readLogs,
  readQuantity,
  readReceipt,
  readTransaction,
} from "./json_rpc_answer.ts";

/**
 * One JSON-RPC call. It throws the node's error with its numeric `code`, `message` and `data`;
 * whatever else it throws counts as nobody having answered.
 */
export type L1Request = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** JSON-RPC's code for a method that the node does not have. */
const METHOD_NOT_FOUND = -32601;
/** The code that nodes give to a call whose execution reverted. */
const EXECUTION_REVERTED = 3;
/** Tip for nodes that cannot suggest one, in wei: 1 gwei. */
const DEFAULT_PRIORITY_FEE_WEI = 1_000_000_000n;

/** An L1 client over `request`. */
export function createJsonRpcL1Client({ request }: { readonly request: L1Request }): L1Client {
  const ask = async (method: string, ...params: readonly unknown[]): Promise<unknown> => {
    try {
      return await request(method, params);
    } catch (cause) {
      // A defect of this process is no news about the L1.
      if (cause instanceof AssertionError) throw cause;
      throw refusal(method, cause);
    }
  };
  const transaction = async (hash: Hash32): Promise<L1Transaction | undefined> => {
    const answer = await ask("eth_getTransactionByHash", hash);
    return answer === null ? undefined : readTransaction(answer, hash);
  };
  const askQuantity = async (method: string, ...params: readonly unknown[]): Promise<bigint> =>
    readQuantity(method, await ask(method, ...params));
  return {
    chainId: () => askQuantity("eth_chainId"),
    block: async (at) => {
      const tag = at === "latest" ? at : toQuantity(at);
      const answer = await ask("eth_getBlockByNumber", tag, false);
      return answer === null ? undefined : readBlock(answer, at);
    },
    logs: async (filter) => {
      const answer = await ask("eth_getLogs", {
        address: filter.address,
        fromBlock: toQuantity(filter.fromBlock),
        toBlock: toQuantity(filter.toBlock),
      });
      return readLogs(answer, filter);
    },
    transaction,
    receipt: async (hash) => {
      const answer = await ask("eth_getTransactionReceipt", hash);
      if (answer === null) return undefined;
      const receipt = readReceipt(answer, hash);
      if (receipt.success) return receipt;
      const revertReason = await replay(ask, receipt, await transaction(hash));
      return revertReason === undefined ? receipt : { ...receipt, revertReason };
    },
    nonce: (account, tag) => askQuantity("eth_getTransactionCount", account, tag),
    balance: (account) => askQuantity("eth_getBalance", account, "latest"),
    call: async (call) =>
      readBytes("eth_call", await ask("eth_call", toCallObject(call), "latest")),
    estimateGas: (call) => askQuantity("eth_estimateGas", toCallObject(call)),
    fees: async () => {
      const block = readBlock(await ask("eth_getBlockByNumber", "latest", false), "latest");
      const tip = await askQuantity("eth_maxPriorityFeePerGas").catch((error: unknown) => {
        if (!isRollupError(error) || error.details["code"] !== METHOD_NOT_FOUND) throw error;
        return DEFAULT_PRIORITY_FEE_WEI;
      });
      return {
        l1BlockNumber: block.number,
        baseFeePerGasWei: block.baseFeePerGasWei,
        maxPriorityFeePerGasWei: tip,
      };
    },
    sendRawTransaction: async (raw) => {
      const hash = keccak256(raw);
      let answer: unknown;
      try {
        answer = await ask("eth_sendRawTransaction", bytesToHex(raw));
      } catch (error) {
        // The node may have it already: waiting, or mined, which makes its nonce too low.
        if (await transaction(hash) === undefined) throw error;
        return hash;
      }
      if (answer !== hash) {
        throw badResponse("eth_sendRawTransaction", `expected the transaction's hash ${hash}`);
      }
      return hash;
    },
  };
}

/**
 * Why a mined transaction failed: runs it again on the parent block. Transactions of the same block
 * that came before it are missing there, so this is a best guess, and none when it now succeeds or
 * the node has no such state.
 */
async function replay(
  ask: (method: string, ...params: readonly unknown[]) => Promise<unknown>,
  receipt: L1Receipt,
  sent: L1Transaction | undefined,
): Promise<string | undefined> {
  if (sent === undefined || receipt.blockNumber === 0n) return undefined;
  const { input: data, from, to } = sent;
  const call = { data, from, ...(to === undefined ? {} : { to }) };
  try {
    await ask("eth_call", toCallObject(call), toQuantity(receipt.blockNumber - 1n));
  } catch (error) {
    if (isRollupError(error, "L1_REVERTED")) return String(error.details["reason"]);
    if (!isRollupError(error, "L1_REJECTED")) throw error;
  }
  return undefined;
}

function toQuantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}

function toCallObject(call: L1Call): Record<string, string> {
  return {
    data: call.data,
    ...(call.from === undefined ? {} : { from: call.from }),
    ...(call.to === undefined ? {} : { to: call.to }),
  };
}

/** What a node's error means: a revert has data, a refusal a code, anything else is transport. */
function refusal(method: string, cause: unknown): RollupError<L1ErrorCode> {
  const fields = fieldsOf(cause);
  const code = fields.get("code");
  const message = String(fields.get("message") ?? (cause instanceof Error ? cause.message : cause));
  if (typeof code !== "number") return unavailable(method, message, cause);
  const data = revertData(fields.get("data"));
  if (code === EXECUTION_REVERTED || data !== undefined) {
    return reverted(method, data ?? "0x", cause);
  }
  return new RollupError(
    "L1_REJECTED",
    `Cannot use ${method} as the L1 node must accept it: it answers "${message}"`,
    {
      details: { method, code, message },
      mend: mendOf(fields.get("data")) ??
        "Check the L1 node's log, nonce and funds, then run the command again.",
      cause,
    },
  );
}

/** An L1 of ours says itself what to do next. */
function mendOf(data: unknown): string | undefined {
  const mend = fieldsOf(data).get("mend");
  return typeof mend === "string" ? mend : undefined;
}

/** The bytes that a contract reverted with; some nodes wrap them in one more object. */
function revertData(data: unknown): Hex | undefined {
  const candidate = typeof data === "string" ? data : fieldsOf(data).get("data");
  if (typeof candidate !== "string" || !/^0x([0-9a-fA-F]{2})*$/.test(candidate)) return undefined;
  return bytesToHex(hexToBytes(candidate));
}

/** Fields of an object; `message` of an `Error` is found too, though it is not enumerable. */
function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null) return new Map();
  const fields = new Map<string, unknown>(Object.entries(value));
  return value instanceof Error ? fields.set("message", value.message) : fields;
}

function reverted(method: string, data: Hex, cause: unknown): RollupError<L1ErrorCode> {
  const { errorName, text } = decodeRevert(data);
  return new RollupError(
    "L1_REVERTED",
    `Cannot run the call on L1 as it must succeed: it reverts with ${text}`,
    {
      details: { method, errorName, reason: text, data },
      mend: "Compare `inspect-state heads` with the Rollup contract; `sync` reads what L1 says.",
      cause,
    },
  );
}

function unavailable(method: string, message: string, cause: unknown): RollupError<L1ErrorCode> {
  return new RollupError("L1_UNAVAILABLE", `Cannot reach the L1 for ${method}: ${message}`, {
    details: { method },
    mend: "Check that the L1 node runs and that its URL is right, then run the command again.",
    cause,
  });
}
