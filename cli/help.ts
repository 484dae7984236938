/**
 * Help texts, made from the declarations of commands alone.
 *
 * Owns their layout. Does not own any word of a command.
 * @module
 */
import type { Flags, FlagSpec } from "./args.ts";
import { type Command, GLOBAL_FLAGS, type Positional } from "./command.ts";
import { flagToEnvName, settingName } from "./config.ts";
import { wrapText } from "./render.ts";

/** Help of the tool: what it is, its commands, how to go on. */
export function renderToolHelp(commands: readonly Command[]): string {
  const rows = commands.map((command) => [command.name, command.summary] as const);
  return [
    "varve: a ZK rollup in one process, with its own L1, step by step or on a clock",
    "",
    "Usage: varve <command> [arguments] [flags]",
    "",
    "Commands:",
    ...columns(rows),
    "",
    "The main path:",
    "  send-tx -> seal-batch -> submit -> prove -> submit -> sync",
    "",
    "Flags:",
    ...flagRows({
      help: { ...GLOBAL_FLAGS.help, summary: "Print this help, or that of a command" },
      version: { type: "boolean", alias: "V", summary: "Print the version" },
    }, false),
    "",
    "Examples:",
    "  varve devnet                          L1 on port 8545, L2 on port 9545",
    "  varve send-tx --to 1 --value 1ether   From account 0 to account 1",
    "  varve inspect-state batch latest      The newest batch and what L1 knows of it",
    "  varve send-tx --help                  All flags of one command",
    "",
    "Exit codes: 0 done, 1 refused, 2 misuse, 70 defect.",
    "",
  ].join("\n");
}

/** Help of one command: usage, what it does, arguments, flags, examples. */
export function renderCommandHelp(command: Command): string {
  const { name, positionals, flags } = command;
  const usage = ["varve", name, ...positionals.map(showPositional), "[flags]"].join(" ");
  const own = Object.keys(flags).length === 0 ? [] : ["", "Flags:", ...flagRows(flags, true)];
  const args = positionals.map((positional) => [positional.name, positional.summary] as const);
  return [
    command.summary,
    "",
    `Usage: ${usage}`,
    "",
    ...wrapText(command.description, 80),
    ...(args.length === 0 ? [] : ["", "Arguments:", ...columns(args)]),
    ...own,
    "",
    "Flags of every command:",
    ...flagRows(GLOBAL_FLAGS, true),
    "",
    "Examples:",
    ...command.examples.flatMap((example) => [`  # ${example.summary}`, `  ${example.line}`]),
    "",
    "A flag may also be set by the variable in brackets or by its name in varve.json.",
    "Exit codes: 0 done, 1 refused, 2 misuse, 70 defect.",
    "",
  ].join("\n");
}

function showPositional(positional: Positional): string {
  return positional.rest === true ? `[${positional.name}...]` : `[${positional.name}]`;
}

function flagRows(flags: Flags, withEnv: boolean): string[] {
  return columns(
    Object.entries(flags).map(([name, spec]) => {
      const notes = [
        ...(spec.default === undefined ? [] : [`default ${spec.default}`]),
        ...(withEnv && name !== "help" ? [flagToEnvName(settingName(name, spec))] : []),
      ];
      const suffix = notes.length === 0 ? "" : ` [${notes.join(", ")}]`;
      return [showFlag(name, spec), spec.summary + suffix] as const;
    }),
  );
}

function showFlag(name: string, spec: FlagSpec): string {
  const alias = spec.alias === undefined ? "    " : `-${spec.alias}, `;
  const value = spec.type === "boolean"
    ? ""
    : ` ${
      spec.placeholder ?? (spec.type === "enum" ? spec.choices.join("|") : PLACEHOLDERS[spec.type])
    }`;
  const also = spec.also === undefined ? "" : `--${spec.also}, `;
  return `${alias}${also}--${name}${value}`;
}

const PLACEHOLDERS = {
  string: "TEXT",
  quantity: "N",
  ether: "AMOUNT",
  hex: "0xHEX",
  port: "PORT",
  seconds: "SECONDS",
} as const;

/** Two columns; what does not fit beside the left one goes below it. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(28, Math.max(...rows.map(([left]) => left.length)));
  return rows.flatMap(([left, right]) => {
    const lines = wrapText(right, 96 - width - 4);
    const indent = " ".repeat(width + 4);
    const [first = "", ...more] = lines;
    const head = left.length <= width
      ? [`  ${left.padEnd(width)}  ${first}`]
      : [`  ${left}`, `${indent}${first}`];
    return [...head, ...more.map((line) => `${indent}${line}`)];
  });
}
