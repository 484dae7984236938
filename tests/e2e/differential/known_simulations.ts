/**
 * Where eth_simulateV1 of anvil 1.7.1 and of the embedded L1 differ.
 *
 * Owns these. geth wrote the method and its vectors, which ours passes; anvil leaves much of the
 * simulated block empty. What its calls return, use and log is compared.
 * @module
 */
import type { Answer } from "./compare.ts";
import type { Question } from "./teller.ts";
import {
  codes,
  type DifferenceContext,
  errorAt,
  isHash,
  type KnownDifference,
  memberOf,
  resultOf,
} from "./known_difference.ts";

const METHODS = ["eth_simulateV1"];

/** All of them. */
export const KNOWN_SIMULATIONS: readonly KnownDifference[] = [
  {
    reason: "a simulated block has the roots and the parent that follow from it, as in geth; " +
      "anvil's have zeros or roots of other bytes, so hashes differ",
    methods: METHODS,
    path: /^result\[\d+\]\.(hash|parentHash|stateRoot|transactionsRoot|receiptsRoot)$/,
    when: ({ ours, theirs }) => isHash(ours) && isHash(theirs),
  },
  {
    reason: "a simulated block has every field of a block, as in geth; anvil's have none from " +
      "Shanghai on, and no size",
    methods: METHODS,
    path:
      /^result\[\d+\]\.(withdrawalsRoot|withdrawals|blobGasUsed|excessBlobGas|parentBeaconBlockRoot|requestsHash|size)$/,
    when: ({ theirs }) => theirs === undefined,
  },
  {
    reason: "a simulated block without validation has a base fee of 0, as in geth",
    methods: METHODS,
    path: /^result\[\d+\]\.baseFeePerGas$/,
    when: ({ ours }) => ours === "0x0",
  },
  {
    reason: "the first simulated block is the one after the block that it is simulated on, as in " +
      "geth; anvil gives it the number of that block",
    methods: METHODS,
    path: /^result\[\d+\]\.(number|calls\[\d+\]\.logs\[\d+\]\.blockNumber)$/,
    when: ({ ours, theirs }) => Number(ours) === Number(theirs) + 1,
  },
  {
    reason:
      "a simulated block has the gas limit of the block before it, as in geth; anvil's the one " +
      "that evm_setBlockGasLimit has chosen for the block to come",
    methods: METHODS,
    path: /^result\[\d+\]\.gasLimit$/,
    when: ({ ours, theirs }) => [ours, theirs].every(isChosenLimit),
  },
  {
    reason: "simulated transactions are complete, as in geth; anvil's lack their block, nonce, " +
      "gas and chain",
    methods: METHODS,
    path:
      /^result\[\d+\]\.transactions\[\d+\]\.(blockHash|blockNumber|blockTimestamp|transactionIndex|gas|nonce|chainId)$/,
    when: ({ theirs }) =>
      theirs === undefined || theirs === null || theirs === "0x0" || theirs === "0x1",
  },
  {
    reason: "so the hashes of simulated transactions differ, and what names them or their block",
    methods: METHODS,
    path:
      /^result\[\d+\]\.(transactions\[\d+\](\.hash)?|calls\[\d+\]\.logs\[\d+\]\.(blockHash|transactionHash))$/,
    when: ({ ours, theirs }) => isHash(ours) && isHash(theirs),
  },
  {
    reason:
      "the bloom of a simulated block is of its own logs, as in geth; anvil's of those that " +
      "stand for transfers too",
    methods: METHODS,
    path: /^result\[\d+\]\.logsBloom$/,
    when: (_difference, { question }) => tracesTransfers(question),
  },
  {
    reason:
      "among traced transfers geth logs what SELFDESTRUCT hands over, and nothing of frames " +
      "that failed; anvil the other way round",
    methods: METHODS,
    path: /^result\[\d+\]\.calls\[\d+\]\.logs(\[\d+\]\..+)?$/,
    when: ({ path }, context) => hasOtherTransfers(context, path),
  },
  {
    reason: "what a reverted call returned is in its error alone, as in geth",
    methods: METHODS,
    path: /^result\[\d+\]\.calls\[\d+\]\.returnData$/,
    when: ({ ours, theirs, path }, context) =>
      ours === "0x" && callAt(context.ours, path, "error", "data") === theirs,
  },
  {
    reason: "so do calls that say where they run: a number more, and a base fee of 0",
    methods: METHODS,
    path: /^result\[\d+\]\.calls\[\d+\]\.returnData$/,
    when: ({ ours, theirs }) => isSamePlace(String(ours), String(theirs)),
  },
  {
    reason: "`maxUsedGas` is new in geth",
    methods: METHODS,
    path: /^result\[\d+\]\.calls\[\d+\]\.maxUsedGas$/,
    when: ({ ours, theirs }) => /^0x[1-9a-f]/.test(String(ours)) && theirs === undefined,
  },
  {
    reason: "geth's errors of simulated calls are those of eth_call, with 3 and the data of a " +
      "revert, and -32015 for other failures; anvil has -3200 and no data",
    methods: METHODS,
    path: /^result\[\d+\]\.calls\[\d+\]\.error\.(code|message|data)$/,
    when: ({ ours, theirs, path }) =>
      path.endsWith(".code")
        ? (ours === 3 || ours === -32015) && theirs === -3200
        : path.endsWith(".data")
        ? typeof ours === "string" && theirs === undefined
        : typeof ours === "string" && theirs === "execution failed",
  },
  {
    reason: "eth_simulateV1 has its own number, -38014, for who cannot pay",
    methods: METHODS,
    path: /^error\.code$/,
    when: (difference, { ours }) =>
      codes(-38014, -32003)(difference) &&
      errorAt(ours)?.message.includes("insufficient funds") === true,
  },
];

