/**
 * The TypeScript of the project as data: which file imports which, and how long functions are.
 *
 * Owns finding and reading the files. Does not own any rule about them.
 * @module
 */

/** An import, export-from or dynamic import with a literal specifier. */
export interface SourceImport {
  readonly specifier: string;
  /** The imported file relative to the root; `undefined` for packages. */
  readonly path: string | undefined;
  readonly isType: boolean;
}

/** A function and the lines that are its own: those of functions inside of it are not counted. */
export interface SourceFunction {
  readonly line: number;
  readonly ownLineCount: number;
}

/** One file. */
export interface SourceFile {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly SourceImport[];
  readonly functions: readonly SourceFunction[];
}

/** Names of folders that hold no TypeScript of ours; `assembly` is AssemblyScript. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(["node_modules", "assembly", "coverage"]);

/** Files below `root` whose name ends in `extension`, sorted, relative to it; none are hidden. */
export async function listFiles(root: URL, extension: string, folder = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder || ".", root))) {
    if (name.startsWith(".") || SKIPPED_FOLDERS.has(name)) continue;
    if (isDirectory) files.push(...await listFiles(root, extension, `${folder}${name}/`));
    else if (name.endsWith(extension)) files.push(`${folder}${name}`);
  }
  return files.sort();
}

/** Reads every TypeScript file of the repository at `root`. */
export async function readSources(root: URL): Promise<SourceFile[]> {
  const paths = await listFiles(root, ".ts");
  return await Promise.all(
    paths.map(async (path) => parseSource(path, await Deno.readTextFile(new URL(path, root)))),
  );
}

/** Reads one file's imports and functions. Works only below `deno test`, which has the parser. */
export function parseSource(path: string, text: string): SourceFile {
  const imports = urlReferences(path, text);
  const ranges: (readonly [number, number])[] = [];
  const addImport = (node: Deno.lint.Node | null, isType: boolean) => {
    if (node?.type === "TSLiteralType") addImport(node.literal, isType);
    if (node?.type !== "Literal" || typeof node.value !== "string") return;
    imports.push({ specifier: node.value, path: resolvePath(path, node.value), isType });
  };
  const addFunction = (node: Deno.lint.Node) => {
    ranges.push(node.range);
  };
  const collector: Deno.lint.Plugin = {
    name: "collector",
    rules: {
      collect: {
        create: () => ({
          ImportDeclaration: (node) => addImport(node.source, node.importKind === "type"),
          ExportNamedDeclaration: (node) => addImport(node.source, node.exportKind === "type"),
          ExportAllDeclaration: (node) => addImport(node.source, node.exportKind === "type"),
          ImportExpression: (node) => addImport(node.source, false),
          TSImportType: (node) => addImport(node.argument, true),
          FunctionDeclaration: addFunction,
          FunctionExpression: addFunction,
          ArrowFunctionExpression: addFunction,
        }),
      },
    },
  };
  Deno.lint.runPlugin(collector, path, text);
  return { path, text, imports, functions: measureFunctions(text, ranges) };
}

/** Modules that a worker or a reader names as `new URL("./x.ts", import.meta.url)`. */
function urlReferences(path: string, text: string): SourceImport[] {
  const pattern = /new URL\(\s*"(\.{1,2}\/[^"]+\.ts)",\s*import\.meta\.url/g;
  return [...text.matchAll(pattern)].map(([, specifier = ""]) => ({
    specifier,
    path: resolvePath(path, specifier),
    isType: false,
  }));
}

function resolvePath(fromPath: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const url = new URL(specifier, new URL(fromPath, "file:///"));
  return decodeURIComponent(url.pathname).slice(1);
}

function measureFunctions(
  text: string,
  ranges: readonly (readonly [number, number])[],
): SourceFunction[] {
  const lineOf = (offset: number) => text.slice(0, offset).split("\n").length;
  const spans = ranges.map(([start, end]) => ({ first: lineOf(start), last: lineOf(end) }));
  return spans.map(({ first, last }) => {
    const nestedLines = new Set<number>();
    for (const inner of spans) {
      if (inner.first <= first || inner.last >= last) continue;
      for (let line = inner.first; line <= inner.last; line++) nestedLines.add(line);
    }
    return { line: first, ownLineCount: last - first + 1 - nestedLines.size };
  });
}
