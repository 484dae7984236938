/**
 * An L1 behind Ethereum JSON-RPC: any node, and the embedded L1 in process.
 *
 * Owns the wire format and the check of every answer: a node may be broken or hostile. Does not
 * own transport; `request` may reach over HTTP or into this process.
 * @module
 */
import { keccak256 } from "../../crypto/keccak.ts";
import { RollupError } from "../../primitives/errors.ts";
import {
  type Address,
  address,
  bytesToHex,
  type Hash32,
  hash32,
  type Hex,
  hexToBytes,
} from "../../primitives/hex.ts";
import type { L1Call, L1Client, L1ErrorCode, L1Log } from "../l1_client.ts";
import { decodeRevert } from "../revert.ts";

/** One JSON-RPC call; throws the node's error with `code`, `message` and `data`. */
export type L1Request = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** An L1 client over `request`. */
export function createJsonRpcL1Client({ request }: { readonly request: L1Request }): L1Client {
  const ask = async (method: string, ...params: readonly unknown[]): Promise<unknown> => {
    try {
      return await request(method, params);
    } catch (cause) {
      throw refusal(method, cause);
    }
  };
  return {
    chainId: async () => quantity("eth_chainId", await ask("eth_chainId")),
    block: async (at) => {
      const tag = at === "latest" ? at : toQuantity(at);
      const answer = await ask("eth_getBlockByNumber", tag, false);
      return answer === null ? undefined : readBlock(record("eth_getBlockByNumber", answer));
    },
    logs: async ({ address: from, fromBlock, toBlock }) => {
      const filter = {
        address: from,
        fromBlock: toQuantity(fromBlock),
        toBlock: toQuantity(toBlock),
      };
      const answer = await ask("eth_getLogs", filter);
      if (!Array.isArray(answer)) throw badResponse("eth_getLogs", "expected a list");
      return answer.map((each: unknown) => readLog(record("eth_getLogs", each)));
    },
    transaction: async (hash) => {
      const answer = await ask("eth_getTransactionByHash", hash);
      if (answer === null) return undefined;
      const tx = record("eth_getTransactionByHash", answer);
      return {
        input: tx.hex("input"),
        from: tx.address("from"),
        nonce: tx.quantity("nonce"),
        ...(tx.isNull("to") ? {} : { to: tx.address("to") }),
      };
    },
    receipt: async (hash) => {
      const answer = await ask("eth_getTransactionReceipt", hash);
      if (answer === null) return undefined;
      const receipt = record("eth_getTransactionReceipt", answer);
      return {
        transactionHash: receipt.hash("transactionHash"),
        blockNumber: receipt.quantity("blockNumber"),
        blockHash: receipt.hash("blockHash"),
        success: receipt.quantity("status") === 1n,
        gasUsed: receipt.quantity("gasUsed"),
        ...(receipt.isNull("contractAddress")
          ? {}
          : { contractAddress: receipt.address("contractAddress") }),
      };
    },
    nonce: async (account, tag) =>
      quantity("eth_getTransactionCount", await ask("eth_getTransactionCount", account, tag)),
    balance: async (account) =>
      quantity("eth_getBalance", await ask("eth_getBalance", account, "latest")),
    call: async (call) => {
      const answer = await ask("eth_call", toCallObject(call), "latest");
      if (typeof answer !== "string") throw badResponse("eth_call", "expected bytes");
      return bytesToHex(hexToBytes(answer));
    },
    estimateGas: async (call) =>
      quantity("eth_estimateGas", await ask("eth_estimateGas", toCallObject(call))),
    fees: async () => {
      const block = record(
        "eth_getBlockByNumber",
        await ask("eth_getBlockByNumber", "latest", false),
      );
      const tip = await ask("eth_maxPriorityFeePerGas");
      return {
        baseFeePerGasWei: block.quantity("baseFeePerGas"),
        maxPriorityFeePerGasWei: quantity("eth_maxPriorityFeePerGas", tip),
      };
    },
    sendRawTransaction: async (raw) => {
      const hash = keccak256(raw);
      try {
        const answer = await ask("eth_sendRawTransaction", bytesToHex(raw));
        if (answer !== hash) throw badResponse("eth_sendRawTransaction", "expected its hash");
      } catch (error) {
        // The node may have it already: waiting, or mined, which makes its nonce too low.
        if (await ask("eth_getTransactionByHash", hash) === null) throw error;
      }
      return hash;
    },
  };
}

