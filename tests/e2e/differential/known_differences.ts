/**
 * Where anvil 1.7.1 and the embedded L1 answer otherwise, and why ours stays.
 *
 * Owns the list; whatever is not on it is a failure. Each entry names the methods and the one place
 * in their answers that it excuses, and as much of both values as it can. `docs/RPC.md` shows it.
 * Does not own simulations (`known_simulations.ts`), which anvil fills in differently all over, or
 * what anvil takes that nobody else does (`known_inputs.ts`).
 * @module
 */
import { toFunctionSelector } from "viem/utils";
import { type Difference, findDifferences } from "./compare.ts";
import {
  both,
  codes,
  type DifferenceContext,
  errorAt,
  isAbsentHere,
  isAbsentThere,
  isAddressOfNobody,
  isHash,
  type KnownDifference,
  memberOf,
  resultOf,
  valueAt,
  ZERO_HASH,
} from "./known_difference.ts";
import { KNOWN_INPUTS } from "./known_inputs.ts";
import { KNOWN_SIMULATIONS } from "./known_simulations.ts";
import { SUBJECT_ABI } from "./subject_abi.ts";
import { encodeSubject, PRECOMPILES } from "./teller.ts";

const BLOCKS = ["eth_getBlockByNumber", "eth_getBlockByHash"];
const TRANSACTIONS = [
  "eth_getTransactionByHash",
  "eth_getTransactionBySenderAndNonce",
];
const MINED_TRANSACTIONS = [
  ...TRANSACTIONS,
  ...BLOCKS,
  "eth_getTransactionByBlockNumberAndIndex",
  "eth_getTransactionByBlockHashAndIndex",
];
const RAW_TRANSACTIONS = ["eth_getRawTransactionByHash", "debug_getRawTransaction"];
const RECEIPTS = ["eth_getTransactionReceipt", "eth_getBlockReceipts"];
const MESSAGES = ["eth_call", "eth_estimateGas", "eth_createAccessList", "debug_traceCall"];
const STATE = [
  "eth_getBalance",
  "eth_getCode",
  "eth_getTransactionCount",
  "eth_getStorageAt",
];
const TRACES = [
  "debug_traceTransaction",
  "debug_traceCall",
  "debug_traceBlockByNumber",
  "debug_traceBlockByHash",
];
const POOLS = ["txpool_content", "txpool_inspect"];
/** Where the answer of a tracer is, alone or of a transaction of a block. */
const TRACE = String.raw`^result(\[\d+\]\.result)?`;

/** The known difference that `difference` is, if it is one. */
export function findKnown(
  difference: Difference,
  context: DifferenceContext,
): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(({ methods, path, when }) =>
    methods.includes(context.question.method) && path.test(difference.path) &&
    (when === undefined || when(difference, context))
  );
}

