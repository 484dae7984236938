/**
 * A seeded story of requests and transactions that any Ethereum node can be told.
 *
 * Owns which chapter comes next and how often each does. The story looks at the answers of one node,
 * the guide, only to know what exists (hashes); every node is told the very same words. Does not own
 * the chapters or the comparison (`compare.ts`).
 * @module
 */
import { hash32 } from "../../../core/primitives/hex.ts";
import { createRandom } from "../../simulation/random.ts";
import * as calls from "./calls.ts";
import * as controls from "./controls.ts";
import * as pool from "./pool.ts";
import * as reads from "./reads.ts";
import type { Chapter, Memory, Question, StoryOptions } from "./teller.ts";
import * as transactions from "./transactions.ts";

/** A story under way. */
export interface Story {
  readonly memory: Memory;
  /** What comes next: usually one question, for a transaction three. */
  next(): readonly Question[];
  /** What the guide answered to the last of them. */
  learn(question: Question, answer: unknown): void;
}

const WEIGHTS = {
  transfer: 6,
  subject: 20,
  deploy: 3,
  delegate: 3,
  blobs: 1,
  wallet: 2,
  impersonate: 1,
  refused: 6,
  crowd: 3,
  gap: 1,
  replacement: 1,
  dropped: 1,
  state: 12,
  block: 12,
  transactionOf: 10,
  logs: 7,
  filters: 6,
  facts: 6,
  proof: 3,
  malformed: 8,
  call: 16,
  estimate: 8,
  accessList: 3,
  trace: 8,
  simulate: 4,
  decree: 3,
  snapshot: 2,
  interval: 1,
  clock: 1,
  wishes: 1,
} as const;

const CHAPTERS: Readonly<Record<keyof typeof WEIGHTS, Chapter>> = {
  transfer: transactions.transfer,
  subject: transactions.subject,
  deploy: transactions.deploy,
  delegate: transactions.delegate,
  blobs: transactions.blobs,
  wallet: transactions.wallet,
  impersonate: transactions.impersonate,
  refused: transactions.refused,
  crowd: pool.crowd,
  gap: pool.gap,
  replacement: pool.replacement,
  dropped: pool.dropped,
  state: reads.state,
  block: reads.block,
  transactionOf: reads.transactionOf,
  logs: reads.logs,
  filters: reads.filters,
  facts: reads.facts,
  proof: reads.proof,
  malformed: reads.malformed,
  call: calls.call,
  estimate: calls.estimate,
  accessList: calls.accessList,
  trace: calls.trace,
  simulate: calls.simulate,
  decree: controls.decree,
  snapshot: controls.snapshot,
  interval: controls.interval,
  clock: controls.clock,
  wishes: controls.wishes,
};

/** The story of `options.seed`. */
export function createStory(options: StoryOptions): Story {
  const random = createRandom(options.seed);
  const memory: Memory = {
    contracts: [],
    hashes: [],
    nonces: new Map(),
    delegated: new Set(),
    blockNumber: 0n,
    timestampSec: options.genesisSec,
    filters: [],
    snapshots: [],
    nameCount: 0,
  };
  const tell = { options, random, memory };
  return {
    memory,
    next: () =>
      memory.contracts.length === 0
        ? transactions.deploy(tell)
        : CHAPTERS[random.weighted(WEIGHTS)](tell),
    learn: ({ method, as }, answer) => {
      const isSent = method === "eth_sendRawTransaction" || method === "eth_sendTransaction";
      if (isSent && as === undefined && typeof answer === "string") {
        memory.hashes.push(hash32(answer));
      }
    },
  };
}
