/**
 * The log on stderr: which lines are shown, and how they look.
 *
 * Owns the grammar of `--log` and both formats of a line. Does not own what is logged.
 * @module
 */
import { type Log, LOG_AREAS, type LogArea, type LogFields } from "../core/primitives/ports.ts";
import { usageError } from "./args.ts";
import { printable } from "./render.ts";

/** Levels from nothing to everything. */
export const LOG_LEVELS = ["off", "error", "warn", "info", "debug"] as const;
/** See {@linkcode LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How much is shown: of everything, and of single areas. */
export interface LogLevels {
  readonly level: LogLevel;
  readonly byArea: ReadonlyMap<LogArea, LogLevel>;
}

/** What {@linkcode createLog} needs. */
export interface LogOptions {
  readonly levels: LogLevels;
  readonly format: "text" | "json";
  /** Takes one line with its newline. */
  readonly write: (line: string) => void;
  /** The time of a line in `json`, as ISO 8601. */
  readonly now: () => string;
}

/**
 * Reads `--log`: a level for everything, `AREA=LEVEL`, or several of them as `warn,rpc=debug`. What
 * is not named stays at `fallback`.
 *
 * @throws `USAGE_INVALID_VALUE`
 */
export function parseLogLevels(text: string | undefined, fallback: LogLevel): LogLevels {
  let level = fallback;
  const byArea = new Map<LogArea, LogLevel>();
  for (const part of text === undefined ? [] : text.split(",")) {
    const [name = "", ...rest] = part.trim().split("=");
    const wanted = LOG_LEVELS.find((each) => each === (rest.length === 0 ? name : rest.join("=")));
    const area = LOG_AREAS.find((each) => each === name);
    if (wanted === undefined || (rest.length > 0 && area === undefined)) throw invalid(part);
    if (rest.length === 0) level = wanted;
    else if (area !== undefined) byArea.set(area, wanted);
  }
  return { level, byArea };
}

/** A log that writes what `levels` let through. */
export function createLog(options: LogOptions): Log {
  const logs = new Map<LogArea, Log>();
  return {
    ...createAreaLog(undefined, options),
    area: (area) => {
      const known = logs.get(area) ?? createAreaLog(area, options);
      logs.set(area, known);
      return known;
    },
  };
}

/** A line of progress without its newline, such that a reader of `json` meets nothing else. */
export function toProgressLine(
  text: string,
  { format, now }: Pick<LogOptions, "format" | "now">,
): string {
  return format === "json" ? toJsonLine({ time: now(), level: "info", text }, {}) : printable(text);
}

function createAreaLog(area: LogArea | undefined, options: LogOptions): Log {
  const { levels, format, write, now } = options;
  const wanted = (area === undefined ? undefined : levels.byArea.get(area)) ?? levels.level;
  const shown = LOG_LEVELS.indexOf(wanted);
  const at = (level: LogLevel) => {
    if (LOG_LEVELS.indexOf(level) > shown) return () => {};
    return (text: string, fields: LogFields = {}): void => {
      const line = format === "json"
        ? toJsonLine({ time: now(), level, area, text }, fields)
        : toTextLine(area === undefined ? level : `${level} ${area}`, text, fields);
      write(`${line}\n`);
    };
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function toTextLine(prefix: string, text: string, fields: LogFields): string {
  const shown = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}=${typeof value === "number" ? round(value) : value}`]
  );
  return `${prefix} ${printable(text + shown.join(""))}`;
}

function toJsonLine(
  head: Readonly<Record<string, string | undefined>>,
  fields: LogFields,
): string {
  return JSON.stringify(
    // No field takes the place of what every line has.
    { ...head, ...fields, ...head },
    (_name, value) =>
      typeof value === "bigint"
        ? value.toString()
        : typeof value === "number"
        ? round(value)
        : value,
  );
}

/** Times are measured finer than anyone reads them. */
function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function invalid(part: string): Error {
  return usageError("USAGE_INVALID_VALUE", `Cannot read "${part}" as a part of --log`, {
    mend: `Give a level (${LOG_LEVELS.join(", ")}) or AREA=LEVEL, separated by commas; the areas ` +
      `are ${LOG_AREAS.join(", ")}.`,
    details: { part },
  });
}