/** All of them. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    reason: "anvil draws a random `prevrandao` for each block and names the root of an empty " +
      "state in its genesis, so `mixHash` and `stateRoot` differ, and with them every block " +
      "hash; hashes of the same block count as equal everywhere",
    methods: BLOCKS,
    path: /^result\.(mixHash|stateRoot)$/,
    when: both(isHash),
  },
  {
    reason: "the `size` of a block counts the list of withdrawals, as in geth; anvil forgets it, " +
      "and counts blobs",
    methods: BLOCKS,
    path: /^result\.size$/,
    when: ({ ours, theirs }, context) =>
      Number(ours) - Number(theirs) === 1 || hasBlobs(context) || isUnsigned(context),
  },
  {
    reason: "the block to come has no hash, nonce or miner, as in geth",
    methods: ["eth_getBlockByNumber"],
    path: /^result\.(hash|nonce|miner)$/,
    when: ({ ours }, { question }) => question.params[0] === "pending" && ours === null,
  },
  {
    reason: "so its transactions are in no block yet",
    methods: ["eth_getBlockByNumber"],
    path: /^result\.transactions\[\d+\]\.(blockHash|blockNumber|blockTimestamp|transactionIndex)$/,
    when: ({ ours }, { question }) => question.params[0] === "pending" && ours === null,
  },
  {
    reason: "the block to come is later than its parent; anvil's has the time of day's",
    methods: ["eth_getBlockByNumber"],
    path: /^result\.timestamp$/,
    when: ({ ours, theirs }, { question }) =>
      question.params[0] === "pending" && Math.abs(Number(ours) - Number(theirs)) < 3_600,
  },
  {
    reason: "balances of `pending` are those of `latest`: nothing runs before its block is made",
    methods: ["eth_getBalance"],
    path: /^result$/,
    when: ({ ours, theirs }, { question }) =>
      question.params[1] === "pending" && Number(ours) > Number(theirs),
  },
  {
    reason: "`totalDifficulty` left geth's answers with the merge",
    methods: BLOCKS,
    path: /^result\.totalDifficulty$/,
    when: isAbsentHere("0x0"),
  },
  {
    reason:
      "a transaction of an impersonated sender has no signature; each node makes one up, so " +
      "its hash and the root that holds it differ",
    methods: BLOCKS,
    path: /^result\.transactionsRoot$/,
    when: (_difference, context) => isUnsigned(context),
  },
  {
    reason: "so do its signature's numbers",
    methods: MINED_TRANSACTIONS,
    path: /^result(\.transactions\[\d+\])?\.(r|s|v|yParity)$/,
    when: ({ path }, { ours }) =>
      String(valueAt(ours, path.replace(/\w+$/, "hash"))).startsWith("@unsigned:"),
  },
  {
    reason: "a block holds blob transactions without their blobs, as its root says; anvil counts " +
      "the blobs in, and shows them with transactions",
    methods: [...BLOCKS],
    path: /^result\.transactionsRoot$/,
    when: (_difference, context) => hasBlobs(context),
  },
  {
    reason:
      "a transaction in a block has no blobs, commitments or proofs: they were never on the " +
      "chain; anvil shows them",
    methods: MINED_TRANSACTIONS,
    path: /^result(\.transactions\[\d+\])?\.(blobs|commitments|cellProofs|proofs)$/,
    when: ({ ours, theirs }) => ours === undefined && Array.isArray(theirs),
  },
  {
    reason: "so its bytes are those that the block holds; anvil's have the blobs too",
    methods: RAW_TRANSACTIONS,
    path: /^result$/,
    when: ({ ours, theirs }) =>
      String(ours).startsWith("0x03") && String(theirs).startsWith("0x03") &&
      String(theirs).length > 2 * 131_072,
  },
  {
    reason: "geth says `blockTimestamp: null` of a transaction that waits",
    methods: TRANSACTIONS,
    path: /^result\.blockTimestamp$/,
    when: isAbsentThere(null),
  },
  {
    reason: "`blobGasPrice` is in receipts of blob transactions alone, as in geth",
    methods: RECEIPTS,
    path: /^result(\[\d+\])?\.blobGasPrice$/,
    when: isAbsentHere("0x1"),
  },
  {
    reason: "geth's receipts have no `blockTimestamp`; anvil's is a number",
    methods: RECEIPTS,
    path: /^result(\[\d+\])?\.blockTimestamp$/,
    when: ({ ours, theirs }) => ours === undefined && typeof theirs === "number",
  },
  {
    reason: "a block that is not there has `null` transactions in geth; anvil refuses",
    methods: ["eth_getBlockTransactionCountByNumber"],
    path: /^(result|error)$/,
    when: (_difference, { ours, theirs }) =>
      resultOf(ours) === null &&
      errorAt(theirs)?.message.startsWith("BlockOutOfRangeError") === true,
  },
  {
    reason: "a block number is hex; anvil takes decimals too",
    methods: ["eth_getBlockByNumber"],
    path: /^(result|error)$/,
    when: (_difference, { question, ours }) =>
      question.params[0] === "1" && errorAt(ours)?.code === -32602,
  },
  {
    reason: "geth answers `0x` for the bytes of a transaction that is not there, anvil `null`",
    methods: RAW_TRANSACTIONS,
    path: /^result$/,
    when: ({ ours, theirs }) => ours === "0x" && theirs === null,
  },
  {
    reason: "the senders in `txpool_*` are written with their checksum, as in geth",
    methods: POOLS,
    path: /^result\.(pending|queued)\.0x[0-9a-fA-F]{40}$/,
    when: isSameSender,
  },
  {
    reason: "eth_getProof names no leaf for a slot that was set back to zero, nor a proof in an " +
      "empty trie, as geth; anvil keeps such leaves, and its accounts are another trie",
    methods: ["eth_getProof"],
    path: /^result\.(accountProof(\[\d+\])?|storageHash|storageProof\[\d+\]\.proof(\[\d+\])?)$/,
    when: (difference, { ours }) =>
      difference.path !== "result.storageHash" || !isAddressOfNobody(ours),
  },
  {
    reason: "an account that is not there has hashes of zeros in eth_getProof, as in geth; anvil " +
      "gives the hashes of an empty one",
    methods: ["eth_getProof"],
    path: /^result\.(codeHash|storageHash)$/,
    when: (_difference, { ours }) => isAddressOfNobody(ours),
  },
  {
    reason:
      "a filter with topics asks for logs that have as many, even where any will do: geth's " +
      "rule; anvil gives logs without topics too",
    methods: ["eth_getLogs", "eth_getFilterLogs", "eth_getFilterChanges"],
    path: /^result$/,
    when: ({ ours, theirs }) =>
      Array.isArray(ours) && Array.isArray(theirs) && isWithoutAnonymous(ours, theirs),
  },
  {
    reason:
      "a filter that is polled after evm_revert tells the blocks that the chain has; anvil's " +
      "tells those that are gone too",
    methods: ["eth_getFilterChanges"],
    path: /^result(\[\d+\])?$/,
    when: (_difference, { ours, theirs }) => {
      const [here, there] = [resultOf(ours), resultOf(theirs)];
      return Array.isArray(here) && Array.isArray(there) &&
        there.every((name) => String(name).startsWith("@block:")) && isSubsequence(here, there);
    },
  },
  {
    reason:
      "a log filter tells what came after it was made, and after evm_revert what is void, as " +
      "geth's; anvil's tells older logs, and void ones as if they stood",
    methods: ["eth_getFilterChanges"],
    path: /^result(\[\d+\].+)?$/,
    when: (_difference, { ours, theirs }) => {
      const [here, there] = [resultOf(ours), resultOf(theirs)];
      return Array.isArray(here) && Array.isArray(there) &&
        [...here, ...there].every((log) => Array.isArray(memberOf(log, "topics"))) &&
        isSubsequence(
          here.filter((log) => memberOf(log, "removed") !== true).map(describeLog),
          there.map(describeLog),
        );
    },
  },
  {
    reason: "geth refuses a range of blocks that ends before it begins; anvil answers no logs",
    methods: ["eth_getLogs"],
    path: /^(result|error)$/,
    when: (_difference, { question, ours, theirs }) =>
      JSON.stringify(question.params) === '[{"fromBlock":"0x5","toBlock":"0x1"}]' &&
      errorAt(ours)?.code === -32602 && JSON.stringify(resultOf(theirs)) === "[]",
  },
  {
    reason: "bytes that are no transaction are geth's -32000; anvil's -32602",
    methods: ["eth_sendRawTransaction"],
    path: /^error\.code$/,
    when: (difference, { ours }) =>
      codes(-32000, -32602)(difference) &&
      errorAt(ours)?.message.startsWith("Cannot decode the bytes as a transaction") === true,
  },
  {
    reason: "bytes after a transaction make it none, as in geth; anvil overlooks them",
    methods: ["eth_sendRawTransaction"],
    path: /^error\.code$/,
    when: (difference, { ours }) =>
      codes(-32000, -32003)(difference) &&
      errorAt(ours)?.message.endsWith("bytes follow the item") === true,
  },
  {
    reason:
      "every transaction that is read and refused is -32003, as anvil's are but those of too " +
      "little or too much gas, which are -32000",
    methods: ["eth_sendRawTransaction"],
    path: /^error\.code$/,
    when: (difference, { ours, theirs }) =>
      codes(-32003, -32000)(difference) &&
      /^(intrinsic gas too low|exceeds block gas limit)/.test(errorAt(ours)?.message ?? "") &&
      errorAt(theirs)?.message.startsWith("intrinsic gas too") === true,
  },
  {
    reason: "an account that the node has no key of is geth's -32000 `unknown account`",
    methods: ["eth_sendTransaction", "eth_sign", "personal_sign"],
    path: /^error\.code$/,
    when: (difference, { ours }) =>
      codes(-32000, -32602)(difference) && errorAt(ours)?.message === "unknown account",
  },
  {
    reason: "a block that is not there is geth's -32000 for state; anvil's -32001 by hash and " +
      "-32602 by number",
    methods: ["eth_call", ...STATE],
    path: /^error\.code$/,
    when: (difference, { ours }) =>
      (codes(-32000, -32001)(difference) &&
        errorAt(ours)?.message === "header for hash not found") ||
      (codes(-32000, -32602)(difference) && errorAt(ours)?.message === "header not found"),
  },
  {
    reason: "geth's code of a message that its sender cannot pay is -32000; anvil's -32003",
    methods: MESSAGES,
    path: /^error\.code$/,
    when: (difference, { ours, theirs }) =>
      codes(-32000, -32003)(difference) &&
      errorAt(ours)?.message.includes("insufficient funds") === true &&
      errorAt(theirs)?.message.startsWith("Insufficient funds") === true,
  },
  {
    reason: "a message that fails in the EVM without a revert is geth's -32000 with its words; " +
      "anvil's -32603",
    methods: MESSAGES,
    path: /^error\.code$/,
    when: (difference, { theirs }) =>
      codes(-32000, -32603)(difference) &&
      errorAt(theirs)?.message.startsWith("EVM error") === true,
  },
  {
    reason: "a call without a gas price runs with a base fee of 0, as in geth",
    methods: ["eth_call", "debug_traceCall"],
    path: /^result(\.output)?$/,
    when: ({ ours, theirs }, { question }) =>
      JSON.stringify(question.params).includes(PLACE) &&
      withoutWord(ours, BASE_FEE_WORD) === withoutWord(theirs, BASE_FEE_WORD),
  },
  {
    reason: "a call runs in the block that it names, with its gas limit, as in geth; anvil's has " +
      "the limit of the next one",
    methods: ["eth_call", "debug_traceCall"],
    path: /^result(\.output)?$/,
    when: ({ ours, theirs }, { question }) =>
      JSON.stringify(question.params).includes(PLACE) &&
      withoutWord(withoutWord(ours, GAS_LIMIT_WORD), BASE_FEE_WORD) ===
        withoutWord(withoutWord(theirs, GAS_LIMIT_WORD), BASE_FEE_WORD),
  },
  {
    reason:
      "an estimate for which the gas that the message names is too little is geth's -32000, " +
      "anvil's -32003",
    methods: ["eth_estimateGas"],
    path: /^error\.code$/,
    when: (difference, { ours, theirs }) =>
      codes(-32000, -32003)(difference) &&
      errorAt(ours)?.message.startsWith("gas required exceeds allowance") === true &&
      errorAt(theirs)?.message.startsWith("Out of gas: gas required exceeds allowance") === true,
  },
  {
    reason: "geth's search for an estimate ends within 1.5% of the least gas, anvil's at the least",
    methods: ["eth_estimateGas"],
    path: /^result$/,
    when: ({ ours, theirs }) => {
      const [high, low] = [Number(ours), Number(theirs)];
      return high >= low && high <= low * 1.016;
    },
  },
  {
    reason: "geth estimates no less than what the message uses with gas in plenty; anvil goes " +
      "down to where an inner call fails and the message goes on without it",
    methods: ["eth_estimateGas"],
    path: /^result$/,
    when: ({ ours, theirs }, { question }) =>
      Number(ours) > Number(theirs) && Number(theirs) > 21_000 &&
      CATCHING_SELECTORS.test(JSON.stringify(question.params)),
  },
  {
    reason: "a precompile costs gas; anvil takes a message without data to it for a transfer",
    methods: ["eth_estimateGas"],
    path: /^result$/,
    when: ({ ours, theirs }, { question }) =>
      theirs === "0x5208" && Number(ours) > 21_000 &&
      PRECOMPILES.some((precompile) => memberOf(question.params[0], "to") === precompile),
  },
  {
    reason: "an access list of a message that reverts is an answer with `error` in geth, and an " +
      "error in anvil",
    methods: ["eth_createAccessList"],
    path: /^(result|error)$/,
    when: (_difference, { ours, theirs }) =>
      typeof memberOf(resultOf(ours), "error") === "string" && errorAt(theirs) !== undefined,
  },
  {
    reason: "an access list has no order in geth, and ours that of first use",
    methods: ["eth_createAccessList"],
    path: /^result\.accessList\[\d+\]\.(address|storageKeys(\[\d+\])?)$/,
    when: (_difference, { ours, theirs }) =>
      sortedAccessList(resultOf(ours)) === sortedAccessList(resultOf(theirs)),
  },
  {
    reason: "geth's 4byteTracer answers for every message; anvil's fails for some that revert or " +
      "call nothing",
    methods: ["debug_traceCall"],
    path: /^(result|error)$/,
    when: (_difference, { ours, theirs }) =>
      resultOf(ours) !== undefined && errorAt(theirs)?.message === "unsupported tracer type",
  },
  {
    reason:
      "a step of a trace names its refund where there is one, that of the step counted in, as " +
      "in geth; anvil names 0 too, and counts a step's own after it",
    methods: TRACES,
    path: new RegExp(String.raw`${TRACE}\.structLogs\[\d+\]\.refund$`),
    when: ({ ours, theirs, path }, context) =>
      (ours === undefined && theirs === 0) ||
      valueAt(context.ours, path.replace(/refund$/, "op")) === "SSTORE",
  },
  {
    reason: "`gas` of a traced frame is the transaction's limit, as in geth; anvil takes the " +
      "intrinsic gas off, and gives calls what a block has where geth gives 50 million",
    methods: TRACES,
    path: new RegExp(String.raw`${TRACE}(\.calls\[\d+\])*\.gas$`),
    when: ({ ours, theirs, path }, { question }) =>
      Number(ours) > Number(theirs) &&
      (question.method === "debug_traceCall" || !path.includes(".calls[")),
  },
  {
    reason: "a log is counted through its block in a trace, as in geth; anvil counts through the " +
      "transaction",
    methods: TRACES,
    path: new RegExp(String.raw`${TRACE}(\.calls\[\d+\])*\.logs\[\d+\]\.index$`),
    when: ({ ours, theirs }) => Number(ours) > Number(theirs),
  },
  {
    reason:
      "what a traced transaction used is what its receipt says, as in geth; anvil gives what " +
      "its block used up to it",
    methods: TRACES,
    path: new RegExp(String.raw`${TRACE}\.gas(Used)?$`),
    when: ({ ours, theirs }, { question }) =>
      question.method !== "debug_traceCall" && Number(ours) < Number(theirs),
  },
  {
    reason: "a frame that failed has no logs in a trace, as in geth",
    methods: TRACES,
    path: new RegExp(String.raw`${TRACE}(\.calls\[\d+\])*\.logs$`),
    when: ({ ours, path }, context) =>
      ours === undefined &&
      typeof valueAt(context.ours, path.replace(/logs$/, "error")) === "string",
  },
  {
    reason:
      "the cost of a creation that collides is that of its opcode, as in geth; anvil counts " +
      "what the collision burns",
    methods: TRACES,
    path: new RegExp(String.raw`${TRACE}\.structLogs\[\d+\]\.gasCost$`),
    when: ({ ours, theirs, path }, context) =>
      valueAt(context.ours, path.replace(/gasCost$/, "op")) === "CREATE2" &&
      Number(ours) < Number(theirs),
  },
  {
    reason: "an account that was touched and is not there has a code hash of zeros after the " +
      "transaction, as in geth",
    methods: TRACES,
    path: new RegExp(String.raw`${TRACE}\.post\.0x[0-9a-f]{40}$`),
    when: isAbsentThere({ codeHash: ZERO_HASH }),
  },
  {
    reason: "geth says what a precompile finds wrong; anvil says `precompiled failed`",
    methods: TRACES,
    path: new RegExp(String.raw`${TRACE}(\.calls\[\d+\])*\.error$`),
    when: ({ ours, theirs, path }, context) =>
      theirs === "precompiled failed" &&
      (PRECOMPILE_FAULTS.has(String(ours)) ||
        // Numbers of more bytes than EIP-7823 allows cost more than any gas in geth.
        (ours === "out of gas" &&
          valueAt(context.ours, path.replace(/error$/, "to")) === MODEXP)),
  },
  {
    reason: "geth's prestateTracer names `codeHash` beside `code`",
    methods: TRACES,
    path: new RegExp(String.raw`${TRACE}(\.pre|\.post)?\.0x[0-9a-f]{40}\.codeHash$`),
    when: ({ ours, theirs }) => isHash(ours) && theirs === undefined,
  },
  {
    reason: "geth's prestateTracer leaves accounts out that are not there",
    methods: TRACES,
    path: new RegExp(String.raw`${TRACE}(\.pre)?\.0x[0-9a-f]{40}$`),
    when: isAbsentHere({ balance: "0x0" }),
  },
  {
    reason: "geth's 4byteTracer passes over precompiles",
    methods: TRACES,
    path: new RegExp(String.raw`${TRACE}\.0x[0-9a-f]{8}-\d+$`),
    when: isAbsentHere(1),
  },
  {
    reason: "anvil records opcodes only with --steps-tracing",
    methods: TRACES,
    path: new RegExp(String.raw`${TRACE}\.structLogs$`),
    when: ({ ours, theirs }) =>
      Array.isArray(ours) && ours.length > 0 && Array.isArray(theirs) && theirs.length === 0,
  },
  {
    reason: "a transaction that is not there cannot be traced in geth; anvil traces an empty one",
    methods: ["debug_traceTransaction"],
    path: /^(result|error)$/,
    when: (_difference, { ours, theirs }) =>
      errorAt(ours)?.message === "transaction not found" &&
      JSON.stringify(resultOf(theirs)) === NO_TRACE,
  },
  {
    reason: "a tracer that is not there is geth's -32000; anvil runs its name as a script",
    methods: ["debug_traceCall"],
    path: /^error\.code$/,
    when: (difference, { ours }) =>
      codes(-32000, -32603)(difference) && errorAt(ours)?.message === "tracer not found",
  },
  {
    reason: "eth_feeHistory without percentiles has no `reward` in geth, and an empty one in anvil",
    methods: ["eth_feeHistory"],
    path: /^result\.reward$/,
    when: isAbsentHere([]),
  },
  {
    reason: "the gas price is the base fee and a tip of 1 gwei; anvil's tip follows the caps of " +
      "its own latest transactions",
    methods: ["eth_gasPrice", "eth_maxPriorityFeePerGas"],
    path: /^result$/,
    when: ({ ours, theirs }) => Number(ours) >= 1e9 && Number(theirs) >= 1e9,
  },
  {
    reason:
      "evm_increaseTime answers how far the clock was moved in all; anvil counts in how far " +
      "`--timestamp` is from the time of day",
    methods: ["evm_increaseTime"],
    path: /^result$/,
    when: both((value) => typeof value === "number"),
  },
  {
    reason: "evm_setTime answers how far the clock jumped; anvil's went on meanwhile",
    methods: ["evm_setTime"],
    path: /^result$/,
    when: ({ ours, theirs }) => Math.abs(Number(ours) - Number(theirs)) < 3_600,
  },
  ...KNOWN_INPUTS,
  ...KNOWN_SIMULATIONS,
];

/** The data of a call of `place()`, as JSON. */
const PLACE = `"${encodeSubject("place", [])}"`;
/** `block.basefee` in the answer of `place()`. */
const BASE_FEE_WORD = 2;
/** `block.gaslimit` there. */
const GAS_LIMIT_WORD = 4;
/** What goes on when a call or creation that it makes fails. */
const CATCHING_SELECTORS = new RegExp(
  ["relay", "borrow", "spawn", "flash"].map((functionName) => selectorOf(functionName)).join("|"),
);
const MODEXP = PRECOMPILES[4];
const PRECOMPILE_FAULTS: ReadonlySet<string> = new Set([
  "invalid input length",
  "invalid final flag",
  "bad elliptic curve pairing size",
  "invalid fp.Element encoding",
  "point is not on curve",
  "invalid point: not on curve",
]);
const NO_TRACE = '{"failed":false,"gas":0,"returnValue":"0x","structLogs":[]}';

