/**
 * A lint plugin that holds the floors, the pinned imports and the purity of `core`.
 *
 * Owns how the rules of `floors.ts` meet a syntax tree. Does not own the rules' data.
 * @module
 */

import { isPurePath, refuseBareImport, refuseFileImport } from "./floors.ts";

const ROOT = new URL("../../", import.meta.url);

/** Globals that a pure room must not name at all: each has a port or belongs to a caller. */
const IMPURE_GLOBALS: ReadonlySet<string> = new Set([
  "Deno",
  "WebSocket",
  "Worker",
  "XMLHttpRequest",
  "clearInterval",
  "clearTimeout",
  "console",
  "fetch",
  "localStorage",
  "performance",
  "process",
  "sessionStorage",
  "setInterval",
  "setTimeout",
]);

/** Members of otherwise pure globals that read time, randomness or a timer. */
const IMPURE_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  AbortSignal: ["timeout"],
  Date: ["now"],
  Math: ["random"],
  crypto: ["getRandomValues", "randomUUID"],
};

/** `path` relative to the repository's root; relative names are taken as they are. */
function pathInHouse(fileName: string): string {
  if (!fileName.startsWith("/") && !/^[A-Za-z]:[\\/]/.test(fileName)) return fileName;
  const root = decodeURIComponent(ROOT.pathname);
  const path = fileName.replaceAll("\\", "/");
  return path.startsWith(root) ? path.slice(root.length) : path;
}

/** Why `fromPath` may not import `specifier`, whether it names a file or a package. */
function refuseImport(fromPath: string, specifier: string): string | undefined {
  if (!/^\.{0,2}\//.test(specifier)) return refuseBareImport(fromPath, specifier);
  const target = new URL(specifier, new URL(fromPath, "file:///"));
  return refuseFileImport(fromPath, decodeURIComponent(target.pathname).slice(1));
}

/** The text of a string literal, as a value or as a type; `undefined` for any other node. */
function literalText(node: Deno.lint.Node | null | undefined): string | undefined {
  if (node?.type === "TSLiteralType") return literalText(node.literal);
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

const floorsRule: Deno.lint.Rule = {
  create(context) {
    const fromPath = pathInHouse(context.filename);
    const check = (source: Deno.lint.Node | null | undefined) => {
      const specifier = literalText(source);
      if (source === null || source === undefined || specifier === undefined) return;
      const message = refuseImport(fromPath, specifier);
      if (message !== undefined) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.argument),
    };
  },
};

/** Whether an identifier names a property or a key, and so no global. */
function isPropertyName(node: Deno.lint.Identifier): boolean {
  const parent = node.parent;
  switch (parent.type) {
    case "MemberExpression":
      return parent.property === node && !parent.computed;
    case "Property":
      return parent.key === node && !parent.computed && !parent.shorthand;
    case "PropertyDefinition":
    case "MethodDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
      return parent.key === node && !parent.computed;
    default:
      return false;
  }
}

/** The global's name behind `Date`, `globalThis.Date`, or `undefined`. */
function globalName(node: Deno.lint.Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression" || node.computed) return undefined;
  const isGlobalThis = node.object.type === "Identifier" && node.object.name === "globalThis";
  return isGlobalThis && node.property.type === "Identifier" ? node.property.name : undefined;
}

const purityRule: Deno.lint.Rule = {
  create(context) {
    const path = pathInHouse(context.filename);
    if (!isPurePath(path)) return {};
    const report = (node: Deno.lint.Node, name: string) =>
      context.report({
        node,
        message: `${path} is pure and must not use ${name}`,
        hint: "Take it through a port of core/primitives/ports.ts, or let the caller do it.",
      });
    const checkClock = (node: Deno.lint.CallExpression | Deno.lint.NewExpression) => {
      if (globalName(node.callee) !== "Date") return;
      // `new Date(ms)` only converts; without arguments, or called as a function, it reads the clock.
      if (node.type === "CallExpression" || node.arguments.length === 0) {
        report(node, node.type === "CallExpression" ? "Date()" : "new Date()");
      }
    };
    return {
      Identifier(node) {
        if (IMPURE_GLOBALS.has(node.name) && !isPropertyName(node)) report(node, node.name);
      },
      MemberExpression(node) {
        const member = node.property.type === "Identifier" && !node.computed
          ? node.property.name
          : literalText(node.property);
        if (member === undefined) return;
        const isGlobalThis = node.object.type === "Identifier" && node.object.name === "globalThis";
        if (isGlobalThis && IMPURE_GLOBALS.has(member)) report(node, `globalThis.${member}`);
        const owner = globalName(node.object);
        if (owner === undefined || !Object.hasOwn(IMPURE_MEMBERS, owner)) return;
        if (IMPURE_MEMBERS[owner]?.includes(member)) report(node, `${owner}.${member}`);
      },
      CallExpression: checkClock,
      NewExpression: checkClock,
    };
  },
};

const plugin: Deno.lint.Plugin = {
  name: "varve",
  rules: { floors: floorsRule, purity: purityRule },
};

// The one default export of the project: Deno loads a lint plugin through it.
export default plugin;
