/**
 * Flags: how a command declares them and how a command line is read against the declaration.
 *
 * Owns the grammar (`--flag value`, `--flag=value`, `-f value`, `--` ends the flags), the types of
 * values and the refusals, each with what to type instead. Does not own where else a value may come
 * from (`config.ts`) or help texts (`help.ts`).
 * @module
 */
import { RollupError } from "../core/primitives/errors.ts";
import type { Hex } from "../core/primitives/hex.ts";
import { findNearest } from "./nearest.ts";

interface FlagBase {
  /** One line for `--help`, without a final period. */
  readonly summary: string;
  /** A single letter, for `-p`. */
  readonly alias?: string;
  /** A second long name, which does the same. */
  readonly also?: string;
  /** What `VARVE_*` and `varve.json` call it, where that differs from the flag's name. */
  readonly setting?: string;
  /** What stands for the value in help texts, such as `DIR`. */
  readonly placeholder?: string;
  /** The value, as one would type it, when no source gives another. */
  readonly default?: string;
  /** A secret is never repeated in an error. */
  readonly secret?: true;
}

/**
 * A flag as a command declares it. Values come out as: `string` text, `boolean` whether it is set,
 * `quantity` a non-negative `bigint`, `ether` wei as a `bigint`, `hex` whole bytes, `enum` one of
 * `choices`, `port` a TCP port from 0, `seconds` milliseconds as a `number`.
 */
export type FlagSpec =
  | (FlagBase & { readonly type: "enum"; readonly choices: readonly string[] })
  | (FlagBase & {
    readonly type: "string" | "boolean" | "quantity" | "ether" | "hex" | "port" | "seconds";
  });

/** The flags of a command by their names, without the leading `--`. */
export type Flags = Readonly<Record<string, FlagSpec>>;

interface ValueByType {
  readonly string: string;
  readonly boolean: boolean;
  readonly quantity: bigint;
  readonly ether: bigint;
  readonly hex: Hex;
  readonly port: number;
  readonly seconds: number;
}

type FlagValue<Spec extends FlagSpec> = Spec extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : Spec["type"] extends keyof ValueByType ? ValueByType[Spec["type"]]
  : never;

/** The values of flags declared as `F`: absent ones are `undefined`, unset booleans `false`. */
export type FlagValues<F extends Flags> = {
  readonly [Name in keyof F]: F[Name] extends { readonly default: string } | {
    readonly type: "boolean";
  } ? FlagValue<F[Name]>
    : FlagValue<F[Name]> | undefined;
};

/** A value as text, and where it came from, for messages. */
export interface GivenValue {
  readonly text: string;
  /** Such as `--data`, `VARVE_DATA` or `varve.json`. */
  readonly source: string;
}

/** A command line taken apart; nothing is interpreted yet. */
export interface ParsedLine {
  readonly given: ReadonlyMap<string, GivenValue>;
  readonly positionals: readonly string[];
}

/** Codes of a misused command line; each makes the tool exit with 2. */
export type UsageErrorCode =
  | "USAGE_UNKNOWN_COMMAND"
  | "USAGE_UNKNOWN_FLAG"
  | "USAGE_MISSING_VALUE"
  | "USAGE_REPEATED_FLAG"
  | "USAGE_INVALID_VALUE"
  | "USAGE_CONFLICT"
  | "USAGE_MISSING_ARGUMENT"
  | "USAGE_UNEXPECTED_ARGUMENT"
  | "USAGE_CONFIG_INVALID";

/**
 * Takes `argv` apart against `flags`.
 *
 * A word such as `-5` is an argument, so that signed numbers need no quoting.
 *
 * @throws `USAGE_UNKNOWN_FLAG`, `USAGE_MISSING_VALUE`, `USAGE_REPEATED_FLAG`.
 */
