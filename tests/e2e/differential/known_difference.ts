/**
 * What a known difference says, and the words to say it with.
 *
 * Owns the shape. Does not own the list (`known_differences.ts`).
 * @module
 */
import { type Answer, type Difference, findDifferences } from "./compare.ts";
import type { Question } from "./teller.ts";

/** A difference that is known. */
export interface KnownDifference {
  /** What anvil does, and why ours stays as it is; a row of `docs/RPC.md`. */
  readonly reason: string;
  /** The methods whose answers have it. */
  readonly methods: readonly string[];
  /** The whole path of the place. */
  readonly path: RegExp;
  /** Whether it is this difference, when method and path are. */
  when?(difference: Difference, context: DifferenceContext): boolean;
}

/** What was asked and answered where a difference is. */
export interface DifferenceContext {
  readonly question: Question;
  readonly ours: Answer;
  readonly theirs: Answer;
}

/** 32 bytes of nothing. */
export const ZERO_HASH = `0x${"00".repeat(32)}`;

type Condition = (difference: Difference, context: DifferenceContext) => boolean;

/** Both values are of a kind. */
export function both(isOfKind: (value: unknown) => boolean): Condition {
  return ({ ours, theirs }) => isOfKind(ours) && isOfKind(theirs);
}

/** anvil has `value` where we have nothing. */
export function isAbsentHere(value: unknown): Condition {
  return ({ ours, theirs }) => ours === undefined && isEqual(theirs, value);
}

/** We have `value` where anvil has nothing. */
export function isAbsentThere(value: unknown): Condition {
  return ({ ours, theirs }) => theirs === undefined && isEqual(ours, value);
}

/** The numbers of two errors. */
export function codes(expected: number, theirs: number): (difference: Difference) => boolean {
  return (difference) => difference.ours === expected && difference.theirs === theirs;
}

/** Whether `value` is 32 bytes of hex, or the name of a block. */
export function isHash(value: unknown): boolean {
  return typeof value === "string" && /^(0x[0-9a-f]{64}|@block:\d+'*)$/.test(value);
}

/** The error of an answer. */
export function errorAt(answer: Answer) {
  return "error" in answer ? answer.error : undefined;
}

/** The result of an answer, `undefined` for an error. */
export function resultOf(answer: Answer): unknown {
  return "result" in answer ? answer.result : undefined;
}

/** The member `name` of an object. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** What `answer` has at `path`, which begins with `result`. */
export function valueAt(answer: Answer, path: string): unknown {
  const [, ...names] = path.match(/[^.[\]]+/g) ?? [];
  return names.reduce((value: unknown, name) => memberOf(value, name), resultOf(answer));
}

/** Whether an answer of eth_getProof is about an account that is not there. */
export function isAddressOfNobody(answer: Answer): boolean {
  const result = resultOf(answer);
  return memberOf(result, "codeHash") === ZERO_HASH &&
    memberOf(result, "balance") === "0x0" && memberOf(result, "nonce") === "0x0";
}

function isEqual(left: unknown, right: unknown): boolean {
  return findDifferences({ result: left }, { result: right }).length === 0;
}
