/**
 * What each node calls by a name of its own: hashes of blocks, ids of filters and snapshots.
 *
 * Owns the way between those and the names that a story uses (`@block:5`, `@filter:2`), so that
 * `blockHash` is compared everywhere by the block that it means. Does not own what is asked.
 * @module
 */
import type { Answer } from "./compare.ts";
import { type Question, UNKNOWN_HASH } from "./teller.ts";

/** The names of one node. */
export interface Names {
  /** The question in this node's words. */
  toNode(question: Question): Question;
  /** Its answer in the story's words. */
  toStory(question: Question, answer: Answer): Answer;
  /** That block `number` has `hash` from now on. */
  learnBlock(number: number, hash: string): void;
}

/** Names of a node of which nothing is known. */
export function createNames(): Names {
  const hashes = new Map<number, string>();
  const namesByHash = new Map<string, string>();
  const ids = new Map<string, unknown>();
  const resolve = (text: string): unknown => {
    const number = /^@block:(\d+)$/.exec(text)?.[1];
    if (number !== undefined) return hashes.get(Number(number)) ?? UNKNOWN_HASH;
    return text.startsWith("@") ? ids.get(text) ?? "0x7777" : text;
  };
  return {
    toNode: (question) => ({
      ...question,
      params: question.params.map((param) => mapTexts(param, resolve)),
    }),
    toStory: ({ as }, answer) => {
      if (!("result" in answer)) return answer;
      if (as !== undefined && typeof answer.result === "string") {
        ids.set(as, answer.result);
        // Hashes of transactions come up again in other answers; ids of filters do not.
        if (answer.result.length === 66) namesByHash.set(answer.result, as);
        return { result: as };
      }
      return { result: mapTexts(answer.result, (text) => namesByHash.get(text) ?? text) };
    },
    learnBlock: (number, hash) => {
      // A block that took the place of another has another name.
      const known = hashes.get(number);
      if (known === hash) return;
      hashes.set(number, hash);
      const before = known === undefined ? "" : namesByHash.get(known) ?? "";
      namesByHash.set(hash, before === "" ? `@block:${number}` : `${before}'`);
    },
  };
}

/** `value` with `change` made to every text in it, wherever it is. */
function mapTexts(value: unknown, change: (text: string) => unknown): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]),
  );
}