/** The first four bytes of a call of `name`, without `0x`. */
function selectorOf(name: string): string {
  const item = SUBJECT_ABI.find((entry) => entry.type === "function" && entry.name === name);
  if (item?.type !== "function") throw new Error(`Subject.sol has no ${name}`);
  return toFunctionSelector(item).slice(2);
}

function sortedAccessList(result: unknown): string {
  const list = memberOf(result, "accessList");
  if (!Array.isArray(list)) return "";
  const entries = list.map((entry) => {
    const keys = memberOf(entry, "storageKeys");
    return [memberOf(entry, "address"), Array.isArray(keys) ? keys.toSorted() : keys];
  });
  return entries.map((entry) => JSON.stringify(entry)).sort().join();
}

function withoutWord(data: unknown, index: number): string {
  const text = String(data);
  return `${text.slice(0, 2 + 64 * index)} ${text.slice(2 + 64 * (index + 1))}`;
}

function isUnsigned({ ours }: DifferenceContext): boolean {
  return JSON.stringify(resultOf(ours)).includes('"@unsigned:');
}

function hasBlobs({ ours }: DifferenceContext): boolean {
  return Number(memberOf(resultOf(ours), "blobGasUsed")) > 0;
}

function describeLog(log: unknown): string {
  const names = ["address", "topics", "data", "blockHash", "logIndex", "transactionHash"];
  return JSON.stringify(names.map((name) => memberOf(log, name)));
}

