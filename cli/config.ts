/**
 * Where the value of a flag comes from: the command line, then the environment (`VARVE_*`), then
 * `varve.json` in the working folder, then the flag's default.
 *
 * Owns that order and the shape of `varve.json`. Does not own the types of values (`args.ts`).
 * @module
 */
import { type Flags, type FlagSpec, type GivenValue, usageError } from "./args.ts";
import { findNearest } from "./nearest.ts";

/** Name of the configuration file, looked for in the working folder only. */
export const CONFIG_FILE = "varve.json";

/** The places outside of the command line that may set a flag. */
export interface Settings {
  readonly env: (name: string) => string | undefined;
  /** What `varve.json` says, by setting name. */
  readonly file: ReadonlyMap<string, string>;
}

/** What the environment and `varve.json` call a flag. */
export function settingName(name: string, spec: FlagSpec): string {
  return spec.setting ?? name;
}

/** `l1-port` is set by `VARVE_L1_PORT`. */
export function flagToEnvName(name: string): string {
  return `VARVE_${name.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * All values that some source gives, the strongest source of each flag.
 *
 * Of an `exclusive` group only one flag may hold: two on one source are refused, and a flag of a
 * stronger source silences the others of its group, so that `--private-key` beats `VARVE_FROM`.
 *
 * @throws `USAGE_CONFLICT`
 */
export function resolveGiven(
  flags: Flags,
  line: ReadonlyMap<string, GivenValue>,
  options: { readonly settings: Settings; readonly exclusive: readonly (readonly string[])[] },
): ReadonlyMap<string, GivenValue> {
  const { settings, exclusive } = options;
  const layers = [line, readEnv(flags, settings), readFile(flags, settings)];
  const resolved = new Map<string, GivenValue>();
  const silenced = new Set<string>();
  for (const layer of layers) {
    for (const group of exclusive) refuseConflict(group, layer);
    const fresh = [...layer].filter(([name]) => !resolved.has(name) && !silenced.has(name));
    for (const [name, value] of fresh) resolved.set(name, value);
    for (const group of exclusive) {
      if (group.some((name) => layer.has(name))) group.forEach((name) => silenced.add(name));
    }
  }
  return resolved;
}

/**
 * The settings that the text of `varve.json` holds: one flat object, keys are flag names.
 *
 * @throws `USAGE_CONFIG_INVALID` for anything else, an unknown key included.
 */
export function parseConfig(text: string, knownNames: readonly string[]): Map<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw invalidConfig(error instanceof Error ? error.message : String(error));
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw invalidConfig("it is not an object");
  }
  const settings = new Map<string, string>();
  for (const [name, value] of Object.entries(parsed)) {
    if (!knownNames.includes(name)) {
      const nearest = findNearest(name, knownNames);
      throw invalidConfig(
        `"${name}" is no flag${nearest === undefined ? "" : `; did you mean "${nearest}"?`}`,
      );
    }
    const fits = typeof value === "string" || typeof value === "boolean" ||
      (typeof value === "number" && Number.isFinite(value));
    if (!fits) throw invalidConfig(`"${name}" is not text, a number, true or false`);
    settings.set(name, String(value));
  }
  return settings;
}

function readEnv(flags: Flags, settings: Settings): Map<string, GivenValue> {
  const layer = new Map<string, GivenValue>();
  for (const [name, setting] of settableNames(flags)) {
    const source = flagToEnvName(setting);
    const text = settings.env(source);
    if (text !== undefined && text !== "") layer.set(name, { text, source });
  }
  return layer;
}

function readFile(flags: Flags, settings: Settings): Map<string, GivenValue> {
  const layer = new Map<string, GivenValue>();
  for (const [name, setting] of settableNames(flags)) {
    const text = settings.file.get(setting);
    if (text !== undefined) layer.set(name, { text, source: `"${setting}" in ${CONFIG_FILE}` });
  }
  return layer;
}

/** `--help` is asked for by a person, never by a setting. */
function settableNames(flags: Flags): readonly (readonly [name: string, setting: string])[] {
  return Object.entries(flags).flatMap(([name, spec]) =>
    name === "help" ? [] : [[name, settingName(name, spec)] as const]
  );
}

function refuseConflict(group: readonly string[], layer: ReadonlyMap<string, GivenValue>): void {
  const present = group.flatMap((name) => layer.get(name)?.source ?? []);
  if (present.length < 2) return;
  throw usageError(
    "USAGE_CONFLICT",
    `Cannot use ${present.join(" and ")} together: they exclude each other`,
    { details: { flags: present }, mend: `Keep one of ${present.join(", ")}.` },
  );
}

function invalidConfig(reason: string) {
  return usageError("USAGE_CONFIG_INVALID", `Cannot read ${CONFIG_FILE} as settings: ${reason}`, {
    details: { file: CONFIG_FILE, reason },
    mend: `Make ${CONFIG_FILE} one flat object of flag names and values: {"l1-port": 8545}.`,
  });
}