interface Fields {
  isNull(field: string): boolean;
  hex(field: string): Hex;
  hash(field: string): Hash32;
  address(field: string): Address;
  quantity(field: string): bigint;
  list(field: string): readonly unknown[];
}

function record(method: string, answer: unknown): Fields {
  if (typeof answer !== "object" || answer === null) {
    throw badResponse(method, "expected an object");
  }
  const fields = new Map<string, unknown>(Object.entries(answer));
  const text = (field: string): string => {
    const value = fields.get(field);
    if (typeof value !== "string") throw badResponse(method, `field "${field}" is no text`);
    return value;
  };
  const checked = <Value>(field: string, read: (value: string) => Value): Value => {
    try {
      return read(text(field));
    } catch (cause) {
      throw badResponse(method, `field "${field}" has another shape`, cause);
    }
  };
  return {
    isNull: (field) => fields.get(field) === null || fields.get(field) === undefined,
    hex: (field) => checked(field, (value) => bytesToHex(hexToBytes(value))),
    hash: (field) => checked(field, hash32),
    address: (field) => checked(field, address),
    quantity: (field) => quantity(method, text(field)),
    list: (field) => {
      const value = fields.get(field);
      if (!Array.isArray(value)) throw badResponse(method, `field "${field}" is no list`);
      return value;
    },
  };
}

function readBlock(block: Fields) {
  return {
    number: block.quantity("number"),
    hash: block.hash("hash"),
    parentHash: block.hash("parentHash"),
    timestampSec: block.quantity("timestamp"),
    baseFeePerGasWei: block.isNull("baseFeePerGas") ? 0n : block.quantity("baseFeePerGas"),
  };
}

function readLog(log: Fields): L1Log {
  return {
    address: log.address("address"),
    topics: log.list("topics").map((topic) => hash32(String(topic))),
    data: log.hex("data"),
    blockNumber: log.quantity("blockNumber"),
    blockHash: log.hash("blockHash"),
    transactionHash: log.hash("transactionHash"),
    logIndex: log.quantity("logIndex"),
  };
}

function quantity(method: string, answer: unknown): bigint {
  if (typeof answer !== "string" || !/^0x[0-9a-fA-F]{1,64}$/.test(answer)) {
    throw badResponse(method, "expected a quantity");
  }
  return BigInt(answer);
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
  const fields = new Map<string, unknown>(
    typeof cause === "object" && cause !== null ? Object.entries(cause) : [],
  );
  const message = cause instanceof Error ? cause.message : String(cause);
  const data = fields.get("data");
  const isRevert = typeof data === "string" && /^0x([0-9a-fA-F]{2})*$/.test(data);
  if (isRevert) {
    const reason = decodeRevert(bytesToHex(hexToBytes(data)));
    return new RollupError(
      "L1_REVERTED",
      `Cannot run the call on L1 as it must succeed: it reverts with ${reason.text}`,
      {
        details: { method, errorName: reason.errorName, data },
        mend: "Compare `inspect-state heads` with the Rollup contract; `sync` reads what L1 says.",
        cause,
      },
    );
  }
  if (typeof fields.get("code") === "number") {
    return new RollupError(
      "L1_REJECTED",
      `Cannot use ${method}: the L1 node answers "${message}"`,
      {
        details: { method, code: fields.get("code"), message },
        mend: "Check the L1 node's log, nonce and funds, then run the command again.",
        cause,
      },
    );
  }
  return new RollupError("L1_UNAVAILABLE", `Cannot reach the L1 for ${method}: ${message}`, {
    details: { method },
    mend: "Check that the L1 node runs and that its URL is right, then run the command again.",
    cause,
  });
}

function badResponse(method: string, reason: string, cause?: unknown): RollupError<L1ErrorCode> {
  return new RollupError("L1_BAD_RESPONSE", `Cannot use the L1's answer to ${method}: ${reason}`, {
    details: { method, reason },
    mend: "Check that the URL is that of an Ethereum JSON-RPC node.",
    cause,
  });
}
