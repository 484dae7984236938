/**
 * The floors of the house as data and as one question: may this file import that one?
 *
 * Owns the order of rooms, who may load `@ethereumjs/*`, and which rooms are pure. Does not read
 * source: `floors_plugin.ts` asks these questions for each import that it meets.
 * @module
 */

/**
 * Rooms from the ground up; rooms in one row stand on the same floor and do not know each other.
 *
 * A room may import itself and any room of a lower row.
 */
export const FLOORS: readonly (readonly string[])[] = [
  ["core/primitives"],
  ["core/crypto"],
  ["core/tree", "core/types"],
  ["core/vm", "core/pool", "core/batching", "core/l1"],
  // A prover runs the program on batch data, so it stands above both.
  ["core/proving"],
  ["core/store"],
  ["core/pipeline"],
  ["core/engine"],
  ["core/mod.ts"],
  ["devnet"],
  ["cli"],
];

/** Parts of `core` that touch the outside world, as DESIGN.md section 2 names them. */
export const IMPURE_PARTS: readonly string[] = [
  "core/store",
  "core/l1/backends",
  "core/proving/provers",
  "core/vm",
];

/** A room and the row of {@linkcode FLOORS} that it stands on. */
export interface Place {
  readonly room: string;
  readonly floor: number;
}

/** Whether `path` lies at `folder` or below it; both are relative to the repository's root. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Whether `path` is a test or a tool of the tests: these may import from every floor. */
export function isTestPath(path: string): boolean {
  return path.endsWith("_test.ts") || isWithin(path, "tests");
}

/** The room that owns `path`, or `undefined` for a path outside of the house. */
export function placeOf(path: string): Place | undefined {
  for (const [floor, rooms] of FLOORS.entries()) {
    const room = rooms.find((candidate) => isWithin(path, candidate));
    if (room !== undefined) return { room, floor };
  }
  return undefined;
}

/** Whether `path` must not touch time, randomness, network, console or `Deno`. */
export function isPurePath(path: string): boolean {
  return isWithin(path, "core") && !isTestPath(path) &&
    !IMPURE_PARTS.some((part) => isWithin(path, part));
}

/**
 * Why the file at `fromPath` may not import the file at `toPath`; `undefined` when it may.
 *
 * Both paths are relative to the repository's root. Types count as well: a type that climbs is a
 * dependency that climbs.
 */
export function refuseFileImport(fromPath: string, toPath: string): string | undefined {
  if (isTestPath(fromPath)) return undefined;
  if (isTestPath(toPath)) return `${fromPath} is source and must not import the test ${toPath}`;
  const from = placeOf(fromPath);
  if (from === undefined) return undefined;
  const to = placeOf(toPath);
  if (to === undefined) return `${toPath} is in no room that source may import`;
  if (from.room === to.room || to.floor < from.floor) return undefined;
  return to.floor === from.floor
    ? `${from.room} and ${to.room} stand on one floor and must not import each other`
    : `${from.room} must not import ${to.room}, which stands above it`;
}

/** Whether the file at `path` may load `@ethereumjs/*`, which asks for `--allow-env`. */
export function mayLoadEthereumjs(path: string): boolean {
  if (isWithin(path, "tests")) return true;
  // Unit tests run without permissions, so one that loads it could not run at all.
  if (isTestPath(path)) return false;
  return isWithin(path, "devnet/l1");
}

/** Why the file at `fromPath` may not import the bare `specifier`; `undefined` when it may. */
export function refuseBareImport(fromPath: string, specifier: string): string | undefined {
  if (/^(npm|jsr|https?|file|data):/.test(specifier)) {
    return `"${specifier}" is not a name of deno.json "imports", where versions are pinned`;
  }
  if (specifier.startsWith("@ethereumjs/") && !mayLoadEthereumjs(fromPath)) {
    return `${specifier} asks for --allow-env and stays in devnet/l1/ and tests/`;
  }
  if (specifier.startsWith("node:") && isPurePath(fromPath)) {
    return `${fromPath} is pure and must not import ${specifier}`;
  }
  return undefined;
}