/** The emitter of the logs that stand for transfers. */
const TRANSFER_LOGS = `0x${"ee".repeat(20)}`;
const WORD_CHARS = 64;

/** A member of the simulated call that `path` leads into. */
function callAt(answer: Answer, path: string, ...names: readonly string[]): unknown {
  const [, block = "", call = ""] = /^result\[(\d+)\]\.calls\[(\d+)\]/.exec(path) ?? [];
  return [block, "calls", call, ...names].reduce(
    (at, name) => memberOf(at, name),
    resultOf(answer),
  );
}

/** Whether `value` is a gas limit that the story chooses. */
function isChosenLimit(value: unknown): boolean {
  return Number(value) >= 29_000_000 && Number(value) <= 31_000_000;
}

/**
 * Whether transfers are traced, and the logs of the calls of the block that `path` leads into are
 * the same but for those of transfers, of which the two count differently many.
 */
function hasOtherTransfers({ question, ours, theirs }: DifferenceContext, path: string): boolean {
  if (!tracesTransfers(question)) return false;
  const [, block = ""] = /^result\[(\d+)\]/.exec(path) ?? [];
  const [here, there] = [ours, theirs].map((answer) =>
    memberOf(memberOf(resultOf(answer), block), "calls")
  );
  return eventsOf(here, false) === eventsOf(there, false) &&
    eventsOf(here, true) !== eventsOf(there, true);
}

function tracesTransfers({ params }: Question): boolean {
  return memberOf(params[0], "traceTransfers") === true;
}

/** Emitter, topics and data of the logs of calls, of transfers or of all others. */
function eventsOf(calls: unknown, ofTransfers: boolean): string {
  if (!Array.isArray(calls)) return "";
  const perCall = calls.map((call) => {
    const logs = memberOf(call, "logs");
    return (Array.isArray(logs) ? logs : [])
      .filter((log) => (memberOf(log, "address") === TRANSFER_LOGS) === ofTransfers)
      .map((log) => ["address", "topics", "data"].map((name) => memberOf(log, name)));
  });
  return JSON.stringify(perCall);
}

/** What `place()` returns: the number is the first word, the base fee the third. */
function isSamePlace(ours: string, theirs: string): boolean {
  const words = (data: string, index: number) =>
    data.slice(2 + WORD_CHARS * index, 2 + WORD_CHARS * (index + 1));
  const count = 6;
  return ours.length === 2 + WORD_CHARS * count && ours.length === theirs.length &&
    BigInt(`0x${words(ours, 0)}`) - BigInt(`0x${words(theirs, 0)}`) <= 1n &&
    BigInt(`0x${words(ours, 2)}`) === 0n &&
    [1, 3, 4, 5].every((index) => words(ours, index) === words(theirs, index));
}