function isSubsequence(part: readonly unknown[], whole: readonly unknown[]): boolean {
  let next = 0;
  for (const item of whole) if (item === part[next]) next++;
  return next === part.length;
}

/** Whether `ours` is `theirs` without the logs that have no topic. */
function isWithoutAnonymous(ours: readonly unknown[], theirs: readonly unknown[]): boolean {
  const named = theirs.filter((log) => {
    const topics = memberOf(log, "topics");
    return Array.isArray(topics) && topics.length > 0;
  });
  return findDifferences({ result: ours }, { result: named }).length === 0;
}

/** Whether the other side has the same transactions of the sender, in the other case. */
function isSameSender({ path }: Difference, { ours, theirs }: DifferenceContext): boolean {
  const [, list, sender] = /^result\.(\w+)\.(\w+)$/.exec(path) ?? [];
  if (list === undefined || sender === undefined) return false;
  const shown = Object.entries(Object(memberOf(resultOf(ours), list)))
    .find(([key]) => key.toLowerCase() === sender.toLowerCase())?.[1];
  const other = memberOf(memberOf(resultOf(theirs), list), sender.toLowerCase());
  if (shown === undefined || other === undefined) return false;
  return findDifferences({ result: shown }, { result: other })
    .every((difference) =>
      /\.blockTimestamp$/.test(difference.path)
        ? difference.ours === null && difference.theirs === undefined
        : isSameLine(difference)
    );
}

/** A line of txpool_inspect: the same but for the checksum. */
function isSameLine({ ours, theirs }: Difference): boolean {
  return typeof ours === "string" && typeof theirs === "string" &&
    ours.toLowerCase() === theirs.toLowerCase();
}
