/**
 * The answers of Ethereum JSON-RPC, checked field by field.
 *
 * Owns the shapes (execution-apis): quantities without leading zeros, whole bytes, and that an
 * answer is about what was asked. Does not own asking (`json_rpc.ts`).
 * @module
 */
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
import type {
  L1Block,
  L1ErrorCode,
  L1Log,
  L1LogFilter,
  L1Receipt,
  L1Transaction,
} from "../l1_client.ts";

/** Topics that a log can have: LOG4 has the most. */
const MAX_TOPICS = 4;

/** @throws `L1_BAD_RESPONSE` unless the answer is an integer as JSON-RPC writes it. */
export function readQuantity(method: string, answer: unknown): bigint {
  if (typeof answer !== "string" || !/^0x(0|[1-9a-fA-F][0-9a-fA-F]{0,63})$/.test(answer)) {
    throw badResponse(method, "expected a quantity");
  }
  return BigInt(answer);
}

/** @throws `L1_BAD_RESPONSE` unless the answer is bytes in hex. */
export function readBytes(method: string, answer: unknown): Hex {
  if (typeof answer !== "string") throw badResponse(method, "expected bytes");
  try {
    return bytesToHex(hexToBytes(answer));
  } catch (cause) {
    throw badResponse(method, "expected bytes", cause);
  }
}

/** @throws `L1_BAD_RESPONSE` unless the answer is a block, the asked one. */
export function readBlock(answer: unknown, at: bigint | "latest"): L1Block {
  const fields = createFields("eth_getBlockByNumber", answer);
  const block = {
    number: fields.quantity("number"),
    hash: fields.hash("hash"),
    parentHash: fields.hash("parentHash"),
    timestampSec: fields.quantity("timestamp"),
    baseFeePerGasWei: fields.quantity("baseFeePerGas"),
  };
  if (at !== "latest" && block.number !== at) {
    throw badResponse("eth_getBlockByNumber", `asked for block ${at}, got ${block.number}`);
  }
  return block;
}

/**
 * Logs in order of block and index, whatever order the node chose.
 *
 * @throws `L1_BAD_RESPONSE` when one is not what was asked for, was removed, or comes twice.
 */
export function readLogs(answer: unknown, filter: L1LogFilter): readonly L1Log[] {
  if (!Array.isArray(answer)) throw badResponse("eth_getLogs", "expected a list");
  const logs = answer.map((each: unknown) => readLog(each, filter));
  logs.sort((left, right) =>
    Number(left.blockNumber - right.blockNumber) || Number(left.logIndex - right.logIndex)
  );
  logs.forEach((log, index) => {
    const before = logs[index - 1];
    if (before?.blockNumber === log.blockNumber && before.logIndex === log.logIndex) {
      throw badResponse("eth_getLogs", `log ${log.logIndex} of block ${log.blockNumber} is double`);
    }
  });
  return logs;
}

/** @throws `L1_BAD_RESPONSE` unless the answer is the transaction of `hash`. */
export function readTransaction(answer: unknown, hash: Hash32): L1Transaction {
  const fields = createFields("eth_getTransactionByHash", answer);
  fields.mustBe("hash", hash);
  return {
    input: fields.bytes("input"),
    from: fields.address("from"),
    nonce: fields.quantity("nonce"),
    ...(fields.isNull("to") ? {} : { to: fields.address("to") }),
  };
}

/** @throws `L1_BAD_RESPONSE` unless the answer is the receipt of `hash`. */
export function readReceipt(answer: unknown, hash: Hash32): L1Receipt {
  const fields = createFields("eth_getTransactionReceipt", answer);
  fields.mustBe("transactionHash", hash);
  const status = fields.quantity("status");
  if (status > 1n) throw badResponse("eth_getTransactionReceipt", `status is ${status}`);
  return {
    transactionHash: hash,
    blockNumber: fields.quantity("blockNumber"),
    blockHash: fields.hash("blockHash"),
    success: status === 1n,
    gasUsed: fields.quantity("gasUsed"),
    ...(fields.isNull("contractAddress")
      ? {}
      : { contractAddress: fields.address("contractAddress") }),
  };
}

/** An answer that no node should give. */
export function badResponse(
  method: string,
  reason: string,
  cause?: unknown,
): RollupError<L1ErrorCode> {
  return new RollupError("L1_BAD_RESPONSE", `Cannot use the L1's answer to ${method}: ${reason}`, {
    details: { method, reason },
    mend: "Check that the URL is that of an Ethereum JSON-RPC node.",
    cause,
  });
}

function readLog(answer: unknown, filter: L1LogFilter): L1Log {
  const fields = createFields("eth_getLogs", answer);
  fields.mustBe("address", filter.address);
  if (fields.isTrue("removed")) throw badResponse("eth_getLogs", "a log was removed");
  const blockNumber = fields.quantity("blockNumber");
  if (blockNumber < filter.fromBlock || blockNumber > filter.toBlock) {
    throw badResponse("eth_getLogs", `block ${blockNumber} was not asked for`);
  }
  return {
    address: filter.address,
    topics: fields.hashes("topics", MAX_TOPICS),
    data: fields.bytes("data"),
    blockNumber,
    blockHash: fields.hash("blockHash"),
    transactionHash: fields.hash("transactionHash"),
    logIndex: fields.quantity("logIndex"),
  };
}

/** Typed reads of one object's fields; each throws `L1_BAD_RESPONSE` with the field's name. */
interface Fields {
  isNull(field: string): boolean;
  isTrue(field: string): boolean;
  bytes(field: string): Hex;
  hash(field: string): Hash32;
  hashes(field: string, maxCount: number): readonly Hash32[];
  address(field: string): Address;
  quantity(field: string): bigint;
  mustBe(field: string, expected: string): void;
}

function createFields(method: string, answer: unknown): Fields {
  if (typeof answer !== "object" || answer === null) {
    throw badResponse(method, "expected an object");
  }
  const values = new Map<string, unknown>(Object.entries(answer));
  const read = <Value>(field: string, parse: (text: string) => Value, value: unknown): Value => {
    if (typeof value !== "string") throw badResponse(method, `field "${field}" is no text`);
    try {
      return parse(value);
    } catch (cause) {
      throw badResponse(method, `field "${field}" has another shape`, cause);
    }
  };
  const get = <Value>(field: string, parse: (text: string) => Value): Value =>
    read(field, parse, values.get(field));
  return {
    isNull: (field) => values.get(field) === null || values.get(field) === undefined,
    isTrue: (field) => values.get(field) === true,
    bytes: (field) => get(field, (text) => bytesToHex(hexToBytes(text))),
    hash: (field) => get(field, hash32),
    hashes: (field, maxCount) => {
      const list = values.get(field);
      if (!Array.isArray(list) || list.length > maxCount) {
        throw badResponse(method, `field "${field}" is no list of at most ${maxCount}`);
      }
      return list.map((each: unknown) => read(field, hash32, each));
    },
    address: (field) => get(field, address),
    quantity: (field) => get(field, (text) => readQuantity(method, text)),
    mustBe: (field, expected) => {
      const found = get(field, (text) => text.toLowerCase());
      if (found !== expected) {
        throw badResponse(method, `field "${field}" is ${found}, expected ${expected}`);
      }
    },
  };
}
