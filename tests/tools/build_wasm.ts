/**
 * Compiles every AssemblyScript program of the project to WebAssembly, reproducibly.
 *
 * Owns the list of programs and the compiler's options. Writes, for each program, the module itself
 * and a `generated.ts` that carries the same bytes as text, so that the module loads with no
 * permission and no network. With `--check` nothing is written: the run fails when a committed file
 * differs from what the sources give.
 *
 * Permissions: `--allow-read=core`, `--allow-write=core` (not with `--check`), `--allow-env=CI` (the
 * compiler's terminal colours look for it).
 * @module
 */
import asc from "assemblyscript/asc";

interface WasmProgram {
  readonly name: string;
  /** Folder of the AssemblyScript sources; every `.ts` file in it counts as a source. */
  readonly sources: string;
  /** Entry file in `sources`. */
  readonly entry: string;
  /** Where the module's bytes go. */
  readonly wasm: string;
  /** Where the TypeScript that carries the bytes goes. */
  readonly generated: string;
  /** Options beyond the shared ones. */
  readonly options: readonly string[];
}

const PROGRAMS: readonly WasmProgram[] = [
  {
    name: "poseidon2",
    sources: "core/crypto/poseidon2/assembly",
    entry: "index.ts",
    wasm: "core/crypto/poseidon2/poseidon2.wasm",
    generated: "core/crypto/poseidon2/generated.ts",
    options: ["--enable", "simd"],
  },
];

/** No garbage collector, no start-up imports, the best code that the compiler can make. */
const SHARED_OPTIONS: readonly string[] = [
  "-O3",
  "--converge",
  "--noAssert",
  "--runtime",
  "stub",
  "--use",
  "abort=",
];

const isCheck = Deno.args.includes("--check");
let staleCount = 0;
for (const program of PROGRAMS) {
  const sources = await readSources(program.sources);
  const wasm = await compile(program, sources);
  const generated = await renderGenerated(program, sources, wasm);
  await emit(program.wasm, wasm);
  await emit(program.generated, new TextEncoder().encode(generated));
  print(`${program.name}: ${wasm.length} bytes, SHA-256 ${await sha256(wasm)}`);
}
if (staleCount > 0) {
  print(`Cannot accept ${staleCount} stale files; run \`deno task wasm:build\``);
  Deno.exit(1);
}

async function readSources(folder: string): Promise<ReadonlyMap<string, string>> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isFile && entry.name.endsWith(".ts")) names.push(entry.name);
  }
  // The order of a folder differs between machines; the hash below must not.
  names.sort();
  const sources = new Map<string, string>();
  for (const name of names) sources.set(name, await Deno.readTextFile(`${folder}/${name}`));
  return sources;
}

async function compile(
  program: WasmProgram,
  sources: ReadonlyMap<string, string>,
): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const result = await asc.main([
    program.entry,
    "--outFile",
    "program.wasm",
    ...SHARED_OPTIONS,
    ...program.options,
  ], {
    readFile: (name) => sources.get(name) ?? null,
    writeFile: (_name, contents) => {
      if (contents instanceof Uint8Array) wasm = contents;
    },
    listFiles: () => [],
  });
  if (result.error !== null || wasm === undefined) {
    throw new Error(`Cannot compile ${program.name}`, { cause: result.error });
  }
  return wasm;
}

async function renderGenerated(
  program: WasmProgram,
  sources: ReadonlyMap<string, string>,
  wasm: Uint8Array,
): Promise<string> {
  const listing = [...sources].map(([name, text]) => `${name}\n${text.length}\n${text}`).join("");
  const options = [program.entry, ...SHARED_OPTIONS, ...program.options].join(" ");
  const sourceHash = await sha256(new TextEncoder().encode(`${options}\n${listing}`));
  const lines = wasm.toBase64().match(/.{1,96}/g) ?? [];
  return `/**
 * The WebAssembly module of \`${program.sources}\` as text.
 *
 * Written by \`deno task wasm:build\`; never edited by hand.
 * @module
 */

/** SHA-256 of the sources and the compiler's options. */
export const SOURCE_SHA256 = "${sourceHash}";

/** SHA-256 of the module. */
export const WASM_SHA256 = "${await sha256(wasm)}";

/** The module in base64. */
export const WASM_BASE64 = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`;
}

async function emit(path: string, bytes: Uint8Array): Promise<void> {
  if (!isCheck) return await Deno.writeFile(path, bytes);
  const committed = await Deno.readFile(path).catch(() => new Uint8Array(0));
  if (committed.toBase64() === bytes.toBase64()) return;
  print(`${path}: differs from what the sources give`);
  staleCount++;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice())).toHex();
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