export function parseLine(argv: readonly string[], flags: Flags): ParsedLine {
  const given = new Map<string, GivenValue>();
  const positionals: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (word === "--") {
      positionals.push(...argv.slice(index + 1));
      break;
    }
    if (!isFlagWord(word)) {
      positionals.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const typed = equals < 0 ? word : word.slice(0, equals);
    const [name, spec] = findFlag(typed, flags);
    if (given.has(name)) throw repeatedFlag(name);
    let text = equals < 0 ? undefined : word.slice(equals + 1);
    if (text === undefined) {
      if (spec.type === "boolean") text = "true";
      else text = takeValue(typed, spec, argv[++index]);
    }
    given.set(name, { text, source: `--${name}` });
  }
  return { given, positionals };
}

/**
 * The typed values of `flags`: those `given`, then defaults.
 *
 * @throws `USAGE_INVALID_VALUE` naming the flag, the source and what would fit.
 */
export function readFlags<F extends Flags>(
  flags: F,
  given: ReadonlyMap<string, GivenValue>,
): FlagValues<F> {
  const values = Object.entries(flags).map(([name, spec]) => {
    const value = given.get(name) ??
      (spec.default === undefined ? undefined : { text: spec.default, source: "default" });
    if (value === undefined) return [name, spec.type === "boolean" ? false : undefined];
    return [name, readValue(name, spec, value)];
  });
  // Each value was made by the reader of its own spec, which is what the mapped type says.
  return Object.fromEntries(values) as FlagValues<F>;
}

/** A misuse of the command line: nothing was done, and `mend` says what to type. */
export function usageError(
  code: UsageErrorCode,
  message: string,
  options: { readonly details?: Readonly<Record<string, unknown>>; readonly mend: string },
): RollupError<UsageErrorCode> {
  return new RollupError(code, message, options);
}

/**
 * A non-negative integer: decimal digits or `0x` and hex digits.
 *
 * @returns `undefined` when `text` is not one; the caller knows what it was for.
 */
export function parseQuantity(text: string): bigint | undefined {
  if (text.length > MAX_NUMBER_LENGTH) return undefined;
  return /^(0|[1-9]\d*)$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text) ? BigInt(text) : undefined;
}

/**
 * An amount in wei: `1ether`, `0.5 ether`, `20gwei`, `7wei`, or a bare quantity of wei.
 *
 * @returns `undefined` when `text` is no amount or names a fraction of a wei.
 */
export function parseEther(text: string): bigint | undefined {
  if (text.length > MAX_NUMBER_LENGTH) return undefined;
  const match = /^(0|[1-9]\d*)(?:\.(\d+))? ?(ether|eth|gwei|wei)$/.exec(text);
  if (match === null) return parseQuantity(text);
  const [, whole = "", fraction = "", unit = ""] = match;
  const decimals = DECIMALS_BY_UNIT.get(unit) ?? 0;
  const digits = fraction.replace(/0+$/, "");
  if (digits.length > decimals) return undefined;
  return BigInt(whole + digits.padEnd(decimals, "0"));
}

/** Whether `word` is spelled as a flag; a lone `-` and negative numbers are not. */
function isFlagWord(word: string): boolean {
  return /^--?[^\d-]/.test(word) || /^--\d/.test(word) || /^---/.test(word);
}

/** Longer than any 256-bit number in any unit; keeps hostile input cheap. */
const MAX_NUMBER_LENGTH = 120;

const DECIMALS_BY_UNIT: ReadonlyMap<string, number> = new Map([
  ["ether", 18],
  ["eth", 18],
  ["gwei", 9],
  ["wei", 0],
]);

function findFlag(typed: string, flags: Flags): [string, FlagSpec] {
  const name = nameOf(typed, flags);
  const spec = name !== undefined && Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (name !== undefined && spec !== undefined) return [name, spec];
  const names = Object.entries(flags).flatMap(([long, { also }]) => [long, also ?? []].flat());
  const nearest = findNearest(typed.replace(/^-+/, ""), names);
  throw usageError("USAGE_UNKNOWN_FLAG", `Cannot read "${typed}" as a flag of this command`, {
    details: { flag: typed, ...(nearest === undefined ? {} : { nearest: `--${nearest}` }) },
    mend: nearest === undefined
      ? "Run the command with --help to see its flags; put `--` before an argument that starts with `-`."
      : `Did you mean --${nearest}? Run the command with --help to see its flags.`,
  });
}

