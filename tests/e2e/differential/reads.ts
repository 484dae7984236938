/**
 * Chapters that only look: state, blocks, transactions, logs, filters, fees, and what makes no sense.
 *
 * Owns these. Does not own messages that run (`calls.ts`).
 * @module
 */
import { toEventSelector } from "viem/utils";
import { DEV_ACCOUNTS } from "../../../devnet/accounts.ts";
import {
  anyAddress,
  anyBlock,
  anyHash,
  anyNumber,
  anySlots,
  type Chapter,
  nextName,
  type Question,
  STRANGER,
  type Teller,
  toQuantity,
  toWord,
  UNKNOWN_HASH,
} from "./teller.ts";

const PUT_TOPIC = toEventSelector("event Put(uint256 indexed, uint256, address indexed)");

/** Balance, code, nonce or storage at any block. */
export const state: Chapter = (tell) => {
  const { random } = tell;
  const who = anyAddress(tell);
  const at = random.chance(90)
    ? anyBlock(tell)
    : { blockHash: `@block:${Number(anyNumber(tell))}` };
  return [random.pick<Question>([
    { method: "eth_getBalance", params: [who, at] },
    { method: "eth_getCode", params: [who, at] },
    { method: "eth_getTransactionCount", params: [who, at] },
    { method: "eth_getStorageAt", params: [who, random.pick([...anySlots(tell), "0x0"]), at] },
    { method: "eth_getAccountInfo", params: [who, "latest"] },
  ])];
};

/** Blocks, by number and by hash. */
export const block: Chapter = (tell) => {
  const { random } = tell;
  const number = anyNumber(tell);
  const hash = `@block:${Number(number)}`;
  const index = toQuantity(random.int(0, 2));
  const beyond = toQuantity(tell.memory.blockNumber + 5n);
  return [random.pick<Question>([
    {
      method: "eth_getBlockByNumber",
      params: [random.pick([number, number, "latest", beyond]), random.chance(50)],
    },
    {
      method: "eth_getBlockByHash",
      params: [random.pick([hash, UNKNOWN_HASH]), random.chance(50)],
    },
    { method: "eth_getBlockTransactionCountByNumber", params: [random.pick([number, beyond])] },
    { method: "eth_getBlockTransactionCountByHash", params: [random.pick([hash, UNKNOWN_HASH])] },
    { method: "eth_getBlockReceipts", params: [random.pick([number, number, beyond])] },
    { method: "eth_getBlockReceipts", params: [hash] },
    { method: "eth_getTransactionByBlockNumberAndIndex", params: [number, index] },
    { method: "eth_getTransactionByBlockHashAndIndex", params: [hash, index] },
    { method: "eth_getUncleCountByBlockNumber", params: [number] },
    { method: "eth_getUncleCountByBlockHash", params: [hash] },
    { method: "eth_getUncleByBlockNumberAndIndex", params: [number, index] },
    { method: "debug_getRawTransaction", params: [anyHash(tell)] },
  ])];
};

/** A transaction that was sent at some time. */
export const transactionOf: Chapter = (tell) => [{
  method: tell.random.pick([
    "eth_getTransactionByHash",
    "eth_getTransactionReceipt",
    "eth_getTransactionReceipt",
    "eth_getRawTransactionByHash",
  ]),
  params: [anyHash(tell)],
}];

/** `eth_getLogs`. */
export const logs: Chapter = (tell) => [{ method: "eth_getLogs", params: [logFilter(tell)] }];

/** Filters are made, asked and taken away. */
export const filters: Chapter = (tell) => {
  const { random, memory } = tell;
  if (memory.filters.length > 0 && random.chance(75)) {
    const filter = random.pick(memory.filters);
    const question = random.pick<Question>([
      { method: "eth_getFilterChanges", params: [filter] },
      { method: "eth_getFilterChanges", params: [filter] },
      { method: "eth_getFilterLogs", params: [filter] },
      { method: "eth_uninstallFilter", params: [filter] },
    ]);
    if (question.method === "eth_uninstallFilter") {
      memory.filters = memory.filters.filter((other) => other !== filter);
      return [question, question];
    }
    return [question];
  }
  const as = nextName(tell, "filter");
  memory.filters.push(as);
  return [random.pick<Question>([
    { method: "eth_newFilter", params: [logFilter(tell)], as },
    { method: "eth_newBlockFilter", params: [], as },
    { method: "eth_newPendingTransactionFilter", params: [], as },
  ])];
};

