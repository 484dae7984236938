/**
 * One run of the tool: picks the command, gathers its settings, runs it, turns the outcome into an
 * exit code.
 *
 * Owns the exit codes and what goes to stdout and stderr. Does not touch the process itself; the
 * world comes in from `main.ts`.
 * @module
 */
import { AssertionError, isRollupError, RollupError } from "../core/primitives/errors.ts";
import { type Flags, type GivenValue, parseLine, readFlags, usageError } from "./args.ts";
import { type Command, type CommandContext, GLOBAL_FLAGS, type Output } from "./command.ts";
import { CONFIG_FILE, flagToEnvName, parseConfig, resolveGiven, settingName } from "./config.ts";
import type { Services } from "./connect.ts";
import { renderCommandHelp, renderToolHelp } from "./help.ts";
import { createLog, parseLogLevels, toProgressLine } from "./log.ts";
import { findNearest } from "./nearest.ts";
import { printable, toJson } from "./render.ts";
import { VERSION } from "./version.ts";

/** What a run needs of the process that it runs in. */
export interface World {
  readonly services: Services;
  env(name: string): string | undefined;
  /** The text of a file in the working folder, or `undefined` when there is none. */
  readFile(name: string): Promise<string | undefined>;
  /** Writes to stdout as it is. */
  writeOut(text: string): void;
  /** Writes to stderr as it is. */
  writeError(text: string): void;
  interruptSignal(): AbortSignal;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** 0 done, 1 refused, 2 misuse, 70 defect (sysexits' EX_SOFTWARE). */
export type ExitCode = 0 | 1 | 2 | 70;

/** Runs the tool on `argv`; never throws. */
export async function runCli(
  argv: readonly string[],
  commands: readonly Command[],
  world: World,
): Promise<ExitCode> {
  let wantsJson = false;
  let wantsStack = false;
  try {
    wantsJson = foretellFlag("json", argv, world);
    wantsStack = foretellFlag("verbose", argv, world);
    await dispatch(argv, commands, world);
    return 0;
  } catch (error) {
    const { code, report } = describeError(error);
    if (wantsJson) world.writeOut(`${toJson({ error: report })}\n`);
    else world.writeError(`Error ${report.code}: ${report.message}\nMend: ${report.mend}\n`);
    if (wantsStack || code === 70) world.writeError(`${stackOf(error)}\n`);
    return code;
  }
}

/** The exit code of `error` and the object that `--json` prints of it. */
export function describeError(error: unknown): {
  readonly code: ExitCode;
  readonly report: {
    readonly code: string;
    readonly message: string;
    readonly mend: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
} {
  const known = isRollupError(error) ? error : systemRefusal(error);
  if (known !== undefined) {
    const { code, mend, details } = known;
    const report = { code, message: printable(known.message), mend: printable(mend), details };
    return { code: code.startsWith("USAGE_") ? 2 : 1, report };
  }
  const text = error instanceof Error ? error.message : String(error);
  const message = error instanceof AssertionError ? text : `Cannot go on: ${text}`;
  return {
    code: 70,
    report: {
      code: "DEFECT",
      message: printable(message),
      mend: "This is a defect of varve: please report it with the command and the stack below.",
      details: {},
    },
  };
}

async function dispatch(
  argv: readonly string[],
  commands: readonly Command[],
  world: World,
): Promise<void> {
  const [first, ...rest] = argv;
  if (first === undefined) {
    throw usageError("USAGE_MISSING_ARGUMENT", "Cannot run without a command: none was given", {
      mend: `Run \`varve --help\`; the commands are ${names(commands).join(", ")}.`,
    });
  }
  if (first === "--version" || first === "-V") return world.writeOut(`varve ${VERSION}\n`);
  if (first === "--help" || first === "-h" || first === "help") {
    const [topic] = rest.filter((word) => !word.startsWith("-"));
    const text = topic === undefined
      ? renderToolHelp(commands)
      : renderCommandHelp(findCommand(topic, commands));
    return world.writeOut(text);
  }
  await runCommand(findCommand(first, commands), rest, { commands, world });
}

async function runCommand(
  command: Command,
  argv: readonly string[],
  { commands, world }: { readonly commands: readonly Command[]; readonly world: World },
): Promise<void> {
  if (asksForHelp(argv)) return world.writeOut(renderCommandHelp(command));
  const flags = { ...command.flags, ...GLOBAL_FLAGS };
  const line = parseLine(argv, flags);
  refuseSurplus(command, line.positionals);
  const declared: readonly { readonly flags: Flags }[] = [...commands, { flags: GLOBAL_FLAGS }];
  const knownNames = declared.flatMap((each) =>
    Object.entries(each.flags).map(([name, spec]) => settingName(name, spec))
  );
  const configText = await world.readFile(CONFIG_FILE);
  const file = configText === undefined ? new Map() : parseConfig(configText, knownNames);
  const given = resolveGiven(flags, line.given, {
    settings: { env: world.env, file },
    exclusive: command.exclusive,
  });
  const shown: Output[] = [];
  await command.run(createContext(given, { world, shown }), given, line.positionals);
  if (shown.length !== 1) throw new AssertionError("Broken invariant: a command answers once");
}

function createContext(
  given: ReadonlyMap<string, GivenValue>,
  { world, shown }: { readonly world: World; readonly shown: Output[] },
): CommandContext {
  const { json, quiet, verbose, log, "log-format": format } = readFlags(GLOBAL_FLAGS, given);
  const now = () => new Date().toISOString();
  return {
    services: world.services,
    // Warnings always reach stderr; the rest when it is asked for.
    log: createLog({
      levels: parseLogLevels(log, verbose ? "debug" : "warn"),
      format,
      write: world.writeError,
      now,
    }),
    show: (output) => {
      shown.push(output);
      world.writeOut(json ? `${toJson(output.json)}\n` : `${output.text}\n`);
    },
    progress: (text) => {
      if (!quiet) world.writeError(`${toProgressLine(text, { format, now })}\n`);
    },
    interruptSignal: world.interruptSignal,
    wait: world.wait,
  };
}

function findCommand(name: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const isFlag = name.startsWith("-");
  const nearest = isFlag ? undefined : findNearest(name.replaceAll("_", "-"), names(commands));
  throw usageError(
    isFlag ? "USAGE_UNKNOWN_FLAG" : "USAGE_UNKNOWN_COMMAND",
    `Cannot read "${name}" as a command${isFlag ? ": flags come after it" : ""}`,
    {
      details: { command: name, ...(nearest === undefined ? {} : { nearest }) },
      mend: nearest === undefined
        ? `Run \`varve --help\`; the commands are ${names(commands).join(", ")}.`
        : `Did you mean "${nearest}"? Run \`varve --help\` to see all commands.`,
    },
  );
}

function names(commands: readonly Command[]): string[] {
  return commands.map((command) => command.name);
}

/** Help wins over every other mistake on the line. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  return words.includes("--help") || words.includes("-h");
}

function refuseSurplus(command: Command, positionals: readonly string[]): void {
  if (command.positionals.some((positional) => positional.rest === true)) return;
  const surplus = positionals[command.positionals.length];
  if (surplus === undefined) return;
  throw usageError(
    "USAGE_UNEXPECTED_ARGUMENT",
    `Cannot use the argument "${surplus}" of ${command.name}: it takes ` +
      (command.positionals.length === 0 ? "none" : `at most ${command.positionals.length}`),
    {
      details: { argument: surplus },
      mend: `Run \`varve ${command.name} --help\` to see what it takes.`,
    },
  );
}

/** Whether a boolean flag is set, read loosely: it must hold even when the line is malformed. */
function foretellFlag(name: "json" | "verbose", argv: readonly string[], world: World): boolean {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const alias = name === "verbose" ? GLOBAL_FLAGS.verbose.alias : undefined;
  const typed = words.find((word) =>
    word === `--${name}` || word.startsWith(`--${name}=`) || word === `-${alias}`
  );
  if (typed !== undefined) return !/=(false|0|no)$/.test(typed);
  return /^(true|1|yes)$/.test(world.env(flagToEnvName(name)) ?? "");
}

/** Refusals of the operating system that a person can mend. */
function systemRefusal(error: unknown): RollupError | undefined {
  if (!(error instanceof Error)) return undefined;
  const mend = SYSTEM_MENDS.get(error.name);
  if (mend === undefined) return undefined;
  const [code, advice] = mend;
  return new RollupError(code, `Cannot get what was needed from the system: ${error.message}`, {
    mend: advice,
    cause: error,
  });
}

const SYSTEM_MENDS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ["AddrInUse", [
    "PORT_IN_USE",
    "Stop the other process, or pick another port; 0 is any free one.",
  ]],
  ["AddrNotAvailable", ["HOST_UNAVAILABLE", "Give --host an address of this machine."]],
  ["NotCapable", ["PERMISSION_MISSING", "Run through `deno task`, which grants what is needed."]],
  ["PermissionDenied", ["PERMISSION_DENIED", "Pick a folder that you may write with --data."]],
  ["ConnectionRefused", ["CONNECTION_REFUSED", "Start `varve devnet`, or correct --rpc."]],
]);

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\nCaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