/** The declared name that `typed` stands for; itself when it is no second name. */
function nameOf(typed: string, flags: Flags): string | undefined {
  const isLong = typed.startsWith("--");
  const word = typed.slice(isLong ? 2 : 1);
  if (isLong && Object.hasOwn(flags, word)) return word;
  const field = isLong ? "also" : "alias";
  return Object.keys(flags).find((candidate) => flags[candidate]?.[field] === word);
}

function takeValue(typed: string, spec: FlagSpec, next: string | undefined): string {
  if (next !== undefined && next !== "--" && !isFlagWord(next)) return next;
  const shown = describeValue(spec);
  throw usageError(
    "USAGE_MISSING_VALUE",
    `Cannot read ${typed} without a value: expected ${shown}, got ${
      next === undefined ? "the end of the line" : `"${next}"`
    }`,
    {
      details: { flag: typed, expected: shown },
      mend:
        `Write ${typed} followed by ${shown}, or ${typed}=VALUE for a value that starts with -.`,
    },
  );
}

function readValue(name: string, spec: FlagSpec, value: GivenValue): unknown {
  const read = spec.type === "enum"
    ? (spec.choices.includes(value.text) ? value.text : undefined)
    : READERS[spec.type](value.text);
  if (read !== undefined) return read;
  const expected = describeValue(spec);
  const got = spec.secret === true
    ? "something else (not shown: it is a secret)"
    : shorten(value.text);
  const nearest = spec.type === "enum" ? findNearest(value.text, spec.choices) : undefined;
  throw usageError(
    "USAGE_INVALID_VALUE",
    `Cannot read the value of ${value.source} as ${expected}: got ${got}`,
    {
      details: { flag: `--${name}`, source: value.source, expected },
      mend: nearest === undefined ? `Give --${name} ${expected}.` : `Did you mean "${nearest}"?`,
    },
  );
}

const READERS: Readonly<Record<keyof ValueByType, (text: string) => unknown>> = {
  string: (text) => text,
  boolean: (text) =>
    /^(true|1|yes)$/.test(text) ? true : /^(false|0|no)$/.test(text) ? false : undefined,
  quantity: parseQuantity,
  ether: parseEther,
  hex: (text) => /^0x([0-9a-fA-F]{2})*$/.test(text) ? text.toLowerCase() : undefined,
  port: (text) => {
    const port = parseQuantity(text);
    return port !== undefined && port <= 65_535n ? Number(port) : undefined;
  },
  seconds: (text) => {
    const milliseconds = /^(0|[1-9]\d{0,8})(\.\d{1,3})?$/.test(text) ? Number(text) * 1000 : 0;
    return milliseconds > 0 ? Math.round(milliseconds) : undefined;
  },
};

function describeValue(spec: FlagSpec): string {
  if (spec.type === "enum") return spec.choices.map((choice) => `"${choice}"`).join(" or ");
  return DESCRIPTIONS[spec.type];
}

const DESCRIPTIONS: Readonly<Record<keyof ValueByType, string>> = {
  string: "text",
  boolean: "true or false",
  quantity: "a number, in decimal or 0x hex",
  ether: "an amount such as 1ether, 20gwei or 1000 (wei)",
  hex: "whole bytes of hex after 0x",
  port: "a port from 0 to 65535",
  seconds: "seconds above 0, such as 2 or 0.5",
};

function shorten(text: string): string {
  return `"${text.length > 80 ? `${text.slice(0, 80)}…` : text}"`;
}

function repeatedFlag(name: string): RollupError<UsageErrorCode> {
  return usageError("USAGE_REPEATED_FLAG", `Cannot read --${name} twice: it has one value`, {
    details: { flag: `--${name}` },
    mend: `Keep one --${name} and remove the other.`,
  });
}
