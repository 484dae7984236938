/**
 * What a subcommand is: a name, flags, examples and one function over the engine.
 *
 * Owns the shape and the flags that every command has. Does not own the list (`commands/mod.ts`) or
 * running one (`run.ts`).
 * @module
 */
import type { JsonValue } from "../core/engine/engine.ts";
import type { Log } from "../core/primitives/ports.ts";
import { type Flags, type FlagValues, type GivenValue, readFlags } from "./args.ts";
import type { Services } from "./connect.ts";

/** An argument without a flag. */
export interface Positional {
  readonly name: string;
  readonly summary: string;
  /** It takes all arguments that are left. */
  readonly rest?: true;
}

/** A line that works as it stands, and what it does. */
export interface Example {
  readonly line: string;
  readonly summary: string;
}

/** The answer of a command, once for machines and once for people. */
export interface Output {
  readonly json: JsonValue;
  /** Without a final newline. */
  readonly text: string;
}

/** What a running command may use of the world. */
export interface CommandContext {
  readonly services: Services;
  readonly log: Log;
  /** The answer, on stdout; exactly one for each run. */
  show(output: Output): void;
  /** How long work goes, on stderr. */
  progress(text: string): void;
  /** Fires at Ctrl-C, SIGTERM and SIGHUP. Commands that never ask for it simply end there. */
  interruptSignal(): AbortSignal;
  /** Resolves after `milliseconds` or at once when `signal` fires. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** A command as its file declares it. */
export interface CommandSpec<F extends Flags> {
  readonly name: string;
  /** One line for the list of commands, without a final period. */
  readonly summary: string;
  /** What it does and refuses, for its own help. */
  readonly description: string;
  readonly flags: F;
  /** Groups of flags of which one may be given. */
  readonly exclusive?: readonly (readonly (keyof F & string)[])[];
  readonly positionals: readonly Positional[];
  readonly examples: readonly Example[];
  run(context: CommandContext, input: CommandInput<F>): Promise<void>;
}

/** What a person typed, read. */
export interface CommandInput<F extends Flags> {
  readonly flags: FlagValues<F>;
  readonly positionals: readonly string[];
}

/** A command with the types of its flags closed away, so that all fit one list. */
export interface Command extends Omit<CommandSpec<Flags>, "run" | "exclusive"> {
  readonly exclusive: readonly (readonly string[])[];
  run(
    context: CommandContext,
    given: ReadonlyMap<string, GivenValue>,
    positionals: readonly string[],
  ): Promise<void>;
}

/** Flags that every command has besides its own. */
export const GLOBAL_FLAGS = {
  json: { type: "boolean", summary: "Print one JSON document on stdout" },
  quiet: { type: "boolean", alias: "q", summary: "Print no progress" },
  verbose: { type: "boolean", alias: "v", summary: "Print the log, and the stack of an error" },
  log: {
    type: "string",
    placeholder: "LEVELS",
    summary: "Log lines to print: a level, or areas of it, as warn,rpc=debug,batch=info",
  },
  "log-format": {
    type: "enum",
    choices: ["text", "json"],
    default: "text",
    summary: "How log lines look",
  },
  help: { type: "boolean", alias: "h", summary: "Print help and exit" },
} as const satisfies Flags;

/** Makes a {@linkcode Command} of its declaration. */
export function defineCommand<const F extends Flags>(spec: CommandSpec<F>): Command {
  return {
    ...spec,
    exclusive: spec.exclusive ?? [],
    run: (context, given, positionals) =>
      spec.run(context, { flags: readFlags(spec.flags, given), positionals }),
  };
}