/** What the chain is and costs, and what the node's accounts sign. */
export const facts: Chapter = ({ random }) => {
  const { address } = random.pick(DEV_ACCOUNTS);
  return [random.pick<Question>([
    { method: "eth_gasPrice", params: [] },
    { method: "eth_maxPriorityFeePerGas", params: [] },
    { method: "eth_chainId", params: [] },
    { method: "eth_blockNumber", params: [] },
    { method: "net_version", params: [] },
    { method: "net_listening", params: [] },
    { method: "eth_syncing", params: [] },
    { method: "eth_accounts", params: [] },
    { method: "eth_blobBaseFee", params: [] },
    { method: "web3_sha3", params: [toWord(random.int(0, 9))] },
    { method: "eth_sign", params: [address, "0xdeadbeef"] },
    { method: "personal_sign", params: ["0xdeadbeef", address] },
    {
      method: "eth_signTransaction",
      params: [{
        from: address,
        to: STRANGER,
        value: "0x1",
        gas: "0x5208",
        nonce: "0x7",
        maxFeePerGas: "0x174876e800",
        maxPriorityFeePerGas: "0x1",
      }],
    },
    {
      method: "eth_feeHistory",
      params: [toQuantity(random.int(1, 8)), "latest", random.pick([[], [10, 50, 90]])],
    },
  ])];
};

/** `eth_getProof`. */
export const proof: Chapter = (tell) => [{
  method: "eth_getProof",
  params: [anyAddress(tell), anySlots(tell), "latest"],
}];

/** What no node can answer. */
export const malformed: Chapter = (tell) => [tell.random.pick<Question>([
  { method: "eth_getBalance", params: ["0x12", "latest"] },
  { method: "eth_getBalance", params: [] },
  { method: "eth_getBalance", params: [STRANGER, "newest"] },
  { method: "eth_getBalance", params: [STRANGER, toQuantity(tell.memory.blockNumber + 9n)] },
  { method: "eth_getBlockByNumber", params: ["0x"] },
  { method: "eth_getBlockByNumber", params: ["1", false] },
  { method: "eth_getBlockByNumber", params: [`0x${"f".repeat(40)}`, false] },
  { method: "eth_getTransactionByHash", params: ["0xzz"] },
  { method: "eth_getTransactionReceipt", params: [UNKNOWN_HASH] },
  { method: "eth_call", params: [{ to: "nobody" }, "latest"] },
  { method: "eth_call", params: [{ to: STRANGER, gas: "-0x1" }, "latest"] },
  { method: "eth_call", params: [{ to: STRANGER }, { blockHash: UNKNOWN_HASH }] },
  { method: "eth_getLogs", params: [{ fromBlock: "0x5", toBlock: "0x1" }] },
  { method: "eth_getBlockByNumber", params: ["0x01", false] },
  { method: "eth_getBalance", params: [STRANGER, "0x00"] },
  { method: "eth_call", params: [{ to: STRANGER, value: "0x00" }, "latest"] },
  { method: "eth_call", params: [{ to: STRANGER, gas: 50_000 }, "latest"] },
  { method: "eth_call", params: [{ to: STRANGER, value: "0" }, "latest"] },
  { method: "eth_getLogs", params: [{ fromBlock: "0x0", toBlock: "0xffffff" }] },
  { method: "eth_getLogs", params: [{ fromBlock: "0xffffff" }] },
  { method: "eth_getLogs", params: [{ topics: ["0x12"] }] },
  { method: "eth_getLogs", params: [{ blockHash: UNKNOWN_HASH }] },
  { method: "eth_noSuchMethod", params: [] },
  { method: "eth_getStorageAt", params: [STRANGER, "slot", "latest"] },
  { method: "debug_traceTransaction", params: [UNKNOWN_HASH] },
  { method: "debug_traceCall", params: [{ to: STRANGER }, "latest", { tracer: "noTracer" }] },
  { method: "eth_getFilterChanges", params: ["0x7777"] },
  { method: "eth_getFilterLogs", params: ["0x7777"] },
  { method: "eth_uninstallFilter", params: ["0x7777"] },
  { method: "eth_sendTransaction", params: [{ from: STRANGER, to: STRANGER, gas: "0x5208" }] },
  { method: "eth_sign", params: [STRANGER, "0x12"] },
  { method: "evm_setNextBlockTimestamp", params: [1] },
  { method: "evm_revert", params: ["0x7777"] },
])];

function logFilter(tell: Teller): Readonly<Record<string, unknown>> {
  const { random, memory } = tell;
  const range = random.chance(15) ? { blockHash: `@block:${Number(anyNumber(tell))}` } : {
    fromBlock: random.pick(["0x0", "earliest", anyNumber(tell)]),
    ...(random.chance(80) ? { toBlock: "latest" } : {}),
  };
  return {
    ...range,
    ...(random.chance(40) ? { address: random.pick(memory.contracts) } : {}),
    ...(random.chance(20) ? { address: memory.contracts.slice(0, 3) } : {}),
    ...(random.chance(40)
      ? {
        topics: random.pick<unknown[]>([
          [null, toWord(random.int(0, 9))],
          [[PUT_TOPIC]],
          [],
          [null],
        ]),
      }
      : {}),
  };
}
